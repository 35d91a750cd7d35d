/* What the chain answers beside the round: the same count from several reporters. */
#include <criterion/criterion.h>
#include <string.h>

#include "affected.pb-c.h"
#include "plan/form_check.h"
#include "reconcile.pb-c.h"
#include "test_query_world.h"

#define DISTRICT   UINT64_C(450223000000)
#define TOWNSHIP   UINT64_C(450223100000)
#define STATISTICS (DISTRICT * 1000 + UNIT_STATISTICS)
#define OFFICE     (DISTRICT * 1000 + UNIT_OFFICE)

static const struct plan *luzhai(void)
{
    const struct plan *plan = registry_plan(world_get()->registry, "luzhai");
    cr_assert_not_null(plan);
    return plan;
}

/* The unit of the plan whose department reports the form. */
static uint64_t department_of(const char *form)
{
    const struct plan *plan = luzhai();
    for (size_t i = 0; i < plan->unit_count; i++)
        if (unit_place(plan->units[i].id) == DISTRICT &&
            plan_unit_owes(plan, &plan->units[i], plan_form(plan, form)))
            return plan->units[i].id;
    cr_assert_fail("nobody reports %s", form);
    return 0;
}

/* Each child figure of the place's reporters is another; villages leave out one cell, or say
 * nothing of any. */
static double children_police = 1000;
static bool village_silent;
static void fill(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                 uint32_t *out_presence, double *out_value)
{
    const char *element = plan->elements[cell->element].code;
    (void)unit, (void)period;
    *out_value = 0;
    if (strcmp(element, "minors_population") == 0)
        *out_value = children_police;
    if (strcmp(element, "children_u18_schools") == 0)
        *out_value = 940;
    if (strcmp(element, "children_u18") == 0)
        *out_presence = PRESENCE_NOT_COLLECTED;
    if (strcmp(element, "children_resident") == 0) {
        *out_value = 2;
        if (cell->number == 1)
            *out_presence = PRESENCE_NOT_APPLICABLE, *out_value = 0;
        if (village_silent)
            *out_presence = PRESENCE_NOT_COLLECTED, *out_value = 0;
    }
}

static const Zhibao__Reconciled *reconcile(uint64_t asker, uint64_t place, int year,
                                           const char *count, bool reports, enum status *out_status)
{
    Zhibao__Reconcile asked = ZHIBAO__RECONCILE__INIT;
    asked.place = place;
    asked.period = (uint32_t)year;
    asked.count = (char *)(uintptr_t)count;
    asked.reports = reports;
    return (const Zhibao__Reconciled *)world_ask(asker, ZHIBAO__KIND__KIND_RECONCILE, &asked.base,
                                                 out_status);
}

static const Zhibao__ReconcileFigure *figure_of(const Zhibao__Reconciled *answer, const char *count,
                                                const char *form)
{
    for (size_t i = 0; i < answer->n_counts; i++)
        for (size_t k = 0; k < answer->counts[i]->n_figures; k++)
            if (strcmp(answer->counts[i]->count, count) == 0 &&
                strcmp(answer->counts[i]->figures[k]->form, form) == 0)
                return answer->counts[i]->figures[k];
    cr_assert_fail("no figure of %s in %s", form, count);
    return NULL;
}

