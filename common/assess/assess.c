#include "assess/assess.h"

#include <math.h>

static const double likely = 0.8, even = 0.5, hardly = 0.2;

size_t assess_known(const struct assess_series *series, int year)
{
    size_t count = series->count;
    while (year != 0 && count > 0 && series->points[count - 1].year > year)
        count--;
    return count;
}

const char *assess_status_text(enum assess_status status)
{
    static const char *const texts[] = {"",        "met",     "met_uncertain",
                                        "not_met", "no_data", "not_judgeable"};
    return texts[status];
}

const char *assess_class_text(enum assess_class class)
{
    static const char *const texts[] = {"",         "reached",       "likely",           "watch",
                                        "unlikely", "very_unlikely", "insufficient_data"};
    return texts[class];
}

const char *fluctuation_text(enum fluctuation kind)
{
    static const char *const texts[] = {"", "none", "adverse", "favourable", "large"};
    return texts[kind];
}

enum assess_class assess_class_of(double p_reach)
{
    return p_reach >= likely   ? ASSESS_LIKELY
           : p_reach >= even   ? ASSESS_WATCH
           : p_reach >= hardly ? ASSESS_UNLIKELY
                               : ASSESS_VERY_UNLIKELY;
}

/* Whether the target's year is not after the latest figure. */
static bool is_due(const struct assessment *result)
{
    return result->target->year != 0 && result->target->year <= result->latest_year;
}

static void judge_status(struct assessment *result)
{
    const struct assess_series *series = result->series;
    size_t at = result->count - 1;
    if (is_due(result)) { /* an earlier year's figure does not say what the year due was */
        at = assess_find(series, result->target->year, true);
        if (at == SIZE_MAX)
            return;
    }
    const struct assess_point *judged = &series->points[at];
    double previous = at > 0 ? series->points[at - 1].value : NAN;
    result->judged_year = judged->year;
    result->now = goal_make(series, result->target, judged->year, previous);
    if (result->now.problem != GOAL_JUDGEABLE) {
        result->status = ASSESS_NOT_JUDGEABLE;
        return;
    }
    struct limits interval = result->judged95 = small_interval(series->kind, judged);
    result->status = goal_met(&result->now, judged->value) ? ASSESS_MET : ASSESS_NOT_MET;
    if (result->status == ASSESS_MET && isfinite(interval.low) &&
        goal_crossed(&result->now, interval.low, interval.high))
        result->status = ASSESS_MET_UNCERTAIN;
}

static void judge_pace(struct assessment *result)
{
    double from = result->latest_value;
    result->due = goal_make(result->series, result->target, result->due_year, from);
    if (result->due.problem != GOAL_JUDGEABLE || is_due(result))
        return;
    double years = result->due_year - result->latest_year;
    result->required_pace =
        goal_met(&result->due, from) ? 0 : (goal_nearest(&result->due, from) - from) / years;
}

/* A target to be kept every year is as likely as its least likely year; one not yet met counts when
 * it is due. */
static double probability(const struct assessment *result, const struct assess_context *context)
{
    enum target_operator op = result->target->op;
    double p = goal_probability(&result->due, &result->forecast);
    bool keep = op == TARGET_KEEP_AT_LEAST || op == TARGET_KEEP_AT_MOST;
    if (!keep || !goal_met(&result->due, result->latest_value))
        return p;
    for (int year = result->latest_year + 1; year < result->due_year; year++) {
        struct forecast between =
            forecast_make(&result->trend, year, context->panel, context->member);
        p = fmin(p, goal_probability(&result->due, &between));
    }
    return p;
}

static void judge_class(struct assessment *result)
{
    bool met = result->status == ASSESS_MET || result->status == ASSESS_MET_UNCERTAIN;
    /* on a path of so much a year, being on it today is not yet arriving */
    bool arrived = met && (result->target->op != TARGET_FALL_POINTS || is_due(result) ||
                           goal_met(&result->due, result->latest_value));
    if (!isfinite(result->p_reach))
        result->class = ASSESS_INSUFFICIENT_DATA;
    else
        result->class = arrived ? ASSESS_REACHED : assess_class_of(result->p_reach);
    int direction = goal_direction(&result->now);
    bool away = direction != 0 && result->recent_pace * direction < 0;
    result->worsening = met && away && !is_due(result) && result->p_reach < likely;
}

static void judge_target(struct assessment *result, const struct assess_context *context)
{
    judge_status(result);
    judge_pace(result);
    bool enough = result->count >= TREND_LEAST && result->status != ASSESS_NOT_JUDGEABLE &&
                  result->status != ASSESS_NO_DATA;
    if (enough && is_due(result))
        result->p_reach = result->status == ASSESS_NOT_MET ? 0 : 1;
    else if (enough)
        result->p_reach = probability(result, context);
    judge_class(result);
}

struct assessment assess_judge(const struct assess_series *series,
                               const struct assess_target *target,
                               const struct assess_context *context)
{
    struct assessment result = {
        .series = series,
        .target = target,
        .count = assess_known(series, context->year),
        .latest_value = NAN,
        .judged95 = {NAN, NAN},
        .required_pace = NAN,
        .recent_pace = NAN,
        .p_reach = NAN,
        .status = target == NULL ? ASSESS_NO_TARGET : ASSESS_NO_DATA,
        .class = ASSESS_INSUFFICIENT_DATA,
    };
    if (result.count == 0)
        return result;
    const struct assess_point *latest = &series->points[result.count - 1];
    result.latest_year = result.judged_year = latest->year;
    result.latest_value = latest->value;
    result.due_year = latest->year + 1;
    if (target != NULL && target->year > latest->year)
        result.due_year = target->year;
    if (context->reference_year - latest->year >= 2)
        result.silent = context->reference_year - latest->year;
    if (result.count >= TREND_LEAST) {
        result.trend = trend_fit(series->kind, series->points, result.count);
        result.recent_pace = trend_pace(series->points, result.count);
        result.has_forecast = target == NULL || !is_due(&result);
        result.forecast =
            forecast_make(&result.trend, result.due_year, context->panel, context->member);
        result.fluctuation =
            fluctuation_judge(series, result.count, context->panel, context->member);
        result.class = ASSESS_UNCLASSED;
    }
    if (target != NULL)
        judge_target(&result, context);
    return result;
}
