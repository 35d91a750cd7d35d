#include <iconv.h>
#include <string.h>

#include "plan/check_report.h"
#include "plan/quote.h"
#include "text/utf8.h"

/* Joins the ends of "0-6": every stroke that people type for "to" (一 is a slip for —). */
static bool is_dash(uint32_t code)
{
    return code == '-' || code == 0x2014 || code == 0x2013 || code == 0x2012 || code == 0x2212 ||
           code == '~' || code == 0xFF5E || code == 0x81F3 /* 至 */ || code == 0x4E00 /* 一 */;
}

/* "1-2 名": the value is one end of a range of figures. */
static bool is_range(const struct plan_checker *checker, const struct target *target)
{
    struct quote quote;
    struct quote_number left, right;
    if (!check_has_bound(target))
        return false;
    (void)checker;
    quote_read(target->quote, &quote);
    size_t at = 0;
    if (!quote_number_next(&quote, &at, &left))
        return false;
    for (; quote_number_next(&quote, &at, &right); left = right) {
        bool joined = right.first == left.end + 1 && is_dash(quote.code[left.end]);
        if (joined && !quote_number_is_age_or_year(&quote, &right) &&
            (check_same(left.value, target->value) || check_same(right.value, target->value)))
            return true;
    }
    return false;
}

void check_range(struct plan_checker *checker)
{
    check_group(checker, is_range, 1, true, "文中是一个范围，只取了一端",
                "the text gives a range, of which one end was taken");
}

/* Finds the target's own figure among the numbers of its quote. */
static bool find_value(const struct quote *quote, double value, struct quote_number *out_number)
{
    for (size_t at = 0; quote_number_next(quote, &at, out_number);)
        if (check_same(out_number->value, value) && !quote_number_is_age_or_year(quote, out_number))
            return true;
    return false;
}

static bool is_not_in_quote(const struct plan_checker *checker, const struct target *target)
{
    struct quote quote;
    struct quote_number number;
    (void)checker;
    if (!target->has_value)
        return false;
    quote_read(target->quote, &quote);
    return !find_value(&quote, target->value, &number);
}

void check_value_not_in_quote(struct plan_checker *checker)
{
    check_group(checker, is_not_in_quote, 1, true, "引文中没有印出这个数字",
                "the quote does not print the figure");
}

static bool is_aspirational(const struct plan_checker *checker, const struct target *target)
{
    (void)checker;
    return strstr(target->quote, "争取") != NULL || strstr(target->quote, "力争") != NULL;
}

void check_aspirational(struct plan_checker *checker)
{
    check_group(checker, is_aspirational, 1, true, "“争取”“力争”：期望性目标",
                "is only to be striven for");
}

static bool is_percent(uint32_t code)
{
    return code == '%' || code == 0xFF05;
}

static bool is_permille(uint32_t code)
{
    return code == 0x2030;
}

/* What is odd about the units in a quote that prints `value` of `indicator`: NULL when nothing is.
 * `relative`: the figure is a change in per cent, whatever the indicator's unit. */
static const char *odd_units(const struct indicator *indicator, const char *text, double value,
                             bool relative, const char **out_en)
{
    struct quote quote;
    struct quote_number number;
    bool percent = false, permille = false;
    quote_read(text, &quote);
    for (size_t at = 0; quote_number_next(&quote, &at, &number);) {
        percent = percent || is_percent(number.after);
        permille = permille || is_permille(number.after);
    }
    *out_en = "per cent and per mille stand in one sentence";
    if (percent && permille)
        return "同一句中百分比与千分比混用";
    if (!find_value(&quote, value, &number))
        return NULL;
    *out_en = "the words speak of a number, the figure is a rate";
    if (number.before == 0x6570 /* 数 */ && (is_percent(number.after) || is_permille(number.after)))
        return "文字说的是个数，数字却是比率";
    *out_en = "the sign behind the figure is not the indicator's unit";
    bool wrong = (is_percent(number.after) && strcmp(indicator->unit, "percent") != 0) ||
                 (is_permille(number.after) && strcmp(indicator->unit, "permille") != 0);
    return wrong && !relative ? "数字后的符号与指标的计量单位不同" : NULL;
}

static void add_odd_units(struct plan_checker *checker, const struct indicator *indicator,
                          const char *code, const char *quote, const char *zh, const char *en)
{
    if (zh != NULL)
        check_add(checker, indicator->code, code,
                  check_text(checker, "%s：%s：“%s”", indicator->name_zh, zh, quote),
                  check_text(checker, "%s: %s: \"%s\"", indicator->name_en, en, quote));
}

void check_unit_differs(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    const char *en = NULL;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        if (target->indicator == PLAN_NONE || !target->has_value)
            continue;
        const struct indicator *indicator = &plan->indicators[target->indicator];
        bool relative = target->op == TARGET_FALL_PERCENT || target->op == TARGET_FALL_POINTS;
        const char *zh = odd_units(indicator, target->quote, target->value, relative, &en);
        add_odd_units(checker, indicator, target->code, target->quote, zh, en);
    }
    for (size_t i = 0; i < plan->fact_count; i++) {
        const struct fact *fact = &plan->facts[i];
        const struct indicator *indicator = &plan->indicators[fact->indicator];
        const char *zh = odd_units(indicator, fact->quote, fact->value, false, &en);
        add_odd_units(checker, indicator, "", fact->quote, zh, en);
    }
}

/* "6.5 岁以下": an item's number run into an age. */
static bool is_unreadable(const struct plan_checker *checker, const struct target *target)
{
    struct quote quote;
    struct quote_number number;
    (void)checker;
    quote_read(target->quote, &quote);
    for (size_t at = 0; quote_number_next(&quote, &at, &number);) {
        bool fraction = false;
        for (size_t i = number.first; i < number.end; i++)
            fraction = fraction || quote.code[i] == '.';
        if (fraction && quote_number_is_age_or_year(&quote, &number))
            return true;
    }
    return false;
}

void check_unreadable(struct plan_checker *checker)
{
    check_group(checker, is_unreadable, 1, true, "年龄带小数，疑为项号与数字粘连",
                "an age with a decimal: an item's number run into it");
}
