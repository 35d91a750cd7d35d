/* pull */
#include <stdio.h>
#include <string.h>

#include "cli/families.h"
#include "cli/past.h"
#include "cli/pull_rows.h"

static const struct option pull_options[] = {
    {"place",         NULL, "CODE", "区划代码",                                                    "the place's code"                   },
    {"year",          NULL, "YEAR", "报告期（年份）",                                           "the year"                           },
    {"plan",          NULL, "PLAN", "规划代码（默认该地现行规划）",                      "the plan (default: the place's own)"},
    {"indicator",     NULL, "CODE", "只看这项指标",                                              "only this indicator"                },
    {"completeness",  NULL, NULL,   "只看报送进度（csv、json 中也只有这部分）",
     "only completeness (also in csv and json)"                                                                                             },
    {"analysis",      NULL, NULL,   "加上预测、达标可能性、各分组和城乡性别差距",
     "also forecasts, probabilities, groups and gaps"                                                                                       },
    {"across-breaks", NULL, NULL,   "口径有变时也连着用以前的数",
     "use figures from before a change of definition too"                                                                                   },
    {"public",        NULL, NULL,   "供公布：小于5的数和能推出它的数都不显示",
     "for publication: counts below 5, and what gives them away, left out"                                                                  },
    {NULL,            NULL, NULL,   NULL,                                                              NULL                                 },
};

static bool fetch(struct context *context, struct pulled *pulled, enum exit_code *out_code)
{
    Zhibao__Pull question = ZHIBAO__PULL__INIT;
    ProtobufCMessage *message = NULL;
    *out_code = EXIT_MISUSED;
    if (!option_place(context, "place", true, &question.place) ||
        !option_year(context, true, &question.period) || !context_connect(context, out_code))
        return false;
    if (option_given(context, "plan"))
        question.plan = (char *)option_text(context, "plan");
    question.analysis = option_given(context, "analysis");
    question.across_breaks = option_given(context, "across-breaks");
    question.published = option_given(context, "public");
    if (option_given(context, "indicator"))
        question.indicator = (char *)option_text(context, "indicator");
    for (;;) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_PULL, &question.base, &message, out_code))
            return false;
        const Zhibao__Pulled *page = (const Zhibao__Pulled *)message;
        if (pulled->count == PULLED_PAGES_MAX) {
            complain(context, "答复过长，请用 --indicator 缩小范围",
                     "the answer is too long: narrow it with --indicator");
            return false;
        }
        pulled->pages[pulled->count++] = page;
        if (page->next[0] == '\0')
            return true;
        question.cursor = page->next;
    }
}

static void print_head(const struct context *context, const Zhibao__Pulled *page)
{
    say(context, "%s %u年　%s%s%s", "%s %u, %s%s%s", page->place_name, page->period,
        TR(context, page->plan_name_zh, page->plan_name_en),
        page->locked ? TR(context, "　【已锁定】", " [locked]") : "",
        page->demonstration ? TR(context, "　【含演示数据】", " [with demonstration data]") : "");
}

/* What was said of the figures behind each indicator; its strata would only repeat it. */
static void print_explained(const struct context *context, const struct pulled *pulled)
{
    bool any = false;
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = pulled->pages[page]->indicators[i];
            if (row->explained_count == 0 || row->stratum[0] != '\0')
                continue;
            if (!any)
                printf("\n%s\n", TR(context, "说明：", "explanations:"));
            any = true;
            printf(TR(context, "%s（%u处）\n", "%s (%u)\n"),
                   TR(context, row->name_zh, row->name_en), row->explained_count);
            explained_print(context, row->explained, row->n_explained, stdout);
        }
}

static bool print_tables(const struct context *context, const struct pulled *pulled)
{
    bool only = option_given(context, "completeness");
    struct rows *values = indicator_rows(context, pulled);
    struct rows *forms = completeness_rows(context, pulled);
    struct rows *gaps = gap_rows(context, pulled);
    bool printed = values != NULL && forms != NULL && gaps != NULL;
    if (printed) {
        print_head(context, pulled->pages[0]);
        if (!only) {
            printed = rows_print(values);
            print_legend(context, pulled);
            print_pass(context, pulled);
        }
        if (!only && rows_count(gaps) > 0) {
            printf("\n%s\n", TR(context, "差距：", "gaps:"));
            printed = printed && rows_print(gaps);
        }
        if (!only)
            print_explained(context, pulled);
        printf("\n%s\n", TR(context, "报送进度：", "completeness:"));
        printed = printed && rows_print(forms);
        print_missing(context, pulled);
    }
    rows_destroy(&values);
    rows_destroy(&forms);
    rows_destroy(&gaps);
    return printed;
}

static bool print_csv(const struct context *context, const struct pulled *pulled)
{
    struct rows *rows = option_given(context, "completeness") ? completeness_rows(context, pulled)
                                                              : indicator_rows(context, pulled);
    bool printed = rows != NULL && rows_print(rows);
    rows_destroy(&rows);
    return printed;
}

static enum exit_code run_pull(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    struct pulled *pulled = arena_alloc(context->arena, sizeof *pulled);
    if (pulled == NULL || !fetch(context, pulled, &code))
        return code;
    bool printed = false;
    switch (context->format) {
    case FORMAT_TABLE:
        pulled_forms_fetch(context, pulled);
        printed = print_tables(context, pulled);
        break;
    case FORMAT_CSV: printed = print_csv(context, pulled); break;
    case FORMAT_JSON: printed = print_pulled_json(context, pulled); break;
    }
    if (!printed)
        complain(context, "内存不足", "out of memory");
    return printed ? EXIT_DONE : EXIT_MISUSED;
}

const struct command commands_pull[] = {
    {"pull", "--place CODE --year YEAR [--indicator CODE] [--analysis] [--public] [--completeness]",
     "汇总结果：每项指标的值、目标和达标情况，报送进度，还缺哪些单位",
     "consolidated results: each indicator's value, targets and attainment; who has not reported",               pull_options, 0, 0, true,  run_pull},
    {NULL,   NULL,                                                                                   NULL, NULL, NULL,         0, 0, false, NULL    },
};
