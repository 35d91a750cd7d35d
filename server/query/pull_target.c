/* What the plan's targets say of a value. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assess/plan_series.h"
#include "assess/progress.h"
#include "plan/stratum.h"
#include "server/analysis/outlook.h"
#include "server/analysis/peers.h"
#include "server/query/publish.h"
#include "server/query/rollup.h"
#include "stats/attain.h"

static const char *scope_text(enum target_scope scope)
{
    switch (scope) {
    case SCOPE_LOCAL: return "local";
    case SCOPE_PROVINCIAL: return "provincial";
    case SCOPE_NATIONAL: return "national";
    case SCOPE_EACH_TOWNSHIP: return "each_township";
    case SCOPE_EACH_INSTITUTION: return "each_institution";
    case SCOPE_EACH_CHILD: return "each_child";
    case SCOPE_EACH_SITE: return "each_site";
    }
    return "";
}

enum status pull_value(const struct pull *pull, size_t indicator, const char *stratum, int period,
                       struct indicator_value *out_value, bool *out_printed)
{
    const struct pull_year *year = pull_year_of(pull, period);
    struct indicator_value value = {
        .indicator = indicator, .stratum = stratum, .presence = PRESENCE_NOT_REPORTED};
    enum status status = STATUS_OK;
    if (year != NULL && pull->rolled != NULL)
        status = rolled_value(pull->rolled, indicator, stratum, period, &value);
    else if (year != NULL)
        status = consolidate(&year->input, indicator, stratum, pull->query->arena, &value);
    if (status != STATUS_OK)
        return status;
    const struct fact *fact = pull_fact(pull, indicator, stratum, period);
    *out_printed = value.presence != PRESENCE_VALUE && value.reporting == 0 && fact != NULL;
    if (*out_printed) {
        value.presence = PRESENCE_VALUE;
        value.value = fact->value;
        value.has_fraction = false;
    }
    *out_value = value;
    return STATUS_OK;
}

/* The value of a year, if there is one; `*reported` becomes true when it is not printed in the
 * plan.
 */
static enum status figure_of(const struct pull *pull, size_t indicator, const char *stratum,
                             int period, bool *out_has, double *out_figure, bool *reported)
{
    struct indicator_value value;
    bool printed = false;
    enum status status = pull_value(pull, indicator, stratum, period, &value, &printed);
    if (status != STATUS_OK)
        return status;
    *out_has = value.presence == PRESENCE_VALUE;
    if (*out_has)
        *out_figure = value.value;
    *reported = *reported || (*out_has && !printed);
    return STATUS_OK;
}

/* The newest figure that the plan prints for a year before the period. */
static const struct fact *latest_fact(const struct pull *pull, const struct target *target)
{
    const struct fact *latest = NULL;
    for (size_t i = 0; pull->place == pull->plan->place && i < pull->plan->fact_count; i++) {
        const struct fact *fact = &pull->plan->facts[i];
        if (fact->indicator == target->indicator && fact->year < pull->period &&
            stratum_equal(fact->stratum, target->stratum) &&
            (latest == NULL || fact->year > latest->year))
            latest = fact;
    }
    return latest;
}

/* `*out_reported`: it holds figures that were reported for other years. */
static enum status context_make(const struct pull *pull, const struct target *target,
                                struct judge_context *out_context, bool *out_reported)
{
    struct judge_context context = {.period = pull->period};
    enum status status = STATUS_OK;
    *out_reported = false;
    if (target->indicator == PLAN_NONE) {
        *out_context = context;
        return STATUS_OK;
    }
    if (target->op == TARGET_INCREASE || target->op == TARGET_DECREASE ||
        target->op == TARGET_FALL_POINTS)
        status = figure_of(pull, target->indicator, target->stratum, pull->period - 1,
                           &context.has_previous, &context.previous, out_reported);
    if (status == STATUS_OK && target->has_base_year && target->base_year < pull->period)
        status = figure_of(pull, target->indicator, target->stratum, target->base_year,
                           &context.has_base, &context.base, out_reported);
    if (status != STATUS_OK)
        return status;
    const struct fact *fact = target->has_base_year ? NULL : latest_fact(pull, target);
    if (fact != NULL) {
        context.has_base = true;
        context.base = fact->value;
    }
    *out_context = context;
    return STATUS_OK;
}

static Zhibao__TargetResult *target_make(struct arena *arena, const struct target *target,
                                         const struct judgement *judgement, bool decides)
{
    Zhibao__TargetResult *result =
        (Zhibao__TargetResult *)reply_new(arena, &zhibao__target_result__descriptor);
    if (result == NULL)
        return NULL;
    result->target = reply_text(target->code);
    result->op = reply_text(target->op_text);
    result->value = reply_text(target->value_text);
    result->year = reply_text(target->year_text);
    result->scope = reply_text(scope_text(target->scope));
    result->attainment = (Zhibao__Attainment)judgement->attainment;
    result->why_zh = arena_string(arena, judgement->why_zh);
    result->why_en = arena_string(arena, judgement->why_en);
    result->failing = judgement->failing;
    result->n_failing = judgement->failing_count;
    result->decides = decides;
    result->has_bound = judgement->has_bound;
    result->bound = judgement->bound;
    result->has_interval = judgement->has_interval;
    result->low95 = judgement->low95;
    result->high95 = judgement->high95;
    result->units_missing = judgement->missing;
    result->weight = target->weight;
    return result->why_zh == NULL || result->why_en == NULL ? NULL : result;
}

