/* calendar show, set, extend */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/china_time.h"
#include "cli/calendar.h"
#include "cli/families.h"
#include "cli/send.h"

enum { REMINDERS_MAX = 8, DAYS_MAX = 60, UNITS_MAX = 5000 };

#define FORM_OPTIONS                                                         \
    {"form", NULL, "FORM", "报表", "the form"},                              \
    {                                                                        \
        "level", NULL, "LEVEL", "unit 各单位的报表（默认），total 乡镇汇总", \
            "unit: each unit's report (default); total: the township total"  \
    }
#define END                          \
    {                                \
        NULL, NULL, NULL, NULL, NULL \
    }

static const struct option show_options[] = {CALENDAR_SCOPE_OPTIONS, FORM_OPTIONS, END};
static const struct option set_options[] = {
    CALENDAR_SCOPE_OPTIONS,
    FORM_OPTIONS,
    {"opens",    NULL, "TIME", "开始填报，如“2026-01-10 08:00”",                  "opening, as \"2026-01-10 08:00\""},
    {"due",      NULL, "TIME", "截止，如“2026-02-10 18:00”（默认当日24:00）",
      "cut-off, as \"2026-02-10 18:00\" (default: 24:00)"                                                                      },
    {"remind",   NULL, "DAYS", "截止前几天提醒，如7,3,1；0不提醒",             "days before, as 7,3,1; 0: none"  },
    {"escalate", NULL, "N",    "截止后几天报告上一级（默认0）",
      "days after until the next level is told (default 0)"                                                                    },
    END,
};
static const struct option extend_options[] = {
    CALENDAR_SCOPE_OPTIONS,
    FORM_OPTIONS,
    {"until",  NULL, "TIME", "延至，如“2026-02-20 12:00”", "the later cut-off"},
    {"reason", NULL, "TEXT", "延期的理由（必填）",        "why (required)"   },
    END,
};
static const char *text_of(const struct context *context, const char *name)
{
    return option_given(context, name) ? option_text(context, name) : "";
}

static bool read_level(const struct context *context, Zhibao__CutoffLevel *out_level)
{
    const char *text = text_of(context, "level");
    *out_level = strcmp(text, "total") == 0 ? ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL
                                            : ZHIBAO__CUTOFF_LEVEL__CUTOFF_UNIT;
    if (text[0] == '\0' || strcmp(text, "total") == 0 || strcmp(text, "unit") == 0)
        return true;
    misused(context, "--level 只能是 unit 或 total", "--level is unit or total");
    return false;
}

static bool read_time(const struct context *context, const char *name, bool closing,
                      int64_t *out_us)
{
    if (option_given(context, name) && china_parse(option_text(context, name), closing, out_us))
        return true;
    misused(context, "--%s 须是“2026-02-10 18:00”这样的时间",
            "--%s needs a time as 2026-02-10 18:00", name);
    return false;
}

/* "7,3,1". */
static bool read_days(const struct context *context, uint32_t days[REMINDERS_MAX], size_t *count)
{
    const char *text = text_of(context, "remind");
    *count = 0;
    while (*text != '\0') {
        char *end = NULL;
        unsigned long day = strtoul(text, &end, 10);
        if (end == text || (*end != ',' && *end != '\0') || day > DAYS_MAX ||
            *count == REMINDERS_MAX) {
            misused(context, "--remind 须是至多8个0至60的数，用逗号分开",
                    "--remind takes at most 8 numbers from 0 to 60, separated by commas");
            return false;
        }
        days[(*count)++] = (uint32_t)day;
        text = *end == ',' ? end + 1 : end;
    }
    return true;
}

const Zhibao__CalendarReply *calendar_fetch(struct context *context, uint64_t place, uint32_t year,
                                            const char *form, enum exit_code *out_code)
{
    Zhibao__GetCalendar question = ZHIBAO__GET_CALENDAR__INIT;
    ProtobufCMessage *message = NULL;
    question.place = place;
    question.period = year;
    question.plan = (char *)text_of(context, "plan");
    question.form = (char *)form;
    if (!context_ask(context, ZHIBAO__KIND__KIND_GET_CALENDAR, &question.base, &message, out_code))
        return NULL;
    return (const Zhibao__CalendarReply *)message;
}

