/* assess: the statistics of common/assess on a file, without any server */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/assess_csv.h"
#include "assess/assess_run.h"
#include "assess/backtest.h"
#include "assess/sentence.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "lib/files.h"
#include "text/csv.h"

enum { FIGURE_BYTES_MAX = 32, ASSESS_COLUMNS = 20, BACKTEST_COLUMNS = 11 };

static const struct option assess_options[] = {
    {"year",          NULL, "YEAR", "只看到这一年为止的数据",                "look at no figure after this year"},
    {"backtest",      NULL, NULL,   "用文件中已知的数据检验预测有多准",
     "check on the file's own figures how good the forecasts are"                                                          },
    {"across-breaks", NULL, NULL,   "口径有变时也连着用以前的数",
     "use figures from before a change of definition too"                                                                  },
    {NULL,            NULL, NULL,   NULL,                                               NULL                               },
};

static const struct row_column assess_columns[ASSESS_COLUMNS] = {
    {"series",        "序列",       "series",        COLUMN_TEXT  },
    {"stratum",       "分组",       "stratum",       COLUMN_TEXT  },
    {"target_op",     "目标",       "target",        COLUMN_TEXT  },
    {"target_value",  "目标值",    "value",         COLUMN_NUMBER},
    {"target_year",   "目标年",    "year",          COLUMN_NUMBER},
    {"latest_year",   "最近年份", "latest",        COLUMN_NUMBER},
    {"latest_value",  "最近值",    "figure",        COLUMN_NUMBER},
    {"status",        "现状",       "status",        COLUMN_TEXT  },
    {"required_pace", "每年需",    "needed a year", COLUMN_NUMBER},
    {"recent_pace",   "近年每年", "moves a year",  COLUMN_NUMBER},
    {"forecast",      "预计",       "forecast",      COLUMN_NUMBER},
    {"low80",         "80%低",       "80% low",       COLUMN_NUMBER},
    {"high80",        "80%高",       "80% high",      COLUMN_NUMBER},
    {"low95",         "95%低",       "95% low",       COLUMN_NUMBER},
    {"high95",        "95%高",       "95% high",      COLUMN_NUMBER},
    {"p_reach",       "可能性",    "probability",   COLUMN_NUMBER},
    {"class",         "判断",       "class",         COLUMN_TEXT  },
    {"fluctuation",   "波动",       "fluctuation",   COLUMN_TEXT  },
    {"note_zh",       "说明",       "in Chinese",    COLUMN_TEXT  },
    {"note_en",       "英文说明", "note",          COLUMN_TEXT  },
};

static const struct row_column backtest_columns[BACKTEST_COLUMNS] = {
    {"indicator",     "指标",                     "indicator",             COLUMN_TEXT  },
    {"errors",        "误差来源",               "errors of",             COLUMN_TEXT  },
    {"window",        "所用年数",               "figures",               COLUMN_TEXT  },
    {"horizon",       "预测年数",               "years ahead",           COLUMN_TEXT  },
    {"cases",         "次数",                     "cases",                 COLUMN_NUMBER},
    {"mae_no_change", "误差÷按上年数",       "error / no change",     COLUMN_NUMBER},
    {"mae_line",      "误差÷按直线",          "error / straight line", COLUMN_NUMBER},
    {"cover80",       "80%区间覆盖",            "in 80%",                COLUMN_NUMBER},
    {"cover95",       "95%区间覆盖",            "in 95%",                COLUMN_NUMBER},
    {"brier",         "Brier分",                   "Brier score",           COLUMN_NUMBER},
    {"brier_pace",    "按进度是非的Brier分", "Brier of pace yes/no",  COLUMN_NUMBER},
};

/* Numbers for machines: "" when not known. */
static const char *significant(double value, int digits, char text[FIGURE_BYTES_MAX])
{
    text[0] = '\0';
    if (isfinite(value))
        snprintf(text, FIGURE_BYTES_MAX, "%.*g", digits, value == 0 ? 0 : value);
    return text;
}

static const char *decimal(double value, int decimals, char text[FIGURE_BYTES_MAX])
{
    text[0] = '\0';
    if (isfinite(value))
        snprintf(text, FIGURE_BYTES_MAX, "%.*f", decimals, value);
    return text;
}

static const char *year_text(int year, char text[FIGURE_BYTES_MAX])
{
    return decimal(year == 0 ? (double)NAN : (double)year, 0, text);
}

/* The cells of one assessment, in the order of assess_columns, and the room they take. */
struct cells {
    const char *texts[ASSESS_COLUMNS];
    char numbers[ASSESS_COLUMNS][FIGURE_BYTES_MAX];
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
};

