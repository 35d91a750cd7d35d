#include "plan/soft_check.h"

#include <criterion/criterion.h>
#include <string.h>

#include "plan_fixture.h"

enum { CELLS_MAX = 128, BOYS_0_2 = 1, HOURS = 20, WATERS = 29, MARKED = 30, INJURIES = 31 };

/* A village's report and the years before it: everything alike, changed cell by cell. */
struct world {
    struct plan *plan;
    const struct form *form;
    uint32_t cell[CELLS_MAX], presence[CELLS_MAX];
    double value[1 + SOFT_YEARS_MAX][CELLS_MAX];
    struct soft_year years[SOFT_YEARS_MAX];
    struct soft_input input;
    struct problems problems;
};

static void begin(struct world *world, const char *form, size_t years)
{
    *world = (struct world){.plan = fixture_plan("luzhai")};
    world->form = plan_form(world->plan, form);
    size_t count = world->form->cell_count;
    for (size_t i = 0; i < count; i++) {
        world->cell[i] = world->form->cells[i].number;
        world->presence[i] = PRESENCE_VALUE;
        for (size_t k = 0; k <= SOFT_YEARS_MAX; k++)
            world->value[k][i] = 40;
    }
    for (size_t k = 0; k < years; k++)
        world->years[k] = (struct soft_year){
            2024 - (int)k, {count, world->cell, world->presence, world->value[k + 1]}
        };
    world->input = (struct soft_input){
        .period = 2025,
        .observations = {count, world->cell, world->presence, world->value[0]},
        .years = world->years,
        .year_count = years
    };
    problems_init(&world->problems);
}

static void end(struct world *world)
{
    problems_clear(&world->problems);
    plan_destroy(&world->plan);
}

static enum status check(struct world *world)
{
    problems_clear(&world->problems);
    return soft_check(world->plan, world->form, &world->input, SOFT_ALL, &world->problems);
}

static void set(struct world *world, size_t back, uint32_t cell, double value)
{
    world->value[back][form_cell(world->form, cell) - world->form->cells] = value;
}

Test(soft_check, change_needs_a_share_a_minimum_and_the_count_test)
{
    static const struct {
        double last, now;
        bool asked;
    } cases[] = {
        {40,   40,   false},
        {40,   60,   false}, /* 50 %, z = 2.0 */
        {40,   75,   true }, /* z = 3.3 */
        {75,   40,   true },
        {3000, 3900, false}, /* z = 10.8, but 30 % */
        {3000, 4100, true },
        {2,    9,    false}, /* less than 10 */
        {0,    9,    false},
        {0,    12,   true }, /* z = 3.5 */
        {12,   0,    true },
    };
    struct world world;
    begin(&world, "village", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set(&world, 1, BOYS_0_2, cases[i].last);
        set(&world, 0, BOYS_0_2, cases[i].now);
        cr_expect_eq(check(&world), cases[i].asked ? STATUS_E_EXPLAIN_CHANGE : STATUS_OK,
                     "%g to %g", cases[i].last, cases[i].now);
        cr_expect_eq(world.problems.count, cases[i].asked ? 1 : 0);
    }
    cr_expect(strstr(world.problems.items[0].zh, "第1项") != NULL);
    cr_expect(strstr(world.problems.items[0].en, "after 12 last year") != NULL);
    end(&world);
}

Test(soft_check, amounts_change_by_share_alone)
{
    struct world world;
    begin(&world, "village", 1);
    set(&world, 1, HOURS, 10);
    set(&world, 0, HOURS, 14.5);
    cr_expect_eq(check(&world), STATUS_OK);
    set(&world, 0, HOURS, 15.5);
    cr_expect_eq(check(&world), STATUS_E_EXPLAIN_CHANGE);
    end(&world);
}

Test(soft_check, only_last_year_is_a_year_on_year_change)
{
    struct world world;
    begin(&world, "village", 1);
    world.years[0].period = 2023;
    set(&world, 0, BOYS_0_2, 400);
    cr_expect_eq(check(&world), STATUS_OK);
    end(&world);
}

Test(soft_check, nothing_is_no_change)
{
    struct world world;
    begin(&world, "village", 1);
    set(&world, 1, BOYS_0_2, 400);
    world.presence[0] = PRESENCE_NOT_COLLECTED; /* of both years: they share the column */
    cr_expect_eq(check(&world), STATUS_OK);
    end(&world);
}

/* Last year jumped (and was explained); this year is near it and far from the years before. */
Test(soft_check, an_outlier_takes_four_years)
{
    struct world world;
    for (size_t years = 3; years <= 5; years++) {
        begin(&world, "village", years);
        set(&world, 0, BOYS_0_2, 90);
        set(&world, 1, BOYS_0_2, 88);
        cr_expect_eq(check(&world), years >= 4 ? STATUS_E_EXPLAIN_OUTLIER : STATUS_OK, "%zu",
                     years);
        set(&world, 0, BOYS_0_2, 70); /* within 5 * sqrt(40) of the median */
        set(&world, 1, BOYS_0_2, 72);
        cr_expect_eq(check(&world), STATUS_OK, "%zu", years);
        end(&world);
    }
}

Test(soft_check, a_steady_trend_is_no_outlier)
{
    struct world world;
    begin(&world, "village", 5);
    for (size_t k = 0; k <= 5; k++)
        set(&world, k, BOYS_0_2, 100 - 10 * (double)k);
    cr_expect_eq(check(&world), STATUS_OK);
    end(&world);
}