const char *calendar_level(const struct context *context, Zhibao__CutoffLevel level)
{
    bool total = level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL;
    if (context->format != FORMAT_TABLE)
        return total ? "total" : "unit";
    return total ? TR(context, "乡镇汇总", "township total") : TR(context, "各单位", "each unit");
}

const char *calendar_days(struct rows *rows, const uint32_t *days, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = rows_printf(rows, "%s%s%u", text, i == 0 ? "" : ",", days[i]);
    return text;
}

static const struct row_column show_columns[] = {
    {"form",     "报表",          "form",     COLUMN_TEXT   },
    {"level",    "级",             "level",    COLUMN_TEXT   },
    {"unit",     "单位",          "unit",     COLUMN_TEXT   },
    {"opens",    "开始",          "opens",    COLUMN_TEXT   },
    {"set",      "设定的截止", "set to",   COLUMN_TEXT   },
    {"due",      "现行截止",    "due",      COLUMN_TEXT   },
    {"remind",   "提醒（天）", "remind",   COLUMN_NUMBERS},
    {"escalate", "上报（天）", "escalate", COLUMN_NUMBER },
    {"source",   "来源",          "source",   COLUMN_TEXT   },
    {"reason",   "理由",          "reason",   COLUMN_TEXT   },
};

static void add_row(const struct context *context, struct rows *rows,
                    const Zhibao__CalendarRow *row)
{
    char opens[CHINA_TEXT_BYTES], set[CHINA_TEXT_BYTES], due[CHINA_TEXT_BYTES];
    const char *const cells[] = {
        row->form,
        calendar_level(context, row->level),
        "",
        china_text(row->opens_us, false, opens),
        china_text(row->set_us, true, set),
        china_text(row->due_us, true, due),
        calendar_days(rows, row->reminder_days, row->n_reminder_days),
        rows_printf(rows, "%u", row->escalation_days),
        row->set_by == 0 ? TR(context, "规划", "plan")
                         : rows_printf(rows, "%012llu", (unsigned long long)row->set_by),
        "",
    };
    rows_add(rows, cells);
}

static void add_exception(const struct context *context, struct rows *rows,
                          const Zhibao__CalendarException *row)
{
    char unit[UNIT_TEXT_BYTES], until[CHINA_TEXT_BYTES], due[CHINA_TEXT_BYTES];
    const char *const cells[] = {
        row->form,
        calendar_level(context, row->level),
        rows_printf(rows, "%s %s", unit_format(row->unit, unit), row->unit_name),
        "",
        china_text(row->until_us, true, until),
        china_text(row->due_us, true, due),
        "",
        "",
        TR(context, "延期", "exception"),
        row->reason,
    };
    rows_add(rows, cells);
}

