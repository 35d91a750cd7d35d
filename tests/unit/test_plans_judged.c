/* Every target of the five plans is judged; tests/stats/plans_expected.csv, reviewed line by line,
 * says how each operator, kind and trap comes out. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/stratum.h"
#include "plan_fixture.h"
#include "stats/attain.h"
#include "text/csv.h"

enum { GROUPS_MAX = 8 };

static const char *const plan_names[] = {"huaiyin", "jinlin", "luzhai", "siping", "xinhua"};
enum { PLANS = sizeof plan_names / sizeof *plan_names };

static const char *attainment_word(enum attainment attainment)
{
    static const char *const words[] = {"",        "met",           "not_met",
                                        "no_data", "not_judgeable", "met_uncertain"};
    return words[attainment];
}

static const struct target *find(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (strcmp(plan->targets[i].code, code) == 0)
            return &plan->targets[i];
    cr_assert_fail("no target %s", code);
    return NULL;
}

static struct judgement judged(const struct plan *plan, const struct target *target,
                               const struct indicator_value *value,
                               const struct judge_context *context, struct arena *arena)
{
    struct judgement result;
    cr_assert_eq(judge(plan, target, value, context, arena, &result), STATUS_OK);
    cr_expect(result.why_zh[0] != '\0' && result.why_en[0] != '\0', "%s has no sentence",
              target->code);
    return result;
}

/* "450223100000=95 450223101000=none" */
static size_t read_groups(const char *text, struct group_value groups[GROUPS_MAX])
{
    size_t count = 0;
    while (*text != '\0') {
        char *end = NULL;
        cr_assert_lt(count, (size_t)GROUPS_MAX);
        groups[count] = (struct group_value){.group = strtoull(text, &end, 10),
                                             .presence = PRESENCE_NOT_REPORTED};
        cr_assert_eq(*end, '=');
        text = end + 1;
        groups[count].has_value = strncmp(text, "none", 4) != 0;
        if (groups[count].has_value) {
            groups[count].presence = PRESENCE_VALUE;
            groups[count].value = strtod(text, NULL);
        }
        count++;
        text += strcspn(text, " ");
        text += *text == ' ';
    }
    return count;
}

static bool number(const char *text, double *out_number)
{
    *out_number = strtod(text, NULL);
    return text[0] != '\0';
}

/* Columns of the file. */
enum {
    TRAP,
    PLAN,
    TARGET,
    PERIOD,
    VALUE,
    NUMERATOR,
    DENOMINATOR,
    PREVIOUS,
    BASE,
    GROUPS,
    ATTAINMENT,
    BOUND,
    DECIDES,
    LOOSER,
    COLUMNS,
};

static void check_row(const struct plan *plan, const struct table *table, size_t row)
{
    const char *cells[COLUMNS];
    struct group_value groups[GROUPS_MAX];
    struct arena *arena = arena_create(1 << 16);
    double bound = 0;
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = table_cell(table, row, i);
    const struct target *target = find(plan, cells[TARGET]);
    struct indicator_value value = {
        .indicator = target->indicator, .stratum = target->stratum, .presence = PRESENCE_VALUE};
    struct judge_context context = {.period = atoi(cells[PERIOD])};
    if (strcmp(cells[VALUE], "none") == 0)
        value.presence = PRESENCE_NOT_REPORTED;
    else
        number(cells[VALUE], &value.value);
    value.has_fraction = number(cells[NUMERATOR], &value.numerator);
    number(cells[DENOMINATOR], &value.denominator);
    context.has_previous = number(cells[PREVIOUS], &context.previous);
    context.has_base = number(cells[BASE], &context.base);
    value.group_count = read_groups(cells[GROUPS], groups);
    value.groups = groups;
    struct judgement result = judged(plan, target, &value, &context, arena);
    cr_expect_str_eq(attainment_word(result.attainment), cells[ATTAINMENT], "%s (%s): %s",
                     cells[TRAP], target->code, result.why_en);
    cr_expect_eq(result.has_bound, number(cells[BOUND], &bound), "%s", cells[TRAP]);
    if (result.has_bound)
        cr_expect_float_eq(result.bound, bound, 1e-9, "%s: %g", cells[TRAP], result.bound);
    size_t decides =
        target->indicator == PLAN_NONE
            ? PLAN_NONE
            : deciding_target(plan, target->indicator, target->stratum, context.period);
    bool is_deciding = decides != PLAN_NONE && &plan->targets[decides] == target;
    cr_expect_eq(is_deciding, strcmp(cells[DECIDES], "yes") == 0, "%s (%s) decides: %d",
                 cells[TRAP], target->code, is_deciding);
    bool looser = context.has_base && result.has_bound &&
                  target_is_looser(plan, target, result.bound, context.base);
    cr_expect_eq(looser, strcmp(cells[LOOSER], "yes") == 0, "%s (%s): looser", cells[TRAP],
                 target->code);
    arena_destroy(&arena);
}

Test(plans_judged, as_reviewed)
{
    static char text[65536];
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/stats/plans_expected.csv", "rb");
    cr_assert_not_null(file);
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    struct table *table = NULL;
    cr_assert_eq(table_read((const uint8_t *)text, size, NULL, &table), STATUS_OK);
    size_t rows = 1;
    for (size_t i = 0; i < PLANS; i++) {
        struct plan *plan = fixture_plan(plan_names[i]);
        for (size_t row = 1; row < table_rows(table); row++)
            if (strcmp(table_cell(table, row, PLAN), plan_names[i]) == 0) {
                check_row(plan, table, row);
                rows++;
            }
        plan_destroy(&plan);
    }
    cr_expect_eq(rows, table_rows(table), "a row names no plan");
    table_destroy(&table);
}

