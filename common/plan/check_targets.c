#include <string.h>

#include "plan/check_report.h"
#include "plan/stratum.h"

/* Local, provincial and national targets are three series; each_* are local. */
static int series(const struct target *target)
{
    return check_is_local(target) ? -1 : (int)target->scope;
}

/* Whether the bounds of two targets can be compared: the same figure of the same children. */
static bool comparable(const struct plan_checker *checker, const struct target *left,
                       const struct target *right)
{
    bool relative = left->op == TARGET_FALL_PERCENT && right->op == TARGET_FALL_PERCENT &&
                    left->base_year == right->base_year;
    return left->indicator != PLAN_NONE && left->indicator == right->indicator &&
           stratum_equal(left->stratum, right->stratum) &&
           ((check_has_bound(left) && check_has_bound(right)) || relative) &&
           check_direction(checker, left) == check_direction(checker, right) &&
           check_direction(checker, left) != 0;
}

/* Whether `left` asks more than `right`; both comparable. */
static bool is_stricter(const struct plan_checker *checker, const struct target *left,
                        const struct target *right)
{
    if (check_same(left->value, right->value))
        return false;
    return (left->value > right->value) == (check_direction(checker, left) > 0);
}

/* The comparable target of the same series that comes due last before `target`. */
static const struct target *earlier(const struct plan_checker *checker, const struct target *target)
{
    const struct target *found = NULL;
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *other = &checker->plan->targets[i];
        if (other->has_year && target->has_year && other->year < target->year &&
            series(other) == series(target) && comparable(checker, other, target) &&
            (found == NULL || other->year > found->year))
            found = other;
    }
    return found;
}

static void add_pair(struct plan_checker *checker, const struct target *first,
                     const struct target *second, const char *zh, const char *en)
{
    const struct indicator *indicator = &checker->plan->indicators[first->indicator];
    check_add(checker, indicator->code, check_text(checker, "%s %s", first->code, second->code),
              check_text(checker, "%s：%s，%s，%s：“%s”", indicator->name_zh,
                         check_target_text(checker, first, true),
                         check_target_text(checker, second, true), zh, second->quote),
              check_text(checker, "%s: %s, %s, %s: \"%s\"", indicator->name_en,
                         check_target_text(checker, first, false),
                         check_target_text(checker, second, false), en, second->quote));
}

void check_worsens(struct plan_checker *checker)
{
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *target = &checker->plan->targets[i];
        const struct target *before = earlier(checker, target);
        if (before != NULL && is_stricter(checker, before, target))
            add_pair(checker, before, target, "后一年的目标更差", "the later target is the worse");
    }
}

void check_no_progress(struct plan_checker *checker)
{
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *target = &checker->plan->targets[i];
        const struct target *before = earlier(checker, target);
        if (before != NULL && check_same(before->value, target->value))
            add_pair(checker, before, target, "前后两年目标相同", "no progress between the years");
    }
}

/* One indicator is part of another, its target for the same year and area is not. */
static void order_of_targets(struct plan_checker *checker, size_t lesser, size_t greater)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        for (size_t k = 0; k < plan->target_count; k++) {
            const struct target *left = &plan->targets[i], *right = &plan->targets[k];
            if (left->indicator != lesser || right->indicator != greater ||
                !check_has_bound(left) || !check_has_bound(right) ||
                series(left) != series(right) || left->year != right->year ||
                check_direction(checker, left) != check_direction(checker, right) ||
                !stratum_equal(left->stratum, right->stratum) || left->value <= right->value)
                continue;
            check_add(checker, plan->indicators[lesser].code,
                      check_text(checker, "%s %s %s", left->code, right->code,
                                 plan->indicators[greater].code),
                      check_text(checker, "%s的目标%s大于%s的目标%s：“%s”",
                                 plan->indicators[lesser].name_zh,
                                 check_target_text(checker, left, true),
                                 plan->indicators[greater].name_zh,
                                 check_target_text(checker, right, true), left->quote),
                      check_text(checker, "the target of %s, %s, is above that of %s, %s: \"%s\"",
                                 plan->indicators[lesser].name_en,
                                 check_target_text(checker, left, false),
                                 plan->indicators[greater].name_en,
                                 check_target_text(checker, right, false), left->quote));
        }
    }
}