static enum exit_code run_show(struct context *context)
{
    enum exit_code code = EXIT_MISUSED;
    uint64_t place = 0;
    uint32_t year = 0;
    if (!option_place(context, "place", false, &place) || !option_year(context, true, &year) ||
        !context_connect(context, &code))
        return code;
    const Zhibao__CalendarReply *reply =
        calendar_fetch(context, place, year, text_of(context, "form"), &code);
    if (reply == NULL)
        return code;
    struct rows *rows =
        rows_create(context, show_columns, sizeof show_columns / sizeof *show_columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    for (size_t i = 0; i < reply->n_rows; i++)
        add_row(context, rows, reply->rows[i]);
    for (size_t i = 0; i < reply->n_exceptions; i++)
        add_exception(context, rows, reply->exceptions[i]);
    rows_print(rows);
    rows_destroy(&rows);
    return EXIT_DONE;
}

enum exit_code calendar_put(struct context *context, uint8_t kind, ProtobufCMessage *payload,
                            Zhibao__Head *head, uint64_t place, uint32_t year, const char *form)
{
    char stream[80];
    snprintf(stream, sizeof stream, "calendar/%llu/%u", (unsigned long long)place, year);
    struct zhibao_draft draft = {.kind = kind,
                                 .payload = payload,
                                 .head = head,
                                 .stream = stream,
                                 .form = form,
                                 .period = year};
    return put_and_send(context, &draft);
}

static enum exit_code run_set(struct context *context)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Calendar calendar = ZHIBAO__CALENDAR__INIT;
    Zhibao__CalendarEntry entry = ZHIBAO__CALENDAR_ENTRY__INIT;
    Zhibao__CalendarEntry *entries[] = {&entry};
    uint32_t days[REMINDERS_MAX];
    enum exit_code code = EXIT_MISUSED;
    const char *escalate = text_of(context, "escalate");
    if (!option_given(context, "form"))
        return misused(context, "须写明 --form", "--form is needed");
    if (!option_place(context, "place", false, &calendar.place) ||
        !option_year(context, true, &calendar.period) || !read_level(context, &entry.level) ||
        !read_time(context, "opens", false, &entry.opens_us) ||
        !read_time(context, "due", true, &entry.due_us) ||
        !read_days(context, days, &entry.n_reminder_days))
        return code;
    if (escalate[0] != '\0' && !whole_number(escalate, 0, DAYS_MAX, &entry.escalation_days))
        return misused(context, "--escalate 须是0至60的数",
                       "--escalate takes a number from 0 to 60");
    if (!context_connect(context, &code))
        return code;
    const Zhibao__CalendarReply *now =
        calendar_fetch(context, calendar.place, calendar.period, "", &code);
    if (now == NULL)
        return code;
    entry.form = (char *)option_text(context, "form");
    entry.reminder_days = days;
    calendar.head = &head;
    calendar.plan = now->plan;
    calendar.place = now->place;
    calendar.entries = entries;
    calendar.n_entries = 1;
    return calendar_put(context, ZHIBAO__RECORD_KIND__RECORD_CALENDAR, &calendar.base, &head,
                        calendar.place, calendar.period, entry.form);
}

static enum exit_code run_extend(struct context *context)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Extension extension = ZHIBAO__EXTENSION__INIT;
    enum exit_code code = EXIT_MISUSED;
    if (!option_given(context, "form"))
        return misused(context, "须写明 --form", "--form is needed");
    const char *reason = option_prose(context, "reason", true);
    extension.units = arena_array(context->arena, context->argument_count, sizeof(uint64_t));
    if (reason == NULL || extension.units == NULL ||
        !option_place(context, "place", false, &extension.place) ||
        !option_year(context, true, &extension.period) || !read_level(context, &extension.level) ||
        !read_time(context, "until", true, &extension.until_us))
        return code;
    for (; extension.n_units < context->argument_count; extension.n_units++)
        if (!unit_read(context, context->arguments[extension.n_units],
                       &extension.units[extension.n_units]))
            return code;
    if (!context_connect(context, &code))
        return code;
    const Zhibao__CalendarReply *now =
        calendar_fetch(context, extension.place, extension.period, "", &code);
    if (now == NULL)
        return code;
    extension.head = &head;
    extension.plan = now->plan;
    extension.place = now->place;
    extension.form = (char *)option_text(context, "form");
    extension.reason = (char *)reason;
    return calendar_put(context, ZHIBAO__RECORD_KIND__RECORD_EXTENSION, &extension.base, &head,
                        extension.place, extension.period, extension.form);
}

const struct command commands_calendar[] = {
    {"calendar show",   "--year YEAR [--form FORM] [--place CODE]",                   "查看填报的开始、截止和延期",
     "show openings, cut-offs and exceptions",                                                                                                                                                                        show_options,   0, 0,         true,  run_show  },
    {"calendar set",    "--year YEAR --form FORM --opens TIME --due TIME",
     "设定报表的开始和截止（统计部门）\n时间都是中国时间。",                                            "set a form's opening and cut-off (statistics departments)\nAll times are China's.",
     set_options,                                                                                                                                                                                                                     0, 0,         false, run_set   },
    {"calendar extend", "UNIT... --year YEAR --form FORM --until TIME --reason TEXT",
     "准许指名的单位延期（统计部门）",                                                                            "give units named one by one more time (statistics departments)",                    extend_options, 1, UNITS_MAX,
     false,                                                                                                                                                                                                                                                run_extend},
    {NULL,              NULL,                                                         NULL,                                      NULL,                                                                                NULL,           0, 0,         false, NULL      },
};
