#include <string.h>

#include "plan/check_report.h"
#include "plan/stratum.h"

/* Reports that a target's bound and a fact of the same or a related indicator are at odds. */
static void add_against(struct plan_checker *checker, const struct target *target,
                        const struct fact *fact, const char *zh, const char *en)
{
    const struct plan *plan = checker->plan;
    const struct indicator *other = &plan->indicators[fact->indicator];
    bool related = fact->indicator != target->indicator;
    check_add(
        checker, check_subject(checker, target),
        check_text(checker, "%s%s%s", target->code, related ? " " : "", related ? other->code : ""),
        check_text(
            checker, "%s：目标%s%s%s%d年的%s：“%s”", plan->indicators[target->indicator].name_zh,
            check_target_text(checker, target, true), zh, related ? other->name_zh : "", fact->year,
            check_figure_zh(checker, fact->indicator, fact->value_text), target->quote),
        check_text(checker, "%s: target %s %s %s%sof %d, %s: \"%s\"",
                   plan->indicators[target->indicator].name_en,
                   check_target_text(checker, target, false), en,
                   related ? other->name_en : "the figure", " ", fact->year,
                   check_figure_en(checker, fact->indicator, fact->value_text), target->quote));
}

/* Whether the bound asks less than the figure already reached. */
static bool is_looser(const struct plan_checker *checker, const struct target *target, double value)
{
    int direction = check_direction(checker, target);
    if (check_same(target->value, value))
        return false;
    return direction > 0 ? target->value < value : direction < 0 && target->value > value;
}

/* x <= y always, so that what is printed of one bounds the other: a ceiling on x above the baseline
 * of y, or a floor under y below the baseline of x, is passed already. */
static void looser_than_related(struct plan_checker *checker, size_t lesser, size_t greater)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        int direction = check_direction(checker, target);
        bool ceiling = target->indicator == lesser && direction < 0;
        bool floor = target->indicator == greater && direction > 0;
        if (!check_is_local(target) || !check_has_bound(target) || (!ceiling && !floor))
            continue;
        const struct fact *fact =
            check_baseline(checker, ceiling ? greater : lesser, target->stratum);
        if (fact != NULL && is_looser(checker, target, fact->value))
            add_against(checker, target, fact, "比它不应超过的指标还松，即",
                        "is looser than what bounds it:");
    }
}

void check_looser_than_baseline(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        if (!check_is_local(target) || !check_has_bound(target))
            continue;
        const struct fact *fact = check_baseline(checker, target->indicator, target->stratum);
        if (fact != NULL && is_looser(checker, target, fact->value))
            add_against(checker, target, fact, "比基数还松，基数为", "is looser than");
    }
    for (size_t i = 0; i < plan->indicator_count; i++) {
        const char *cursor = plan->indicators[i].related;
        struct relation relation;
        while (plan_related_next(plan, &cursor, &relation))
            if (relation.at_most && relation.indicator != PLAN_NONE)
                looser_than_related(checker, i, relation.indicator);
    }
}

void check_equals_baseline(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        if (!check_is_local(target) || !check_has_bound(target))
            continue;
        const struct fact *fact = check_baseline(checker, target->indicator, target->stratum);
        if (fact != NULL && check_same(target->value, fact->value))
            add_against(checker, target, fact, "与基数相同，基数为", "is the same as");
    }
}

static bool has_word(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strstr(text, *words) != NULL)
            return true;
    return false;
}

/* "Falls to" above the figure it starts from, "rises to" below it, and "reaches" for a ceiling. */
void check_verb(struct plan_checker *checker)
{
    static const char *const falls[] = {"下降", "降至", "降到", "降低到", "减少到", NULL};
    static const char *const rises[] = {"提高到", "上升到", "提升到", "增至", "增加到", NULL};
    static const char *const reaches[] = {"达到", NULL};
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        if (!check_has_bound(target))
            continue;
        const struct indicator *indicator = &plan->indicators[target->indicator];
        const struct fact *fact = check_baseline(checker, target->indicator, target->stratum);
        bool known = target->has_base_value || fact != NULL;
        double base = target->has_base_value ? target->base_value : known ? fact->value : 0;
        const char *base_text = target->has_base_value ? target->base_value_text
                                : known                ? fact->value_text
                                                       : "";
        bool wrong_fall = known && has_word(target->quote, falls) && target->value > base;
        bool wrong_rise = known && has_word(target->quote, rises) && target->value < base;
        bool wrong_reach = check_direction(checker, target) < 0 && has_word(target->quote, reaches);
        if (!wrong_fall && !wrong_rise && !wrong_reach)
            continue;
        bool compared = wrong_fall || wrong_rise;
        check_add(checker, indicator->code, target->code,
                  check_text(checker, "%s：%s的用词与数值方向不符%s%s：“%s”", indicator->name_zh,
                             check_target_text(checker, target, true),
                             compared ? "，原为" : "（越低越好的指标写作“达到”）",
                             compared ? base_text : "", target->quote),
                  check_text(checker, "%s: the verb of %s contradicts the figures%s%s: \"%s\"",
                             indicator->name_en, check_target_text(checker, target, false),
                             compared ? ", it starts from "
                                      : " (a rate that should be low is to \"reach\" its target)",
                             compared ? base_text : "", target->quote));
    }
}

