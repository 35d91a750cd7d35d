/* Who may ask what in a round, and questions that are wrong. */
#include <criterion/criterion.h>
#include <string.h>

#include "plan/form_check.h"
#include "query_round_steps.h"

/* Departments: their figures count when statistics accepts, and only they and those above see
 * them. */
Test(query_round, departments_and_access)
{
    enum { PAST = 2022 };
    const struct plan *plan = round_luzhai();
    size_t health[UNITS_MAX];
    round_report_all("health", DISTRICT, PAST, round_fill_plain, health);
    uint64_t bureau = world_get()->records[health[0]].unit;
    uint64_t village = round_units_of(plan, "village", TOWNSHIP).ids[0];
    world_check(SIZE_MAX);
    cr_assert_eq(round_pending(STATISTICS, "health", PAST)->n_items, 1U);
    cr_expect_eq(
        round_result_of(round_pull(OFFICE, DISTRICT, PAST, "stunting_u5"), "stunting_u5", "")
            ->presence,
        ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED);
    world_review(STATISTICS, health[0], true, "");
    const Zhibao__IndicatorResult *row =
        round_result_of(round_pull(OFFICE, DISTRICT, PAST, "stunting_u5"), "stunting_u5", "");
    cr_expect_eq(row->presence, ZHIBAO__PRESENCE__PRESENCE_VALUE);
    cr_expect_eq(row->numerator,
                 round_sum_of(plan, "health", "stunted_u5", "", DISTRICT, PAST, false));
    cr_expect_eq(row->reporting, 1U);
    cr_assert_gt(row->n_targets, 0U);
    size_t deciding = 0;
    for (size_t i = 0; i < row->n_targets; i++) {
        deciding += row->targets[i]->decides != 0;
        cr_expect_gt(strlen(row->targets[i]->why_zh), 0U);
    }
    cr_expect_eq(deciding, 1U);
    cr_expect_eq(round_track(bureau, 0, "", PAST, false, "")->reports[0]->state,
                 ZHIBAO__STATE__STATE_FINAL);
    static const Zhibao__State states[] = {
        ZHIBAO__STATE__STATE_STORED, ZHIBAO__STATE__STATE_CHECKED, ZHIBAO__STATE__STATE_FINAL};
    round_steps_check(round_track(bureau, 0, "", PAST, false, "")->reports[0], states, 3);

    /* a department sees no place, a village not its neighbour, a township not another's villages */
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    asked.place = DISTRICT;
    asked.period = PAST;
    cr_expect_eq(round_asks(bureau, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_FORBIDDEN);
    cr_expect_str_eq(world_problem()->field, "place");
    cr_expect_eq(round_asks(village, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_FORBIDDEN);
    cr_expect_eq(round_asks(unit_make(TOWNSHIP, 0), ZHIBAO__KIND__KIND_PULL, &asked.base),
                 STATUS_E_FORBIDDEN);
    cr_expect_eq(round_asks(unit_make(UINT64_C(220300000000), UNIT_STATISTICS),
                            ZHIBAO__KIND__KIND_PULL, &asked.base),
                 STATUS_E_FORBIDDEN);
    cr_expect_eq(round_track(village, bureau, "", PAST, false, "")->n_reports, 0U);
    cr_expect_eq(round_track(STATISTICS, bureau, "", PAST, false, "")->n_reports, 1U);
    cr_expect_eq(round_track(unit_make(TOWNSHIP, 0), bureau, "", PAST, false, "")->n_reports, 0U);
    Zhibao__GetRecord record = ZHIBAO__GET_RECORD__INIT;
    struct world_record *stored = &world_get()->records[health[0]];
    record.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT;
    record.unit = bureau;
    record.id = (ProtobufCBinaryData){RECORD_ID_BYTES, stored->id.bytes};
    cr_expect_eq(round_asks(village, ZHIBAO__KIND__KIND_GET_RECORD, &record.base),
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
    cr_expect_eq(round_asks(OFFICE, ZHIBAO__KIND__KIND_GET_RECORD, &record.base), STATUS_E_ID);
}

Test(query_round, wrong_questions)
{
    round_luzhai();
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    asked.place = DISTRICT;
    asked.period = 2019;
    cr_expect_eq(round_asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_PERIOD);
    asked.period = YEAR;
    asked.plan = (char *)(uintptr_t) "atlantis";
    cr_expect_eq(round_asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_PLAN_UNKNOWN);
    asked.plan = (char *)(uintptr_t) "siping";
    cr_expect_eq(round_asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_PLACE_FOREIGN);
    asked.plan = (char *)(uintptr_t) "";
    asked.indicator = (char *)(uintptr_t) "happiness";
    cr_expect_eq(round_asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_CELL_UNKNOWN);
    cr_expect_str_eq(world_problem()->field, "indicator");
    asked.indicator = (char *)(uintptr_t) "";
    asked.cursor = (char *)(uintptr_t) "1.2";
    cr_expect_eq(round_asks(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base), STATUS_E_MALFORMED);
    Zhibao__GetTotal total = ZHIBAO__GET_TOTAL__INIT;
    total.form = (char *)(uintptr_t) "health";
    total.period = YEAR;
    cr_expect_eq(round_asks(unit_make(TOWNSHIP, 0), ZHIBAO__KIND__KIND_TOTAL, &total.base),
                 STATUS_E_FORM_UNKNOWN);
    total.form = (char *)(uintptr_t) "village";
    total.unit = STATISTICS;
    cr_expect_eq(round_asks(STATISTICS, ZHIBAO__KIND__KIND_TOTAL, &total.base),
                 STATUS_E_UNIT_UNKNOWN);
    total.unit = unit_make(TOWNSHIP, 0);
    total.period = 2031;
    cr_expect_eq(round_asks(STATISTICS, ZHIBAO__KIND__KIND_TOTAL, &total.base), STATUS_E_PERIOD);
}

Test(query_round, forms_and_units)
{
    const struct plan *plan = round_luzhai();
    enum status status = STATUS_OK;
    uint64_t village = round_units_of(plan, "village", TOWNSHIP).ids[0];
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
    cr_expect_eq(round_asks(OFFICE, ZHIBAO__KIND__KIND_GET_FORM, &asked.base),
                 STATUS_E_FORM_UNKNOWN);

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
    cr_expect_eq(round_asks(STATISTICS, ZHIBAO__KIND__KIND_LIST_UNITS, &list.base),
                 STATUS_E_FORBIDDEN);
    units = (const Zhibao__Units *)world_ask(unit_make(UINT64_C(220300000000), UNIT_ADMIN),
                                             ZHIBAO__KIND__KIND_LIST_UNITS, &list.base, &status);
    cr_assert_not_null(units);
    cr_expect_eq(units->n_units, 500U);
    cr_expect_gt(strlen(units->next), 0U);
}

/* Published figures: nobody reports under the national plan, and everybody may read it. */
Test(query_round, published_figures)
{
    round_luzhai();
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.plan = (char *)(uintptr_t) "national";
    asked.period = 2020;
    const Zhibao__Pulled *pulled =
        (const Zhibao__Pulled *)world_ask(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
    cr_assert_not_null(pulled, "%s", status_name(status));
    const Zhibao__IndicatorResult *row = round_result_of(pulled, "u5mr", "");
    cr_expect_eq(row->presence, ZHIBAO__PRESENCE__PRESENCE_VALUE);
    cr_expect_eq(row->value, 7.5);
    cr_expect_not(row->demonstration);
    cr_expect_eq(row->reporting, 0U);
    cr_expect_not(pulled->demonstration);
}