void check_target_order(struct plan_checker *checker)
{
    for (size_t i = 0; i < checker->plan->indicator_count; i++) {
        const char *cursor = checker->plan->indicators[i].related;
        struct relation relation;
        while (plan_related_next(checker->plan, &cursor, &relation))
            if (relation.at_most && relation.indicator != PLAN_NONE)
                order_of_targets(checker, i, relation.indicator);
    }
}

static bool is_measured_and_local(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return target->indicator != PLAN_NONE && check_is_local(target);
}

void check_several(struct plan_checker *checker)
{
    check_group(checker, is_measured_and_local, 2, true, "有多个本地目标",
                "several targets of the plan's own");
}

static enum target_operator without_keep(enum target_operator op)
{
    return op == TARGET_KEEP_AT_LEAST  ? TARGET_AT_LEAST
           : op == TARGET_KEEP_AT_MOST ? TARGET_AT_MOST
                                       : op;
}

static bool same_target(const struct target *left, const struct target *right)
{
    return check_has_bound(left) && check_has_bound(right) && left->indicator == right->indicator &&
           series(left) == series(right) && left->year == right->year &&
           without_keep(left->op) == without_keep(right->op) &&
           check_same(left->value, right->value) && stratum_equal(left->stratum, right->stratum);
}

/* Stated in several rows, or in one row that names several sections of the text. */
static bool is_repeated(const struct plan_checker *checker, const struct target *target)
{
    if (strstr(target->section, "；") != NULL && check_has_bound(target))
        return true;
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *other = &checker->plan->targets[i];
        if (other != target && same_target(other, target))
            return true;
    }
    return false;
}

void check_duplicate(struct plan_checker *checker)
{
    check_group(checker, is_repeated, 1, true, "同一目标在文中重复", "the same target is repeated");
}

static bool is_keep(const struct target *target)
{
    return target->op == TARGET_KEEP_AT_LEAST || target->op == TARGET_KEEP_AT_MOST;
}

static bool holds_and_reaches(const struct plan_checker *checker, const struct target *target)
{
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *other = &checker->plan->targets[i];
        if (is_keep(other) != is_keep(target) && check_is_local(target) &&
            same_target(other, target))
            return true;
    }
    return false;
}

void check_hold_or_reach(struct plan_checker *checker)
{
    check_group(checker, holds_and_reaches, 2, true, "既写“保持”又写“达到”，是已达到还是将达到不明",
                "is to be kept in one place and to be reached in another");
}

static bool has_strata(const struct plan_checker *checker, const struct target *target)
{
    if (!is_measured_and_local(checker, target) || target->stratum[0] == '\0')
        return false;
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *other = &checker->plan->targets[i];
        if (other->indicator == target->indicator && check_is_local(other) &&
            stratum_same_keys(other->stratum, target->stratum) &&
            !stratum_equal(other->stratum, target->stratum))
            return true;
    }
    return false;
}

void check_strata_pair(struct plan_checker *checker)
{
    check_group(checker, has_strata, 2, false, "按分组分别定目标，须分组统计",
                "has a target for each stratum and must be counted by stratum");
}

static bool is_higher(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return !check_is_local(target);
}

void check_higher_level(struct plan_checker *checker)
{
    check_group(checker, is_higher, 1, false, "并列写出上级目标",
                "quotes targets of a higher level");
}

/* Compared with the local target of the same year. */
void check_higher_stricter(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        for (size_t k = 0; k < plan->target_count; k++) {
            const struct target *higher = &plan->targets[i], *local = &plan->targets[k];
            if (check_is_local(higher) || !check_is_local(local) || !higher->has_year ||
                higher->year != local->year || !comparable(checker, higher, local))
                continue;
            if (is_stricter(checker, higher, local))
                add_pair(checker, local, higher, "上级的同年目标更严",
                         "the higher level asks more for the same year");
        }
    }
}