Test(soft_check, relations_come_first_and_each_cell_once)
{
    struct world world;
    begin(&world, "village", 1);
    set(&world, 1, MARKED, 400);
    set(&world, 0, WATERS, 41);
    cr_expect_eq(check(&world), STATUS_E_EXPLAIN_RELATION);
    cr_expect_eq(world.problems.count, 1);
    cr_expect_eq(world.problems.items[0].cell, MARKED);
    end(&world);
}

Test(soft_check, an_explained_cell_is_not_asked_about)
{
    struct world world;
    const uint32_t explained[] = {INJURIES, BOYS_0_2};
    begin(&world, "village", 1);
    set(&world, 0, BOYS_0_2, 400);
    set(&world, 0, INJURIES, 400);
    cr_expect_eq(check(&world), STATUS_E_EXPLAIN_CHANGE);
    cr_expect_eq(world.problems.count, 2);
    world.input.explained = explained;
    world.input.explained_count = 1;
    cr_expect_eq(check(&world), STATUS_E_EXPLAIN_CHANGE);
    cr_expect_eq(world.problems.count, 1);
    world.input.explained_count = 2;
    cr_expect_eq(check(&world), STATUS_OK);
    end(&world);
}

Test(soft_check, a_second_part_goes_on_where_the_first_ended)
{
    struct world world;
    begin(&world, "village", 1);
    set(&world, 0, WATERS, 41);
    set(&world, 1, MARKED, 400);
    set(&world, 0, BOYS_0_2, 400);
    cr_expect_eq(soft_check(world.plan, world.form, &world.input, SOFT_BY_ITSELF, &world.problems),
                 STATUS_E_EXPLAIN_RELATION);
    cr_expect_eq(soft_check(world.plan, world.form, &world.input, SOFT_BY_OTHERS, &world.problems),
                 STATUS_E_EXPLAIN_CHANGE);
    cr_assert_eq(world.problems.count, 2);
    cr_expect_eq(world.problems.items[1].cell, BOYS_0_2);
    end(&world);
}

Test(soft_check, a_township_is_held_against_its_villages)
{
    struct world world;
    struct village_sum sums[4];
    begin(&world, "township", 0);
    const struct form *villages = plan_form(world.plan, "village");
    uint32_t cell[] = {1, 2, 3}, presence[] = {1, 1, 3};
    double value[] = {20, 20, 0};
    struct observations totals = {3, cell, presence, value};
    cr_assert_not_null(villages);
    cr_assert(soft_needs_villages(world.form));
    cr_assert_eq(soft_village_sums(world.form, &totals, 8, 2, sums, 4), 1);
    cr_expect_eq(sums[0].cell, 14);
    cr_expect_eq(sums[0].sum, 40);
    world.input.sums = sums;
    world.input.sum_count = 1;
    cr_expect_eq(check(&world), STATUS_OK);
    set(&world, 0, 14, 41);
    cr_expect_eq(check(&world), STATUS_E_EXPLAIN_VILLAGES);
    cr_expect(strstr(world.problems.items[0].zh, "缺2个村") != NULL);
    end(&world);
}

/* Drowning mortality is part of injury mortality: `related` of indicators.csv says so. */
Test(soft_check, one_rate_is_never_above_another)
{
    enum { INJURY_DEATHS = 52, DROWNING_DEATHS = 53 };
    struct world world;
    begin(&world, "health", 0);
    cr_expect_eq(check(&world), STATUS_OK);
    set(&world, 0, INJURY_DEATHS, 39);
    cr_expect_eq(check(&world), STATUS_E_EXPLAIN_RELATION);
    cr_assert_eq(world.problems.count, 1);
    cr_expect_eq(world.problems.items[0].cell, DROWNING_DEATHS);
    end(&world);
}

Test(soft_check, rows_that_say_nothing_are_refused)
{
    static const char *const rows[][2] = {
        {"change-count,*,@count,change,33% 10 z3",         "change-count,*,@everything,change,33% 10 z3"},
        {"change-count,*,@count,change,33% 10 z3",         "change-count,*,@count,change,10 z3"         },
        {"change-count,*,@count,change,33% 10 z3",         "change-count,*,@count,change,33% ten"       },
        {"outlier-count,*,@count,outlier,5mad 10 4y,soft",
         "outlier-count,*,@count,outlier,5mad 10 4y,hard"                                               },
        {"outlier-count,*,@count,outlier,5mad 10 4y",      "outlier-count,*,@count,outlier,5mad 1y"     },
        {"villages,children_resident",                     "villages,children_elsewhere"                },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct problems problems;
        struct plan *plan = NULL;
        problems_init(&problems);
        cr_expect_eq(fixture_edit("luzhai", "catalogue/checks.csv", rows[i][0], rows[i][1],
                                  &problems, &plan),
                     STATUS_E_PLAN_INVALID, "%s", rows[i][1]);
        plan_destroy(&plan);
        problems_clear(&problems);
    }
}

/* An element's own row goes before that of its type. */
Test(soft_check, an_element_may_have_a_row_of_its_own)
{
    struct world world;
    begin(&world, "village", 1);
    plan_destroy(&world.plan);
    cr_assert_eq(fixture_edit("luzhai", "catalogue/checks.csv", "change-count,",
                              "change-own,village,village_child_injuries,change,500% 10,soft,甲,a\n"
                              "change-count,",
                              &world.problems, &world.plan),
                 STATUS_OK);
    world.form = plan_form(world.plan, "village");
    set(&world, 0, INJURIES, 200);
    cr_expect_eq(check(&world), STATUS_OK);
    set(&world, 0, INJURIES, 250);
    cr_expect_eq(check(&world), STATUS_E_EXPLAIN_CHANGE);
    end(&world);
}
