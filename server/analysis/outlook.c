#include "server/analysis/outlook.h"

#include <math.h>
#include <string.h>

#include "assess/plan_series.h"
#include "assess/sentence.h"
#include "plan/stratum.h"
#include "server/analysis/peers.h"

/* The first year for which the plan prints a figure, or in which it begins. */
static int first_year(const struct pull *pull, size_t indicator, const char *stratum)
{
    const struct plan *plan = pull->plan;
    int first = plan->first_year;
    for (size_t i = 0; pull->place == plan->place && i < plan->fact_count; i++)
        if (plan->facts[i].indicator == indicator && plan->facts[i].year < first &&
            stratum_equal(plan->facts[i].stratum, stratum))
            first = plan->facts[i].year;
    return first;
}

/* The years in which the indicator's figures changed their meaning. */
static enum status breaks_list(const struct pull *pull, size_t indicator,
                               struct assess_series *series)
{
    const struct plan *plan = pull->plan;
    int *breaks = arena_array(pull->query->arena, plan->definition_count + 1, sizeof *breaks);
    if (breaks == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->definition_count; i++)
        if (plan->definitions[i].indicator == indicator)
            breaks[series->break_count++] = plan->definitions[i].from_year;
    series->breaks = breaks;
    return STATUS_OK;
}

enum status outlook_like(const struct pull *pull, size_t indicator, const char *stratum,
                         struct assess_series *out_series)
{
    const struct indicator *asked = &pull->plan->indicators[indicator];
    *out_series = (struct assess_series){.name = asked->code,
                                         .stratum = stratum,
                                         .panel = "",
                                         .kind = plan_series_kind(asked),
                                         .polarity = asked->polarity};
    return breaks_list(pull, indicator, out_series);
}

enum status outlook_series(const struct pull *pull, size_t indicator, const char *stratum,
                           struct assess_series **out_series)
{
    struct arena *arena = pull->query->arena;
    const struct indicator *asked = &pull->plan->indicators[indicator];
    int first = first_year(pull, indicator, stratum);
    struct assess_series series;
    *out_series = NULL;
    if (outlook_like(pull, indicator, stratum, &series) != STATUS_OK)
        return STATUS_NO_MEMORY;
    if (asked->kind == INDICATOR_EXISTENCE || first > pull->period)
        return STATUS_OK;
    struct assess_point *points =
        arena_array(arena, (size_t)pull->period - (size_t)first + 1, sizeof *points);
    struct assess_series *kept = arena_alloc(arena, sizeof *kept);
    if (points == NULL || kept == NULL)
        return STATUS_NO_MEMORY;
    for (int year = first; year <= pull->period; year++) {
        struct indicator_value value;
        bool printed = false;
        enum status status = pull_value(pull, indicator, stratum, year, &value, &printed);
        if (status != STATUS_OK)
            return status;
        if (value.presence != PRESENCE_VALUE || !isfinite(value.value))
            continue;
        points[series.count++] =
            plan_series_point(pull->plan, asked, year, value.value,
                              value.has_fraction ? value.numerator : (double)NAN,
                              value.has_fraction ? value.denominator : (double)NAN);
        series.expected = printed ? 0 : value.expected;
        series.answered = printed ? 0 : value.reporting + value.not_applicable;
    }
    series.points = points;
    *kept = pull->across ? series : assess_comparable(&series, pull->period);
    *out_series = kept;
    return STATUS_OK;
}

void outlook_figures(const struct assessment *a, Zhibao__Outlook *outlook)
{
    outlook->class_ = reply_text(assess_class_text(a->class));
    outlook->fluctuation = reply_text(fluctuation_text(a->fluctuation.kind));
    outlook->figures = (uint32_t)a->trend.n;
    outlook->first_year = (uint32_t)a->trend.first_year;
    outlook->latest_year = (uint32_t)a->latest_year;
    outlook->latest = isfinite(a->latest_value) ? a->latest_value : 0;
    outlook->has_required_pace = isfinite(a->required_pace);
    outlook->required_pace = outlook->has_required_pace ? a->required_pace : 0;
    outlook->has_recent_pace = isfinite(a->recent_pace);
    outlook->recent_pace = outlook->has_recent_pace ? a->recent_pace : 0;
    outlook->has_p_reach = isfinite(a->p_reach);
    outlook->p_reach = outlook->has_p_reach ? a->p_reach : 0;
    outlook->broken = (uint32_t)a->series->broken;
    if (!a->has_forecast)
        return;
    outlook->forecast_year = (uint32_t)a->forecast.year;
    outlook->forecast = a->forecast.value;
    outlook->low80 = a->forecast.low80;
    outlook->high80 = a->forecast.high80;
    outlook->low95 = a->forecast.low95;
    outlook->high95 = a->forecast.high95;
}

bool outlook_withheld(const struct pull *pull, size_t indicator)
{
    return place_level(pull->place) >= PLACE_TOWNSHIP &&
           plan_series_mortality(pull->plan, &pull->plan->indicators[indicator]);
}

static enum status outlook_fill(const struct assessment *assessment, struct arena *arena,
                                Zhibao__Outlook **out_outlook)
{
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    Zhibao__Outlook *outlook = (Zhibao__Outlook *)reply_new(arena, &zhibao__outlook__descriptor);
    if (outlook == NULL)
        return STATUS_NO_MEMORY;
    outlook_figures(assessment, outlook);
    sentence_make(assessment, zh, en);
    outlook->note_zh = arena_string(arena, zh);
    outlook->note_en = arena_string(arena, en);
    *out_outlook = outlook;
    return outlook->note_zh == NULL || outlook->note_en == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status outlook_make(const struct pull *pull, const struct assess_series *series,
                         const struct target *target, double base, bool decides,
                         Zhibao__Outlook **out_outlook)
{
    enum status status = STATUS_OK;
    struct assess_target asked;
    struct assess_context context = {
        .year = pull->period, .reference_year = pull->period, .first_year = pull->plan->first_year};
    if (target != NULL && target->op == TARGET_QUALITATIVE)
        return STATUS_OK;
    context.panel = peers_panel(pull, &context.member);
    if (target != NULL)
        asked = plan_series_target(pull->plan, target, base);
    struct assessment assessment = assess_judge(series, target == NULL ? NULL : &asked, &context);
    if (!outlook_withheld(pull, plan_indicator(pull->plan, series->name)))
        status = outlook_fill(&assessment, pull->query->arena, out_outlook);
    return status != STATUS_OK || pull->notice == NULL
               ? status
               : pull->notice(pull->noticer, pull, &assessment, &context, target, decides);
}
