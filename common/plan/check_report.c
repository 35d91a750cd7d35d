#include "plan/check_report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/stratum.h"
#include "plan/unit_text.h"

void check_add(struct plan_checker *checker, const char *subject, const char *targets,
               const char *zh, const char *en)
{
    if (subject == NULL || targets == NULL || zh == NULL || en == NULL) {
        checker->failed = true;
        return;
    }
    if (checker->count == FINDINGS_MAX)
        return;
    if (checker->count == checker->room) {
        size_t room = checker->room == 0 ? 64 : checker->room * 2;
        struct finding *grown = reallocarray(checker->items, room, sizeof *grown);
        if (grown == NULL) {
            checker->failed = true;
            return;
        }
        checker->items = grown;
        checker->room = room;
    }
    checker->items[checker->count] = (struct finding){
        .number = (unsigned)checker->count + 1,
        .severity = checker->severity,
        .kind = checker->kind,
        .kind_zh = checker->kind_zh,
        .subject = arena_string(checker->arena, subject), /* findings outlive the plan */
        .targets = arena_string(checker->arena, targets),
        .zh = zh,
        .en = en,
    };
    checker->failed = checker->failed || checker->items[checker->count].subject == NULL ||
                      checker->items[checker->count].targets == NULL;
    checker->count++;
}

const char *check_text(struct plan_checker *checker, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return NULL;
    const char *saved = arena_string(checker->arena, text);
    free(text);
    return saved;
}

const char *check_subject(const struct plan_checker *checker, const struct target *target)
{
    return target->indicator == PLAN_NONE ? target->code
                                          : checker->plan->indicators[target->indicator].code;
}

/* An operator that is a word in targets.csv, as people say it; signs stand for themselves. */
static const char *operator_text(const struct target *target, bool zh)
{
    switch (target->op) {
    case TARGET_KEEP_AT_LEAST: return zh ? "保持>=" : "kept >=";
    case TARGET_KEEP_AT_MOST: return zh ? "保持<=" : "kept <=";
    case TARGET_FALL_PERCENT: return zh ? "下降" : "falls by ";
    case TARGET_FALL_POINTS: return zh ? "每年下降" : "falls yearly by ";
    case TARGET_INCREASE: return zh ? "提高" : "rises";
    case TARGET_DECREASE: return zh ? "降低" : "falls";
    case TARGET_QUALITATIVE: return zh ? "定性" : "no figure";
    default: return target->op_text;
    }
}

const char *check_target_text(struct plan_checker *checker, const struct target *target, bool zh)
{
    const char *unit = "";
    if (target->op == TARGET_FALL_PERCENT)
        unit = "%";
    else if (target->op == TARGET_FALL_POINTS)
        unit = zh ? "个百分点" : " points";
    else if (target->indicator != PLAN_NONE && target->value_text[0] != '\0')
        unit = (zh ? unit_zh : unit_en)(checker->plan->indicators[target->indicator].unit);
    return check_text(checker, "%s %s%s%s%s%s%s%s", target->code, operator_text(target, zh),
                      target->value_text, unit, target->stratum[0] == '\0' ? "" : " ",
                      target->stratum, target->year_text[0] == '\0' ? "" : " ", target->year_text);
}

const char *check_figure_zh(struct plan_checker *checker, size_t indicator, const char *value)
{
    return check_text(checker, "%s%s", value, unit_zh(checker->plan->indicators[indicator].unit));
}

const char *check_figure_en(struct plan_checker *checker, size_t indicator, const char *value)
{
    return check_text(checker, "%s%s", value, unit_en(checker->plan->indicators[indicator].unit));
}

bool check_is_local(const struct target *target)
{
    return target->scope != SCOPE_PROVINCIAL && target->scope != SCOPE_NATIONAL;
}

bool check_has_bound(const struct target *target)
{
    return target->op < TARGET_FALL_PERCENT && target->has_value && target->indicator != PLAN_NONE;
}

