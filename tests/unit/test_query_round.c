/* A year's round in Luzhai (9 townships, 120 villages) as every asker sees it. */
#include <criterion/criterion.h>
#include <string.h>

#include "plan/form_check.h"
#include "query_round_steps.h"

/* The whole of 2024, from the first report to the lock, in one test: each step stands on those
 * before it. */
Test(query_round, from_report_to_lock)
{
    const struct plan *plan = round_luzhai();
    size_t villages[UNITS_MAX], records[UNITS_MAX];
    size_t village_count = round_report_all("village", DISTRICT, YEAR, round_fill_plain, villages);
    struct units units = round_units_of(plan, "village", DISTRICT);
    struct units township_units = round_units_of(plan, "township", DISTRICT);
    uint64_t village = units.ids[0], township = unit_make(TOWNSHIP, UNIT_OWN);
    char before[64], township_before[64], statistics_before[64];
    round_inbox_end(village, before);
    round_inbox_end(township, township_before);
    round_inbox_end(STATISTICS, statistics_before);
    cr_assert_eq(village_count, 120U);
    cr_assert_eq(township_units.count, 9U);

    /* stored, not checked: nothing counts */
    const Zhibao__Tracked *tracked = round_track(village, 0, "", YEAR, false, "");
    cr_assert_eq(tracked->n_reports, 1U);
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_STORED);
    world_check(SIZE_MAX);
    tracked = round_track(village, 0, "", YEAR, false, "");
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_CHECKED);
    const Zhibao__Completeness *row =
        round_form_of(round_pull(OFFICE, DISTRICT, YEAR, ""), "village");
    cr_expect_eq(row->expected, 120U);
    cr_expect_eq(row->received, 120U);
    cr_expect_eq(row->accepted, 0U);
    cr_expect_eq(row->n_not_accepted, 120U);

    /* each township accepts its own */
    struct units own = round_units_of(plan, "village", TOWNSHIP);
    cr_assert_eq(round_pending(township, "", YEAR)->n_items, own.count);
    cr_assert_eq(round_pending(STATISTICS, "", YEAR)->n_items, 0U);
    for (size_t i = 0; i < township_units.count; i++) {
        size_t mine[UNITS_MAX], count = 0;
        for (size_t k = 0; k < village_count; k++)
            if (place_contains(unit_place(township_units.ids[i]), unit_place(units.ids[k])))
                mine[count++] = villages[k];
        world_reviews(township_units.ids[i], mine, count, true, "", records);
    }
    cr_assert_eq(round_pending(township, "", YEAR)->n_items, 0U);

    /* sums of an expression over all villages and over rural ones */
    const Zhibao__Pulled *pulled = round_pull(OFFICE, DISTRICT, YEAR, "rural_tap_water");
    double tap = round_sum_of(plan, "village", "households_tap_water", "", DISTRICT, YEAR, true);
    double households = round_sum_of(plan, "village", "households", "", DISTRICT, YEAR, true);
    const Zhibao__IndicatorResult *water = round_result_of(pulled, "rural_tap_water", "");
    cr_expect_eq(water->presence, ZHIBAO__PRESENCE__PRESENCE_VALUE);
    cr_expect_eq(water->numerator, tap);
    cr_expect_eq(water->denominator, households);
    cr_expect_float_eq(water->value, tap / households * 100, 1e-9);
    cr_expect(water->demonstration);
    pulled = round_pull(OFFICE, DISTRICT, YEAR, "left_behind_file_rate");
    cr_expect_eq(round_result_of(pulled, "left_behind_file_rate", "")->denominator,
                 round_sum_of(plan, "village", "left_behind_children", "", DISTRICT, YEAR, false));

    /* of one township, by itself */
    pulled = round_pull(township, TOWNSHIP, YEAR, "");
    cr_expect_eq(round_result_of(pulled, "left_behind_file_rate", "")->denominator,
                 round_sum_of(plan, "village", "left_behind_children", "", TOWNSHIP, YEAR, false));
    cr_expect_eq(round_form_of(pulled, "village")->accepted, own.count);

    /* confirmed, final, locked */
    for (size_t i = 0; i < township_units.count; i++)
        records[i] = world_confirm(township_units.ids[i], "village", YEAR);
    row = round_form_of(round_pull(OFFICE, DISTRICT, YEAR, ""), "village");
    cr_expect_eq(row->accepted, 120U);
    cr_expect_eq(row->confirmed, 120U);
    cr_expect_eq(row->final, 0U);
    cr_expect_eq(round_track(village, 0, "", YEAR, false, "")->reports[0]->state,
                 ZHIBAO__STATE__STATE_CONFIRMED);
    const Zhibao__PendingItems *waiting = round_pending(STATISTICS, "village", YEAR);
    cr_assert_eq(waiting->n_items, 9U);
    cr_expect_eq(waiting->items[0]->kind, ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION);
    cr_expect_eq(waiting->items[0]->state, ZHIBAO__STATE__STATE_CONFIRMED);
    world_reviews(STATISTICS, records, 9, true, "", NULL);
    row = round_form_of(round_pull(OFFICE, DISTRICT, YEAR, ""), "village");
    cr_expect_eq(row->final, 120U);
    cr_expect_not(round_pull(OFFICE, DISTRICT, YEAR, "nmr")->locked);
    world_lock(STATISTICS, "luzhai", DISTRICT, YEAR, false);
    cr_expect(round_pull(OFFICE, DISTRICT, YEAR, "nmr")->locked);

    static const Zhibao__State states[] = {
        ZHIBAO__STATE__STATE_STORED,    ZHIBAO__STATE__STATE_CHECKED, ZHIBAO__STATE__STATE_ACCEPTED,
        ZHIBAO__STATE__STATE_CONFIRMED, ZHIBAO__STATE__STATE_FINAL,   ZHIBAO__STATE__STATE_LOCKED,
    };
    tracked = round_track(village, 0, "", YEAR, false, "");
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_LOCKED);
    round_steps_check(tracked->reports[0], states, 6);
    cr_expect_eq(tracked->reports[0]->steps[2]->actor,
                 unit_make(place_ancestor(unit_place(village), PLACE_TOWNSHIP), UNIT_OWN));
    cr_expect_gt(strlen(tracked->reports[0]->steps[2]->actor_name), 0U);

    /* the same in the inbox, one at a time and each once */
    static const Zhibao__State told[] = {ZHIBAO__STATE__STATE_ACCEPTED,
                                         ZHIBAO__STATE__STATE_CONFIRMED, ZHIBAO__STATE__STATE_FINAL,
                                         ZHIBAO__STATE__STATE_LOCKED};
    char cursor[64];
    snprintf(cursor, sizeof cursor, "%s", before);
    for (size_t i = 0; i < 4; i++) {
        const Zhibao__InboxItems *items = round_inbox(village, cursor, 1);
        cr_assert_eq(items->n_items, 1U, "item %zu", i);
        cr_expect_eq(items->items[0]->state, told[i], "item %zu is %d", i,
                     (int)items->items[0]->state);
        cr_expect_eq(items->more, i < 3);
        if (i < 3) {
            cr_expect_str_eq(items->items[0]->form, "village");
            cr_expect_eq(items->items[0]->subject_unit, village);
            cr_expect_eq(items->items[0]->revision, 1U);
        }
        cr_expect_eq(items->items[0]->period, (uint32_t)YEAR);
        snprintf(cursor, sizeof cursor, "%s", items->next);
    }
    cr_expect_eq(round_inbox(village, cursor, 0)->n_items, 0U);
    cr_expect_str_eq(round_inbox(village, cursor, 0)->next, cursor);
    /* the township is told that its total is final and the year locked, statistics of nine totals
     */
    cr_expect_eq(round_inbox(township, township_before, 0)->n_items, 2U);
    const Zhibao__InboxItems *totals = round_inbox(STATISTICS, statistics_before, 0);
    cr_expect_eq(totals->n_items, 9U);
    for (size_t i = 0; i < totals->n_items; i++) {
        cr_expect_eq(totals->items[i]->state, ZHIBAO__STATE__STATE_CONFIRMED);
        cr_expect_eq(totals->items[i]->subject_kind, ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION);
    }

    /* the whole district, page by page: 120 reports and 9 confirmations, each once */
    size_t seen = 0, pages = 0;
    cursor[0] = '\0';
    do {
        tracked = round_track(STATISTICS, 0, "", YEAR, true, cursor);
        seen += tracked->n_reports;
        pages++;
        snprintf(cursor, sizeof cursor, "%s", tracked->next);
    } while (cursor[0] != '\0' && pages < 20);
    cr_expect_eq(seen, 129U);
    cr_expect_eq(pages, 2U);
    round_receipts_check();
}

