#include <ctype.h>
#include <string.h>

#include "plan/check_report.h"
#include "plan/stratum.h"

static void add_indicators(struct plan_checker *checker, size_t left, size_t right, const char *zh,
                           const char *en)
{
    const struct indicator *a = &checker->plan->indicators[left];
    const struct indicator *b = &checker->plan->indicators[right];
    check_add(checker, a->code, b->code,
              check_text(checker, "“%s”与“%s”%s", a->name_zh, b->name_zh, zh),
              check_text(checker, "\"%s\" and \"%s\" %s", a->name_en, b->name_en, en));
}

static bool lists_similar(const struct plan *plan, size_t from, size_t to)
{
    const char *cursor = plan->indicators[from].related;
    struct relation relation;
    while (plan_related_next(plan, &cursor, &relation))
        if (!relation.at_most && relation.indicator == to)
            return true;
    return false;
}

/* Calls `add` for each pair of `~` relatives that the plan uses both of, once. */
static void each_similar(struct plan_checker *checker,
                         void (*add)(struct plan_checker *checker, size_t left, size_t right))
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->indicator_count; i++) {
        const char *cursor = plan->indicators[i].related;
        struct relation relation;
        while (plan_related_next(plan, &cursor, &relation)) {
            size_t other = relation.indicator;
            bool again = other < i && lists_similar(plan, other, i);
            if (!relation.at_most && other != PLAN_NONE && !again && check_is_used(plan, i) &&
                check_is_used(plan, other))
                add(checker, i, other);
        }
    }
}

static void add_similar(struct plan_checker *checker, size_t left, size_t right)
{
    add_indicators(checker, left, right, "名称相近，不是同一指标，不能互相比较",
                   "have similar names and are not the same: do not compare them");
}

void check_similar_names(struct plan_checker *checker)
{
    each_similar(checker, add_similar);
}

static bool same_expression(const struct expression *left, const struct expression *right)
{
    if (left->count != right->count)
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (left->terms[i].element != right->terms[i].element ||
            left->terms[i].sign != right->terms[i].sign ||
            !stratum_equal(left->terms[i].stratum, right->terms[i].stratum))
            return false;
    return true;
}

static bool denominators_differ(const struct plan *plan, size_t left, size_t right)
{
    const struct indicator *a = &plan->indicators[left], *b = &plan->indicators[right];
    return a->denominator.count > 0 && b->denominator.count > 0 &&
           !same_expression(&a->denominator, &b->denominator);
}

static void add_denominators(struct plan_checker *checker, size_t left, size_t right)
{
    if (denominators_differ(checker->plan, left, right))
        add_indicators(checker, left, right, "分母不同", "have different denominators");
}

/* "Per 1,000" of different people, within one plan. */
static void same_rate_of_others(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->indicator_count; i++) {
        const char *unit = plan->indicators[i].unit;
        if (strncmp(unit, "per_", 4) != 0 || !check_is_used(plan, i))
            continue;
        for (size_t k = i + 1; k < plan->indicator_count; k++)
            if (strcmp(plan->indicators[k].unit, unit) == 0 && check_is_used(plan, k) &&
                denominators_differ(plan, i, k))
                add_indicators(checker, i, k, "计量单位相同而分母不同",
                               "have the same unit and different denominators");
    }
}

/* Drops blanks, which some texts have around digits. */
static const char *without_blanks(struct plan_checker *checker, const char *text)
{
    char *copy = arena_alloc(checker->arena, strlen(text) + 1);
    if (copy == NULL) {
        checker->failed = true;
        return "";
    }
    size_t length = 0;
    for (; *text != '\0'; text++)
        if (*text != ' ')
            copy[length++] = *text;
    return copy;
}

/* "儿童贫血率" where the indicator is "5岁以下儿童贫血率": the quote drops the age. */
static void dropped_age(struct plan_checker *checker, const struct target *target)
{
    static const char under[] = "岁以下";
    const struct indicator *indicator = &checker->plan->indicators[target->indicator];
    const char *name = indicator->name_zh;
    size_t digits = 0;
    while (isdigit((unsigned char)name[digits]))
        digits++;
    if (digits == 0 || strncmp(name + digits, under, strlen(under)) != 0)
        return;
    const char *rest = name + digits + strlen(under);
    const char *quote = without_blanks(checker, target->quote);
    if (strstr(quote, rest) == NULL || strstr(quote, under) != NULL)
        return;
    check_add(checker, indicator->code, target->code,
              check_text(checker, "%s：引文没有写年龄，分母可能不同：“%s”", indicator->name_zh,
                         target->quote),
              check_text(checker,
                         "%s: the quote drops the age, so that the denominator may "
                         "differ: \"%s\"",
                         indicator->name_en, target->quote));
}

void check_denominators(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    each_similar(checker, add_denominators);
    same_rate_of_others(checker);
    for (size_t i = 0; i < plan->target_count; i++)
        if (plan->targets[i].indicator != PLAN_NONE)
            dropped_age(checker, &plan->targets[i]);
}

/* How many units answer a share_of_units indicator in this plan: those of its owner. */
static size_t answering_units(const struct plan *plan, const struct indicator *indicator)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->unit_count; i++) {
        const struct unit *unit = &plan->units[i];
        const char *code = unit->department == PLAN_NONE ? role_text(unit->role)
                                                         : plan->departments[unit->department].code;
        count += strcmp(code, indicator->owner) == 0;
    }
    return count;
}

static bool is_single(const struct plan *plan, size_t indicator)
{
    return plan->indicators[indicator].kind == INDICATOR_SHARE_OF_UNITS &&
           answering_units(plan, &plan->indicators[indicator]) <= 1;
}

void check_single_unit(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->indicator_count; i++) {
        const struct indicator *indicator = &plan->indicators[i];
        if (check_is_used(plan, i) && is_single(plan, i))
            check_add(checker, indicator->code, "",
                      check_text(checker, "%s：只有一个单位，只能是0或100", indicator->name_zh),
                      check_text(checker, "%s: a share of one unit can only be 0 or 100",
                                 indicator->name_en));
    }
}

static bool is_possible(const struct plan *plan, size_t index, double value)
{
    const struct indicator *indicator = &plan->indicators[index];
    if ((indicator->has_lower && value < indicator->lower) ||
        (indicator->has_upper && value > indicator->upper))
        return false;
    return !is_single(plan, index) || value <= 0 || value >= indicator->factor;
}

static void add_impossible(struct plan_checker *checker, size_t index, const char *code,
                           const char *value, const char *quote)
{
    const struct indicator *indicator = &checker->plan->indicators[index];
    check_add(checker, indicator->code, code,
              check_text(checker, "%s：不可能是%s：“%s”", indicator->name_zh,
                         check_figure_zh(checker, index, value), quote),
              check_text(checker, "%s cannot be %s: \"%s\"", indicator->name_en,
                         check_figure_en(checker, index, value), quote));
}

void check_impossible(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        if (check_has_bound(target) && !is_possible(plan, target->indicator, target->value))
            add_impossible(checker, target->indicator, target->code, target->value_text,
                           target->quote);
    }
    for (size_t i = 0; i < plan->fact_count; i++) {
        const struct fact *fact = &plan->facts[i];
        if (!is_possible(plan, fact->indicator, fact->value))
            add_impossible(checker, fact->indicator, "", fact->value_text, fact->quote);
    }
}