static void fill_cells(const struct assessment *a, struct cells *cells)
{
    const struct assess_target *target = a->target;
    const double figures[] = {
        a->forecast.value, a->forecast.low80,  a->forecast.high80,
        a->forecast.low95, a->forecast.high95,
    };
    sentence_make(a, cells->zh, cells->en);
    const char **text = cells->texts;
    *text++ = a->series->name;
    *text++ = a->series->stratum;
    *text++ = target == NULL ? "" : assess_operator_names[target->op];
    *text++ = target == NULL ? "" : target->value_text;
    *text++ = year_text(target == NULL ? 0 : target->year, cells->numbers[4]);
    *text++ = year_text(a->latest_year, cells->numbers[5]);
    *text++ = significant(a->latest_value, 10, cells->numbers[6]);
    *text++ = assess_status_text(a->status);
    *text++ = significant(a->required_pace, 6, cells->numbers[8]);
    *text++ = significant(a->recent_pace, 6, cells->numbers[9]);
    for (size_t i = 0; i < 5; i++)
        *text++ =
            significant(a->has_forecast ? figures[i] : (double)NAN, 6, cells->numbers[10 + i]);
    *text++ = decimal(a->p_reach, 4, cells->numbers[15]);
    *text++ = assess_class_text(a->class);
    *text++ = fluctuation_text(a->fluctuation.kind);
    *text++ = cells->zh;
    *text++ = cells->en;
}

/* What a table shows of the columns: a terminal is narrower than a spreadsheet. The last is the
 * sentence in the user's language. */
static const size_t shown[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 15, 16, 17, 18};
enum { SHOWN_COLUMNS = sizeof shown / sizeof *shown, NOTE_EN = ASSESS_COLUMNS - 1 };

static size_t shown_column(const struct context *context, size_t index)
{
    return context->english && index + 1 == SHOWN_COLUMNS ? NOTE_EN : shown[index];
}

/* A word of the status, class and fluctuation columns in Chinese. */
static const char *in_chinese(const char *word)
{
    static const char *const words[][2] = {
        {"met",               "达标"                     },
        {"met_uncertain",     "达标不确定"            },
        {"not_met",           "未达标"                  },
        {"no_data",           "无数据"                  },
        {"not_judgeable",     "无法判断"               },
        {"reached",           "已达标"                  },
        {"likely",            "可望达标"               },
        {"watch",             "关注"                     },
        {"unlikely",          "预计达标困难（黄）"},
        {"very_unlikely",     "难以达标（红）"      },
        {"insufficient_data", "数据不足"               },
        {"none",              "无"                        },
        {"adverse",           "较大（不利）"         },
        {"favourable",        "较大（有利）"         },
        {"large",             "较大"                     },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], word) == 0)
            return words[i][1];
    return word;
}

struct printing {
    const struct context *context;
    struct rows *rows;
};

static void add_assessment(const struct assessment *assessment, void *taker)
{
    const struct printing *printing = taker;
    struct cells cells;
    fill_cells(assessment, &cells);
    if (printing->context->format != FORMAT_TABLE) {
        rows_add(printing->rows, cells.texts);
        return;
    }
    const char *texts[SHOWN_COLUMNS];
    for (size_t i = 0; i < SHOWN_COLUMNS; i++) {
        size_t column = shown_column(printing->context, i);
        bool word = column == 7 || column == 16 || column == 17;
        texts[i] = word && !printing->context->english ? in_chinese(cells.texts[column])
                                                       : cells.texts[column];
    }
    rows_add(printing->rows, texts);
}

static void add_backtest(const struct backtest_row *row, void *taker)
{
    const struct printing *printing = taker;
    char numbers[9][FIGURE_BYTES_MAX];
    const char *cells[BACKTEST_COLUMNS] = {
        row->name,
        row->mode == INTERVAL_PANEL ? "panel" : "alone",
        row->window == 0 ? "all" : decimal((double)row->window, 0, numbers[0]),
        row->years == 0 ? "all" : decimal(row->years, 0, numbers[1]),
        decimal((double)row->cases, 0, numbers[2]),
        decimal(row->mae_no_change, 3, numbers[3]),
        decimal(row->mae_line, 3, numbers[4]),
        decimal(row->cover80, 3, numbers[5]),
        decimal(row->cover95, 3, numbers[6]),
        decimal(row->brier, 3, numbers[7]),
        decimal(row->brier_pace, 3, numbers[8]),
    };
    rows_add(printing->rows, cells);
}

static void print_problems(const struct context *context, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        complain(context, "%s：%s", "%s: %s", problem->field,
                 TR(context, problem->zh, problem->en));
    }
    if (problems->dropped > 0)
        complain(context, "另有%zu处问题未列出", "%zu more problems are not shown",
                 problems->dropped);
}

/* The columns that the user's format shows; `chosen` has room for those of a table. */
static struct rows *create_rows(const struct context *context, bool backtest,
                                struct row_column chosen[SHOWN_COLUMNS])
{
    if (backtest)
        return rows_create(context, backtest_columns, BACKTEST_COLUMNS);
    if (context->format != FORMAT_TABLE)
        return rows_create(context, assess_columns, ASSESS_COLUMNS);
    for (size_t i = 0; i < SHOWN_COLUMNS; i++)
        chosen[i] = assess_columns[shown_column(context, i)];
    return rows_create(context, chosen, SHOWN_COLUMNS);
}