/* Amendments, returns, invalid signatures and kinds of nothing, in 2023, in one township. */
Test(query_round, amendments_and_nothing)
{
    enum { PAST = 2023 };
    const struct plan *plan = round_luzhai();
    size_t records[UNITS_MAX];
    uint64_t township = unit_make(OTHER, UNIT_OWN);
    size_t count = round_report_all("village", OTHER, PAST, round_fill_gaps, records);
    struct units units = round_units_of(plan, "village", OTHER);
    char ends[4][64], township_end[64];
    for (size_t i = 0; i < 4; i++)
        round_inbox_end(units.ids[i], ends[i]);
    round_inbox_end(township, township_end);
    cr_assert_gt(count, 4U);
    world_check(records[3]);

    /* 0 accepted, 1 returned, 2 accepted then amended, 3 with an invalid signature, 4 waits */
    world_review(township, records[0], true, "");
    size_t returned = world_review(township, records[1], false, "常住儿童数与上年相差过大，请核对");
    world_review(township, records[2], true, "");
    world_report(units.ids[2], "village", PAST, 2, round_fill_plain);
    const Zhibao__Completeness *row =
        round_form_of(round_pull(OFFICE, DISTRICT, PAST, ""), "village");
    cr_expect_eq(row->expected, 120U);
    cr_expect_eq(row->received, count - 1);
    cr_expect_eq(row->accepted, 2U);
    cr_expect_eq(row->n_missing, 120 - count + 1);
    cr_expect_eq(row->n_not_accepted, count - 3);
    cr_expect_eq(world_number("select sum(c.received)::bigint from zhibao.completeness c"
                              " where c.plan = 'luzhai' and c.form = 'village'"
                              " and c.period = 2023 and c.place = 450223000000"),
                 (int64_t)count - 1);

    const Zhibao__Tracked *tracked = round_track(units.ids[2], 0, "", PAST, false, "");
    cr_assert_eq(tracked->n_reports, 2U);
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_SUPERSEDED);
    static const Zhibao__State amended[] = {
        ZHIBAO__STATE__STATE_STORED, ZHIBAO__STATE__STATE_CHECKED, ZHIBAO__STATE__STATE_ACCEPTED,
        ZHIBAO__STATE__STATE_SUPERSEDED};
    round_steps_check(tracked->reports[0], amended, 4);
    cr_expect_eq(tracked->reports[1]->state, ZHIBAO__STATE__STATE_STORED);
    cr_expect_eq(tracked->reports[1]->revision, 2U);
    tracked = round_track(units.ids[3], 0, "", PAST, false, "");
    static const Zhibao__State bad[] = {ZHIBAO__STATE__STATE_STORED,
                                        ZHIBAO__STATE__STATE_BAD_SIGNATURE};
    round_steps_check(tracked->reports[0], bad, 2);
    cr_expect_eq(round_inbox(units.ids[3], ends[3], 0)->items[0]->state,
                 ZHIBAO__STATE__STATE_BAD_SIGNATURE);
    cr_expect_gt(round_inbox(units.ids[3], ends[3], 0)->items[0]->receipt.len, 0U);
    const Zhibao__InboxItem *item = round_inbox(units.ids[1], ends[1], 0)->items[0];
    cr_expect_eq(item->state, ZHIBAO__STATE__STATE_RETURNED);
    cr_expect_str_eq(item->reason, "常住儿童数与上年相差过大，请核对");
    cr_expect_eq(item->actor, township);
    cr_expect_arr_eq(item->receipt.data, world_get()->records[returned].receipt,
                     world_get()->records[returned].receipt_size);

    /* what waits: the amendment and everything from number 4 on */
    const Zhibao__PendingItems *waiting = round_pending(township, "village", PAST);
    cr_assert_eq(waiting->n_items, count - 3);
    cr_expect_eq(waiting->items[waiting->n_items - 1]->revision, 2U);
    cr_expect_eq(waiting->items[waiting->n_items - 1]->state, ZHIBAO__STATE__STATE_STORED);

    /* the old revision counts until the new one is accepted */
    Zhibao__GetTotal asked = ZHIBAO__GET_TOTAL__INIT;
    enum status status = STATUS_OK;
    asked.form = (char *)(uintptr_t) "village";
    asked.period = PAST;
    const Zhibao__Total *total =
        (const Zhibao__Total *)world_ask(township, ZHIBAO__KIND__KIND_TOTAL, &asked.base, &status);
    cr_assert_not_null(total);
    cr_assert_eq(total->n_reports, 2U);
    cr_expect_eq(total->reports[0]->unit, units.ids[0]);
    cr_expect_arr_eq(total->reports[1]->id.data, world_get()->records[records[2]].id.bytes,
                     RECORD_ID_BYTES);
    cr_expect_eq(total->n_missing, count - 2);
    cr_expect_eq(total->next_revision, 1U);
    const struct form *form = plan_form(plan, "village");
    cr_assert_eq(total->totals->n_cell, form->cell_count);
    for (size_t i = 0; i < form->cell_count; i++) {
        uint32_t presence[2] = {0};
        double value[2] = {0};
        round_fill_gaps(units.ids[0], PAST, plan, &form->cells[i], &presence[0], &value[0]);
        round_fill_gaps(units.ids[2], PAST, plan, &form->cells[i], &presence[1], &value[1]);
        cr_expect_eq(total->totals->cell[i], form->cells[i].number);
        cr_expect_eq(total->totals->value[i], value[0] + value[1]);
        cr_expect_eq(total->reporters[i], presence[0] == PRESENCE_VALUE ? 2U : 0U);
        cr_expect_eq(total->totals->presence[i], presence[0] == PRESENCE_VALUE
                                                     ? (uint32_t)PRESENCE_VALUE
                                                     : (uint32_t)PRESENCE_NOT_REPORTED);
    }

    /* a confirmation names exactly these; a second one supersedes it; its return takes it back */
    size_t first = world_confirm(township, "village", PAST);
    size_t second = world_confirm(township, "village", PAST);
    cr_expect_eq(round_track(units.ids[0], 0, "", PAST, false, "")->reports[0]->state,
                 ZHIBAO__STATE__STATE_CONFIRMED);
    waiting = round_pending(STATISTICS, "village", PAST);
    cr_assert_eq(waiting->n_items, 1U);
    cr_expect_arr_eq(waiting->items[0]->record->id.data, world_get()->records[second].id.bytes,
                     RECORD_ID_BYTES);
    world_review(STATISTICS, second, false, "缺报的村较多，请催报");
    tracked = round_track(township, 0, "village", PAST, false, "");
    cr_assert_eq(tracked->n_reports, 2U);
    cr_expect_eq(tracked->reports[0]->kind, ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION);
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_SUPERSEDED);
    cr_expect_eq(tracked->reports[1]->state, ZHIBAO__STATE__STATE_RETURNED);
    cr_expect_arr_eq(tracked->reports[0]->id.data, world_get()->records[first].id.bytes,
                     RECORD_ID_BYTES);
    item = round_inbox(township, township_end, 0)->items[0];
    cr_expect_eq(item->state, ZHIBAO__STATE__STATE_BAD_SIGNATURE); /* of the village below */
    round_receipts_check();
}