/* A value on the good side of a bound and one on the bad side. */
static void check_sides(const struct plan *plan, const struct target *target, struct arena *arena)
{
    const struct indicator *indicator = &plan->indicators[target->indicator];
    struct group_value group = {
        .group = UINT64_C(450223100000), .has_value = true, .presence = PRESENCE_VALUE};
    struct indicator_value value = {.indicator = target->indicator,
                                    .stratum = target->stratum,
                                    .presence = PRESENCE_VALUE,
                                    .groups = &group,
                                    .group_count = indicator->kind == INDICATOR_EACH_UNIT ||
                                                   target->scope == SCOPE_EACH_TOWNSHIP};
    struct judge_context context = {.period = plan->last_year,
                                    .has_base = true,
                                    .has_previous = true,
                                    .base = 50,
                                    .previous = 50};
    value.value = group.value = 50;
    struct judgement first = judged(plan, target, &value, &context, arena);
    if (!first.has_bound) {
        cr_expect_eq(first.attainment, ATTAINMENT_NOT_JUDGEABLE, "%s", target->code);
        return;
    }
    if (first.attainment == ATTAINMENT_NOT_JUDGEABLE)
        return; /* a figure for the whole cannot show each institution: said in its sentence */
    int direction = target_direction(plan, target);
    double step = 1 + fabs(first.bound) / 10;
    bool strict = target->op == TARGET_INCREASE || target->op == TARGET_DECREASE;
    value.value = group.value = first.bound;
    cr_expect_eq(judged(plan, target, &value, &context, arena).attainment,
                 strict ? ATTAINMENT_NOT_MET : ATTAINMENT_MET, "%s at its bound", target->code);
    value.value = group.value = first.bound + (direction < 0 ? step : -step);
    cr_expect_eq(judged(plan, target, &value, &context, arena).attainment, ATTAINMENT_NOT_MET,
                 "%s on the wrong side", target->code);
    value.presence = group.presence = PRESENCE_NOT_REPORTED;
    group.has_value = false;
    cr_expect_eq(judged(plan, target, &value, &context, arena).attainment, ATTAINMENT_NO_DATA,
                 "%s without data", target->code);
}

/* All 563 targets, whatever their operator, in their plan's last year. */
Test(plans_judged, every_target_is_judged)
{
    static const size_t targets[PLANS] = {128, 104, 105, 82, 144};
    for (size_t i = 0; i < PLANS; i++) {
        struct plan *plan = fixture_plan(plan_names[i]);
        struct arena *arena = arena_create(1 << 22);
        cr_expect_eq(plan->target_count, targets[i], "%s: %zu", plan_names[i], plan->target_count);
        for (size_t k = 0; k < plan->target_count; k++) {
            const struct target *target = &plan->targets[k];
            if (target->indicator != PLAN_NONE && target->op != TARGET_QUALITATIVE) {
                check_sides(plan, target, arena);
                continue;
            }
            const struct indicator_value value = {.indicator = target->indicator,
                                                  .stratum = target->stratum,
                                                  .presence = PRESENCE_VALUE};
            const struct judge_context context = {.period = plan->last_year};
            cr_expect_eq(judged(plan, target, &value, &context, arena).attainment,
                         ATTAINMENT_NOT_JUDGEABLE, "%s", target->code);
        }
        arena_destroy(&arena);
        plan_destroy(&plan);
    }
}

/* One point a year without a start: the whole fall cannot be judged, this year's can. */
Test(plans_judged, a_fall_without_a_start_is_told_by_the_year)
{
    struct plan *plan = fixture_plan("huaiyin");
    struct arena *arena = arena_create(1 << 16);
    const struct target *target = find(plan, "HY-health-G7-2");
    const double before[] = {51, 50.9};
    const char *const words[] = {"this year 1.00, enough", "this year 0.90, too little"};
    for (size_t i = 0; i < 2; i++) {
        const struct indicator_value value = {
            .indicator = target->indicator, .stratum = "", .presence = PRESENCE_VALUE, .value = 50};
        const struct judge_context context = {
            .period = 2025, .has_previous = true, .previous = before[i]};
        struct judgement result = judged(plan, target, &value, &context, arena);
        cr_expect_eq(result.attainment, ATTAINMENT_NOT_JUDGEABLE);
        cr_expect(strstr(result.why_en, words[i]) != NULL, "%s", result.why_en);
        cr_expect(strstr(result.why_zh, i == 0 ? "，达到" : "，未达到") != NULL, "%s",
                  result.why_zh);
    }
    arena_destroy(&arena);
    plan_destroy(&plan);
}

/* "城乡……分别达到": the worse half is the verdict of the pair. */
Test(plans_judged, the_worst_of_a_pair_decides)
{
    static const struct {
        enum attainment left, right, worst;
    } cases[] = {
        {ATTAINMENT_MET,           ATTAINMENT_NOT_MET,       ATTAINMENT_NOT_MET      },
        {ATTAINMENT_MET,           ATTAINMENT_MET_UNCERTAIN, ATTAINMENT_MET_UNCERTAIN},
        {ATTAINMENT_NO_DATA,       ATTAINMENT_MET,           ATTAINMENT_NO_DATA      },
        {ATTAINMENT_NO_DATA,       ATTAINMENT_NOT_MET,       ATTAINMENT_NOT_MET      },
        {ATTAINMENT_NOT_JUDGEABLE, ATTAINMENT_MET,           ATTAINMENT_NOT_JUDGEABLE},
        {ATTAINMENT_MET,           ATTAINMENT_MET,           ATTAINMENT_MET          },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(attainment_worse(cases[i].left, cases[i].right), cases[i].worst);
        cr_expect_eq(attainment_worse(cases[i].right, cases[i].left), cases[i].worst);
    }
}
