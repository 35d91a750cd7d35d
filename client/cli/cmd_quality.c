/* quality, areas */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis.pb-c.h"
#include "assess/quality.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "plan/unit_words.h"

enum { PAGES_MAX = 1024, FIXED_COLUMNS = 4 };

static const struct option quality_options[] = {
    {"place",    NULL, "CODE", "区划代码（市或以下）",             "the place's code, at most a city"   },
    {"year",     NULL, "YEAR", "报告期（年份）",                      "the year"                           },
    {"plan",     NULL, "PLAN", "规划代码（默认该地现行规划）", "the plan (default: the place's own)"},
    {"findings", NULL, NULL,   "逐条列出发现（csv、json 也是）",  "list what was found, one by one"    },
    {NULL,       NULL, NULL,   NULL,                                         NULL                                 },
};

static const struct option areas_options[] = {
    {"place",     NULL, "CODE", "区划代码（市或以下），列出下一级各地",
     "the place's code; the places just below are listed"                                                                        },
    {"year",      NULL, "YEAR", "报告期（年份），与前两年合并",              "the year, pooled with the two before"},
    {"indicator", NULL, "CODE", "指标（由人数相除的）",                          "an indicator that divides counts"    },
    {"plan",      NULL, "PLAN", "规划代码（默认该地现行规划）",              "the plan (default: the place's own)" },
    {"public",    NULL, NULL,   "供公布：小于5的数和能推出它的数不显示",
     "for publication: small numbers left out"                                                                                   },
    {NULL,        NULL, NULL,   NULL,                                                      NULL                                  },
};

static const struct row_column score_columns[] = {
    {"unit",         "单位",       "unit",         COLUMN_TEXT  },
    {"name",         "名称",       "name",         COLUMN_TEXT  },
    {"score",        "得分",       "score",        COLUMN_NUMBER},
    {"completeness", "完整",       "completeness", COLUMN_NUMBER},
    {"timeliness",   "及时",       "timeliness",   COLUMN_NUMBER},
    {"outliers",     "离群",       "outliers",     COLUMN_NUMBER},
    {"peers",        "与同类比", "peers",        COLUMN_NUMBER},
    {"consistency",  "历年一致", "consistency",  COLUMN_NUMBER},
    {"related",      "相关指标", "related",      COLUMN_NUMBER},
    {"sums",         "分合相符", "sums",         COLUMN_NUMBER},
    {"slips",        "单位错",    "slips",        COLUMN_NUMBER},
    {"repeated",     "三年同数", "repeated",     COLUMN_NUMBER},
    {"restated",     "无故改数", "restated",     COLUMN_NUMBER},
    {"findings",     "发现",       "findings",     COLUMN_NUMBER},
};

static const struct row_column finding_columns[] = {
    {"unit",    "单位",       "unit",       COLUMN_TEXT  },
    {"name",    "名称",       "name",       COLUMN_TEXT  },
    {"part",    "方面",       "part",       COLUMN_TEXT  },
    {"form",    "报表",       "form",       COLUMN_TEXT  },
    {"cell",    "栏",          "cell",       COLUMN_NUMBER},
    {"period",  "年份",       "period",     COLUMN_NUMBER},
    {"note_zh", "说明",       "in Chinese", COLUMN_TEXT  },
    {"note_en", "英文说明", "note",       COLUMN_TEXT  },
};

static const struct row_column area_columns[] = {
    {"place",       "区划",       "place",       COLUMN_TEXT  },
    {"name",        "名称",       "name",        COLUMN_TEXT  },
    {"years",       "合并年数", "years",       COLUMN_NUMBER},
    {"numerator",   "分子",       "numerator",   COLUMN_NUMBER},
    {"denominator", "分母",       "denominator", COLUMN_NUMBER},
    {"rate",        "合并率",    "rate",        COLUMN_NUMBER},
    {"low95",       "95%低",       "95% low",     COLUMN_NUMBER},
    {"high95",      "95%高",       "95% high",    COLUMN_NUMBER},
    {"smoothed",    "平滑率",    "smoothed",    COLUMN_NUMBER},
    {"suppressed",  "不公布",    "left out",    COLUMN_FLAG  },
};

static void add_scores(struct rows *rows, const Zhibao__QualityRow *row)
{
    char unit[UNIT_TEXT_BYTES];
    const char *cells[sizeof score_columns / sizeof *score_columns] = {
        unit_format(row->unit, unit), row->name,
        row->has_score ? rows_printf(rows, "%.3f", row->score) : ""};
    for (size_t i = 0; i < QUALITY_PARTS; i++) {
        const Zhibao__QualityPart *part = i < row->n_parts ? row->parts[i] : NULL;
        cells[i + 3] =
            part == NULL || part->looked_at == 0
                ? ""
                : rows_printf(rows, "%.3f", 1 - (double)part->flagged / (double)part->looked_at);
    }
    cells[QUALITY_PARTS + 3] = rows_printf(rows, "%zu", row->n_findings);
    rows_add(rows, cells);
}

static void add_findings(struct rows *rows, const Zhibao__QualityRow *row)
{
    char unit[UNIT_TEXT_BYTES];
    for (size_t i = 0; i < row->n_findings; i++) {
        const Zhibao__QualityFinding *finding = row->findings[i];
        const char *const cells[] = {
            unit_format(row->unit, unit),
            row->name,
            finding->part,
            finding->form,
            finding->cell == 0 ? "" : rows_printf(rows, "%u", finding->cell),
            rows_printf(rows, "%u", finding->period),
            finding->zh,
            finding->en,
        };
        rows_add(rows, cells);
    }
}