int check_direction(const struct plan_checker *checker, const struct target *target)
{
    if (target->indicator == PLAN_NONE)
        return 0;
    enum polarity polarity = checker->plan->indicators[target->indicator].polarity;
    switch (target->op) {
    case TARGET_AT_MOST:
    case TARGET_BELOW:
    case TARGET_KEEP_AT_MOST: return -1;
    case TARGET_AT_LEAST:
    case TARGET_ABOVE:
    case TARGET_KEEP_AT_LEAST:
    case TARGET_FALL_PERCENT: /* a larger fall asks more */
    case TARGET_FALL_POINTS: return 1;
    case TARGET_EQUAL:
    case TARGET_ABOUT: return polarity == POLARITY_HIGHER ? 1 : polarity == POLARITY_LOWER ? -1 : 0;
    default: return 0;
    }
}

bool check_same(double left, double right)
{
    return fabs(left - right) <= 1e-9 * fmax(fabs(left), fabs(right));
}

const struct fact *check_baseline(const struct plan_checker *checker, size_t indicator,
                                  const char *stratum)
{
    const struct plan *plan = checker->plan;
    const struct fact *found = NULL;
    for (size_t i = 0; i < plan->fact_count; i++) {
        const struct fact *fact = &plan->facts[i];
        if (fact->indicator == indicator && fact->year <= plan->first_year &&
            stratum_equal(fact->stratum, stratum) && (found == NULL || fact->year > found->year))
            found = fact;
    }
    return found;
}

bool check_is_used(const struct plan *plan, size_t indicator)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (plan->targets[i].indicator == indicator)
            return true;
    for (size_t i = 0; i < plan->fact_count; i++)
        if (plan->facts[i].indicator == indicator)
            return true;
    return false;
}

static bool same_group(const struct target *left, const struct target *right, bool by_stratum)
{
    if (left->indicator == PLAN_NONE || left->indicator != right->indicator)
        return left == right;
    return !by_stratum || stratum_equal(left->stratum, right->stratum);
}

static const char *append(struct plan_checker *checker, const char *list, const char *item)
{
    if (list == NULL || item == NULL)
        return NULL;
    return check_text(checker, "%s%s%s", list, list[0] == '\0' ? "" : "; ", item);
}

/* Names the group of targets[first], of which it is the first that passes. */
static void add_group(struct plan_checker *checker, size_t first, check_test test, size_t least,
                      bool by_stratum, const char *zh, const char *en)
{
    const struct plan *plan = checker->plan;
    const struct target *head = &plan->targets[first];
    const char *codes = "", *list_zh = "", *list_en = "";
    size_t count = 0;
    for (size_t i = first; i < plan->target_count && codes != NULL; i++) {
        const struct target *target = &plan->targets[i];
        if (!same_group(head, target, by_stratum) || !test(checker, target))
            continue;
        codes = check_text(checker, "%s%s%s", codes, count == 0 ? "" : " ", target->code);
        list_zh = append(checker, list_zh, check_target_text(checker, target, true));
        list_en = append(checker, list_en, check_target_text(checker, target, false));
        count++;
    }
    if (codes == NULL || list_zh == NULL || list_en == NULL)
        checker->failed = true;
    if (count < least || checker->failed)
        return;
    bool named = head->indicator != PLAN_NONE;
    const char *name_zh = named ? plan->indicators[head->indicator].name_zh : head->code;
    const char *name_en = named ? plan->indicators[head->indicator].name_en : head->code;
    check_add(checker, check_subject(checker, head), codes,
              check_text(checker, "%s：%s（%s）：“%s”", name_zh, zh, list_zh, head->quote),
              check_text(checker, "%s: %s (%s): \"%s\"", name_en, en, list_en, head->quote));
}

void check_group(struct plan_checker *checker, check_test test, size_t least, bool by_stratum,
                 const char *zh, const char *en)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        bool first = test(checker, &plan->targets[i]);
        for (size_t k = 0; first && k < i; k++)
            if (same_group(&plan->targets[i], &plan->targets[k], by_stratum) &&
                test(checker, &plan->targets[k]))
                first = false;
        if (first)
            add_group(checker, i, test, least, by_stratum, zh, en);
    }
}