static enum exit_code assess_series(struct context *context, const struct assess_file *file)
{
    size_t count = 0;
    uint32_t year = 0;
    struct row_column chosen[SHOWN_COLUMNS];
    bool backtest = option_given(context, "backtest");
    const struct assess_series *series = assess_file_series(file, &count);
    if (!option_year(context, false, &year))
        return EXIT_MISUSED;
    struct printing printing = {context, create_rows(context, backtest, chosen)};
    enum status status = printing.rows == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK && backtest)
        status = backtest_run(series, count, add_backtest, &printing);
    else if (status == STATUS_OK)
        status = assess_run(series, count, (int)year, option_given(context, "across-breaks"),
                            add_assessment, &printing);
    if (status == STATUS_OK && !rows_print(printing.rows))
        status = STATUS_NO_MEMORY;
    rows_destroy(&printing.rows);
    if (status == STATUS_NOT_FOUND)
        complain(context, "没有足够长的序列可供检验（至少5年数据，另加1年）",
                 "no series is long enough to check on (5 figures and one more)");
    else if (status != STATUS_OK)
        complain(context, "%s", "%s", TR(context, status_zh(status), status_en(status)));
    return status == STATUS_OK ? EXIT_DONE : EXIT_MISUSED;
}

static enum exit_code run_assess(struct context *context)
{
    const char *path = context->arguments[0];
    const char *name = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct problems problems;
    struct assess_file *file = NULL;
    enum exit_code code = EXIT_MISUSED;
    enum status status = file_read(path, TABLE_BYTES_MAX, &bytes, &size);
    if (status != STATUS_OK) {
        complain(context, "读不出 %s：%s", "cannot read %s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
        return EXIT_MISUSED;
    }
    problems_init(&problems);
    status = assess_csv_read(bytes, size, name, &problems, &file);
    print_problems(context, &problems);
    if (status == STATUS_OK && assess_file_left_out(file) > 0)
        complain(context, "%zu个序列有误，未评估；其余照常",
                 "%zu series left out; the others stand", assess_file_left_out(file));
    if (status == STATUS_OK)
        code = assess_series(context, file);
    else
        complain(context, "%s：没有可评估的序列", "%s: nothing in it can be assessed", name);
    assess_file_destroy(&file);
    problems_clear(&problems);
    free(bytes);
    return code;
}

static const char assess_zh[] =
    "评估CSV中的序列：现状、预测、预警（不需服务器）\n"
    "每行一年的数、一个目标，或两者。列（先后不拘，多余的列不看）：\n"
    "  series 序列名，stratum 分组（空为全体）：两者相同的各行是一个序列\n"
    "  kind      percent（0—100）gross_percent（可超过100）permille per_1000 per_10000\n"
    "            per_100000 count measure\n"
    "  polarity  higher lower hold near\n"
    "  year value；numerator denominator 可空（value空则由它们算出）\n"
    "  target_op <= >= < > = ~ maintain>= maintain<= decrease_by_pct\n"
    "            decrease_by_points_per_year increase decrease\n"
    "  target_value target_year；base_year base_value 可空。目标写在本序列任一行，可有几个\n"
    "  可加 indicator（同一指标的序列50个以上互相借鉴误差）、definition（口径，变了就断开）\n"
    "方法和实测：common/assess/README.md。退出码2：没有一个序列可评估。";
static const char assess_en[] =
    "assess the series of a CSV file: status, forecast, warning (no server)\n"
    "A row is a year's figure, a target, or both. Columns, in any order, others are passed "
    "over:\n"
    "  series, stratum (blank: the whole): rows that share both are one series\n"
    "  kind      percent (0-100) gross_percent (may pass 100) permille per_1000 per_10000\n"
    "            per_100000 count measure\n"
    "  polarity  higher lower hold near\n"
    "  year value; numerator denominator may be blank (a blank value is worked out from them)\n"
    "  target_op <= >= < > = ~ maintain>= maintain<= decrease_by_pct\n"
    "            decrease_by_points_per_year increase decrease\n"
    "  target_value target_year; base_year base_value may be blank. Targets stand in any row of\n"
    "            their series, which may have several\n"
    "  and if you like indicator (50 or more series of one teach each other their errors) and\n"
    "  definition (what the figure means: where it changes the series breaks)\n"
    "Method, and how good it is: common/assess/README.md. Exit code 2: no series can be assessed.";

const struct command commands_assess[] = {
    {"assess", "FILE.csv", assess_zh, assess_en, assess_options, 1, 1, true,  run_assess},
    {NULL,     NULL,       NULL,      NULL,      NULL,           0, 0, false, NULL      },
};
