#include <stdio.h>

#include "cli/pull_rows.h"
#include "cli/words.h"
#include "plan/unit_words.h"

static const struct row_column columns[] = {
    {"indicator",    "指标", "indicator",  COLUMN_TEXT  },
    {"name",         "名称", "name",       COLUMN_TEXT  },
    {"first",        "甲",    "first",      COLUMN_TEXT  },
    {"first_value",  "甲值", "is",         COLUMN_NUMBER},
    {"second",       "乙",    "second",     COLUMN_TEXT  },
    {"second_value", "乙值", "is",         COLUMN_NUMBER},
    {"difference",   "相差", "difference", COLUMN_NUMBER},
    {"ratio",        "差比", "ratio",      COLUMN_NUMBER},
    {"ahead",        "较好", "better",     COLUMN_TEXT  },
    {"p",            "偶然", "by chance",  COLUMN_NUMBER},
};

static void add_gap(const struct context *context, struct rows *rows,
                    const Zhibao__IndicatorResult *result, const Zhibao__Gap *gap)
{
    char first[128], second[128], values[3][64];
    bool table = context->format == FORMAT_TABLE;
    const char *ahead = gap->ahead == 0 ? "" : gap->ahead > 0 ? gap->first : gap->second;
    stratum_words(gap->first, context->english, first, sizeof first);
    stratum_words(gap->second, context->english, second, sizeof second);
    if (table && gap->ahead != 0)
        ahead = gap->ahead > 0 ? first : second;
    number_text(gap->first_value, result->decimals, values[0]);
    number_text(gap->second_value, result->decimals, values[1]);
    number_text(gap->difference, result->decimals, values[2]);
    const char *const cells[] = {
        result->indicator,
        TR(context, result->name_zh, result->name_en),
        table ? first : gap->first,
        table ? values[0] : rows_printf(rows, "%.15g", gap->first_value),
        table ? second : gap->second,
        table ? values[1] : rows_printf(rows, "%.15g", gap->second_value),
        table ? values[2] : rows_printf(rows, "%.15g", gap->difference),
        gap->has_ratio ? rows_printf(rows, table ? "%.2f" : "%.15g", gap->ratio) : "",
        ahead,
        gap->has_p ? rows_printf(rows, "%.2g", gap->p) : "",
    };
    rows_add(rows, cells);
}

struct rows *gap_rows(const struct context *context, const struct pulled *pulled)
{
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    for (size_t page = 0; rows != NULL && page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *result = pulled->pages[page]->indicators[i];
            for (size_t k = 0; k < result->n_gaps; k++)
                add_gap(context, rows, result, result->gaps[k]);
        }
    return rows;
}

void print_pass(const struct context *context, const struct pulled *pulled)
{
    const Zhibao__PassRate *pass = pulled->pages[0]->pass;
    if (pass == NULL || !pass->has_rates)
        return;
    uint32_t judged = pass->met + pass->not_met;
    uint32_t all = judged + pass->no_data + pass->not_judgeable;
    say(context,
        "达标率：可判断的%u项中达标%u项，%.1f%%；全部%u项中%.1f%%（无数据%u，无法判断%u）。"
        "达标中%u项数量少、不确定。",
        "met: %2$u of the %1$u that can be judged, %3$.1f%%; of all %4$u, %5$.1f%% (no data %6$u, "
        "not judgeable %7$u). Of those met, %8$u are uncertain for want of numbers.",
        judged, pass->met, 100 * pass->of_judgeable, all, 100 * pass->of_all, pass->no_data,
        pass->not_judgeable, pass->met_uncertain);
    if (pass->has_realisation)
        say(context,
            pass->weighted ? "实现程度（%u项，按规划的权重）：%.1f%%"
                           : "实现程度（%u项平均，规划没有权重，各项同权）：%.1f%%",
            pass->weighted ? "realisation (%u targets, by the plan's weights): %.1f%%"
                           : "realisation (mean of %u; the plan states no weights, all count "
                             "alike): %.1f%%",
            pass->realisation_of, 100 * pass->realisation);
    if (pass->has_progress)
        say(context, "从基数走到目标的路程（%u项的中位数）：%.0f%%",
            "way from base to target (median of %u): %.0f%%", pass->progress_of,
            100 * pass->progress);
}