/* Figures by what the cell holds, whatever its number. */
static void fill_by_content(uint64_t unit, int period, const struct plan *plan,
                            const struct cell *cell, uint32_t *out_presence, double *out_value)
{
    const struct element *element = &plan->elements[cell->element];
    uint64_t mixed = unit / 1000 + (uint64_t)period;
    for (const char *at = element->code; *at != '\0'; at++)
        mixed = mixed * 31 + (uint64_t)*at;
    for (const char *at = cell->stratum; *at != '\0'; at++)
        mixed = mixed * 31 + (uint64_t)*at;
    *out_presence = PRESENCE_VALUE;
    *out_value = (double)(mixed % (element->type == ELEMENT_YESNO ? 2 : 97));
}

/* A new version of a form numbers its cells otherwise; reports of the old one count on. */
Test(query_round, form_versions)
{
    const uint64_t district = UINT64_C(410402000000);
    const uint64_t admin = unit_make(district, UNIT_ADMIN),
                   office = unit_make(district, UNIT_OFFICE);
    static const char *const edits[][3] = {
        {"forms.csv",                                   "village,1,village", "village,2,village"},
        {"cells.csv",                          "village,1,children_resident,sex=m;age=0-2,1",
         "village,1,children_resident,sex=f;age=0-2,1"},
        {"cells.csv",                                   "village,2,children_resident,sex=f;age=0-2,1",
         "village,2,children_resident,sex=m;age=0-2,1"},
        {"cells.csv", "village,3,children_resident,sex=m;age=3-5,1",
         "village,203,children_resident,sex=m;age=3-5,1"},
        {NULL                                  },
    };
    enum { PAST = 2023, SHOWN = 4 };
    world_get();
    world_import("xinhua", admin, NULL);
    const struct plan *plan = registry_plan(world_get()->registry, "xinhua");
    struct units units = round_units_of(plan, "village", district);
    size_t records[SHOWN];
    for (size_t i = 0; i + 1 < SHOWN; i++)
        records[i] = world_report(units.ids[i], "village", PAST, 1, fill_by_content);
    world_check(SIZE_MAX);
    for (size_t i = 0; i + 1 < SHOWN; i++)
        world_review(unit_make(place_ancestor(unit_place(units.ids[i]), PLACE_TOWNSHIP), 0),
                     records[i], true, "");

    static const char *const codes[] = {"children_home_use", "left_behind_file_rate"};
    double before[2];
    for (size_t i = 0; i < 2; i++)
        before[i] =
            round_result_of(round_pull(office, district, PAST, codes[i]), codes[i], "")->value;
    world_import("xinhua", admin, edits);
    plan = registry_plan(world_get()->registry, "xinhua");
    cr_assert_eq(plan_form(plan, "village")->version, 2U);
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(
            round_result_of(round_pull(office, district, PAST, codes[i]), codes[i], "")->value,
            before[i], "%s", codes[i]);

    /* the township's total holds both versions' reports, in the new numbering */
    uint64_t last = units.ids[SHOWN - 1];
    uint64_t township = unit_make(place_ancestor(unit_place(last), PLACE_TOWNSHIP), UNIT_OWN);
    records[SHOWN - 1] = world_report(last, "village", PAST, 1, fill_by_content);
    world_check(SIZE_MAX);
    world_review(township, records[SHOWN - 1], true, "");
    Zhibao__GetTotal asked = ZHIBAO__GET_TOTAL__INIT;
    enum status status = STATUS_OK;
    asked.period = PAST;
    const Zhibao__Total *total =
        (const Zhibao__Total *)world_ask(township, ZHIBAO__KIND__KIND_TOTAL, &asked.base, &status);
    cr_assert_not_null(total, "%s", status_name(status));
    const struct form *form = plan_form(plan, "village");
    for (size_t i = 0; i < form->cell_count; i++) {
        double sum = 0;
        for (size_t k = 0; k < total->n_reports; k++) {
            uint32_t presence = 0;
            double value = 0;
            fill_by_content(total->reports[k]->unit, PAST, plan, &form->cells[i], &presence,
                            &value);
            sum += value;
        }
        cr_expect_eq(total->totals->value[i], sum, "cell %u", form->cells[i].number);
        cr_expect_eq(total->reporters[i], total->n_reports);
    }
}
