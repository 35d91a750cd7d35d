#include "assess/plan_series.h"

#include <math.h>
#include <string.h>

enum assess_kind plan_series_kind(const struct indicator *indicator)
{
    static const struct {
        const char *unit;
        enum assess_kind kind;
    } kinds[] = {
        {"permille",   ASSESS_PERMILLE  },
        {"per_1000",   ASSESS_PER_1000  },
        {"per_10000",  ASSESS_PER_10000 },
        {"per_100000", ASSESS_PER_100000},
        {"count",      ASSESS_COUNT     },
    };
    if (strcmp(indicator->unit, "percent") == 0)
        return indicator->has_upper && indicator->upper <= 100 ? ASSESS_PERCENT
                                                               : ASSESS_GROSS_PERCENT;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(indicator->unit, kinds[i].unit) == 0)
            return kinds[i].kind;
    return ASSESS_MEASURE;
}

static bool all_counts(const struct plan *plan, const struct expression *expression)
{
    for (size_t i = 0; i < expression->count; i++)
        if (plan->elements[expression->terms[i].element].type != ELEMENT_COUNT)
            return false;
    return expression->count > 0;
}

/* One count divided by another, times the kind's factor. */
static bool is_fraction(const struct plan *plan, const struct indicator *indicator)
{
    enum assess_kind kind = plan_series_kind(indicator);
    return kind != ASSESS_COUNT && kind != ASSESS_MEASURE &&
           indicator->factor == assess_factor(kind) && all_counts(plan, &indicator->numerator) &&
           all_counts(plan, &indicator->denominator);
}

bool plan_series_counted(const struct plan *plan, const struct indicator *indicator)
{
    return indicator->kind == INDICATOR_RATIO && is_fraction(plan, indicator);
}

/* What is counted are people or cases, and no supply of them. */
static bool counts_events(const struct plan *plan, const struct indicator *indicator)
{
    enum assess_kind kind = plan_series_kind(indicator);
    bool share = kind == ASSESS_PERCENT || kind == ASSESS_GROSS_PERCENT || kind == ASSESS_PERMILLE;
    if (!share && indicator->polarity == POLARITY_HIGHER)
        return false;
    for (size_t i = 0; i < indicator->numerator.count; i++) {
        const char *unit = plan->elements[indicator->numerator.terms[i].element].unit;
        if (strcmp(unit, "person") != 0 && strcmp(unit, "case") != 0)
            return false;
    }
    return true;
}

bool plan_series_chance(const struct plan *plan, const struct indicator *indicator)
{
    return plan_series_counted(plan, indicator) && counts_events(plan, indicator);
}

struct limits plan_series_unit_limits(const struct plan *plan, const struct indicator *indicator,
                                      double numerator, double denominator)
{
    struct assess_point point = {0, 0, numerator, denominator};
    if (!(denominator > 0) || !(numerator >= 0) || !is_fraction(plan, indicator) ||
        !counts_events(plan, indicator))
        return (struct limits){NAN, NAN};
    return small_interval(plan_series_kind(indicator), &point);
}

bool plan_series_mortality(const struct plan *plan, const struct indicator *indicator)
{
    for (size_t i = 0; i < indicator->numerator.count; i++)
        if (strstr(plan->elements[indicator->numerator.terms[i].element].code, "death") != NULL)
            return true;
    /* a plan may name its elements otherwise */
    return strstr(indicator->name_zh, "死亡") != NULL || strstr(indicator->name_zh, "自杀") != NULL;
}

struct assess_point plan_series_point(const struct plan *plan, const struct indicator *indicator,
                                      int year, double value, double numerator, double denominator)
{
    struct assess_point point = {year, value, NAN, NAN};
    if (denominator > 0 && numerator >= 0 && plan_series_chance(plan, indicator)) {
        point.numerator = numerator;
        point.denominator = denominator;
    }
    return point;
}

struct assess_target plan_series_target(const struct plan *plan, const struct target *target,
                                        double base)
{
    return (struct assess_target){
        .op = target->op,
        .value = target->has_value ? target->value : (double)NAN,
        .value_text = target->value_text,
        .year = target->has_year                    ? target->year
                : target->year_basis == YEAR_ANNUAL ? 0
                                                    : plan->last_year,
        .base_year = target->has_base_year ? target->base_year : 0,
        .base_value = isfinite(base)           ? base
                      : target->has_base_value ? target->base_value
                                               : (double)NAN,
        .tolerance = target->has_tolerance ? target->tolerance : 0,
    };
}
