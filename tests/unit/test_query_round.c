/* A year's round in Luzhai (9 townships, 120 villages) as every asker sees it. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/form_check.h"
#include "plan/stratum.h"
#include "test_query_world.h"

#define DISTRICT   UINT64_C(450223000000)
#define TOWNSHIP   UINT64_C(450223100000)
#define OTHER      UINT64_C(450223102000)
#define STATISTICS (DISTRICT * 1000 + UNIT_STATISTICS)
#define OFFICE     (DISTRICT * 1000 + UNIT_OFFICE)

enum { YEAR = 2024, UNITS_MAX = 400 };

/* Whole numbers that differ by unit, cell and year; yes/no alternates. */
static void fill_plain(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                       uint32_t *out_presence, double *out_value)
{
    uint64_t mixed = unit / 1000 * 31 + cell->number * 7 + (uint64_t)period;
    *out_presence = PRESENCE_VALUE;
    *out_value = plan->elements[cell->element].type == ELEMENT_YESNO ? (double)(mixed % 2)
                                                                     : (double)(mixed % 97);
}

/* Some cells with each kind of nothing. */
static void fill_gaps(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                      uint32_t *out_presence, double *out_value)
{
    fill_plain(unit, period, plan, cell, out_presence, out_value);
    if (cell->number % 5 != 0)
        return;
    *out_presence = (uint32_t)(cell->number / 5 % 4); /* 0: left out */
    if (*out_presence == PRESENCE_VALUE)
        *out_presence = PRESENCE_NOT_REPORTED;
    *out_value = 0;
}

struct units {
    size_t count;
    uint64_t ids[UNITS_MAX];
};

static struct units units_of(const struct plan *plan, const char *form, uint64_t place)
{
    struct units found = {0};
    for (size_t i = 0; i < plan->unit_count; i++)
        if (place_contains(place, unit_place(plan->units[i].id)) &&
            plan_unit_owes(plan, &plan->units[i], plan_form(plan, form)))
            found.ids[found.count++] = plan->units[i].id;
    return found;
}

static const struct plan *luzhai(void)
{
    const struct plan *plan = registry_plan(world_get()->registry, "luzhai");
    cr_assert_not_null(plan);
    return plan;
}

/* All units of a form report revision 1 in one batch. */
static size_t report_all(const char *form, uint64_t place, int year, world_fill fill,
                         size_t records[UNITS_MAX])
{
    struct units units = units_of(luzhai(), form, place);
    struct world_wanted wanted[UNITS_MAX];
    for (size_t i = 0; i < units.count; i++)
        wanted[i] = (struct world_wanted){units.ids[i], form, year, 1, false, fill};
    world_reports(wanted, units.count, records);
    return units.count;
}