/* What of the way has been gone, and whether the target asks for less than there was. */
static void advance_fill(const struct pull *pull, const struct target *target,
                         const struct indicator_value *value, double base,
                         Zhibao__TargetResult *result)
{
    bool judged = result->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_MET ||
                  result->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_MET_UNCERTAIN ||
                  result->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_MET;
    int direction = target_direction(pull->plan, target);
    result->looser = result->has_bound && isfinite(base) &&
                     target_is_looser(pull->plan, target, result->bound, base);
    if (!judged || value->presence != PRESENCE_VALUE || !result->has_bound ||
        target->op == TARGET_INCREASE || target->op == TARGET_DECREASE)
        return;
    enum polarity polarity = direction > 0   ? POLARITY_HIGHER
                             : direction < 0 ? POLARITY_LOWER
                                             : POLARITY_NEAR;
    double realisation = progress_realisation(polarity, value->value, result->bound);
    double progress = progress_from_base(base, value->value, result->bound);
    result->has_realisation = isfinite(realisation);
    result->realisation = result->has_realisation ? realisation : 0;
    result->has_progress = isfinite(progress) && !result->looser;
    result->progress = result->has_progress ? progress : 0;
}

static void withhold(struct judgement *judgement)
{
    *judgement = (struct judgement){
        .attainment = ATTAINMENT_NOT_JUDGEABLE,
        .why_zh = "一个乡镇的死亡数太少，不排名、不判断、不预警，请看全县",
        .why_en = "one township's deaths are too few to be ranked, judged or alarmed: see the "
                  "district",
    };
}

/* What is published of a year does not tell another year's figure, which may have been left out
 * there: neither as the bound of a rise or fall, nor as the start of the way to the target. */
static void conceal(const struct target *target, struct judgement *judgement)
{
    if (target->op < TARGET_FALL_PERCENT || target->op == TARGET_QUALITATIVE ||
        judgement->attainment == ATTAINMENT_NO_DATA)
        return;
    bool judged = judgement->attainment != ATTAINMENT_NOT_JUDGEABLE;
    bool met = judgement->attainment == ATTAINMENT_MET ||
               judgement->attainment == ATTAINMENT_MET_UNCERTAIN;
    judgement->has_bound = judgement->has_interval = false;
    judgement->bound = judgement->low95 = judgement->high95 = 0;
    snprintf(judgement->why_zh, sizeof judgement->why_zh, "与往年比，%s（往年的数见当年公布的）",
             !judged ? "无法判断"
             : met   ? "达标"
                     : "未达标");
    snprintf(judgement->why_en, sizeof judgement->why_en,
             "compared with earlier years: %s (their figures are as published then)",
             !judged ? "cannot be judged"
             : met   ? "met"
                     : "not met");
}

enum status pull_target(const struct pull *pull, size_t index, const struct indicator_value *value,
                        bool decides, const struct assess_series *series,
                        Zhibao__IndicatorResult *row)
{
    struct arena *arena = pull->query->arena;
    struct target target = pull->plan->targets[index];
    struct judge_context context;
    struct judgement judgement;
    if (pull->place != pull->plan->place) /* a base that the plan prints is its own place's */
        target.has_base_value = false;
    bool reported = false;
    enum status status = context_make(pull, &target, &context, &reported);
    if (status == STATUS_OK)
        status = judge(pull->plan, &target, value, &context, arena, &judgement);
    if (status != STATUS_OK)
        return status;
    bool concealed = pull->published && reported &&
                     publish_is_sensitive(pull->plan, &pull->plan->indicators[target.indicator]);
    if (concealed)
        conceal(&target, &judgement);
    if (target.indicator != PLAN_NONE && outlook_withheld(pull, target.indicator))
        withhold(&judgement);
    Zhibao__TargetResult *result = target_make(arena, &target, &judgement, decides);
    if (result == NULL)
        return STATUS_NO_MEMORY;
    double base = context.has_base        ? context.base
                  : target.has_base_value ? target.base_value
                                          : (double)NAN;
    advance_fill(pull, &target, value, concealed ? (double)NAN : base, result);
    if (series != NULL)
        status = outlook_make(pull, series, &target, base, decides, &result->outlook);
    row->targets[row->n_targets++] = result;
    return status;
}

enum status pull_targets(const struct pull *pull, const struct indicator_value *value,
                         Zhibao__IndicatorResult *row)
{
    const struct plan *plan = pull->plan;
    size_t wanted = 0;
    size_t decides = deciding_target(plan, value->indicator, value->stratum,
                                     pull->decide_year != 0 ? pull->decide_year : pull->period);
    for (size_t i = 0; i < plan->target_count; i++)
        wanted += plan->targets[i].indicator == value->indicator;
    row->targets = arena_array(pull->query->arena, wanted, sizeof(Zhibao__TargetResult *));
    if (row->targets == NULL)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    struct assess_series *series = NULL;
    if (pull->analysis)
        status = outlook_series(pull, value->indicator, value->stratum, &series);
    if (status == STATUS_OK && series != NULL && series->count >= TREND_LEAST)
        status = peers_learn(pull, value->indicator, value->stratum);
    for (size_t i = 0; i < plan->target_count && status == STATUS_OK; i++)
        if (plan->targets[i].indicator == value->indicator &&
            stratum_equal(plan->targets[i].stratum, value->stratum))
            status = pull_target(pull, i, value, i == decides, series, row);
    if (status == STATUS_OK && series != NULL && row->n_targets == 0)
        status = outlook_make(pull, series, NULL, NAN, false, &row->outlook);
    peers_forget(pull);
    return status;
}
