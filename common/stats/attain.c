#include "stats/attain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assess/plan_series.h"
#include "plan/unit_text.h"
#include "stats/attain_rule.h"

/* Whether the bound is the indicator's natural limit: 100%, or not one case. */
static bool asks_for_all(const struct judge *judge)
{
    const struct indicator *indicator = judge->indicator;
    double bound = judge->rule.bound;
    return (indicator->has_upper && bound >= indicator->upper) ||
           (indicator->has_lower && bound <= indicator->lower);
}

/* All of what was reported is not all while somebody has not reported. One unit that says yes is
 * enough for something to exist. */
static void say_missing(struct judge *judge, bool every_group)
{
    const struct indicator_value *value = judge->value;
    struct judgement *result = judge->result;
    uint32_t answered = value->reporting + value->not_applicable;
    char zh[ATTAIN_WHY_BYTES], en[ATTAIN_WHY_BYTES];
    bool met =
        result->attainment == ATTAINMENT_MET || result->attainment == ATTAINMENT_MET_UNCERTAIN;
    if (!met || answered >= value->expected || judge->indicator->kind == INDICATOR_EXISTENCE ||
        !(every_group || asks_for_all(judge)))
        return;
    result->missing = value->expected - answered;
    memcpy(zh, result->why_zh, sizeof zh);
    memcpy(en, result->why_en, sizeof en);
    attain_say(result->why_zh, "%s；应报%u个单位，还有%u个没有数，只是已报的全部达到", zh,
               value->expected, result->missing);
    attain_say(result->why_en, "%s; %u of %u units gave no figure: met by those that did", en,
               result->missing, value->expected);
}

/* The interval of the value's counts, and whether it holds figures that miss the bound. */
static bool is_uncertain(struct judge *judge)
{
    const struct indicator *indicator = judge->indicator;
    const struct indicator_value *value = judge->value;
    struct judgement *result = judge->result;
    if (!value->has_fraction)
        return false;
    struct assess_point point =
        plan_series_point(judge->plan, indicator, judge->context->period, value->value,
                          value->numerator, value->denominator);
    struct limits limits = small_interval(plan_series_kind(indicator), &point);
    if (!isfinite(limits.low))
        return false;
    result->has_interval = true;
    result->low95 = limits.low;
    result->high95 = limits.high;
    return !asks_for_all(judge) && judge->rule.op != TARGET_EQUAL &&
           !(attain_meets(&judge->rule, limits.low) && attain_meets(&judge->rule, limits.high));
}

static void say_uncertain(struct judge *judge)
{
    struct judgement *result = judge->result;
    char low[FIGURE_BYTES], high[FIGURE_BYTES], zh[ATTAIN_WHY_BYTES], en[ATTAIN_WHY_BYTES];
    attain_print(judge, result->low95, low);
    attain_print(judge, result->high95, high);
    memcpy(zh, result->why_zh, sizeof zh);
    memcpy(en, result->why_en, sizeof en);
    attain_say(result->why_zh, "%s；数量少，95%%区间 %s—%s 跨过目标，达标但不确定", zh, low, high);
    attain_say(result->why_en, "%s; met but uncertain: small numbers, 95%% interval %s to %s", en,
               low, high);
}

static void judge_value(struct judge *judge)
{
    double value = judge->value->value;
    const struct attain_rule *rule = &judge->rule;
    char figure[FIGURE_BYTES];
    bool limit = attain_at_limit(judge, value);
    judge->result->attainment =
        limit || attain_meets(rule, value) ? ATTAINMENT_MET : ATTAINMENT_NOT_MET;
    attain_print(judge, value, figure);
    attain_say(judge->result->why_zh, "实际 %s%s，目标 %s %s%s%s%s%s", figure, judge->unit_zh,
               rule->sign, rule->figure, judge->unit_zh, rule->note_zh, limit ? "（已到极限）" : "",
               judge->due_zh);
    attain_say(judge->result->why_en, "%s%s against %s %s%s%s%s%s", figure, judge->unit_en,
               rule->sign, rule->figure, judge->unit_en, rule->note_en,
               limit ? " (at its limit)" : "", judge->due_en);
    if (is_uncertain(judge) && judge->result->attainment == ATTAINMENT_MET && !limit) {
        judge->result->attainment = ATTAINMENT_MET_UNCERTAIN;
        say_uncertain(judge);
    }
    say_missing(judge, false);
}

