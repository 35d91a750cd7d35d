/* warnings */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis.pb-c.h"
#include "cli/families.h"
#include "cli/json.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "plan/unit_words.h"

enum { PAGES_MAX = 64 };

static const struct option warnings_options[] = {
    {"place",         NULL, "CODE", "区划代码",                               "the place's code"                   },
    {"year",          NULL, "YEAR", "报告期（年份），只看到这一年",
     "the year; figures after it are not looked at"                                                                    },
    {"plan",          NULL, "PLAN", "规划代码（默认该地现行规划）", "the plan (default: the place's own)"},
    {"across-breaks", NULL, NULL,   "口径有变时也连着用以前的数",
     "use figures from before a change of definition too"                                                              },
    {NULL,            NULL, NULL,   NULL,                                         NULL                                 },
};

static const struct row_column machine_columns[] = {
    {"level",         "", "", COLUMN_TEXT  },
    {"kind",          "", "", COLUMN_TEXT  },
    {"indicator",     "", "", COLUMN_TEXT  },
    {"name_zh",       "", "", COLUMN_TEXT  },
    {"name_en",       "", "", COLUMN_TEXT  },
    {"stratum",       "", "", COLUMN_TEXT  },
    {"unit",          "", "", COLUMN_TEXT  },
    {"target",        "", "", COLUMN_TEXT  },
    {"target_op",     "", "", COLUMN_TEXT  },
    {"target_value",  "", "", COLUMN_TEXT  },
    {"target_year",   "", "", COLUMN_TEXT  },
    {"since",         "", "", COLUMN_NUMBER},
    {"latest_year",   "", "", COLUMN_NUMBER},
    {"latest_value",  "", "", COLUMN_NUMBER},
    {"required_pace", "", "", COLUMN_NUMBER},
    {"recent_pace",   "", "", COLUMN_NUMBER},
    {"forecast_year", "", "", COLUMN_NUMBER},
    {"forecast",      "", "", COLUMN_NUMBER},
    {"low80",         "", "", COLUMN_NUMBER},
    {"high80",        "", "", COLUMN_NUMBER},
    {"low95",         "", "", COLUMN_NUMBER},
    {"high95",        "", "", COLUMN_NUMBER},
    {"p_reach",       "", "", COLUMN_NUMBER},
    {"class",         "", "", COLUMN_TEXT  },
    {"fluctuation",   "", "", COLUMN_TEXT  },
    {"demonstration", "", "", COLUMN_FLAG  },
    {"note_zh",       "", "", COLUMN_TEXT  },
    {"note_en",       "", "", COLUMN_TEXT  },
};

static const struct row_column table_columns[] = {
    {"level",     "级别", "level",     COLUMN_TEXT  },
    {"indicator", "指标", "indicator", COLUMN_TEXT  },
    {"target",    "目标", "target",    COLUMN_TEXT  },
    {"since",     "自",    "since",     COLUMN_NUMBER},
    {"note",      "说明", "what",      COLUMN_TEXT  },
};

static const char *level_text(const struct context *context, const char *level)
{
    static const char *const words[][3] = {
        {"red",    "红",    "red"   },
        {"yellow", "黄",    "yellow"},
        {"notice", "提示", "notice"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], level) == 0)
            return TR(context, words[i][1], words[i][2]);
    return level;
}

static const char *number(struct rows *rows, bool given, double value)
{
    return given ? rows_printf(rows, "%.10g", value) : "";
}

static const char *year(struct rows *rows, uint32_t value)
{
    return value == 0 ? "" : rows_printf(rows, "%u", value);
}

static void add_machine_row(struct rows *rows, const Zhibao__Warning *warning)
{
    static const Zhibao__Outlook none = ZHIBAO__OUTLOOK__INIT;
    const Zhibao__Outlook *outlook = warning->outlook == NULL ? &none : warning->outlook;
    bool foretold = outlook->forecast_year != 0;
    const char *const cells[] = {
        warning->level,
        warning->kind,
        warning->indicator,
        warning->name_zh,
        warning->name_en,
        warning->stratum,
        warning->unit,
        warning->target,
        warning->op,
        warning->value,
        warning->year,
        year(rows, warning->since),
        year(rows, outlook->latest_year),
        number(rows, outlook->latest_year != 0, outlook->latest),
        number(rows, outlook->has_required_pace, outlook->required_pace),
        number(rows, outlook->has_recent_pace, outlook->recent_pace),
        year(rows, outlook->forecast_year),
        number(rows, foretold, outlook->forecast),
        number(rows, foretold, outlook->low80),
        number(rows, foretold, outlook->high80),
        number(rows, foretold, outlook->low95),
        number(rows, foretold, outlook->high95),
        number(rows, outlook->has_p_reach, outlook->p_reach),
        outlook->class_,
        outlook->fluctuation,
        warning->demonstration ? "1" : "0",
        warning->zh,
        warning->en,
    };
    rows_add(rows, cells);
}

