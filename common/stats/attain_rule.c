#include "stats/attain_rule.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

/* Binary fractions: 0.1 + 0.2 meets 0.3. */
#define SLACK 1e-9

enum { DECIMALS_MAX = 6 };

void attain_say(char out[ATTAIN_WHY_BYTES], const char *format, ...)
{
    char text[ATTAIN_WHY_BYTES + 4];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t length = utf8_cut(text, ATTAIN_WHY_BYTES - 1);
    memcpy(out, text, length);
    out[length] = '\0';
}

bool attain_meets(const struct attain_rule *rule, double value)
{
    double margin = SLACK * fmax(fabs(value), fabs(rule->bound));
    double least = rule->bound - rule->tolerance - margin;
    double most = rule->bound + rule->tolerance + margin;
    switch (rule->op) {
    case TARGET_AT_MOST:
    case TARGET_KEEP_AT_MOST:
    case TARGET_FALL_PERCENT:
    case TARGET_FALL_POINTS: return value <= most;
    case TARGET_AT_LEAST:
    case TARGET_KEEP_AT_LEAST: return value >= least;
    case TARGET_BELOW:
    case TARGET_DECREASE: return value < rule->bound - margin;
    case TARGET_ABOVE:
    case TARGET_INCREASE: return value > rule->bound + margin;
    case TARGET_EQUAL:
    case TARGET_ABOUT: return value >= least && value <= most;
    case TARGET_QUALITATIVE: break;
    }
    return false;
}

static const char *sign(enum target_operator op)
{
    switch (op) {
    case TARGET_AT_LEAST:
    case TARGET_KEEP_AT_LEAST: return "≥";
    case TARGET_BELOW:
    case TARGET_DECREASE: return "<";
    case TARGET_ABOVE:
    case TARGET_INCREASE: return ">";
    case TARGET_EQUAL: return "=";
    case TARGET_ABOUT: return "≈";
    default: return "≤";
    }
}

void attain_print(const struct judge *judge, double value, char out[FIGURE_BYTES])
{
    for (unsigned decimals = judge->indicator->decimals;; decimals++) {
        snprintf(out, FIGURE_BYTES, "%.*f", (int)decimals, value);
        if (decimals >= DECIMALS_MAX ||
            attain_meets(&judge->rule, strtod(out, NULL)) == attain_meets(&judge->rule, value))
            return;
    }
}

static void set_bound(struct judge *judge, double bound)
{
    judge->rule.bound = bound;
    judge->result->has_bound = true;
    judge->result->bound = bound;
    if (judge->rule.figure[0] == '\0')
        snprintf(judge->rule.figure, FIGURE_BYTES, "%.*f", (int)judge->indicator->decimals, bound);
}

/* Half a unit of the last digit that the plan prints: 0.005 for "0.85", 0.5 for "98". */
static double last_digit(const char *text)
{
    const char *point = strchr(text, '.');
    return 0.5 * pow(10, point == NULL ? 0 : -(double)strlen(point + 1));
}

static void rule_about(struct judge *judge)
{
    const struct target *target = judge->target;
    struct attain_rule *rule = &judge->rule;
    rule->tolerance = target->has_tolerance ? target->tolerance : last_digit(target->value_text);
    if (!target->has_tolerance) {
        snprintf(rule->note_zh, NOTE_BYTES, "（未写允许误差，按±%.10g判断）", rule->tolerance);
        snprintf(rule->note_en, NOTE_BYTES, " (no tolerance stated, ±%.10g taken)",
                 rule->tolerance);
    }
    /* better than about x is no miss, where better has a direction */
    if (judge->indicator->polarity == POLARITY_HIGHER)
        rule->op = TARGET_AT_LEAST;
    if (judge->indicator->polarity == POLARITY_LOWER)
        rule->op = TARGET_AT_MOST;
}

/* Whether one year's fall was enough, where the year before is known. */
static void say_yearly(const struct judge *judge, char zh[NOTE_BYTES / 2], char en[NOTE_BYTES / 2])
{
    double value = judge->value->value, wanted = judge->target->value;
    double fall = judge->context->previous - value;
    int decimals = (int)judge->indicator->decimals;
    if (!judge->context->has_previous || judge->value->presence != PRESENCE_VALUE)
        return;
    bool enough = fall >= wanted - SLACK * fmax(1, fabs(value));
    snprintf(zh, NOTE_BYTES / 2, "；当年降%.*f，%s", decimals, fall, enough ? "达到" : "未达到");
    snprintf(en, NOTE_BYTES / 2, "; this year %.*f, %s", decimals, fall,
             enough ? "enough" : "too little");
}

