/* A pulled result for people. */
#include <stdio.h>
#include <string.h>

#include "cli/pull_parts.h"
#include "cli/words.h"
#include "plan/unit_words.h"

static const struct row_column table_columns[] = {
    {"indicator",  "指标",        "indicator",  COLUMN_TEXT  },
    {"name",       "名称",        "name",       COLUMN_TEXT  },
    {"value",      "数值",        "value",      COLUMN_NUMBER},
    {"unit",       "单位",        "unit",       COLUMN_TEXT  },
    {"reporting",  "已报/应报", "units",      COLUMN_NUMBER},
    {"target",     "目标",        "target",     COLUMN_TEXT  },
    {"attainment", "达标情况",  "attainment", COLUMN_TEXT  },
    {"remark",     "备注",        "remark",     COLUMN_TEXT  },
};

struct rows *pull_table_create(const struct context *context)
{
    return rows_create(context, table_columns, sizeof table_columns / sizeof *table_columns);
}

/* The operator and value as people write them. */
static const char *demand_text(const struct context *context, struct rows *rows,
                               const Zhibao__TargetResult *target)
{
    static const struct {
        const char *op, *zh, *zh_after, *en, *en_after;
    } words[] = {
        {"<=",                          "≤",             "",             "≤",         ""              },
        {">=",                          "≥",             "",             "≥",         ""              },
        {"<",                           "<",               "",             "<",           ""              },
        {">",                           ">",               "",             ">",           ""              },
        {"=",                           "=",               "",             "=",           ""              },
        {"~",                           "约",             "",             "about ",      ""              },
        {"maintain>=",                  "保持≥",       "",             "stay ≥",    ""              },
        {"maintain<=",                  "保持≤",       "",             "stay ≤",    ""              },
        {"decrease_by_pct",             "比基期下降", "%",            "fall by ",    "%"             },
        {"decrease_by_points_per_year", "年均下降",    "个百分点", "fall by ",    " points a year"},
        {"increase",                    "提高",          "",             "rise",        ""              },
        {"decrease",                    "下降",          "",             "fall",        ""              },
        {"qualitative",                 "定性目标",    "",             "qualitative", ""              },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(target->op, words[i].op) == 0)
            return rows_printf(rows, "%s%s%s", TR(context, words[i].zh, words[i].en), target->value,
                               TR(context, words[i].zh_after, words[i].en_after));
    return rows_printf(rows, "%s%s", target->op, target->value);
}

static const char *target_text(const struct context *context, struct rows *rows,
                               const Zhibao__TargetResult *target, bool with_code)
{
    return rows_printf(rows, "%s%s%s%s%s%s%s", with_code ? target->target : "",
                       with_code ? " " : "", demand_text(context, rows, target),
                       target->year[0] == '\0' ? "" : TR(context, "（", " ("), target->year,
                       target->year[0] == '\0' ? "" : TR(context, "）", ")"),
                       target->decides ? " *" : "");
}

static const char *value_text(const struct context *context, struct rows *rows,
                              const Zhibao__IndicatorResult *result)
{
    char text[64];
    if (result->suppressed)
        return "*";
    if (result->presence != ZHIBAO__PRESENCE__PRESENCE_VALUE)
        return result->presence == 0 ? "—" : presence_text(context, (int)result->presence);
    if (strcmp(result->unit, "yesno") == 0 || strcmp(result->kind, "existence") == 0)
        return result->value != 0 ? TR(context, "是", "yes") : TR(context, "否", "no");
    return rows_printf(rows, "%s", number_text(result->value, result->decimals, text));
}

/* For how many villages and children the value speaks. False without anything to say. */
static bool remark_coverage(const struct context *context, FILE *out, const char *blank,
                            const Zhibao__IndicatorResult *result)
{
    char share[64];
    bool unknown = !result->has_coverage && result->coverage_unknown > 0 && result->reporting > 0;
    if (result->reporting >= result->expected || (!result->has_coverage && !unknown))
        return false;
    if (context->english)
        fprintf(out, "%sfrom %u of %u villages, ", blank, result->reporting, result->expected);
    else
        fprintf(out, "%s来自%u个村中的%u个，", blank, result->expected, result->reporting);
    if (unknown)
        fputs(TR(context, "占儿童数的比例不明", "share of children not known"), out);
    else
        fprintf(out, TR(context, "占儿童数的%s%%", "%s%% of children"),
                number_text(100 * result->coverage, 1, share));
    return true;
}

