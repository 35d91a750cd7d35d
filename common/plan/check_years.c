#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "plan/check_report.h"

static bool is_implied(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return target->year_basis == YEAR_IMPLIED;
}

void check_implied_year(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    check_group(checker, is_implied, 1, true, "文中没有印出目标年，由规划期推定",
                "the year is not printed but taken from the plan's period");
    for (size_t i = 0; i < plan->fact_count; i++) {
        const struct fact *fact = &plan->facts[i];
        const struct indicator *indicator = &plan->indicators[fact->indicator];
        char year[16];
        snprintf(year, sizeof year, "%d", fact->year);
        if (fact->quote[0] == '\0' || strstr(fact->quote, year) != NULL)
            continue;
        check_add(checker, indicator->code, "",
                  check_text(checker, "%s：基数%s的年份%d在引文中没有印出：“%s”",
                             indicator->name_zh, fact->value_text, fact->year, fact->quote),
                  check_text(checker,
                             "%s: the sentence of the baseline %s does not print %d: \"%s\"",
                             indicator->name_en, fact->value_text, fact->year, fact->quote));
    }
}

static bool has_no_year(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return target->year_basis == YEAR_NONE;
}

void check_no_year(struct plan_checker *checker)
{
    check_group(checker, has_no_year, 1, true, "没有目标年", "has no year");
}

static bool in_strategy(const struct target *target)
{
    return strstr(target->section, "策略措施") != NULL &&
           strstr(target->section, "主要目标") == NULL;
}

static bool year_in_strategy(const struct plan_checker *checker, const struct target *target)
{
    if (target->year_basis != YEAR_EXPLICIT || !check_is_local(target))
        return false;
    if (!in_strategy(target))
        return false;
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *other = &checker->plan->targets[i];
        if (other->indicator == target->indicator && check_is_local(other) &&
            other->year_basis == YEAR_EXPLICIT && !in_strategy(other))
            return false;
    }
    return true;
}

void check_explicit_in_strategy(struct plan_checker *checker)
{
    check_group(checker, year_in_strategy, 1, false, "年份只在策略措施中印出",
                "the year is printed only among the strategies");
}

/* "+5 years" is no calendar year either. */
static bool is_year(const char *due)
{
    for (size_t i = 0; i < 4; i++)
        if (!isdigit((unsigned char)due[i]))
            return false;
    return due[4] == '\0';
}

void check_evaluation_year(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    for (size_t i = 0; i < plan->duty_count; i++) {
        const struct duty *duty = &plan->duties[i];
        if (strcmp(duty->what, "evaluation") != 0 || is_year(duty->due))
            continue;
        const char *when = duty->frequency[0] == '\0' ? "-" : duty->frequency;
        check_add(checker, duty->code, "",
                  check_text(checker, "评估没有写明年份（%s%s%s）：“%s”", when,
                             duty->due[0] == '\0' ? "" : " ", duty->due, duty->quote),
                  check_text(checker, "an evaluation without a calendar year (%s%s%s): \"%s\"",
                             when, duty->due[0] == '\0' ? "" : " ", duty->due, duty->quote));
    }
}

void check_draft(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    if (strcmp(plan->status, "draft") == 0)
        check_add(checker, plan->code, "", check_text(checker, "%s尚未定稿", plan->name_zh),
                  check_text(checker, "%s is a draft", plan->name_en));
}

static bool is_per_township(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return target->scope == SCOPE_EACH_TOWNSHIP;
}

void check_per_township(struct plan_checker *checker)
{
    check_group(checker, is_per_township, 1, true, "每个乡镇（街道）都须达到，全域平均数看不出",
                "must be met by every township; a figure for the whole cannot show it");
}

static bool is_per_institution(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return target->scope == SCOPE_EACH_INSTITUTION || target->scope == SCOPE_EACH_SITE;
}

void check_per_institution(struct plan_checker *checker)
{
    check_group(checker, is_per_institution, 1, false, "每所机构都须达到，合计数看不出",
                "must be met by every institution; a total cannot show it");
}

static bool is_approximate(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return target->op == TARGET_ABOUT && !target->has_tolerance;
}

void check_approximate(struct plan_checker *checker)
{
    check_group(checker, is_approximate, 1, true, "“左右”没有写允许误差",
                "is about a figure, without a tolerance");
}

static bool is_qualitative(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return target->op == TARGET_QUALITATIVE;
}

void check_qualitative(struct plan_checker *checker)
{
    check_group(checker, is_qualitative, 1, true, "只有定性要求，没有数字",
                "is a wish without a figure");
}

/* Whether every local figure of the target's indicator stands in a section of this kind. */
static bool only_in(const struct plan_checker *checker, const struct target *target,
                    bool (*stands)(const struct target *target))
{
    if (!check_has_bound(target) || !check_is_local(target))
        return false;
    for (size_t i = 0; i < checker->plan->target_count; i++) {
        const struct target *other = &checker->plan->targets[i];
        if (other->indicator == target->indicator && check_is_local(other) &&
            check_has_bound(other) && !stands(other))
            return false;
    }
    return true;
}

static bool only_in_strategy(const struct plan_checker *checker, const struct target *target)
{
    return only_in(checker, target, in_strategy);
}

void check_strategy_only(struct plan_checker *checker)
{
    check_group(checker, only_in_strategy, 1, false, "数字只写在策略措施中",
                "the figure stands only among the strategies");
}

static bool in_table(const struct target *target)
{
    return strstr(target->section, "指标表") != NULL;
}

static bool only_in_table(const struct plan_checker *checker, const struct target *target)
{
    return only_in(checker, target, in_table);
}

void check_table_only(struct plan_checker *checker)
{
    check_group(checker, only_in_table, 1, false, "数字只写在指标表中",
                "the figure stands only in the table");
}