static void add_table_row(const struct context *context, struct rows *rows,
                          const Zhibao__Warning *warning)
{
    char stratum[128];
    stratum_words(warning->stratum, context->english, stratum, sizeof stratum);
    const char *const cells[] = {
        level_text(context, warning->level),
        warning->stratum[0] == '\0' ? warning->indicator
                                    : rows_printf(rows, "%s [%s]", warning->indicator, stratum),
        warning->target[0] == '\0' ? ""
                                   : rows_printf(rows, "%s %s%s %s", warning->target, warning->op,
                                                 warning->value, warning->year),
        year(rows, warning->since),
        rows_printf(rows, "%s%s", TR(context, warning->zh, warning->en),
                    warning->demonstration ? TR(context, "【演示数据】", " [demonstration]") : ""),
    };
    rows_add(rows, cells);
}

static void add_page(const struct context *context, struct rows *rows,
                     const Zhibao__WarningList *page)
{
    for (size_t i = 0; i < page->n_warnings; i++) {
        if (context->format == FORMAT_TABLE)
            add_table_row(context, rows, page->warnings[i]);
        else
            add_machine_row(rows, page->warnings[i]);
    }
}

static void print_head(const struct context *context, const Zhibao__WarningList *page, size_t count)
{
    say(context, "%s %u年　%s：预警%zu条（判断了%u个目标，%u个数据不足）",
        "%s %u, %s: %zu warnings (%u targets looked at, %u with too few figures)", page->place_name,
        page->period, TR(context, page->plan_name_zh, page->plan_name_en), count, page->judged,
        page->insufficient);
    if (page->withheld > 0)
        say(context, "乡镇的死亡率不排名、不预警：略去%u项",
            "mortality of a township is never ranked or alarmed: %u left out", page->withheld);
}

static bool fetch(struct context *context, struct rows *rows, const Zhibao__WarningList **out_first,
                  enum exit_code *out_code)
{
    Zhibao__Warnings question = ZHIBAO__WARNINGS__INIT;
    ProtobufCMessage *message = NULL;
    *out_code = EXIT_MISUSED;
    if (!option_place(context, "place", true, &question.place) ||
        !option_year(context, true, &question.period) || !context_connect(context, out_code))
        return false;
    if (option_given(context, "plan"))
        question.plan = (char *)option_text(context, "plan");
    question.across_breaks = option_given(context, "across-breaks");
    *out_first = NULL;
    for (size_t pages = 0; pages < PAGES_MAX; pages++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_WARNINGS, &question.base, &message, out_code))
            return false;
        const Zhibao__WarningList *page = (const Zhibao__WarningList *)message;
        if (*out_first == NULL)
            *out_first = page;
        add_page(context, rows, page);
        if (page->next[0] == '\0')
            break;
        question.cursor = page->next;
    }
    return true;
}

static enum exit_code run_warnings(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    const Zhibao__WarningList *first = NULL;
    bool table = context->format == FORMAT_TABLE;
    struct rows *rows =
        table ? rows_create(context, table_columns, sizeof table_columns / sizeof *table_columns)
              : rows_create(context, machine_columns,
                            sizeof machine_columns / sizeof *machine_columns);
    if (rows == NULL) {
        complain(context, "内存不足", "out of memory");
        return EXIT_MISUSED;
    }
    if (fetch(context, rows, &first, &code)) {
        if (table)
            print_head(context, first, rows_count(rows));
        code = rows_print(rows) ? EXIT_DONE : EXIT_MISUSED;
    }
    rows_destroy(&rows);
    return code;
}

const struct command commands_warnings[] = {
    {"warnings", "--place CODE --year YEAR",
     "预警：预计达标困难、波动较大、达标后变差、连续没有数据的指标", "early warnings: indicators unlikely to reach their targets, swinging, worsening, or silent",
     warnings_options,                                                                                                                                                                                 0, 0, true,  run_warnings},
    {NULL,       NULL,                       NULL,                                                 NULL,                                                                                         NULL, 0, 0, false, NULL        },
};