/* Beside the value, on an indicator's first row. Gives the blank before what follows. */
static const char *remark_value(const struct context *context, FILE *out,
                                const struct pulled *pulled, const Zhibao__IndicatorResult *result)
{
    char name[UNIT_TEXT_BYTES];
    const char *blank = "";
    if (result->demonstration) {
        fputs(TR(context, "演示数据", "demonstration"), out);
        blank = " ";
    }
    if (pulled_is_printed(result)) {
        fprintf(out, "%s%s", blank,
                TR(context, "规划所载基数，非报送", "baseline from the plan's text, not reported"));
        blank = " ";
    }
    if (result->suppressed) {
        fprintf(out, "%s%s", blank, TR(context, "小数不公布", "small numbers left out"));
        blank = " ";
    }
    if (remark_coverage(context, out, blank, result))
        blank = " ";
    if (result->worst_place != 0) {
        fprintf(out, "%s%s%s", blank, TR(context, "最差：", "worst: "),
                pulled_name(pulled, result->worst_place, name));
        blank = " ";
    }
    return blank;
}

/* Beside the verdict. `blank` stands before the first part. */
static const char *remark_target(const struct context *context, FILE *out,
                                 const struct pulled *pulled, const Zhibao__TargetResult *target,
                                 const char *blank)
{
    char name[UNIT_TEXT_BYTES];
    for (size_t i = 0; i < target->n_failing; i++) {
        fprintf(out, "%s%s", i > 0 ? TR(context, "、", ", ") : blank,
                i > 0 ? "" : TR(context, "未达标：", "failing: "));
        fputs(pulled_name(pulled, target->failing[i], name), out);
        blank = " ";
    }
    bool explained = target->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_JUDGEABLE ||
                     target->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_NO_DATA ||
                     target->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_MET_UNCERTAIN ||
                     target->units_missing > 0;
    if (explained) {
        fprintf(out, "%s%s", blank, TR(context, target->why_zh, target->why_en));
        blank = " ";
    }
    if (target->looser) {
        fprintf(out, "%s%s", blank, TR(context, "目标比基数还松", "looser than its own baseline"));
        blank = " ";
    }
    return blank;
}

/* What a reader has to know beside the figures, its parts joined by blanks. */
static const char *remark_text(const struct context *context, struct rows *rows,
                               const struct pulled *pulled, const Zhibao__IndicatorResult *result,
                               const Zhibao__TargetResult *target, bool first)
{
    const char *blank = "";
    struct rows_text text;
    FILE *out = rows_text_begin(&text);
    if (out == NULL)
        return rows_text_end(rows, &text);
    if (first)
        blank = remark_value(context, out, pulled, result);
    if (target != NULL)
        blank = remark_target(context, out, pulled, target, blank);
    const Zhibao__Outlook *outlook = target == NULL ? result->outlook : target->outlook;
    if (outlook != NULL && outlook->note_zh[0] != '\0')
        fprintf(out, "%s%s", blank, TR(context, outlook->note_zh, outlook->note_en));
    return rows_text_end(rows, &text);
}

void pull_table_add(const struct context *context, struct rows *rows, const struct pulled *pulled,
                    const Zhibao__IndicatorResult *result, const Zhibao__TargetResult *target,
                    bool first)
{
    char stratum[128];
    const char *name = TR(context, result->name_zh, result->name_en);
    stratum_words(result->stratum, context->english, stratum, sizeof stratum);
    const char *const cells[] = {
        first ? result->indicator : "",
        !first                       ? ""
        : result->stratum[0] == '\0' ? name
                                     : rows_printf(rows, "%s [%s]", name, stratum),
        first ? value_text(context, rows, result) : "",
        first ? unit_word(result->unit, context->english) : "",
        first ? rows_printf(rows, "%u/%u", result->reporting, result->expected) : "",
        target == NULL ? "" : target_text(context, rows, target, result->indicator[0] == '\0'),
        target == NULL ? "" : attainment_text(context, (int)target->attainment),
        remark_text(context, rows, pulled, result, target, first),
    };
    rows_add(rows, cells);
}

void print_legend(const struct context *context, const struct pulled *pulled)
{
    bool decides = false, suppressed = false;
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *result = pulled->pages[page]->indicators[i];
            suppressed = suppressed || result->suppressed;
            for (size_t k = 0; k < result->n_targets; k++)
                decides = decides || result->targets[k]->decides;
        }
    if (decides)
        say(context, "目标后的 *：同一指标有几个目标时，以它为准",
            "* after a target: of several targets of an indicator, the one that decides");
    if (suppressed)
        say(context, "数值为 *：小于5的数和能推出它的数，不公布",
            "* instead of a value: below 5, or would give such a number away; not published");
}
