/* completeness: who reported, and in time. */
#include <stdio.h>

#include "base/china_time.h"
#include "calendar.pb-c.h"
#include "cli/families.h"
#include "cli/rows.h"

enum { PAGES_MAX = 100000 };

static const struct option options[] = {
    {"year",  NULL, "YEAR", "报告期（年份）",                                  "the year reported on"            },
    {"place", NULL, "CODE", "区划代码（默认本单位所在地）",             "place (default: this unit's own)"},
    {"plan",  NULL, "PLAN", "规划代码（默认该地现行规划）",             "plan (default: the place's own)" },
    {"form",  NULL, "FORM", "只看这张报表",                                     "only this form"                  },
    {"units", NULL, NULL,   "逐个单位：谁、截止、何时报、最后联系",
     "unit by unit, last contact included"                                                                              },
    {NULL,    NULL, NULL,   NULL,                                                     NULL                              },
};

static const struct row_column figure_columns[] = {
    {"place",      "区划代码", "place",    COLUMN_TEXT  },
    {"place_name", "区划",       "name",     COLUMN_TEXT  },
    {"form",       "报表",       "form",     COLUMN_TEXT  },
    {"level",      "级",          "level",    COLUMN_TEXT  },
    {"expected",   "应报",       "expected", COLUMN_NUMBER},
    {"received",   "已报",       "received", COLUMN_NUMBER},
    {"on_time",    "按时",       "on time",  COLUMN_NUMBER},
    {"late",       "迟报",       "late",     COLUMN_NUMBER},
    {"overdue",    "逾期未报", "overdue",  COLUMN_NUMBER},
    {"accepted",   "已通过",    "accepted", COLUMN_NUMBER},
    {"final",      "终审",       "final",    COLUMN_NUMBER},
    {"timeliness", "及时率%",   "timely %", COLUMN_NUMBER},
};

static const struct row_column unit_columns[] = {
    {"unit",      "单位代码", "unit",      COLUMN_TEXT},
    {"unit_name", "单位",       "name",      COLUMN_TEXT},
    {"form",      "报表",       "form",      COLUMN_TEXT},
    {"level",     "级",          "level",     COLUMN_TEXT},
    {"state",     "情况",       "state",     COLUMN_TEXT},
    {"due",       "截止",       "due",       COLUMN_TEXT},
    {"first",     "首次报送", "first",     COLUMN_TEXT},
    {"seen",      "最后联系", "last seen", COLUMN_TEXT},
};

static const char *level_text(const struct context *context, Zhibao__CutoffLevel level)
{
    bool total = level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL;
    if (context->format != FORMAT_TABLE)
        return total ? "total" : "unit";
    return total ? TR(context, "乡镇汇总", "township total") : TR(context, "各单位", "each unit");
}

static void add_figures(const struct context *context, struct rows *rows,
                        const Zhibao__CompletenessRow *row)
{
    const char *const cells[] = {
        rows_printf(rows, "%012llu", (unsigned long long)row->place),
        row->place_name,
        row->form,
        level_text(context, row->level),
        rows_printf(rows, "%u", row->expected),
        rows_printf(rows, "%u", row->received),
        rows_printf(rows, "%u", row->on_time),
        rows_printf(rows, "%u", row->late),
        rows_printf(rows, "%u", row->overdue),
        rows_printf(rows, "%u", row->accepted),
        rows_printf(rows, "%u", row->final),
        row->expected == 0 ? "" : rows_printf(rows, "%.1f", 100.0 * row->on_time / row->expected),
    };
    rows_add(rows, cells);
}

static const char *unit_state(const struct context *context, const Zhibao__CompletenessUnit *unit)
{
    bool table = context->format == FORMAT_TABLE;
    if (unit->late)
        return table ? TR(context, "迟报", "late") : "late";
    if (unit->first_us != 0)
        return table ? TR(context, "按时", "on time") : "on_time";
    if (unit->overdue)
        return table ? TR(context, "逾期未报", "overdue") : "overdue";
    return table ? TR(context, "未报", "missing") : "missing";
}

static void add_unit(const struct context *context, struct rows *rows,
                     const Zhibao__CompletenessUnit *unit)
{
    char name[UNIT_TEXT_BYTES], due[CHINA_TEXT_BYTES], first[CHINA_TEXT_BYTES],
        seen[CHINA_TEXT_BYTES];
    const char *const cells[] = {
        unit_format(unit->unit, name),
        unit->unit_name,
        unit->form,
        level_text(context, unit->level),
        unit_state(context, unit),
        china_text(unit->due_us, true, due),
        china_text(unit->first_us, false, first),
        china_text(unit->seen_us, false, seen),
    };
    rows_add(rows, cells);
}

static enum exit_code read_pages(struct context *context, Zhibao__GetCompleteness *question,
                                 struct rows *rows, bool units)
{
    enum exit_code code = EXIT_DONE;
    ProtobufCMessage *message = NULL;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_GET_COMPLETENESS, &question->base, &message,
                         &code))
            return code;
        const Zhibao__CompletenessReply *reply = (const Zhibao__CompletenessReply *)message;
        for (size_t i = 0; i < reply->n_rows && !units; i++)
            add_figures(context, rows, reply->rows[i]);
        for (size_t i = 0; i < reply->n_units && units; i++)
            add_unit(context, rows, reply->units[i]);
        if (!units || reply->next[0] == '\0')
            break;
        question->cursor = reply->next;
    }
    rows_print(rows);
    return EXIT_DONE;
}

static enum exit_code run_completeness(struct context *context)
{
    Zhibao__GetCompleteness question = ZHIBAO__GET_COMPLETENESS__INIT;
    enum exit_code code = EXIT_MISUSED;
    bool units = option_given(context, "units");
    if (!option_place(context, "place", false, &question.place) ||
        !option_year(context, true, &question.period) || !context_connect(context, &code))
        return code;
    if (option_given(context, "plan"))
        question.plan = (char *)option_text(context, "plan");
    if (option_given(context, "form"))
        question.form = (char *)option_text(context, "form");
    struct rows *rows =
        units
            ? rows_create(context, unit_columns, sizeof unit_columns / sizeof *unit_columns)
            : rows_create(context, figure_columns, sizeof figure_columns / sizeof *figure_columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    code = read_pages(context, &question, rows, units);
    rows_destroy(&rows);
    return code;
}

const struct command commands_completeness[] = {
    {"completeness", "--year YEAR [--place CODE] [--form FORM] [--units]",
     "谁报了、是否按时：按地、按表的数，或逐个单位\n及时率 = 按时 / 应报。",
     "who reported, and in time: figures by place and form, or unit by unit\nTimeliness is on time "
     "/ "
     "expected.",                                                                                                options, 0, 0, true,  run_completeness},
    {NULL,           NULL,                                                 NULL,                           NULL, NULL,    0, 0, false, NULL            },
};