static const Zhibao__Pulled *pull(uint64_t asker, uint64_t place, int year, const char *indicator)
{
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.place = place;
    asked.period = (uint32_t)year;
    asked.indicator = (char *)(uintptr_t)indicator;
    const ProtobufCMessage *answer =
        world_ask(asker, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
    cr_assert_not_null(answer, "pull: %s", status_name(status));
    return (const Zhibao__Pulled *)answer;
}

static const Zhibao__IndicatorResult *result_of(const Zhibao__Pulled *pulled, const char *indicator,
                                                const char *stratum)
{
    for (size_t i = 0; i < pulled->n_indicators; i++)
        if (strcmp(pulled->indicators[i]->indicator, indicator) == 0 &&
            stratum_equal(pulled->indicators[i]->stratum, stratum))
            return pulled->indicators[i];
    cr_assert_fail("no row %s %s", indicator, stratum);
    return NULL;
}

static const Zhibao__Completeness *form_of(const Zhibao__Pulled *pulled, const char *form)
{
    for (size_t i = 0; i < pulled->n_completeness; i++)
        if (strcmp(pulled->completeness[i]->form, form) == 0)
            return pulled->completeness[i];
    cr_assert_fail("no completeness of %s", form);
    return NULL;
}

static const Zhibao__Tracked *track(uint64_t asker, uint64_t unit, const char *form, int year,
                                    bool subtree, const char *cursor)
{
    Zhibao__Track asked = ZHIBAO__TRACK__INIT;
    enum status status = STATUS_OK;
    asked.unit = unit;
    asked.form = (char *)(uintptr_t)form;
    asked.period = (uint32_t)year;
    asked.subtree = subtree;
    asked.cursor = (char *)(uintptr_t)cursor;
    const ProtobufCMessage *answer =
        world_ask(asker, ZHIBAO__KIND__KIND_TRACK, &asked.base, &status);
    cr_assert_not_null(answer, "track: %s", status_name(status));
    return (const Zhibao__Tracked *)answer;
}

static const Zhibao__InboxItems *inbox(uint64_t asker, const char *after, uint32_t limit)
{
    Zhibao__Inbox asked = ZHIBAO__INBOX__INIT;
    enum status status = STATUS_OK;
    asked.after = (char *)(uintptr_t)after;
    asked.limit = limit;
    const ProtobufCMessage *answer =
        world_ask(asker, ZHIBAO__KIND__KIND_INBOX, &asked.base, &status);
    cr_assert_not_null(answer, "inbox: %s", status_name(status));
    return (const Zhibao__InboxItems *)answer;
}

/* Where the asker's inbox ends now. */
static void inbox_end(uint64_t asker, char cursor[64])
{
    const Zhibao__InboxItems *items = inbox(asker, "", 0);
    cr_assert_not(items->more);
    snprintf(cursor, 64, "%s", items->next);
}

static const Zhibao__PendingItems *pending(uint64_t asker, const char *form, int year)
{
    Zhibao__Pending asked = ZHIBAO__PENDING__INIT;
    enum status status = STATUS_OK;
    asked.form = (char *)(uintptr_t)form;
    asked.period = (uint32_t)year;
    const ProtobufCMessage *answer =
        world_ask(asker, ZHIBAO__KIND__KIND_PENDING, &asked.base, &status);
    cr_assert_not_null(answer, "pending: %s", status_name(status));
    return (const Zhibao__PendingItems *)answer;
}

/* That the steps are these states, each with the receipt that the writer gave, if it has one. */
static void steps_check(const Zhibao__TrackedReport *report, const Zhibao__State *states,
                        size_t count)
{
    cr_assert_eq(report->n_steps, count, "%zu steps, not %zu", report->n_steps, count);
    for (size_t i = 0; i < count; i++) {
        const Zhibao__Step *step = report->steps[i];
        cr_expect_eq(step->state, states[i], "step %zu is %d, not %d", i, (int)step->state,
                     (int)states[i]);
        if (step->kind == ZHIBAO__RECORD_KIND__RECORD_UNSPECIFIED)
            continue;
        struct receipt receipt;
        cr_assert_eq(receipt_decode(step->receipt.data, step->receipt.len, &receipt), STATUS_OK);
        cr_expect_eq(receipt_verify(&receipt, &world_get()->keys.sign_public), STATUS_OK);
        cr_expect_eq(receipt.leaf.kind, (int)step->kind);
        cr_expect_arr_eq(receipt.leaf.id.bytes, step->record.data, RECORD_ID_BYTES);
    }
}

/* Every receipt asked for again is byte for byte the one that the writer sent. */
static void receipts_check(void)
{
    const struct world *world = world_get();
    for (size_t i = 0; i < world->record_count; i++) {
        const struct world_record *record = &world->records[i];
        Zhibao__GetReceipt asked = ZHIBAO__GET_RECEIPT__INIT;
        enum status status = STATUS_OK;
        uint64_t asker = place_contains(DISTRICT, unit_place(record->unit)) ? STATISTICS : 0;
        if (asker == 0)
            continue;
        asked.kind = (Zhibao__RecordKind)record->kind;
        asked.unit = record->unit;
        asked.id = (ProtobufCBinaryData){RECORD_ID_BYTES, (uint8_t *)(uintptr_t)record->id.bytes};
        const Zhibao__ReceiptReply *answer = (const Zhibao__ReceiptReply *)world_ask(
            asker, ZHIBAO__KIND__KIND_GET_RECEIPT, &asked.base, &status);
        cr_assert_not_null(answer, "receipt %zu: %s", i, status_name(status));
        cr_assert_eq(answer->receipt.len, record->receipt_size);
        cr_assert_arr_eq(answer->receipt.data, record->receipt, record->receipt_size);
    }
}

static double sum_of(const struct plan *plan, const char *form, const char *element,
                     const char *stratum, uint64_t place, int year, bool rural_only)
{
    const struct form *shape = plan_form(plan, form);
    struct units units = units_of(plan, form, place);
    double sum = 0;
    for (size_t i = 0; i < units.count; i++)
        for (size_t k = 0; k < shape->cell_count; k++) {
            uint32_t presence = PRESENCE_VALUE;
            double value = 0;
            if (shape->cells[k].element != plan_element(plan, element) ||
                !stratum_matches(stratum, shape->cells[k].stratum) ||
                (rural_only && place_is_urban(unit_place(units.ids[i]))))
                continue;
            fill_plain(units.ids[i], year, plan, &shape->cells[k], &presence, &value);
            sum += value;
        }
    return sum;
}

/* The whole of 2024, from the first report to the lock, in one test: each step stands on those
 * before it. */
Test(query_round, from_report_to_lock, .timeout = 300)
{
    const struct plan *plan = luzhai();
    size_t villages[UNITS_MAX], records[UNITS_MAX];
    size_t village_count = report_all("village", DISTRICT, YEAR, fill_plain, villages);
    struct units units = units_of(plan, "village", DISTRICT);
    struct units township_units = units_of(plan, "township", DISTRICT);
    uint64_t village = units.ids[0], township = unit_make(TOWNSHIP, UNIT_OWN);
    char before[64], township_before[64], statistics_before[64];
    inbox_end(village, before);
    inbox_end(township, township_before);
    inbox_end(STATISTICS, statistics_before);
    cr_assert_eq(village_count, 120U);
    cr_assert_eq(township_units.count, 9U);

    /* stored, not checked: nothing counts */
    const Zhibao__Tracked *tracked = track(village, 0, "", YEAR, false, "");
    cr_assert_eq(tracked->n_reports, 1U);
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_STORED);
    world_check(SIZE_MAX);
    tracked = track(village, 0, "", YEAR, false, "");
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_CHECKED);
    const Zhibao__Completeness *row = form_of(pull(OFFICE, DISTRICT, YEAR, ""), "village");
    cr_expect_eq(row->expected, 120U);
    cr_expect_eq(row->received, 120U);
    cr_expect_eq(row->accepted, 0U);
    cr_expect_eq(row->n_not_accepted, 120U);

    /* each township accepts its own */
    struct units own = units_of(plan, "village", TOWNSHIP);
    cr_assert_eq(pending(township, "", YEAR)->n_items, own.count);
    cr_assert_eq(pending(STATISTICS, "", YEAR)->n_items, 0U);
    for (size_t i = 0; i < township_units.count; i++) {
        size_t mine[UNITS_MAX], count = 0;
        for (size_t k = 0; k < village_count; k++)
            if (place_contains(unit_place(township_units.ids[i]), unit_place(units.ids[k])))
                mine[count++] = villages[k];
        world_reviews(township_units.ids[i], mine, count, true, "", records);
    }
    cr_assert_eq(pending(township, "", YEAR)->n_items, 0U);

    /* sums of an expression over all villages and over rural ones */
    const Zhibao__Pulled *pulled = pull(OFFICE, DISTRICT, YEAR, "rural_tap_water");
    double tap = sum_of(plan, "village", "households_tap_water", "", DISTRICT, YEAR, true);
    double households = sum_of(plan, "village", "households", "", DISTRICT, YEAR, true);
    const Zhibao__IndicatorResult *water = result_of(pulled, "rural_tap_water", "");
    cr_expect_eq(water->presence, ZHIBAO__PRESENCE__PRESENCE_VALUE);
    cr_expect_eq(water->numerator, tap);
    cr_expect_eq(water->denominator, households);
    cr_expect_float_eq(water->value, tap / households * 100, 1e-9);
    cr_expect(water->demonstration);
    pulled = pull(OFFICE, DISTRICT, YEAR, "left_behind_file_rate");
    cr_expect_eq(result_of(pulled, "left_behind_file_rate", "")->denominator,
                 sum_of(plan, "village", "left_behind_children", "", DISTRICT, YEAR, false));

    /* of one township, by itself */
    pulled = pull(township, TOWNSHIP, YEAR, "");
    cr_expect_eq(result_of(pulled, "left_behind_file_rate", "")->denominator,
                 sum_of(plan, "village", "left_behind_children", "", TOWNSHIP, YEAR, false));
    cr_expect_eq(form_of(pulled, "village")->accepted, own.count);

    /* confirmed, final, locked */
    for (size_t i = 0; i < township_units.count; i++)
        records[i] = world_confirm(township_units.ids[i], "village", YEAR);
    row = form_of(pull(OFFICE, DISTRICT, YEAR, ""), "village");
    cr_expect_eq(row->accepted, 120U);
    cr_expect_eq(row->confirmed, 120U);
    cr_expect_eq(row->final, 0U);
    cr_expect_eq(track(village, 0, "", YEAR, false, "")->reports[0]->state,
                 ZHIBAO__STATE__STATE_CONFIRMED);
    const Zhibao__PendingItems *waiting = pending(STATISTICS, "village", YEAR);
    cr_assert_eq(waiting->n_items, 9U);
    cr_expect_eq(waiting->items[0]->kind, ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION);
    cr_expect_eq(waiting->items[0]->state, ZHIBAO__STATE__STATE_CONFIRMED);
    world_reviews(STATISTICS, records, 9, true, "", NULL);
    row = form_of(pull(OFFICE, DISTRICT, YEAR, ""), "village");
    cr_expect_eq(row->final, 120U);
    cr_expect_not(pull(OFFICE, DISTRICT, YEAR, "nmr")->locked);
    world_lock(STATISTICS, "luzhai", DISTRICT, YEAR, false);
    cr_expect(pull(OFFICE, DISTRICT, YEAR, "nmr")->locked);

    static const Zhibao__State states[] = {
        ZHIBAO__STATE__STATE_STORED,    ZHIBAO__STATE__STATE_CHECKED, ZHIBAO__STATE__STATE_ACCEPTED,
        ZHIBAO__STATE__STATE_CONFIRMED, ZHIBAO__STATE__STATE_FINAL,   ZHIBAO__STATE__STATE_LOCKED,
    };
    tracked = track(village, 0, "", YEAR, false, "");
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_LOCKED);
    steps_check(tracked->reports[0], states, 6);
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
        const Zhibao__InboxItems *items = inbox(village, cursor, 1);
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
    cr_expect_eq(inbox(village, cursor, 0)->n_items, 0U);
    cr_expect_str_eq(inbox(village, cursor, 0)->next, cursor);
    /* the township is told that its total is final and the year locked, statistics of nine totals
     */
    cr_expect_eq(inbox(township, township_before, 0)->n_items, 2U);
    const Zhibao__InboxItems *totals = inbox(STATISTICS, statistics_before, 0);
    cr_expect_eq(totals->n_items, 9U);
    for (size_t i = 0; i < totals->n_items; i++) {
        cr_expect_eq(totals->items[i]->state, ZHIBAO__STATE__STATE_CONFIRMED);
        cr_expect_eq(totals->items[i]->subject_kind, ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION);
    }

    /* the whole district, page by page: 120 reports and 9 confirmations, each once */
    size_t seen = 0, pages = 0;
    cursor[0] = '\0';
    do {
        tracked = track(STATISTICS, 0, "", YEAR, true, cursor);
        seen += tracked->n_reports;
        pages++;
        snprintf(cursor, sizeof cursor, "%s", tracked->next);
    } while (cursor[0] != '\0' && pages < 20);
    cr_expect_eq(seen, 129U);
    cr_expect_eq(pages, 2U);
    receipts_check();
}