/* A fall on a base year; false when the base is not known. */
static bool rule_fall(struct judge *judge)
{
    const struct target *target = judge->target;
    struct attain_rule *rule = &judge->rule;
    bool known = judge->context->has_base || target->has_base_value;
    double base = judge->context->has_base ? judge->context->base : target->base_value;
    int decimals = (int)judge->indicator->decimals;
    char yearly_zh[NOTE_BYTES / 2] = "", yearly_en[NOTE_BYTES / 2] = "";
    if (!target->has_base_year) {
        if (target->op == TARGET_FALL_POINTS)
            say_yearly(judge, yearly_zh, yearly_en);
        attain_say(judge->result->why_zh, "未写以哪一年为基数，无法判断累计降幅%s", yearly_zh);
        attain_say(judge->result->why_en,
                   "no base year is stated, so the whole fall cannot be judged%s", yearly_en);
        return false;
    }
    if (!known) {
        attain_say(judge->result->why_zh, "缺%d年基数，无法判断", target->base_year);
        attain_say(judge->result->why_en, "cannot be judged: base missing (%d)", target->base_year);
        return false;
    }
    if (target->op == TARGET_FALL_PERCENT) {
        set_bound(judge, base * (1 - target->value / 100));
        snprintf(rule->note_zh, NOTE_BYTES, "（%d年%.*f下降%s%%）", target->base_year, decimals,
                 base, target->value_text);
        snprintf(rule->note_en, NOTE_BYTES, " (%s%% below %.*f of %d)", target->value_text,
                 decimals, base, target->base_year);
        return true;
    }
    int year = judge->context->period;
    if (target->has_year && year > target->year)
        year = target->year;
    set_bound(judge, base - target->value * (year - target->base_year));
    say_yearly(judge, yearly_zh, yearly_en);
    snprintf(rule->note_zh, NOTE_BYTES, "（%d年%.*f每年下降%s个百分点，至%d年%s）",
             target->base_year, decimals, base, target->value_text, year, yearly_zh);
    snprintf(rule->note_en, NOTE_BYTES, " (%.*f of %d, %s points a year until %d%s)", decimals,
             base, target->base_year, target->value_text, year, yearly_en);
    return true;
}

/* "Keep rising": against the base that the target prints, else a year earlier, else any base. */
static bool rule_direction(struct judge *judge)
{
    const struct target *target = judge->target;
    const struct judge_context *context = judge->context;
    struct attain_rule *rule = &judge->rule;
    bool printed = target->has_base_value;
    if (!printed && !context->has_previous && !context->has_base) {
        attain_say(judge->result->why_zh, "缺上年数和基数，无法判断升降");
        attain_say(judge->result->why_en, "neither last year's value nor a base to compare with");
        return false;
    }
    bool yearly = !printed && context->has_previous;
    set_bound(judge, printed ? target->base_value : yearly ? context->previous : context->base);
    snprintf(rule->note_zh, NOTE_BYTES, yearly ? "（与上年比）" : "（与基数比）");
    snprintf(rule->note_en, NOTE_BYTES, yearly ? " (the year before)" : " (the base)");
    return true;
}

bool attain_rule_make(struct judge *judge)
{
    const struct target *target = judge->target;
    struct attain_rule *rule = &judge->rule;
    rule->op = target->op;
    rule->sign = sign(target->op);
    switch (target->op) {
    case TARGET_FALL_PERCENT:
    case TARGET_FALL_POINTS: return rule_fall(judge);
    case TARGET_INCREASE:
    case TARGET_DECREASE: return rule_direction(judge);
    default: break;
    }
    if (!target->has_value) {
        attain_say(judge->result->why_zh, "目标没有数字，无法判断");
        attain_say(judge->result->why_en, "the target has no figure");
        return false;
    }
    snprintf(rule->figure, FIGURE_BYTES, "%.40s", target->value_text);
    set_bound(judge, target->value);
    if (target->op == TARGET_ABOUT)
        rule_about(judge);
    return true;
}

bool attain_at_limit(const struct judge *judge, double value)
{
    const struct indicator *indicator = judge->indicator;
    double bound = judge->rule.bound;
    if (judge->rule.op == TARGET_INCREASE)
        return indicator->has_upper && value >= indicator->upper && bound >= indicator->upper;
    if (judge->rule.op == TARGET_DECREASE)
        return indicator->has_lower && value <= indicator->lower && bound <= indicator->lower;
    return false;
}
