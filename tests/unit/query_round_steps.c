#include "query_round_steps.h"

#include <criterion/criterion.h>
#include <string.h>

#include "plan/form_check.h"
#include "plan/stratum.h"

void round_fill_plain(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                      uint32_t *out_presence, double *out_value)
{
    uint64_t mixed = unit / 1000 * 31 + cell->number * 7 + (uint64_t)period;
    *out_presence = PRESENCE_VALUE;
    *out_value = plan->elements[cell->element].type == ELEMENT_YESNO ? (double)(mixed % 2)
                                                                     : (double)(mixed % 97);
}

void round_fill_gaps(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                     uint32_t *out_presence, double *out_value)
{
    round_fill_plain(unit, period, plan, cell, out_presence, out_value);
    if (cell->number % 5 != 0)
        return;
    *out_presence = (uint32_t)(cell->number / 5 % 4); /* 0: left out */
    if (*out_presence == PRESENCE_VALUE)
        *out_presence = PRESENCE_NOT_REPORTED;
    *out_value = 0;
}

struct units round_units_of(const struct plan *plan, const char *form, uint64_t place)
{
    struct units found = {0};
    for (size_t i = 0; i < plan->unit_count; i++)
        if (place_contains(place, unit_place(plan->units[i].id)) &&
            plan_unit_owes(plan, &plan->units[i], plan_form(plan, form)))
            found.ids[found.count++] = plan->units[i].id;
    return found;
}

const struct plan *round_luzhai(void)
{
    const struct plan *plan = registry_plan(world_get()->registry, "luzhai");
    cr_assert_not_null(plan);
    return plan;
}

size_t round_report_all(const char *form, uint64_t place, int year, world_fill fill,
                        size_t records[UNITS_MAX])
{
    struct units units = round_units_of(round_luzhai(), form, place);
    struct world_wanted wanted[UNITS_MAX];
    for (size_t i = 0; i < units.count; i++)
        wanted[i] = (struct world_wanted){units.ids[i], form, year, 1, false, fill};
    world_reports(wanted, units.count, records);
    return units.count;
}

const Zhibao__Pulled *round_pull(uint64_t asker, uint64_t place, int year, const char *indicator)
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

const Zhibao__IndicatorResult *round_result_of(const Zhibao__Pulled *pulled, const char *indicator,
                                               const char *stratum)
{
    for (size_t i = 0; i < pulled->n_indicators; i++)
        if (strcmp(pulled->indicators[i]->indicator, indicator) == 0 &&
            stratum_equal(pulled->indicators[i]->stratum, stratum))
            return pulled->indicators[i];
    cr_assert_fail("no row %s %s", indicator, stratum);
    return NULL;
}

const Zhibao__Completeness *round_form_of(const Zhibao__Pulled *pulled, const char *form)
{
    for (size_t i = 0; i < pulled->n_completeness; i++)
        if (strcmp(pulled->completeness[i]->form, form) == 0)
            return pulled->completeness[i];
    cr_assert_fail("no completeness of %s", form);
    return NULL;
}

const Zhibao__Tracked *round_track(uint64_t asker, uint64_t unit, const char *form, int year,
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

const Zhibao__InboxItems *round_inbox(uint64_t asker, const char *after, uint32_t limit)
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

void round_inbox_end(uint64_t asker, char cursor[64])
{
    const Zhibao__InboxItems *items = round_inbox(asker, "", 0);
    cr_assert_not(items->more);
    snprintf(cursor, 64, "%s", items->next);
}

const Zhibao__PendingItems *round_pending(uint64_t asker, const char *form, int year)
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

void round_steps_check(const Zhibao__TrackedReport *report, const Zhibao__State *states,
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

void round_receipts_check(void)
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

double round_sum_of(const struct plan *plan, const char *form, const char *element,
                    const char *stratum, uint64_t place, int year, bool rural_only)
{
    const struct form *shape = plan_form(plan, form);
    struct units units = round_units_of(plan, form, place);
    double sum = 0;
    for (size_t i = 0; i < units.count; i++)
        for (size_t k = 0; k < shape->cell_count; k++) {
            uint32_t presence = PRESENCE_VALUE;
            double value = 0;
            if (shape->cells[k].element != plan_element(plan, element) ||
                !stratum_matches(stratum, shape->cells[k].stratum) ||
                (rural_only && place_is_urban(unit_place(units.ids[i]))))
                continue;
            round_fill_plain(units.ids[i], year, plan, &shape->cells[k], &presence, &value);
            sum += value;
        }
    return sum;
}

enum status round_asks(uint64_t asker, Zhibao__Kind kind, const ProtobufCMessage *request)
{
    enum status status = STATUS_OK;
    world_ask(asker, kind, request, &status);
    return status;
}
