/* Counters of who brings reports of cases: undone with what they counted, told once an hour. */
#include <criterion/criterion.h>

#include "case/case_flood.h"
#include "server/cases/case_limits.h"

#define NOW_US   (INT64_C(1) << 50)
#define UNIT     UINT64_C(450223100201000)
#define DISTRICT UINT64_C(450223000000)

static const struct key_id key = {{1}};

/* How many reports are taken before one is put off. */
static unsigned taken(struct case_limits *limits, uint64_t district, int64_t now_us)
{
    unsigned count = 0;
    while (count < 1000 &&
           case_limits_take(limits, &key, UNIT, district, false, now_us) == STATUS_OK)
        count++;
    return count;
}

Test(case_limits, a_report_that_is_rolled_back_is_not_counted)
{
    struct case_limits *limits = case_limits_create();
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(case_limits_take(limits, &key, UNIT, DISTRICT, false, NOW_US), STATUS_OK);
        size_t mark = case_limits_mark(limits);
        cr_assert_eq(case_limits_take(limits, &key, UNIT, DISTRICT, false, NOW_US), STATUS_OK);
        case_limits_undo(limits, mark);
    }
    cr_expect_eq(taken(limits, DISTRICT, NOW_US), 15, "five were taken");
    case_limits_roll_back(limits);
    cr_expect_eq(taken(limits, DISTRICT, NOW_US), 20, "the whole batch was tried in vain");
    case_limits_settle(limits);
    case_limits_roll_back(limits);
    cr_expect_eq(taken(limits, DISTRICT, NOW_US), 0, "what was stored counts");
    case_limits_destroy(&limits);
}

Test(case_limits, that_reports_are_put_off_is_found_once_an_hour)
{
    struct case_limits *limits = case_limits_create();
    uint64_t district = 0;
    cr_expect(!case_limits_found(limits, &district));
    (void)taken(limits, DISTRICT, NOW_US);
    (void)taken(limits, DISTRICT, NOW_US);
    cr_expect(case_limits_found(limits, &district) && district == DISTRICT);
    cr_expect(!case_limits_found(limits, &district), "once");
    case_limits_roll_back(limits);
    (void)taken(limits, DISTRICT, NOW_US);
    cr_expect(case_limits_found(limits, &district), "again: it was not told");
    case_limits_settle(limits);
    (void)taken(limits, DISTRICT, NOW_US + CASE_FLOOD_TOLD_US - 1);
    cr_expect(!case_limits_found(limits, &district), "within the hour");
    (void)taken(limits, DISTRICT, NOW_US + CASE_FLOOD_TOLD_US);
    cr_expect(case_limits_found(limits, &district), "an hour later");
    case_limits_destroy(&limits);
}