static enum status asks(uint64_t asker, Zhibao__Kind kind, const ProtobufCMessage *request)
{
    enum status status = STATUS_OK;
    world_ask(asker, kind, request, &status);
    return status;
}

/* Amendments, returns, invalid signatures and kinds of nothing, in 2023, in one township. */
Test(query_round, amendments_and_nothing, .timeout = 300)
{
    enum { PAST = 2023 };
    const struct plan *plan = luzhai();
    size_t records[UNITS_MAX];
    uint64_t township = unit_make(OTHER, UNIT_OWN);
    size_t count = report_all("village", OTHER, PAST, fill_gaps, records);
    struct units units = units_of(plan, "village", OTHER);
    char ends[4][64], township_end[64];
    for (size_t i = 0; i < 4; i++)
        inbox_end(units.ids[i], ends[i]);
    inbox_end(township, township_end);
    cr_assert_gt(count, 4U);
    world_check(records[3]);

    /* 0 accepted, 1 returned, 2 accepted then amended, 3 with an invalid signature, 4 waits */
    world_review(township, records[0], true, "");
    size_t returned = world_review(township, records[1], false, "常住儿童数与上年相差过大，请核对");
    world_review(township, records[2], true, "");
    world_report(units.ids[2], "village", PAST, 2, fill_plain);
    const Zhibao__Completeness *row = form_of(pull(OFFICE, DISTRICT, PAST, ""), "village");
    cr_expect_eq(row->expected, 120U);
    cr_expect_eq(row->received, count - 1);
    cr_expect_eq(row->accepted, 2U);
    cr_expect_eq(row->n_missing, 120 - count + 1);
    cr_expect_eq(row->n_not_accepted, count - 3);
    cr_expect_eq(world_number("select sum(c.received)::bigint from zhibao.completeness c"
                              " where c.plan = 'luzhai' and c.form = 'village'"
                              " and c.period = 2023 and c.place = 450223000000"),
                 (int64_t)count - 1);

    const Zhibao__Tracked *tracked = track(units.ids[2], 0, "", PAST, false, "");
    cr_assert_eq(tracked->n_reports, 2U);
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_SUPERSEDED);
    static const Zhibao__State amended[] = {
        ZHIBAO__STATE__STATE_STORED, ZHIBAO__STATE__STATE_CHECKED, ZHIBAO__STATE__STATE_ACCEPTED,
        ZHIBAO__STATE__STATE_SUPERSEDED};
    steps_check(tracked->reports[0], amended, 4);
    cr_expect_eq(tracked->reports[1]->state, ZHIBAO__STATE__STATE_STORED);
    cr_expect_eq(tracked->reports[1]->revision, 2U);
    tracked = track(units.ids[3], 0, "", PAST, false, "");
    static const Zhibao__State bad[] = {ZHIBAO__STATE__STATE_STORED,
                                        ZHIBAO__STATE__STATE_BAD_SIGNATURE};
    steps_check(tracked->reports[0], bad, 2);
    cr_expect_eq(inbox(units.ids[3], ends[3], 0)->items[0]->state,
                 ZHIBAO__STATE__STATE_BAD_SIGNATURE);
    cr_expect_gt(inbox(units.ids[3], ends[3], 0)->items[0]->receipt.len, 0U);
    const Zhibao__InboxItem *item = inbox(units.ids[1], ends[1], 0)->items[0];
    cr_expect_eq(item->state, ZHIBAO__STATE__STATE_RETURNED);
    cr_expect_str_eq(item->reason, "常住儿童数与上年相差过大，请核对");
    cr_expect_eq(item->actor, township);
    cr_expect_arr_eq(item->receipt.data, world_get()->records[returned].receipt,
                     world_get()->records[returned].receipt_size);

    /* what waits: the amendment and everything from number 4 on */
    const Zhibao__PendingItems *waiting = pending(township, "village", PAST);
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
        fill_gaps(units.ids[0], PAST, plan, &form->cells[i], &presence[0], &value[0]);
        fill_gaps(units.ids[2], PAST, plan, &form->cells[i], &presence[1], &value[1]);
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
    cr_expect_eq(track(units.ids[0], 0, "", PAST, false, "")->reports[0]->state,
                 ZHIBAO__STATE__STATE_CONFIRMED);
    waiting = pending(STATISTICS, "village", PAST);
    cr_assert_eq(waiting->n_items, 1U);
    cr_expect_arr_eq(waiting->items[0]->record->id.data, world_get()->records[second].id.bytes,
                     RECORD_ID_BYTES);
    world_review(STATISTICS, second, false, "缺报的村较多，请催报");
    tracked = track(township, 0, "village", PAST, false, "");
    cr_assert_eq(tracked->n_reports, 2U);
    cr_expect_eq(tracked->reports[0]->kind, ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION);
    cr_expect_eq(tracked->reports[0]->state, ZHIBAO__STATE__STATE_SUPERSEDED);
    cr_expect_eq(tracked->reports[1]->state, ZHIBAO__STATE__STATE_RETURNED);
    cr_expect_arr_eq(tracked->reports[0]->id.data, world_get()->records[first].id.bytes,
                     RECORD_ID_BYTES);
    item = inbox(township, township_end, 0)->items[0];
    cr_expect_eq(item->state, ZHIBAO__STATE__STATE_BAD_SIGNATURE); /* of the village below */
    receipts_check();
}