Test(query_chain, same_count_from_several_departments)
{
    enum { YEAR = 2022 };
    enum status status = STATUS_OK;
    uint64_t police = department_of("police"), schools = department_of("education");
    size_t police_report = world_report(police, "police", YEAR, 1, fill);
    size_t schools_report = world_report(schools, "education", YEAR, 1, fill);
    world_report(department_of("health"), "health", YEAR, 1, fill);
    uint64_t village = 0, other = 0;
    const struct plan *plan = luzhai();
    for (size_t i = 0; i < plan->unit_count; i++)
        if (plan->units[i].role == ROLE_VILLAGE &&
            place_contains(TOWNSHIP, unit_place(plan->units[i].id))) {
            other = village;
            village = plan->units[i].id;
        }
    world_report(village, "village", YEAR, 1, fill);
    village_silent = true;
    world_report(other, "village", YEAR, 1, fill);
    world_check(SIZE_MAX);
    world_review(STATISTICS, police_report, true, "");

    const Zhibao__Reconciled *answer = reconcile(STATISTICS, DISTRICT, YEAR, "", false, &status);
    cr_assert_not_null(answer, "reconcile: %s", status_name(status));
    cr_expect(answer->demonstration);
    const Zhibao__ReconcileFigure *villages = figure_of(answer, "children_u18", "village");
    cr_expect(villages->sum && villages->incomplete);
    cr_expect_eq(villages->reporting, 1);
    cr_expect_eq(villages->expected, 120);
    cr_expect_eq(villages->value, 18, "9 cells of 2: %g", villages->value);
    cr_expect_eq(villages->empty[0], 0);
    cr_expect_eq(villages->empty[1], 1, "a village that does not collect");
    cr_expect_eq(villages->empty[2], 118, "villages that did not report");
    cr_expect_eq(villages->n_reports, 0);
    const Zhibao__ReconcileFigure *by_police = figure_of(answer, "children_u18", "police");
    cr_expect_eq(by_police->value, 1000);
    cr_expect(by_police->has_difference && by_police->difference == 982);
    cr_assert_eq(by_police->n_reports, 1);
    cr_expect_eq(by_police->reports[0]->unit, police);
    cr_expect_eq(by_police->reports[0]->state, ZHIBAO__STATE__STATE_FINAL);
    cr_expect(by_police->reports[0]->accepted);
    cr_expect_arr_eq(by_police->reports[0]->id.data, world_get()->records[police_report].id.bytes,
                     RECORD_ID_BYTES);
    const Zhibao__ReconcileFigure *by_schools = figure_of(answer, "children_u18", "education");
    cr_expect_eq(by_schools->value, 940);
    cr_expect_eq(by_schools->reports[0]->state, ZHIBAO__STATE__STATE_CHECKED, "not accepted yet");
    cr_expect_not(by_schools->reports[0]->accepted);
    const Zhibao__ReconcileFigure *by_health = figure_of(answer, "children_u18", "health");
    cr_expect_eq(by_health->presence, ZHIBAO__PRESENCE__PRESENCE_NOT_COLLECTED);
    cr_expect_not(by_health->has_difference);
    cr_expect_eq(by_health->empty[1], 1);
    const Zhibao__ReconcileFigure *townships = figure_of(answer, "children_u18", "township");
    cr_expect_eq(townships->presence, ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED);
    for (size_t i = 0; i < answer->n_counts; i++)
        if (strcmp(answer->counts[i]->count, "children_u18") == 0)
            cr_expect_eq(answer->counts[i]->spread, 982);

    /* an age group out of the villages' cells by sex and age */
    const Zhibao__ReconcileFigure *small = figure_of(answer, "children_u3", "village");
    cr_expect_eq(small->value, 2, "one cell of two: %g", small->value);

    /* a newer revision waits: the accepted one is still what the unit stands by; returned ones are
     * not stood by */
    children_police = 1200;
    size_t amended = world_report(police, "police", YEAR, 2, fill);
    world_check(SIZE_MAX);
    world_review(STATISTICS, schools_report, false, "与公安数相差较大，请核对");
    answer = reconcile(STATISTICS, DISTRICT, YEAR, "children_u18", true, &status);
    cr_assert_not_null(answer, "reconcile: %s", status_name(status));
    cr_expect_eq(answer->n_counts, 1);
    cr_expect_eq(figure_of(answer, "children_u18", "police")->value, 1000);
    cr_expect_eq(figure_of(answer, "children_u18", "education")->presence,
                 ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED);
    cr_expect_eq(figure_of(answer, "children_u18", "village")->n_reports, 120);
    world_review(STATISTICS, amended, true, "");
    answer = reconcile(STATISTICS, DISTRICT, YEAR, "", false, &status);
    cr_assert_not_null(answer);
    cr_expect_eq(figure_of(answer, "children_u18", "police")->value, 1200);

    /* a township: its villages and its own figure, no departments */
    answer = reconcile(TOWNSHIP * 1000, TOWNSHIP, YEAR, "", false, &status);
    cr_assert_not_null(answer, "reconcile: %s", status_name(status));
    cr_expect_eq(figure_of(answer, "children_u18", "village")->value, 18);
    cr_expect_eq(answer->counts[0]->n_figures, 2);

    cr_expect_null(reconcile(police, DISTRICT, YEAR, "", false, &status));
    cr_expect_eq(status, STATUS_E_FORBIDDEN);
    cr_expect_null(reconcile(STATISTICS, DISTRICT, YEAR, "no_such", false, &status));
    cr_expect_eq(status, STATUS_E_CELL_UNKNOWN);
}