static void order_of_facts(struct plan_checker *checker, size_t lesser, size_t greater)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->fact_count; i++) {
        for (size_t k = 0; k < plan->fact_count; k++) {
            const struct fact *left = &plan->facts[i], *right = &plan->facts[k];
            if (left->indicator != lesser || right->indicator != greater ||
                left->year != right->year || !stratum_equal(left->stratum, right->stratum) ||
                left->value <= right->value || check_same(left->value, right->value))
                continue;
            check_add(checker, plan->indicators[lesser].code, plan->indicators[greater].code,
                      check_text(checker, "%d年%s%s大于%s%s：“%s”", left->year,
                                 plan->indicators[lesser].name_zh,
                                 check_figure_zh(checker, lesser, left->value_text),
                                 plan->indicators[greater].name_zh,
                                 check_figure_zh(checker, greater, right->value_text), left->quote),
                      check_text(checker, "%s of %d, %s, is above %s, %s: \"%s\"",
                                 plan->indicators[lesser].name_en, left->year,
                                 check_figure_en(checker, lesser, left->value_text),
                                 plan->indicators[greater].name_en,
                                 check_figure_en(checker, greater, right->value_text),
                                 left->quote));
        }
    }
}

void check_baseline_order(struct plan_checker *checker)
{
    for (size_t i = 0; i < checker->plan->indicator_count; i++) {
        const char *cursor = checker->plan->indicators[i].related;
        struct relation relation;
        while (plan_related_next(checker->plan, &cursor, &relation))
            if (relation.at_most && relation.indicator != PLAN_NONE)
                order_of_facts(checker, i, relation.indicator);
    }
}

static bool has_fact(const struct plan_checker *checker, const struct target *target, int year)
{
    for (size_t i = 0; i < checker->plan->fact_count; i++) {
        const struct fact *fact = &checker->plan->facts[i];
        if (fact->indicator == target->indicator && fact->year == year &&
            stratum_equal(fact->stratum, target->stratum))
            return true;
    }
    return false;
}

static bool lacks_baseline(const struct plan_checker *checker, const struct target *target)
{
    return target->has_base_year && !target->has_base_value && target->indicator != PLAN_NONE &&
           !has_fact(checker, target, target->base_year);
}

void check_baseline_missing(struct plan_checker *checker)
{
    check_group(checker, lacks_baseline, 1, true, "有基年而没有基数，目标值无法算出",
                "has a base year without its value, so that the target cannot be worked out");
}

static bool lacks_base(const struct plan_checker *checker, const struct target *target)
{
    bool moves = target->op == TARGET_INCREASE || target->op == TARGET_DECREASE ||
                 target->op == TARGET_FALL_POINTS;
    if (!moves || target->has_base_value || target->has_base_year)
        return false;
    return target->indicator == PLAN_NONE ||
           check_baseline(checker, target->indicator, target->stratum) == NULL;
}

void check_without_base(struct plan_checker *checker)
{
    check_group(checker, lacks_base, 1, true, "只写升降，没有基数",
                "is to rise or fall without anything to start from");
}

void check_no_baselines(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    if (plan->fact_count == 0 && plan->target_count > 0)
        check_add(checker, plan->code, "", check_text(checker, "%s没有印出任何基数", plan->name_zh),
                  check_text(checker, "%s prints no baseline at all", plan->name_en));
}

/* The base in the target's own sentence against the figure that the plan reports. */
void check_base_conflict(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        if (!target->has_base_value || target->indicator == PLAN_NONE)
            continue;
        const struct fact *fact = check_baseline(checker, target->indicator, target->stratum);
        if (fact == NULL || check_same(fact->value, target->base_value) ||
            (target->has_base_year && target->base_year != fact->year))
            continue;
        const struct indicator *indicator = &plan->indicators[target->indicator];
        check_add(checker, indicator->code, target->code,
                  check_text(checker, "%s：目标句中的基数%s与公布的%d年%s不同：“%s”",
                             indicator->name_zh, target->base_value_text, fact->year,
                             fact->value_text, target->quote),
                  check_text(checker,
                             "%s: the sentence starts from %s, the plan reports %s for %d: \"%s\"",
                             indicator->name_en, target->base_value_text, fact->value_text,
                             fact->year, target->quote));
    }
}
