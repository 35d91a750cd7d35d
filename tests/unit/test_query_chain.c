/* What the chain answers beside the round: the same count from several reporters. */
#include <criterion/criterion.h>
#include <string.h>

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