static void no_data(struct judge *judge)
{
    const struct indicator_value *value = judge->value;
    judge->result->attainment = ATTAINMENT_NO_DATA;
    switch (value->presence) {
    case PRESENCE_NOT_APPLICABLE:
        attain_say(judge->result->why_zh, "无数据：不适用");
        attain_say(judge->result->why_en, "no value: not applicable");
        return;
    case PRESENCE_NOT_COLLECTED:
        attain_say(judge->result->why_zh, "无数据：未采集");
        attain_say(judge->result->why_en, "no value: not collected");
        return;
    default:
        attain_say(judge->result->why_zh, "无数据：未报送（应报%u个单位，已报%u个）",
                   value->expected, value->reporting);
        attain_say(judge->result->why_en, "no value: not reported (%u of %u units)",
                   value->reporting, value->expected);
    }
}

/* What the groups of an each_* target show together. */
struct tally_of_groups {
    size_t judged, failing, missing, averaged, uncertain;
    bool below_district;          /* every group is a township or a village */
    enum place_level least, most; /* of the groups */
    const struct group_value *worst;
};

static bool is_worse(enum target_operator op, const struct group_value *left,
                     const struct group_value *right)
{
    bool low = op == TARGET_AT_MOST || op == TARGET_KEEP_AT_MOST || op == TARGET_BELOW;
    return low ? left->value > right->value : left->value < right->value;
}

/* Whether a group that meets the target might not have but for its small number. */
static bool is_group_uncertain(const struct judge *judge, const struct group_value *group)
{
    struct limits limits = plan_series_unit_limits(judge->plan, judge->indicator, group->numerator,
                                                   group->denominator);
    return isfinite(limits.low) && !asks_for_all(judge) && judge->rule.op != TARGET_EQUAL &&
           !(attain_meets(&judge->rule, limits.low) && attain_meets(&judge->rule, limits.high));
}

static void count_groups(struct judge *judge, struct tally_of_groups *out)
{
    out->least = PLACE_VILLAGE;
    out->most = PLACE_NATION;
    for (size_t i = 0; i < judge->value->group_count; i++) {
        const struct group_value *group = &judge->value->groups[i];
        enum place_level level = place_level(group->group);
        out->least = level < out->least ? level : out->least;
        out->most = level > out->most ? level : out->most;
        if (!group->has_value && group->presence == PRESENCE_NOT_APPLICABLE)
            continue;
        out->judged++;
        if (!group->has_value) {
            out->missing++;
            continue;
        }
        if (out->worst == NULL || is_worse(judge->rule.op, group, out->worst))
            out->worst = group;
        if (!attain_meets(&judge->rule, group->value))
            judge->result->failing[out->failing++] = group->group;
        else if (group->averaged)
            out->averaged++;
        else
            out->uncertain += is_group_uncertain(judge, group);
    }
    out->below_district = out->least >= PLACE_TOWNSHIP;
}

/* What the groups are called: all of one level, or mixed. */
static const char *groups_name(const struct tally_of_groups *groups, bool zh)
{
    if (groups->least == groups->most && groups->least == PLACE_VILLAGE)
        return zh ? "村（社区）" : "villages";
    if (groups->least == groups->most && groups->least == PLACE_TOWNSHIP)
        return zh ? "乡镇（街道）" : "townships";
    return zh ? "地区" : "areas";
}

