#include "assess/warning.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

const char *warning_kind_text(enum warning_kind kind)
{
    static const char *const texts[] = {"",          "unlikely", "very_unlikely", "fluctuation",
                                        "worsening", "missing",  "missed"};
    return texts[kind];
}

const char *warning_level_text(enum warning_level level)
{
    static const char *const texts[] = {"", "notice", "yellow", "red"};
    return texts[level];
}

static bool is_past(const struct assessment *a)
{
    return a->target != NULL && a->target->year != 0 && a->target->year <= a->latest_year;
}

/* The kind of warning that an assessment holds about its target; 0 for none. */
static int of_target(const struct assessment *a)
{
    if (is_past(a))
        return a->status == ASSESS_NOT_MET ? WARNING_MISSED : 0;
    return a->class == ASSESS_UNLIKELY        ? WARNING_UNLIKELY
           : a->class == ASSESS_VERY_UNLIKELY ? WARNING_VERY_UNLIKELY
                                              : 0;
}

static bool holds(const struct assessment *a, enum warning_kind kind)
{
    switch (kind) {
    case WARNING_UNLIKELY:
    case WARNING_VERY_UNLIKELY:
    case WARNING_MISSED: return of_target(a) != 0;
    case WARNING_FLUCTUATION: return a->fluctuation.kind > FLUCTUATION_NONE;
    case WARNING_WORSENING: return a->worsening;
    case WARNING_MISSING: return a->silent > 0;
    }
    return false;
}

/* A change is of one year and a silence begins where figures end; the others may have lasted. */
static int since(const struct assessment *a, const struct assess_context *context,
                 enum warning_kind kind)
{
    int first = a->latest_year;
    if (kind == WARNING_FLUCTUATION || kind == WARNING_MISSED)
        return a->judged_year > 0 && kind == WARNING_MISSED ? a->judged_year : first;
    if (kind == WARNING_MISSING)
        return a->latest_year + 1;
    struct assess_context then = {.panel = context->panel, .member = context->member};
    for (size_t i = a->count - 1; i-- > 0;) {
        then.year = a->series->points[i].year;
        struct assessment earlier = assess_judge(a->series, a->target, &then);
        if (!holds(&earlier, kind))
            break;
        first = then.year;
    }
    return first;
}

static enum warning_level level_of(const struct assessment *a, enum warning_kind kind)
{
    switch (kind) {
    case WARNING_VERY_UNLIKELY:
    case WARNING_MISSED: return WARNING_RED;
    case WARNING_FLUCTUATION:
        return a->fluctuation.kind == FLUCTUATION_FAVOURABLE ? WARNING_NOTICE : WARNING_YELLOW;
    default: return WARNING_YELLOW;
    }
}

static const char *why_zh(enum warning_kind kind)
{
    static const char *const texts[] = {"",
                                        "预计达标困难（黄色）",
                                        "预计难以达标（红色）",
                                        "波动较大",
                                        "已达标但在变差",
                                        "连续没有数据",
                                        "到期未达标（红色）"};
    return texts[kind];
}

static const char *why_en(enum warning_kind kind)
{
    static const char *const texts[] = {"",
                                        "unlikely to be reached (yellow)",
                                        "very unlikely to be reached (red)",
                                        "large fluctuation",
                                        "met but getting worse",
                                        "figures have stopped coming",
                                        "due and not met (red)"};
    return texts[kind];
}

/* Leaves room for what is put before the sentence. */
enum { SENTENCE_KEPT = SENTENCE_BYTES - 128 };

static void say(const struct assessment *a, struct warning *warning)
{
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    sentence_make(a, zh, en);
    zh[utf8_cut(zh, SENTENCE_KEPT)] = en[utf8_cut(en, SENTENCE_KEPT)] = '\0';
    snprintf(warning->zh, sizeof warning->zh, "%s，自%d年起：%.*s", why_zh(warning->kind),
             warning->since, SENTENCE_KEPT, zh);
    snprintf(warning->en, sizeof warning->en, "%s since %d: %.*s", why_en(warning->kind),
             warning->since, SENTENCE_KEPT, en);
}

/* Figures that never came: owed since the first year. */
static size_t never(const struct assessment *a, const struct assess_context *context,
                    struct warning *out_warning)
{
    if (context->first_year == 0 || context->reference_year <= context->first_year)
        return 0;
    *out_warning = (struct warning){
        .kind = WARNING_MISSING, .level = WARNING_YELLOW, .since = context->first_year};
    say(a, out_warning);
    return 1;
}

size_t warning_find(const struct assessment *assessment, const struct assess_context *context,
                    struct warning out_warnings[WARNINGS_MAX])
{
    static const enum warning_kind others[] = {WARNING_FLUCTUATION, WARNING_WORSENING,
                                               WARNING_MISSING};
    enum warning_kind found[WARNINGS_MAX];
    size_t count = 0;
    if (assessment->count == 0)
        return never(assessment, context, out_warnings);
    if (of_target(assessment) != 0)
        found[count++] = (enum warning_kind)of_target(assessment);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (holds(assessment, others[i]))
            found[count++] = others[i];
    for (size_t i = 0; i < count; i++) {
        struct warning *warning = &out_warnings[i];
        warning->kind = found[i];
        warning->level = level_of(assessment, found[i]);
        warning->since = since(assessment, context, found[i]);
        say(assessment, warning);
    }
    return count;
}
