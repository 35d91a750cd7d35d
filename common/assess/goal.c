#include "assess/goal.h"

#include <math.h>
#include <string.h>

/* Half a unit of the last digit printed: 0.005 for "0.85". */
static double half_digit(const char *text)
{
    const char *point = text == NULL ? NULL : strchr(text, '.');
    size_t digits = point == NULL ? 0 : strspn(point + 1, "0123456789");
    return 0.5 * pow(10, -(double)digits);
}

static double base_value(const struct assess_series *series, const struct assess_target *target)
{
    if (isfinite(target->base_value) || target->base_year == 0)
        return target->base_value;
    size_t at = assess_find(series, target->base_year, true);
    return at == SIZE_MAX ? NAN : series->points[at].value;
}

static void make_fall(struct goal *goal, double base, int year)
{
    const struct assess_target *target = goal->target;
    int until = target->year != 0 && year > target->year ? target->year : year;
    if (!isfinite(base) || (target->op == TARGET_FALL_POINTS && target->base_year == 0)) {
        goal->problem = GOAL_NO_BASE;
        return;
    }
    goal->rule.bound = target->op == TARGET_FALL_PERCENT
                           ? base * (1 - target->value / 100)
                           : base - target->value * (until - target->base_year);
}

static void make_direction(struct goal *goal, double base, double previous)
{
    goal->rule.bound = isfinite(base) ? base : previous;
    if (!isfinite(goal->rule.bound))
        goal->problem = goal->target->base_year != 0 ? GOAL_NO_BASE : GOAL_NO_PREVIOUS;
}

static void make_about(struct goal *goal, enum polarity polarity)
{
    goal->rule.tolerance = goal->target->tolerance > 0 ? goal->target->tolerance
                                                       : half_digit(goal->target->value_text);
    if (polarity == POLARITY_HIGHER)
        goal->rule.op = TARGET_AT_LEAST;
    if (polarity == POLARITY_LOWER)
        goal->rule.op = TARGET_AT_MOST;
}

struct goal goal_make(const struct assess_series *series, const struct assess_target *target,
                      int year, double previous)
{
    struct goal goal = {
        .target = target,
        .rule = {.op = target->op, .bound = target->value},
        .lower = assess_lower(series->kind),
        .upper = assess_upper(series->kind)
    };
    double base = goal.base = base_value(series, target);
    bool direction = target->op == TARGET_INCREASE || target->op == TARGET_DECREASE;
    if (!direction && !isfinite(target->value))
        goal.problem = GOAL_NO_VALUE;
    else if (target->op == TARGET_FALL_PERCENT || target->op == TARGET_FALL_POINTS)
        make_fall(&goal, base, year);
    else if (direction)
        make_direction(&goal, base, previous);
    else if (target->op == TARGET_ABOUT)
        make_about(&goal, series->polarity);
    goal.probable =
        target->op == TARGET_EQUAL ? half_digit(target->value_text) : goal.rule.tolerance;
    return goal;
}

bool goal_met(const struct goal *goal, double value)
{
    enum target_operator op = goal->rule.op;
    if (op == TARGET_INCREASE && value >= goal->upper && goal->rule.bound >= goal->upper)
        return true;
    if (op == TARGET_DECREASE && value <= goal->lower && goal->rule.bound <= goal->lower)
        return true;
    return attain_meets(&goal->rule, value);
}

bool goal_crossed(const struct goal *goal, double low, double high)
{
    if (goal->rule.bound >= goal->upper || goal->rule.bound <= goal->lower)
        return false;
    double nearest = goal_nearest(goal, (low + high) / 2);
    bool inside = nearest >= low && nearest <= high;
    return goal_met(goal, low) != goal_met(goal, high) ||
           (inside && !goal_met(goal, low) && !goal_met(goal, high));
}

int goal_direction(const struct goal *goal)
{
    switch (goal->rule.op) {
    case TARGET_AT_MOST:
    case TARGET_BELOW:
    case TARGET_KEEP_AT_MOST:
    case TARGET_FALL_PERCENT:
    case TARGET_FALL_POINTS:
    case TARGET_DECREASE: return -1;
    case TARGET_EQUAL:
    case TARGET_ABOUT: return 0;
    default: return 1;
    }
}

bool goal_is_looser(const struct goal *goal)
{
    return goal->problem == GOAL_JUDGEABLE && goal->target->op < TARGET_FALL_PERCENT &&
           isfinite(goal->base) && goal_direction(goal) * (goal->rule.bound - goal->base) < 0;
}

double goal_probability(const struct goal *goal, const struct forecast *forecast)
{
    double low = goal->rule.bound - goal->probable, high = goal->rule.bound + goal->probable;
    /* a strict bound leaves out the bound itself, which counts where figures end there */
    bool strict = goal->rule.op == TARGET_BELOW || goal->rule.op == TARGET_ABOVE;
    switch (goal_direction(goal)) {
    case 1: return strict && low >= goal->upper ? 0 : forecast_above(forecast, low);
    case -1: return strict && high <= goal->lower ? 0 : forecast_below(forecast, high);
    default: return fmax(0, forecast_above(forecast, low) - (1 - forecast_below(forecast, high)));
    }
}

double goal_nearest(const struct goal *goal, double from)
{
    double low = goal->rule.bound - goal->rule.tolerance;
    double high = goal->rule.bound + goal->rule.tolerance;
    switch (goal_direction(goal)) {
    case 1: return low;
    case -1: return high;
    default: return from < low ? low : from > high ? high : from;
    }
}