static void say_groups(struct judge *judge, const struct tally_of_groups *groups)
{
    const struct attain_rule *rule = &judge->rule;
    const char *place_zh = groups_name(groups, true);
    const char *place_en = groups_name(groups, false);
    char figure[FIGURE_BYTES], found_zh[NOTE_BYTES], found_en[NOTE_BYTES];
    attain_print(judge, groups->worst->value, figure);
    if (groups->failing > 0) {
        snprintf(found_zh, sizeof found_zh, "%zu个未达标", groups->failing);
        snprintf(found_en, sizeof found_en, "%zu of %zu %s miss it", groups->failing,
                 groups->judged, place_en);
    } else if (groups->missing > 0) {
        snprintf(found_zh, sizeof found_zh, "%zu个无数据，其余达标", groups->missing);
        snprintf(found_en, sizeof found_en, "%zu of %zu %s without a figure", groups->missing,
                 groups->judged, place_en);
    } else if (groups->averaged > 0) {
        snprintf(found_zh, sizeof found_zh, "%zu个只有平均数，看不出每个单位", groups->averaged);
        snprintf(found_en, sizeof found_en, "only means are known in %zu of %zu %s",
                 groups->averaged, groups->judged, place_en);
    } else if (groups->uncertain > 0) {
        snprintf(found_zh, sizeof found_zh, "全部达标，其中%zu个人数少、95%%区间跨过目标，不确定",
                 groups->uncertain);
        snprintf(found_en, sizeof found_en,
                 "all %zu %s meet it, %zu of them uncertain for want of numbers", groups->judged,
                 place_en, groups->uncertain);
    } else {
        snprintf(found_zh, sizeof found_zh, "全部达标");
        snprintf(found_en, sizeof found_en, "all %zu %s meet it", groups->judged, place_en);
    }
    attain_say(judge->result->why_zh, "%zu个%s中%s，最差 %s%s，目标 %s %s%s%s%s", groups->judged,
               place_zh, found_zh, figure, judge->unit_zh, rule->sign, rule->figure, judge->unit_zh,
               rule->note_zh, judge->due_zh);
    attain_say(judge->result->why_en, "%s, worst %s%s against %s %s%s%s%s", found_en, figure,
               judge->unit_en, rule->sign, rule->figure, judge->unit_en, rule->note_en,
               judge->due_en);
}

static enum status judge_groups(struct judge *judge, struct arena *arena)
{
    struct tally_of_groups groups = {0};
    struct judgement *result = judge->result;
    result->failing = arena_array(arena, judge->value->group_count, sizeof *result->failing);
    if (result->failing == NULL)
        return STATUS_NO_MEMORY;
    count_groups(judge, &groups);
    if (judge->target->scope == SCOPE_EACH_TOWNSHIP && !groups.below_district) {
        attain_say(result->why_zh, "没有分乡镇（街道）的数据，全域数看不出每个乡镇是否达标");
        attain_say(result->why_en,
                   "no figures by township: a figure for the whole cannot show each");
        return STATUS_OK;
    }
    if (groups.worst == NULL) {
        no_data(judge);
        return STATUS_OK;
    }
    result->failing_count = groups.failing;
    result->attainment = groups.failing > 0     ? ATTAINMENT_NOT_MET
                         : groups.missing > 0   ? ATTAINMENT_NO_DATA
                         : groups.averaged > 0  ? ATTAINMENT_NOT_JUDGEABLE
                         : groups.uncertain > 0 ? ATTAINMENT_MET_UNCERTAIN
                                                : ATTAINMENT_MET;
    say_groups(judge, &groups);
    say_missing(judge, true);
    return STATUS_OK;
}

/* Whether every group must meet the target: the text says so, or the indicator is of that kind. A
 * rise or fall is judged on the whole: groups have no base of their own. */
static bool by_group(const struct judge *judge)
{
    enum target_scope scope = judge->target->scope;
    return judge->target->op < TARGET_FALL_PERCENT &&
           (judge->indicator->kind == INDICATOR_EACH_UNIT || scope == SCOPE_EACH_TOWNSHIP);
}

static enum status judge_measured(struct judge *judge, struct arena *arena)
{
    enum target_scope scope = judge->target->scope;
    bool has_value = judge->value->presence == PRESENCE_VALUE;
    bool direction = judge->target->op == TARGET_INCREASE || judge->target->op == TARGET_DECREASE;
    if (direction && !has_value) { /* more telling than a missing year before */
        no_data(judge);
        return STATUS_OK;
    }
    if (!attain_rule_make(judge))
        return STATUS_OK;
    if ((scope == SCOPE_EACH_INSTITUTION || scope == SCOPE_EACH_SITE) &&
        judge->indicator->kind != INDICATOR_EACH_UNIT) {
        attain_say(judge->result->why_zh, "只有合计数，看不出每个机构是否达标");
        attain_say(judge->result->why_en, "a figure for the whole cannot show each institution");
        return STATUS_OK;
    }
    if (by_group(judge) && judge->value->group_count > 0)
        return judge_groups(judge, arena);
    if (!has_value)
        no_data(judge);
    else
        judge_value(judge);
    return STATUS_OK;
}