/* ---- a correction after locking ---- */

static double tap_water = 300;
static void fill_counts(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                        uint32_t *out_presence, double *out_value)
{
    fill(unit, period, plan, cell, out_presence, out_value);
    if (strcmp(plan->elements[cell->element].code, "households") == 0)
        *out_value = 1000;
    if (strcmp(plan->elements[cell->element].code, "households_tap_water") == 0)
        *out_value = tap_water;
}

static const Zhibao__AffectedReply *affected(uint64_t asker, uint64_t place, int year,
                                             uint64_t unlocking, enum status *out_status)
{
    Zhibao__Affected asked = ZHIBAO__AFFECTED__INIT;
    asked.place = place;
    asked.period = (uint32_t)year;
    asked.unlocking = unlocking;
    return (const Zhibao__AffectedReply *)world_ask(asker, ZHIBAO__KIND__KIND_AFFECTED, &asked.base,
                                                    out_status);
}

static size_t inbox_count(uint64_t asker, Zhibao__State state, const struct record_id *subject)
{
    Zhibao__Inbox asked = ZHIBAO__INBOX__INIT;
    enum status status = STATUS_OK;
    size_t count = 0;
    asked.limit = 1000;
    const Zhibao__InboxItems *items = (const Zhibao__InboxItems *)world_ask(
        asker, ZHIBAO__KIND__KIND_INBOX, &asked.base, &status);
    cr_assert_not_null(items, "inbox: %s", status_name(status));
    cr_assert_not(items->more);
    for (size_t i = 0; i < items->n_items; i++)
        count += items->items[i]->state == state &&
                 memcmp(items->items[i]->subject.data, subject->bytes, RECORD_ID_BYTES) == 0;
    return count;
}

static const Zhibao__AffectedResult *result_of(const Zhibao__AffectedReply *answer,
                                               const char *what)
{
    for (size_t i = 0; i < answer->n_results; i++)
        if (strcmp(answer->results[i]->what, what) == 0)
            return answer->results[i];
    cr_assert_fail("no %s among the results", what);
    return NULL;
}

