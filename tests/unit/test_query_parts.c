/* The parts of queries that need no database: cursors, budgets and tallies. */
#include <criterion/criterion.h>
#include <string.h>

#include "plan_fixture.h"
#include "query.pb-c.h"
#include "server/query/reply.h"
#include "server/query/tally_book.h"
#include "wire/codec.h"

Test(query_parts, cursors)
{
    struct arena *arena = arena_create(1 << 20);
    int64_t numbers[3] = {1, 90000000000, 7}, read[3];
    cr_expect_str_eq(cursor_write(arena, numbers, 3), "1.90000000000.7");
    cr_expect(cursor_read("1.90000000000.7", read, 3));
    cr_expect_arr_eq(read, numbers, sizeof read);
    cr_expect(cursor_read("", read, 3));
    cr_expect_eq(read[0] + read[1] + read[2], 0);
    static const char *const wrong[] = {
        "1.2",   "1.2.3.4", "1..3",   ".1.2",   "1.2.",
        "a.2.3", "-1.2.3",  " 1.2.3", "1.2.3 ", "1.2.1234567890123456789"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_not(cursor_read(wrong[i], read, 3), "\"%s\" was read", wrong[i]);
    arena_destroy(&arena);
}

/* What the budget counts is never less than what a client's pre-scan finds. */
Test(query_parts, budget)
{
    struct arena *arena = arena_create(64 << 20);
    Zhibao__Units *units = (Zhibao__Units *)reply_new(arena, &zhibao__units__descriptor);
    struct reply_budget budget = REPLY_BUDGET;
    enum { MANY = 20000 };
    units->units = arena_array(arena, MANY, sizeof(Zhibao__UnitRow *));
    for (size_t i = 0; i < MANY; i++) {
        Zhibao__UnitRow *row = (Zhibao__UnitRow *)reply_new(arena, &zhibao__unit_row__descriptor);
        row->unit = i + 1;
        row->name_zh = reply_text("名");
        row->name_en = row->role = row->department = row->key_status = reply_text("x");
        row->district = 1;
        if (!reply_fits(&budget, &row->base))
            break;
        units->units[units->n_units++] = row;
    }
    cr_assert_gt(units->n_units, 1000U);
    cr_assert_lt(units->n_units, (size_t)MANY);
    size_t size = 0;
    ProtobufCMessage *again = NULL;
    uint8_t *bytes = message_write(arena, &units->base, &size);
    cr_expect_lt(size, (size_t)WIRE_MESSAGE_MAX);
    cr_expect_eq(message_read(&zhibao__units__descriptor, arena, bytes, size, &again), STATUS_OK);
    arena_destroy(&arena);
}

Test(query_parts, budget_takes_the_first_whatever_its_size)
{
    struct arena *arena = arena_create(8 << 20);
    struct reply_budget budget = {.bytes = 10, .fields = 1};
    Zhibao__PlaceName *name =
        (Zhibao__PlaceName *)reply_new(arena, &zhibao__place_name__descriptor);
    name->name = reply_text("鹿寨县鹿寨镇");
    cr_expect(reply_fits(&budget, &name->base));
    cr_expect_not(reply_fits(&budget, &name->base));
    arena_destroy(&arena);
}

static const struct tally *tally_of(const struct consolidation_input *input, size_t form,
                                    uint32_t cell, uint64_t group, enum area area)
{
    for (size_t i = 0; i < input->tally_count; i++)
        if (input->tallies[i].form == form && input->tallies[i].cell == cell &&
            input->tallies[i].group == group && input->tallies[i].area == area)
            return &input->tallies[i];
    return NULL;
}

static const struct expectation *expectation_of(const struct consolidation_input *input,
                                                size_t form, uint64_t group, enum area area)
{
    for (size_t i = 0; i < input->expectation_count; i++)
        if (input->expectations[i].form == form && input->expectations[i].group == group &&
            input->expectations[i].area == area)
            return &input->expectations[i];
    return NULL;
}

Test(query_parts, tallies)
{
    const uint64_t township = UINT64_C(450223100000), district = UINT64_C(450223000000);
    struct plan *plan = fixture_plan("luzhai");
    struct arena *arena = arena_create(64 << 20);
    struct tally_book *book = NULL;
    struct tally_entry entry;
    struct consolidation_input input;
    size_t form = (size_t)(plan_form(plan, "village") - plan->forms);
    const struct cell *cells = plan->forms[form].cells;
    uint64_t first_urban = 0, second_urban = 0;
    for (size_t i = 0; i < plan->unit_count; i++) {
        uint64_t place = unit_place(plan->units[i].id);
        if (plan->units[i].role != ROLE_VILLAGE || !place_contains(township, place))
            continue;
        if (place_is_urban(place) && first_urban == 0)
            first_urban = plan->units[i].id;
        else if (place_is_urban(place) && second_urban == 0)
            second_urban = plan->units[i].id;
    }
    cr_assert(second_urban != 0);
    cr_assert_eq(tally_book_create(plan, district, arena, &book), STATUS_OK);
    cr_expect_eq(tally_book_expected(book, form), 120U);
    cr_assert_eq(tally_book_open(book, form, first_urban, false, &entry), STATUS_OK);
    tally_entry_add(&entry, &cells[0], PRESENCE_VALUE, 40);
    tally_entry_add(&entry, &cells[1], PRESENCE_NOT_APPLICABLE, 0);
    tally_entry_add(&entry, &cells[2], PRESENCE_NOT_REPORTED, 0);
    cr_assert_eq(tally_book_open(book, form, second_urban, true, &entry), STATUS_OK);
    tally_entry_add(&entry, &cells[0], PRESENCE_VALUE, 2);
    tally_entry_add(&entry, &cells[1], PRESENCE_NOT_COLLECTED, 0);
    /* a village that the plan no longer lists still has its figures, and is not expected */
    cr_assert_eq(tally_book_open(book, form, unit_make(township + 398, 0), false, &entry),
                 STATUS_OK);
    tally_entry_add(&entry, &cells[0], PRESENCE_VALUE, 5);
    cr_assert_eq(tally_book_close(book, &input), STATUS_OK);

    /* every village for itself, with its area by code */
    uint64_t first = unit_place(first_urban), second = unit_place(second_urban);
    const struct tally *tally = tally_of(&input, form, cells[0].number, first, AREA_URBAN);
    cr_assert_not_null(tally);
    cr_expect_eq(tally->sum, 40.0);
    cr_expect_eq(tally->units, 1U);
    cr_expect_eq(tally_of(&input, form, cells[0].number, second, AREA_URBAN)->sum, 2.0);
    cr_expect_eq(tally_of(&input, form, cells[0].number, township + 398, AREA_RURAL)->sum, 5.0);
    cr_expect_eq(tally_of(&input, form, cells[1].number, first, AREA_URBAN)->not_applicable, 1U);
    tally = tally_of(&input, form, cells[1].number, second, AREA_URBAN);
    cr_expect_eq(tally->not_collected, 1U);
    cr_expect_eq(tally->not_reported, 0U);
    cr_expect_eq(tally_of(&input, form, cells[2].number, first, AREA_URBAN)->not_reported, 1U);
    const struct expectation *expected = expectation_of(&input, form, first, AREA_URBAN);
    cr_expect_eq(expected->expected, 1U);
    cr_expect_eq(expected->accepted, 1U);
    expected = expectation_of(&input, form, township + 398, AREA_RURAL);
    cr_expect_eq(expected->expected, 0U);
    cr_expect_eq(expected->accepted, 1U);
    cr_expect(tally_book_demonstration(book, cells[0].element));
    cr_expect(input.sorted);
    for (size_t i = 1; i < input.tally_count; i++)
        cr_expect(input.tallies[i - 1].form < input.tallies[i].form ||
                  (input.tallies[i - 1].form == input.tallies[i].form &&
                   input.tallies[i - 1].cell <= input.tallies[i].cell));
    arena_destroy(&arena);
    plan_destroy(&plan);
}