enum status judge(const struct plan *plan, const struct target *target,
                  const struct indicator_value *value, const struct judge_context *context,
                  struct arena *arena, struct judgement *out_judgement)
{
    struct judgement result = {.attainment = ATTAINMENT_NOT_JUDGEABLE};
    struct judge judge = {
        .plan = plan, .target = target, .value = value, .context = context, .result = &result};
    enum status status = STATUS_OK;
    if (target->has_year && target->year > context->period) {
        snprintf(judge.due_zh, sizeof judge.due_zh, "（目标年%d）", target->year);
        snprintf(judge.due_en, sizeof judge.due_en, " (due %d)", target->year);
    }
    if (target->indicator == PLAN_NONE) {
        attain_say(result.why_zh, "没有可监测此目标的指标");
        attain_say(result.why_en, "no indicator measures this target");
    } else if (target->op == TARGET_QUALITATIVE) {
        attain_say(result.why_zh, "定性目标，没有数字，无法判断");
        attain_say(result.why_en, "a qualitative target without a figure");
    } else {
        judge.indicator = &plan->indicators[target->indicator];
        judge.unit_zh = unit_zh(judge.indicator->unit);
        judge.unit_en = unit_en(judge.indicator->unit);
        status = judge_measured(&judge, arena);
    }
    if (status == STATUS_OK)
        *out_judgement = result;
    return status;
}

int target_direction(const struct plan *plan, const struct target *target)
{
    switch (target->op) {
    case TARGET_AT_LEAST:
    case TARGET_ABOVE:
    case TARGET_KEEP_AT_LEAST:
    case TARGET_INCREASE: return 1;
    case TARGET_EQUAL:
    case TARGET_ABOUT:
        if (target->indicator == PLAN_NONE)
            return 0;
        return plan->indicators[target->indicator].polarity == POLARITY_HIGHER  ? 1
               : plan->indicators[target->indicator].polarity == POLARITY_LOWER ? -1
                                                                                : 0;
    case TARGET_QUALITATIVE: return 0;
    default: return -1;
    }
}

bool target_is_looser(const struct plan *plan, const struct target *target, double bound,
                      double base)
{
    return target->op < TARGET_FALL_PERCENT && target_direction(plan, target) * (bound - base) < 0;
}

enum attainment attainment_worse(enum attainment left, enum attainment right)
{
    static const int badness[] = {[ATTAINMENT_MET] = 1,
                                  [ATTAINMENT_MET_UNCERTAIN] = 2,
                                  [ATTAINMENT_NOT_JUDGEABLE] = 3,
                                  [ATTAINMENT_NO_DATA] = 4,
                                  [ATTAINMENT_NOT_MET] = 5};
    return badness[left] >= badness[right] ? left : right;
}

/* The year that counts for being due; recurring targets are due every year. */
static int due_year(const struct plan *plan, const struct target *target, int period)
{
    if (target->year_basis == YEAR_ANNUAL)
        return period;
    return target->has_year ? target->year : plan->last_year;
}

/* Whether a target due in `left` decides rather than one due in `right`. */
static bool is_nearer(int left, int right, int period)
{
    if ((left >= period) != (right >= period))
        return left >= period;
    return left >= period ? left < right : left > right;
}

size_t deciding_target(const struct plan *plan, size_t indicator, const char *stratum, int period)
{
    size_t found = PLAN_NONE;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        if (target->indicator != indicator || target->scope == SCOPE_PROVINCIAL ||
            target->scope == SCOPE_NATIONAL || !stratum_equal(target->stratum, stratum))
            continue;
        if (found == PLAN_NONE) {
            found = i;
            continue;
        }
        const struct target *best = &plan->targets[found];
        bool figure = target->op < TARGET_INCREASE, best_figure = best->op < TARGET_INCREASE;
        if (figure != best_figure
                ? figure
                : is_nearer(due_year(plan, target, period), due_year(plan, best, period), period))
            found = i;
    }
    return found;
}
