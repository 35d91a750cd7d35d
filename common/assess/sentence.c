#include "assess/sentence.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

/* Both sentences as they grow. */
struct draft {
    char *zh, *en;
    size_t zh_used, en_used;
};

static void append(char *out, size_t *used, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void append(char *out, size_t *used, const char *format, va_list arguments)
{
    char text[SENTENCE_BYTES];
    vsnprintf(text, sizeof text, format, arguments);
    size_t length = utf8_cut(text, SENTENCE_BYTES - 1 - *used);
    memcpy(out + *used, text, length);
    *used += length;
    out[*used] = '\0';
}

static void say_zh(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say_en(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say_zh(struct draft *draft, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(draft->zh, &draft->zh_used, format, arguments);
    va_end(arguments);
}

static void say_en(struct draft *draft, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    append(draft->en, &draft->en_used, format, arguments);
    va_end(arguments);
}

char *sentence_figure(double value, char text[SENTENCE_FIGURE_BYTES])
{
    double size = fabs(value);
    int decimals = size >= 1000 ? 0 : size >= 0.1 || size < 1e-9 ? 2 : 4;
    if (size >= 1e15)
        snprintf(text, SENTENCE_FIGURE_BYTES, "%.3g", value);
    else
        snprintf(text, SENTENCE_FIGURE_BYTES, "%.*f", decimals, value);
    if (strchr(text, '.') != NULL && strchr(text, 'e') == NULL) {
        size_t length = strlen(text);
        while (text[length - 1] == '0')
            length--;
        text[text[length - 1] == '.' ? length - 1 : length] = '\0';
    }
    if (strcmp(text, "-0") == 0)
        memcpy(text, "0", 2);
    return text;
}

/* A figure beside a bound, with as many decimals as show on which side of it the figure lies. */
static char *beside(const struct goal *goal, double value, char text[SENTENCE_FIGURE_BYTES])
{
    sentence_figure(value, text);
    for (int decimals = 3; decimals <= 8; decimals++) {
        double shown = 0;
        if (sscanf(text, "%lf", &shown) == 1 && goal_met(goal, shown) == goal_met(goal, value))
            break;
        snprintf(text, SENTENCE_FIGURE_BYTES, "%.*f", decimals, value);
    }
    return text;
}

static const char *unit_zh(enum assess_kind kind)
{
    static const char *const units[] = {"%", "%", "‰", "每千", "每万", "每10万", "", ""};
    return units[kind];
}

static const char *unit_en(enum assess_kind kind)
{
    static const char *const units[] = {"%", "%", "‰", " per 1,000", " per 10,000", " per 100,000",
                                        "",  ""};
    return units[kind];
}

static const char *sign(const struct goal *goal)
{
    static const char *const signs[] = {"≤", "≥", "<", ">", "=", "≈", "≥", "≤", "≤", "≤", ">", "<"};
    return signs[goal->target->op];
}

/* Whether one year's fall was enough, where the year before is known: "one point a year" asks it of
 * every year, besides the way from the base. */
static void say_yearly(struct draft *draft, const struct assessment *a)
{
    const struct assess_series *series = a->series;
    size_t at = assess_find(series, a->judged_year, true);
    char fall[SENTENCE_FIGURE_BYTES];
    if (a->target->op != TARGET_FALL_POINTS || at == SIZE_MAX || at == 0 ||
        series->points[at - 1].year != a->judged_year - 1)
        return;
    double value = series->points[at].value, by = series->points[at - 1].value - value;
    bool enough = by >= a->target->value - 1e-9 * fmax(1, fabs(value));
    sentence_figure(by, fall);
    say_zh(draft, "；当年降%s，%s", fall, enough ? "达到" : "未达到");
    say_en(draft, "; this year %s, %s", fall, enough ? "enough" : "too little");
}

/* How the bound was come by, where the plan does not print it. */
static void say_origin(struct draft *draft, const struct assessment *a)
{
    const struct assess_target *target = a->target;
    bool base = isfinite(target->base_value) || target->base_year != 0;
    char text[SENTENCE_FIGURE_BYTES];
    switch (target->op) {
    case TARGET_INCREASE:
    case TARGET_DECREASE:
        say_zh(draft, base ? "（与基数比）" : "（与上一个数比）");
        say_en(draft, base ? " (the base)" : " (the figure before)");
        break;
    case TARGET_FALL_PERCENT:
        sentence_figure(target->value, text);
        say_zh(draft, "（比基数下降%s%%）", text);
        say_en(draft, " (%s%% below the base)", text);
        break;
    case TARGET_FALL_POINTS:
        sentence_figure(target->value, text);
        say_zh(draft, "（基数起每年下降%s，按当年应达）", text);
        say_en(draft, " (%s a year from the base, as of that year)", text);
        break;
    case TARGET_ABOUT:
        sentence_figure(a->now.rule.tolerance, text);
        say_zh(draft, "（左右按±%s）", text);
        say_en(draft, " (within %s)", text);
        break;
    default: break;
    }
    if (goal_is_looser(&a->now)) {
        sentence_figure(a->now.base, text);
        say_zh(draft, "（比基数%s还松，按原文判断）", text);
        say_en(draft, " (looser than its base %s, judged as written)", text);
    }
}

static void say_goal(struct draft *draft, const struct assessment *a)
{
    const struct assess_target *target = a->target;
    char value[SENTENCE_FIGURE_BYTES], bound[SENTENCE_FIGURE_BYTES];
    bool keep = target->op == TARGET_KEEP_AT_LEAST || target->op == TARGET_KEEP_AT_MOST;
    enum assess_kind kind = a->series->kind;
    size_t judged = assess_find(a->series, a->judged_year, true);
    beside(&a->now, a->series->points[judged].value, value);
    sentence_figure(a->now.rule.bound, bound);
    say_zh(draft, "%d年为%s%s，", a->judged_year, value, unit_zh(kind));
    say_en(draft, "%s%s in %d against ", value, unit_en(kind), a->judged_year);
    say_zh(draft, keep ? "目标保持" : "目标");
    say_en(draft, keep ? "keeping " : "");
    if (target->year != 0)
        say_zh(draft, "%d年", target->year);
    say_zh(draft, "%s%s%s", sign(&a->now), bound, unit_zh(kind));
    say_en(draft, "%s %s%s", sign(&a->now), bound, unit_en(kind));
    if (target->year != 0)
        say_en(draft, " by %d", target->year);
    say_origin(draft, a);
}

static void say_status(struct draft *draft, const struct assessment *a)
{
    char low[SENTENCE_FIGURE_BYTES], high[SENTENCE_FIGURE_BYTES];
    switch (a->status) {
    case ASSESS_MET_UNCERTAIN:
        sentence_figure(a->judged95.low, low);
        sentence_figure(a->judged95.high, high);
        say_zh(draft, "，达标但不确定（数量少，95%%区间%s—%s跨过目标）", low, high);
        say_en(draft, ": met, but uncertain (small numbers: 95%% interval %s to %s crosses it)",
               low, high);
        break;
    case ASSESS_MET:
        say_zh(draft, "，已达标");
        say_en(draft, ": met");
        break;
    default: say_zh(draft, "，未达标"); say_en(draft, ": not met");
    }
    say_yearly(draft, a);
}

static void say_pace(struct draft *draft, const struct assessment *a)
{
    char recent[SENTENCE_FIGURE_BYTES], required[SENTENCE_FIGURE_BYTES];
    if (isfinite(a->recent_pace)) {
        sentence_figure(a->recent_pace, recent);
        const char *plus = a->recent_pace > 0 ? "+" : "";
        say_zh(draft, "；%d年以来%zu个数每年约%s%s", a->trend.first_year, a->trend.n, plus, recent);
        say_en(draft, "; %zu figures since %d move by about %s%s a year", a->trend.n,
               a->trend.first_year, plus, recent);
    }
    if (isfinite(a->required_pace) && a->required_pace != 0) {
        sentence_figure(a->required_pace, required);
        const char *plus = a->required_pace > 0 ? "+" : "";
        say_zh(draft, "，达标每年需%s%s", plus, required);
        say_en(draft, ", %s%s a year is needed", plus, required);
    }
}

static void say_forecast(struct draft *draft, const struct assessment *a)
{
    char value[SENTENCE_FIGURE_BYTES], low[SENTENCE_FIGURE_BYTES], high[SENTENCE_FIGURE_BYTES];
    if (!a->has_forecast)
        return;
    sentence_figure(a->forecast.value, value);
    sentence_figure(a->forecast.low80, low);
    sentence_figure(a->forecast.high80, high);
    say_zh(draft, "；预计%d年%s（80%%区间%s—%s", a->forecast.year, value, low, high);
    say_en(draft, "; %d is expected at %s (80%%: %s to %s", a->forecast.year, value, low, high);
    if (a->forecast.areas > 0) {
        say_zh(draft, "，误差参照同指标%zu个序列）", a->forecast.areas);
        say_en(draft, ", errors as of %zu series of the indicator)", a->forecast.areas);
    } else {
        say_zh(draft, "，误差按本序列波动）");
        say_en(draft, ", errors by the series' own noise)");
    }
}

static void say_chance(struct draft *draft, const struct assessment *a)
{
    static const char *const zh[] = {
        "", "", "可望达标", "需关注", "预计达标困难（黄色预警）", "预计难以达标（红色预警）"};
    static const char *const en[] = {
        "", "", "likely", "watch", "unlikely (yellow warning)", "very unlikely (red warning)"};
    if (!isfinite(a->p_reach) || !a->has_forecast)
        return;
    double percent = fmin(fmax(100 * a->p_reach, 1), 99);
    const char *bound = percent == 1 ? "≤" : percent == 99 ? "≥" : "";
    if (a->class == ASSESS_REACHED) {
        say_zh(draft, "，届时仍达标的可能性%s%.0f%%", bound, percent);
        say_en(draft, ", still met then with probability %s%.0f%%", bound, percent);
        return;
    }
    say_zh(draft, "，达标可能性%s%.0f%%：%s", bound, percent, zh[a->class]);
    say_en(draft, ", met then with probability %s%.0f%%: %s", bound, percent, en[a->class]);
}

static void say_fluctuation(struct draft *draft, const struct assessment *a)
{
    const struct fluctuation_finding *f = &a->fluctuation;
    static const char *const zh[] = {"", "", "（不利）", "（有利）", ""};
    static const char *const en[] = {"", "", " (adverse)", " (favourable)", ""};
    char from[SENTENCE_FIGURE_BYTES], to[SENTENCE_FIGURE_BYTES];
    char low[SENTENCE_FIGURE_BYTES], high[SENTENCE_FIGURE_BYTES];
    if (f->kind <= FLUCTUATION_NONE)
        return;
    sentence_figure(f->from, from);
    sentence_figure(f->to, to);
    sentence_figure(f->low, low);
    sentence_figure(f->high, high);
    say_zh(draft, "；波动较大%s：%d年%s，%d年%s，95%%区间原为%s—%s", zh[f->kind], f->from_year,
           from, a->latest_year, to, low, high);
    say_en(draft, "; large fluctuation%s: %s in %d, %s in %d, outside the 95%% interval %s to %s",
           en[f->kind], from, f->from_year, to, a->latest_year, low, high);
    if (isfinite(f->p_counts)) {
        say_zh(draft, "（人数检验p=%.2g）", f->p_counts);
        say_en(draft, " (counts: p = %.2g)", f->p_counts);
    }
}

static void say_extras(struct draft *draft, const struct assessment *a)
{
    const struct assess_series *series = a->series;
    if (series->answered < series->expected && a->count == series->count) {
        say_zh(draft, "；%d年的数只来自应报%u个单位中的%u个", a->latest_year, series->expected,
               series->answered);
        say_en(draft, "; the figure of %d is from %u of the %u units that owe it", a->latest_year,
               series->answered, series->expected);
    }
    if (a->trend.pooled > 0) {
        say_zh(draft, "；事件少，水平取最近%d年合并率", a->trend.pooled);
        say_en(draft, "; few events, so its level is the pooled rate of %d years", a->trend.pooled);
    }
    if (a->series->broken != 0) {
        say_zh(draft, "；%d年起口径有变，只用此后的数", a->series->broken);
        say_en(draft, "; its definition changed in %d, earlier figures are left out",
               a->series->broken);
    }
    if (a->worsening) {
        say_zh(draft, "；预警：已达标但在变差");
        say_en(draft, "; warning: met, but getting worse");
    }
    say_fluctuation(draft, a);
    if (a->silent > 0) {
        say_zh(draft, "；预警：%d年以后已%d年没有数据", a->latest_year, a->silent);
        say_en(draft, "; warning: no figure for %d years since %d", a->silent, a->latest_year);
    }
    if (a->count > 0 && a->count < TREND_LEAST) {
        say_zh(draft, "；只有%zu个数，不足4个，不作预测", a->count);
        say_en(draft, "; only %zu of the 4 figures that a forecast takes", a->count);
    }
}

static void say_unjudged(struct draft *draft, const struct assessment *a)
{
    char value[SENTENCE_FIGURE_BYTES];
    sentence_figure(a->latest_value, value);
    say_zh(draft, "%d年为%s%s", a->latest_year, value, unit_zh(a->series->kind));
    say_en(draft, "%s%s in %d", value, unit_en(a->series->kind), a->latest_year);
    if (a->status == ASSESS_NO_TARGET)
        return;
    if (a->status == ASSESS_NO_DATA) {
        say_zh(draft, "，目标%d年到期而该年没有数据，是否达标不知道", a->target->year);
        say_en(draft, ", but the target was due in %d, a year without a figure: not known",
               a->target->year);
        return;
    }
    switch (a->now.problem) {
    case GOAL_NO_BASE:
        say_zh(draft, "，无法判断：缺");
        say_en(draft, ", cannot be judged: base missing");
        if (a->target->base_year != 0) {
            say_zh(draft, "%d年的", a->target->base_year);
            say_en(draft, " (%d)", a->target->base_year);
        }
        say_zh(draft, "基数");
        say_yearly(draft, a);
        break;
    case GOAL_NO_PREVIOUS:
        say_zh(draft, "，无法判断升降：没有上年数和基数");
        say_en(draft, ", cannot be judged: neither an earlier figure nor a base");
        break;
    default:
        say_zh(draft, "，无法判断：目标没有数字");
        say_en(draft, ", cannot be judged: the target has no figure");
    }
}

void sentence_make(const struct assessment *assessment, char zh[SENTENCE_BYTES],
                   char en[SENTENCE_BYTES])
{
    struct draft draft = {.zh = zh, .en = en};
    zh[0] = en[0] = '\0';
    if (assessment->count == 0) {
        say_zh(&draft, "没有数据。");
        say_en(&draft, "no data.");
        return;
    }
    bool judged = assessment->target != NULL && assessment->status != ASSESS_NOT_JUDGEABLE &&
                  assessment->status != ASSESS_NO_DATA;
    if (judged) {
        say_goal(&draft, assessment);
        say_status(&draft, assessment);
    } else {
        say_unjudged(&draft, assessment);
    }
    say_pace(&draft, assessment);
    say_forecast(&draft, assessment);
    if (judged)
        say_chance(&draft, assessment);
    say_extras(&draft, assessment);
    say_zh(&draft, "。");
    say_en(&draft, ".");
}