/* Departments: their figures count when statistics accepts, and only they and those above see
 * them. */
Test(query_round, departments_and_access, .timeout = 300)
{
    enum { PAST = 2022 };
    const struct plan *plan = luzhai();
    size_t health[UNITS_MAX];
    report_all("health", DISTRICT, PAST, fill_plain, health);
    uint64_t bureau = world_get()->records[health[0]].unit;
    uint64_t village = units_of(plan, "village", TOWNSHIP).ids[0];
    world_check(SIZE_MAX);
    cr_assert_eq(pending(STATISTICS, "health", PAST)->n_items, 1U);
    cr_expect_eq(
        result_of(pull(OFFICE, DISTRICT, PAST, "stunting_u5"), "stunting_u5", "")->presence,
        ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED);
    world_review(STATISTICS, health[0], true, "");
    const Zhibao__IndicatorResult *row =
        result_of(pull(OFFICE, DISTRICT, PAST, "stunting_u5"), "stunting_u5", "");
    cr_expect_eq(row->presence, ZHIBAO__PRESENCE__PRESENCE_VALUE);
    cr_expect_eq(row->numerator, sum_of(plan, "health", "stunted_u5", "", DISTRICT, PAST, false));
    cr_expect_eq(row->reporting, 1U);
    cr_assert_gt(row->n_targets, 0U);
    size_t deciding = 0;
    for (size_t i = 0; i < row->n_targets; i++) {
        deciding += row->targets[i]->decides != 0;
        cr_expect_gt(strlen(row->targets[i]->why_zh), 0U);
    }
    cr_expect_eq(deciding, 1U);
    cr_expect_eq(track(bureau, 0, "", PAST, false, "")->reports[0]->state,
                 ZHIBAO__STATE__STATE_FINAL);
    static const Zhibao__State states[] = {
        ZHIBAO__STATE__STATE_STORED, ZHIBAO__STATE__STATE_CHECKED, ZHIBAO__STATE__STATE_FINAL};
    steps_check(track(bureau, 0, "", PAST, false, "")->reports[0], states, 3);

    /* a department sees no place, a village not its neighbour, a township not another's villages */
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    asked.place = DISTRICT;
    asked.period = PAST;
    cr_expect_eq(asks(bureau, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_FORBIDDEN);
    cr_expect_str_eq(world_problem()->field, "place");
    cr_expect_eq(asks(village, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_FORBIDDEN);
    cr_expect_eq(asks(unit_make(TOWNSHIP, 0), ZHIBAO__KIND__KIND_PULL, &asked.base),
                 STATUS_E_FORBIDDEN);
    cr_expect_eq(asks(unit_make(UINT64_C(220300000000), UNIT_STATISTICS), ZHIBAO__KIND__KIND_PULL,
                      &asked.base),
                 STATUS_E_FORBIDDEN);
    cr_expect_eq(track(village, bureau, "", PAST, false, "")->n_reports, 0U);
    cr_expect_eq(track(STATISTICS, bureau, "", PAST, false, "")->n_reports, 1U);
    cr_expect_eq(track(unit_make(TOWNSHIP, 0), bureau, "", PAST, false, "")->n_reports, 0U);
    Zhibao__GetRecord record = ZHIBAO__GET_RECORD__INIT;
    struct world_record *stored = &world_get()->records[health[0]];
    record.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT;
    record.unit = bureau;
    record.id = (ProtobufCBinaryData){RECORD_ID_BYTES, stored->id.bytes};
    cr_expect_eq(asks(village, ZHIBAO__KIND__KIND_GET_RECORD, &record.base),
                 STATUS_E_SUBJECT_UNKNOWN);
    enum status status = STATUS_OK;
    const Zhibao__RecordReply *reply = (const Zhibao__RecordReply *)world_ask(
        OFFICE, ZHIBAO__KIND__KIND_GET_RECORD, &record.base, &status);
    cr_assert_not_null(reply);
    struct hash hash = hash_bytes(reply->record->payload.data, reply->record->payload.len);
    cr_expect_arr_eq(hash.bytes, stored->payload_sha256.bytes, HASH_BYTES);
    cr_expect_arr_eq(reply->receipt.data, stored->receipt, stored->receipt_size);
    cr_expect_eq(reply->carrier, bureau);
    record.id.len = 3;
    cr_expect_eq(asks(OFFICE, ZHIBAO__KIND__KIND_GET_RECORD, &record.base), STATUS_E_ID);
}

Test(query_round, wrong_questions, .timeout = 300)
{
    luzhai();
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    asked.place = DISTRICT;
    asked.period = 2019;
    cr_expect_eq(asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_PERIOD);
    asked.period = YEAR;
    asked.plan = (char *)(uintptr_t) "atlantis";
    cr_expect_eq(asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_PLAN_UNKNOWN);
    asked.plan = (char *)(uintptr_t) "siping";
    cr_expect_eq(asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_PLACE_FOREIGN);
    asked.plan = (char *)(uintptr_t) "";
    asked.indicator = (char *)(uintptr_t) "happiness";
    cr_expect_eq(asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_CELL_UNKNOWN);
    cr_expect_str_eq(world_problem()->field, "indicator");
    asked.indicator = (char *)(uintptr_t) "";
    asked.cursor = (char *)(uintptr_t) "1.2";
    cr_expect_eq(asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_MALFORMED);
    Zhibao__GetTotal total = ZHIBAO__GET_TOTAL__INIT;
    total.form = (char *)(uintptr_t) "health";
    total.period = YEAR;
    cr_expect_eq(asks(unit_make(TOWNSHIP, 0), ZHIBAO__KIND__KIND_TOTAL, &total.base),
                 STATUS_E_FORM_UNKNOWN);
    total.form = (char *)(uintptr_t) "village";
    total.unit = STATISTICS;
    cr_expect_eq(asks(STATISTICS, ZHIBAO__KIND__KIND_TOTAL, &total.base), STATUS_E_UNIT_UNKNOWN);
    total.unit = unit_make(TOWNSHIP, 0);
    total.period = 2031;
    cr_expect_eq(asks(STATISTICS, ZHIBAO__KIND__KIND_TOTAL, &total.base), STATUS_E_PERIOD);
}

Test(query_round, forms_and_units, .timeout = 300)
{
    const struct plan *plan = luzhai();
    enum status status = STATUS_OK;
    uint64_t village = units_of(plan, "village", TOWNSHIP).ids[0];
    Zhibao__GetForm asked = ZHIBAO__GET_FORM__INIT;
    const Zhibao__Form *form =
        (const Zhibao__Form *)world_ask(village, ZHIBAO__KIND__KIND_GET_FORM, &asked.base, &status);
    cr_assert_not_null(form);
    cr_assert_eq(form->n_forms, 1U);
    cr_expect_str_eq(form->forms[0]->form, "village");
    cr_expect_eq(form->forms[0]->n_cells, plan_form(plan, "village")->cell_count);
    bool row = false, derived = false;
    for (size_t i = 0; i < form->forms[0]->n_checks; i++) {
        row = row || strcmp(form->forms[0]->checks[i]->name, "village-1") == 0;
        derived = derived || strcmp(form->forms[0]->checks[i]->name, "bound-rural_tap_water") == 0;
        cr_expect_gt(strlen(form->forms[0]->checks[i]->zh), 0U);
        cr_expect_gt(strlen(form->forms[0]->checks[i]->left), 0U);
    }
    cr_expect(row);
    cr_expect(derived);
    form =
        (const Zhibao__Form *)world_ask(OFFICE, ZHIBAO__KIND__KIND_GET_FORM, &asked.base, &status);
    cr_expect_eq(form->n_forms, 0U);
    asked.form = (char *)(uintptr_t) "none";
    cr_expect_eq(asks(OFFICE, ZHIBAO__KIND__KIND_GET_FORM, &asked.base), STATUS_E_FORM_UNKNOWN);

    Zhibao__ListUnits list = ZHIBAO__LIST_UNITS__INIT;
    const Zhibao__Units *units = (const Zhibao__Units *)world_ask(
        STATISTICS, ZHIBAO__KIND__KIND_LIST_UNITS, &list.base, &status);
    cr_assert_not_null(units);
    cr_expect_eq(units->n_units, plan->unit_count);
    cr_expect_str_eq(units->units[0]->key_status, "none");
    units = (const Zhibao__Units *)world_ask(village, ZHIBAO__KIND__KIND_LIST_UNITS, &list.base,
                                             &status);
    cr_assert_eq(units->n_units, 1U);
    cr_expect_eq(units->units[0]->unit, village);
    list.place = UINT64_C(220300000000);
    cr_expect_eq(asks(STATISTICS, ZHIBAO__KIND__KIND_LIST_UNITS, &list.base), STATUS_E_FORBIDDEN);
    units = (const Zhibao__Units *)world_ask(unit_make(UINT64_C(220300000000), UNIT_ADMIN),
                                             ZHIBAO__KIND__KIND_LIST_UNITS, &list.base, &status);
    cr_assert_not_null(units);
    cr_expect_eq(units->n_units, 500U);
    cr_expect_gt(strlen(units->next), 0U);
}

/* Published figures: nobody reports under the national plan, and everybody may read it. */
Test(query_round, published_figures, .timeout = 300)
{
    luzhai();
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.plan = (char *)(uintptr_t) "national";
    asked.period = 2020;
    const Zhibao__Pulled *pulled =
        (const Zhibao__Pulled *)world_ask(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
    cr_assert_not_null(pulled, "%s", status_name(status));
    const Zhibao__IndicatorResult *row = result_of(pulled, "u5mr", "");
    cr_expect_eq(row->presence, ZHIBAO__PRESENCE__PRESENCE_VALUE);
    cr_expect_eq(row->value, 7.5);
    cr_expect_not(row->demonstration);
    cr_expect_eq(row->reporting, 0U);
    cr_expect_not(pulled->demonstration);
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
Test(query_round, form_versions, .timeout = 300)
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
    struct units units = units_of(plan, "village", district);
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
        before[i] = result_of(pull(office, district, PAST, codes[i]), codes[i], "")->value;
    world_import("xinhua", admin, edits);
    plan = registry_plan(world_get()->registry, "xinhua");
    cr_assert_eq(plan_form(plan, "village")->version, 2U);
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(result_of(pull(office, district, PAST, codes[i]), codes[i], "")->value,
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
