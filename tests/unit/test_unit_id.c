#include <criterion/criterion.h>

#include "base/unit_id.h"

Test(place, level_follows_the_trailing_zeros)
{
    cr_assert_eq(place_level(0), PLACE_NATION);
    cr_assert_eq(place_level(450000000000), PLACE_PROVINCE);
    cr_assert_eq(place_level(450200000000), PLACE_CITY);
    cr_assert_eq(place_level(450223000000), PLACE_DISTRICT);
    cr_assert_eq(place_level(450223101000), PLACE_TOWNSHIP);
    cr_assert_eq(place_level(450223101201), PLACE_VILLAGE);
}

Test(place, subtree_is_a_range)
{
    uint64_t first = 0;
    uint64_t last = 0;
    place_range(450223000000, &first, &last);
    cr_assert_eq(first, 450223000000);
    cr_assert_eq(last, 450223999999);
    cr_assert(place_contains(450223000000, 450223101201));
    cr_assert_not(place_contains(450223000000, 450224101201));
    cr_assert(place_contains(0, 450223101201));
    cr_assert(place_contains(450223101201, 450223101201));
    cr_assert_eq(place_ancestor(450223101201, PLACE_TOWNSHIP), 450223101000);
    cr_assert_eq(place_ancestor(450223101201, PLACE_DISTRICT), 450223000000);
    cr_assert_eq(place_ancestor(450223000000, PLACE_TOWNSHIP), 450223000000);
}

Test(place, urban_by_the_codes_last_three_digits)
{
    cr_assert(place_is_urban(450223100001));
    cr_assert(place_is_urban(450223100199));
    cr_assert_not(place_is_urban(450223100200));
    cr_assert_not(place_is_urban(450223100399));
    cr_assert_not(place_is_urban(450223100000));
    cr_assert(place_is_rural(450223100200));
    cr_assert(place_is_rural(450223100399));
    cr_assert_not(place_is_rural(450223100199));
    cr_assert_not(place_is_rural(450223100400));
    cr_assert_not(place_is_urban(450223100498));
}

Test(unit, text_round_trip_and_refusals)
{
    char text[UNIT_TEXT_BYTES];
    uint64_t unit = 0;
    cr_assert_str_eq(unit_format(unit_make(450223101201, 0), text), "450223101201");
    cr_assert_str_eq(unit_format(unit_make(450223000000, 17), text), "450223000000:17");
    cr_assert_str_eq(unit_format(UINT64_MAX, text), "18446744073709551615");
    cr_assert_eq(unit_parse("450223000000:17", &unit), STATUS_OK);
    cr_assert_eq(unit, 450223000000017);
    cr_assert_eq(unit_parse("450223101201", &unit), STATUS_OK);
    cr_assert_eq(unit, 450223101201000);
    const char *const wrong[] = {"",  "45022310120",       "4502231012011",   "450223000000:",
                                 "x", "450223000000:1234", "450223000000:1a", "450223000000 "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(unit_parse(wrong[i], &unit), STATUS_INVALID, "%s", wrong[i]);
}
