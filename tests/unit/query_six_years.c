#include "query_six_years.h"

#include <criterion/criterion.h>
#include <string.h>

#include "plan/form_check.h"

enum { UNITS_MAX = 400 };

/* What each element of the health form was in each year; others are 100. A cell that a form splits
 * by sex and area holds a quarter. */
static const struct story {
    const char *element;
    double figures[YEARS]; /* below 0: not collected */
} stories[] = {
    {"live_births",        {3000, 3000, 3000, 3000, 3000, 3000}      },
    {"neonatal_deaths",    {4, 4, 4, 4, 4, 4}                        },
    {"infant_deaths",      {12, 12, 12, 12, 12, 12}                  },
    {"u5_deaths",          {12, 12, 12, 12, 12, 12}                  },
    {"anaemia_tested_u5",  {10000, 10000, 10000, 10000, 10000, 10000}},
    {"anaemic_u5",         {1500, 1420, 1340, 1260, 1180, 1100}      }, /* steadily to 10% by 2030 */
    {"measured_u5",        {10000, 10000, 10000, 10000, 10000, 10000}},
    {"stunted_u5",         {900, 890, 905, 895, 900, 898}            }, /* stays at 9%, 5% wanted */
    {"children_u7",        {20000, 20000, 20000, 20000, 20000, 20000}},
    {"u7_managed",         {18400, 18420, 18380, 18410, 18390, 18400}}, /* 92%, at least 90 */
    {"children_u3",        {9000, 9000, 9000, 9000, 9000, 9000}      },
    {"u3_managed",         {8730, 8640, 8550, 8460, 8370, 8280}      }, /* met, a point less a year */
    {"children_0_6",       {18000, 18000, 18000, 18000, 18000, 18000}},
    {"eye_checked_0_6",    {16560, 16570, 16550, 16560, 16565, 12000}}, /* falls off a cliff */
    {"caries_12_examined", {2000, 2000, 2000, 2000, -1, -1}          },
    {"caries_12",          {400, 398, 402, 401, -1, -1}              }, /* stops coming */
};

static double of_story(const char *element, int period)
{
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        if (strcmp(stories[i].element, element) == 0)
            return stories[i].figures[period - FIRST];
    return 100;
}

void fill_health(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                 uint32_t *out_presence, double *out_value)
{
    (void)unit;
    double figure = of_story(plan->elements[cell->element].code, period);
    bool quarter = strchr(cell->stratum, ';') != NULL;
    *out_presence = figure < 0 ? PRESENCE_NOT_COLLECTED : PRESENCE_VALUE;
    *out_value = figure < 0 ? 0 : quarter ? figure / 4 : figure;
}

/* Ten children a cell, in the villages that fall silent three; one household in four more rural. */
void fill_village(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                  uint32_t *out_presence, double *out_value)
{
    (void)period;
    const struct element *element = &plan->elements[cell->element];
    bool children = strcmp(element->code, "children_resident") == 0;
    bool small = unit / 1000 % 1000 == 1; /* the first village of each township */
    *out_presence = PRESENCE_VALUE;
    *out_value = element->type == ELEMENT_YESNO ? 1 : children ? (small ? 3 : 10) : 4;
    if (strcmp(element->code, "left_behind_on_file") == 0 && place_is_rural(unit_place(unit)))
        *out_value = 3;
}

const struct plan *luzhai(void)
{
    const struct plan *plan = registry_plan(world_get()->registry, "luzhai");
    cr_assert_not_null(plan);
    return plan;
}

void health_year(int period)
{
    const struct world_wanted wanted = {HEALTH, "health", period, 1, false, fill_health};
    size_t record = 0;
    world_reports(&wanted, 1, &record);
    world_check(SIZE_MAX);
    world_review(STATISTICS, record, true, "");
}

void villages_year(int period, bool some_silent, world_fill fill)
{
    const struct plan *plan = luzhai();
    static struct world_wanted wanted[UNITS_MAX];
    static size_t records[UNITS_MAX];
    size_t count = 0, silent = 0;
    for (size_t i = 0; i < plan->unit_count; i++) {
        if (!plan_unit_owes(plan, &plan->units[i], plan_form(plan, "village")))
            continue;
        if (some_silent && silent < SILENT && plan->units[i].id / 1000 % 1000 == 1) {
            silent++;
            continue;
        }
        wanted[count++] =
            (struct world_wanted){plan->units[i].id, "village", period, 1, false, fill};
    }
    world_reports(wanted, count, records);
    world_check(SIZE_MAX);
    for (size_t i = 0; i < count; i++)
        world_review(
            unit_make(place_ancestor(unit_place(wanted[i].unit), PLACE_TOWNSHIP), UNIT_OWN),
            records[i], true, "");
}