Test(query_chain, correction_after_locking)
{
    enum { YEAR = 2023 };
    enum status status = STATUS_OK;
    const uint64_t village = UINT64_C(450223100201000);
    const struct world *world = world_get();
    size_t first = world_report(village, "village", YEAR, 1, fill_counts);
    world_check(SIZE_MAX);
    world_review(TOWNSHIP * 1000, first, true, "");
    size_t total = world_confirm(TOWNSHIP * 1000, "village", YEAR);
    world_review(STATISTICS, total, true, "");
    const Zhibao__AffectedReply *answer = affected(OFFICE, DISTRICT, YEAR, 0, &status);
    cr_assert_not_null(answer, "affected: %s", status_name(status));
    cr_expect_eq(answer->n_unlocks, 0, "it was never locked");
    size_t lock = world_lock(STATISTICS, "luzhai", DISTRICT, YEAR, false);
    world_lock(STATISTICS, "luzhai", DISTRICT, YEAR, true);
    answer = affected(OFFICE, DISTRICT, YEAR, 0, &status);
    cr_assert_eq(answer->n_unlocks, 1);
    cr_expect_eq(answer->n_reports + answer->n_indicators + answer->n_results, 0,
                 "nothing was corrected yet");

    tap_water = 1000;
    size_t second = world_report(village, "village", YEAR, 2, fill_counts);
    world_check(SIZE_MAX);
    answer = affected(OFFICE, DISTRICT, YEAR, 0, &status);
    cr_expect_eq(answer->n_reports, 0, "a revision that waits changes nothing");
    cr_expect_eq(inbox_count(OFFICE, ZHIBAO__STATE__STATE_CORRECTED, &world->records[second].id),
                 0);
    world_review(TOWNSHIP * 1000, second, true, "");
    cr_expect_eq(inbox_count(OFFICE, ZHIBAO__STATE__STATE_CORRECTED, &world->records[second].id), 1,
                 "the office is told");
    cr_expect_eq(
        inbox_count(STATISTICS, ZHIBAO__STATE__STATE_CORRECTED, &world->records[second].id), 1);
    cr_expect_eq(inbox_count(village, ZHIBAO__STATE__STATE_CORRECTED, &world->records[second].id),
                 1);

    answer = affected(OFFICE, DISTRICT, YEAR, 0, &status);
    cr_assert_not_null(answer, "affected: %s", status_name(status));
    cr_assert_eq(answer->n_reports, 1);
    const Zhibao__AffectedReport *report = answer->reports[0];
    cr_expect_eq(report->unit, village);
    cr_expect_eq(report->before_revision, 1);
    cr_expect_eq(report->after_revision, 2);
    cr_expect_arr_eq(report->before.data, world->records[first].id.bytes, RECORD_ID_BYTES);
    cr_expect_arr_eq(report->after.data, world->records[second].id.bytes, RECORD_ID_BYTES);
    cr_assert_eq(report->n_cells, 1);
    cr_expect_str_eq(report->cells[0]->element, "households_tap_water");
    cr_expect(report->cells[0]->before_value == 300 && report->cells[0]->after_value == 1000);
    const Zhibao__AffectedIndicator *water = NULL;
    for (size_t i = 0; i < answer->n_indicators; i++)
        if (strcmp(answer->indicators[i]->indicator, "rural_tap_water") == 0 &&
            answer->indicators[i]->period == YEAR)
            water = answer->indicators[i];
        else
            cr_expect(strstr(answer->indicators[i]->indicator, "water") != NULL, "%s of %u",
                      answer->indicators[i]->indicator, answer->indicators[i]->period);
    cr_assert_not_null(water);
    cr_expect(water->before_value == 30 && water->after_value == 100);
    cr_assert_eq(water->n_targets, 1);
    cr_expect_eq(water->targets[0]->before, ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_MET);
    cr_expect_eq(water->targets[0]->after, ZHIBAO__ATTAINMENT__ATTAINMENT_MET);
    const Zhibao__AffectedResult *old_total = result_of(answer, "total");
    cr_expect_eq(old_total->unit, TOWNSHIP * 1000);
    cr_expect_eq(old_total->of_unit, village);
    cr_expect_eq(old_total->state, ZHIBAO__STATE__STATE_REOPENED);
    cr_expect_arr_eq(old_total->id.data, world->records[total].id.bytes, RECORD_ID_BYTES);
    cr_expect_arr_eq(result_of(answer, "lock")->id.data, world->records[lock].id.bytes,
                     RECORD_ID_BYTES);

    /* locked again, opened again and changed again: each unlocking has its own corrections */
    uint64_t first_unlocking = answer->unlocking;
    total = world_confirm(TOWNSHIP * 1000, "village", YEAR);
    world_review(STATISTICS, total, true, "");
    world_lock(STATISTICS, "luzhai", DISTRICT, YEAR, false);
    world_lock(STATISTICS, "luzhai", DISTRICT, YEAR, true);
    world_review(STATISTICS, second, false, "户数与水利部门不符，请再核实");
    answer = affected(STATISTICS, DISTRICT, YEAR, 0, &status);
    cr_assert_eq(answer->n_unlocks, 2);
    cr_assert_eq(answer->n_reports, 1);
    cr_expect_eq(answer->reports[0]->before_revision, 2);
    cr_expect_eq(answer->reports[0]->after_revision, 1, "the one accepted before counts again");
    answer = affected(STATISTICS, DISTRICT, YEAR, first_unlocking, &status);
    cr_assert_eq(answer->n_reports, 1);
    cr_expect_eq(answer->reports[0]->after_revision, 2);
    cr_expect_null(affected(STATISTICS, DISTRICT, YEAR, 1, &status));
    cr_expect_eq(status, STATUS_E_SUBJECT_UNKNOWN);
    cr_expect_null(affected(department_of("police"), DISTRICT, YEAR, 0, &status));
    cr_expect_eq(status, STATUS_E_FORBIDDEN);
}