static enum exit_code print_and_close(const struct context *context, struct rows **rows)
{
    bool printed = rows_print(*rows);
    rows_destroy(rows);
    if (!printed)
        complain(context, "内存不足", "out of memory");
    return printed ? EXIT_DONE : EXIT_MISUSED;
}

static enum exit_code run_quality(struct context *context)
{
    Zhibao__Quality question = ZHIBAO__QUALITY__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    bool findings = option_given(context, "findings");
    if (!option_place(context, "place", true, &question.place) ||
        !option_year(context, true, &question.period) || !context_connect(context, &code))
        return code;
    if (option_given(context, "plan"))
        question.plan = (char *)option_text(context, "plan");
    struct rows *rows = findings ? rows_create(context, finding_columns,
                                               sizeof finding_columns / sizeof *finding_columns)
                                 : rows_create(context, score_columns,
                                               sizeof score_columns / sizeof *score_columns);
    for (size_t pages = 0; rows != NULL && pages < PAGES_MAX; pages++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_QUALITY, &question.base, &message, &code)) {
            rows_destroy(&rows);
            return code;
        }
        const Zhibao__QualityScores *page = (const Zhibao__QualityScores *)message;
        for (size_t i = 0; i < page->n_rows; i++) {
            if (findings)
                add_findings(rows, page->rows[i]);
            else
                add_scores(rows, page->rows[i]);
        }
        if (page->next[0] == '\0')
            break;
        question.cursor = page->next;
    }
    if (context->format == FORMAT_TABLE)
        say(context, "得分是值得一问的理由，不是结论（各方面同权，1为没有发现）",
            "a score is a reason to ask, not a verdict (parts count equally, 1: nothing found)");
    return rows == NULL ? EXIT_MISUSED : print_and_close(context, &rows);
}

static void add_area(struct rows *rows, const Zhibao__Area *area)
{
    const char *const cells[] = {
        rows_printf(rows, "%012" PRIu64, area->place),
        area->name,
        area->years == 0 ? "" : rows_printf(rows, "%u", area->years),
        area->has_value ? rows_printf(rows, "%.15g", area->numerator) : "",
        area->has_value ? rows_printf(rows, "%.15g", area->denominator) : "",
        area->has_rate ? rows_printf(rows, "%.6g", area->rate) : "",
        area->has_rate ? rows_printf(rows, "%.6g", area->low95) : "",
        area->has_rate ? rows_printf(rows, "%.6g", area->high95) : "",
        area->has_smoothed ? rows_printf(rows, "%.6g", area->smoothed) : "",
        area->suppressed ? "1" : "0",
    };
    rows_add(rows, cells);
}

/* From one in twenty on, chance may be all there is to it. */
static void say_gap(const struct context *context, const Zhibao__AreaGap *gap)
{
    say(context, "最高 %s，最低 %s，相差 %.4g（p=%.2g%s）",
        "highest %s, lowest %s, %.4g apart (p = %.2g%s)", gap->highest_name, gap->lowest_name,
        gap->difference, gap->p,
        gap->p < 0.05 ? "" : TR(context, "，可能只是偶然", ", which may be chance"));
}

static enum exit_code run_areas(struct context *context)
{
    Zhibao__Areas question = ZHIBAO__AREAS__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    if (!option_given(context, "indicator"))
        return misused(context, "请给出 --indicator", "--indicator is needed");
    if (!option_place(context, "place", true, &question.place) ||
        !option_year(context, true, &question.period) || !context_connect(context, &code))
        return code;
    question.indicator = (char *)option_text(context, "indicator");
    question.published = option_given(context, "public");
    if (option_given(context, "plan"))
        question.plan = (char *)option_text(context, "plan");
    if (!context_ask(context, ZHIBAO__KIND__KIND_AREAS, &question.base, &message, &code))
        return code;
    const Zhibao__AreaRows *answer = (const Zhibao__AreaRows *)message;
    struct rows *rows =
        rows_create(context, area_columns, sizeof area_columns / sizeof *area_columns);
    for (size_t i = 0; rows != NULL && i < answer->n_areas; i++)
        add_area(rows, answer->areas[i]);
    if (context->format == FORMAT_TABLE) {
        say(context, "%s %u年　%s%s", "%s %u, %s%s", answer->place_name, answer->period,
            TR(context, answer->name_zh, answer->name_en),
            answer->demonstration ? TR(context, "　【含演示数据】", " [with demonstration data]")
                                  : "");
        if (answer->gap != NULL)
            say_gap(context, answer->gap);
        if (answer->mortality)
            say(context, "乡镇的死亡率不排名，只给合并后的平滑率",
                "mortality of townships is not ranked: only pooled, smoothed rates");
    }
    return rows == NULL ? EXIT_MISUSED : print_and_close(context, &rows);
}

const struct command commands_quality[] = {
    {"quality", "--place CODE --year YEAR [--findings]",                "数据质量：每个单位的得分和各方面的发现",
     "data quality: each unit's score and what it is made of",                                                                                                                                                        quality_options, 0, 0, true,
     run_quality                                                                                                                                                                                                                                             },
    {"areas",   "--place CODE --year YEAR --indicator CODE [--public]",
     "一项指标在下一级各地：三年合并、区间、平滑率（作图用）",                                            "an indicator in the places below: pooled, with interval and smoothed for maps", areas_options,
     0,                                                                                                                                                                                                                                   0, true,  run_areas},
    {NULL,      NULL,                                                   NULL,                                                        NULL,                                                                            NULL,            0, 0, false, NULL     },
};
