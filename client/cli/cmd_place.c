/* place change, place list, place history, series, uplink */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/families.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "place.pb-c.h"

enum { PLACES_MAX = 64 };

static const struct option change_options[] = {
    {"from",   NULL, "CODE,...", "变更的行政区划（逗号分隔）",
     "the places that change, separated by commas"                                                                },
    {"to",     NULL, "CODE,...", "承接的行政区划",                   "the places that succeed them"        },
    {"date",   NULL, "DATE",     "生效日期，如2026-07-01",            "from when, such as 2026-07-01"       },
    {"name",   NULL, "NAME",     "更名后的名称",                      "rename: the new name"                },
    {"reason", NULL, "TEXT",     "依据（文号），必填",             "the document that says so (required)"},
    {NULL,     NULL, NULL,       NULL,                                      NULL                                  },
};

static const struct option list_options[] = {
    {"place",   NULL, "CODE", "哪里及其以下（默认本单位）",
     "of this place and below (default: one's own)"                                                            },
    {"date",    NULL, "DATE", "哪一天的（默认今天）",          "as of this day (default: today)"     },
    {"history", NULL, NULL,   "连同已经终止和尚未设立的",    "also those that ended or are to come"},
    {NULL,      NULL, NULL,   NULL,                                      NULL                                  },
};

static const struct option series_options[] = {
    {"place",   NULL, "CODE",    "区划代码",                               "the place"                          },
    {"stratum", NULL, "STRATUM", "分组，如 area=rural",                    "a stratum such as area=rural"       },
    {"plan",    NULL, "PLAN",    "规划代码（默认该地现行规划）", "the plan (default: the place's own)"},
    {"first",   NULL, "YEAR",    "从哪一年",                               "from this year"                     },
    {"last",    NULL, "YEAR",    "到哪一年",                               "to this year"                       },
    {NULL,      NULL, NULL,      NULL,                                         NULL                                 },
};

/* "450223101201,450223101202" into places; false after a complaint. */
static bool read_places(const struct context *context, const char *name, uint64_t *places,
                        size_t *out_count)
{
    const char *text = option_text(context, name);
    size_t count = 0;
    if (text == NULL) {
        misused(context, "缺少 --%s 区划代码", "--%s CODE is missing", name);
        return false;
    }
    while (*text != '\0' && count < PLACES_MAX) {
        char code[13] = "";
        uint64_t unit = 0;
        size_t length = strcspn(text, ",");
        if (length == 12)
            memcpy(code, text, length);
        if (unit_parse(code, &unit) != STATUS_OK || unit_number(unit) != 0) {
            misused(context, "区划代码“%.*s”不正确，应为12位数字，如450223101201",
                    "place \"%.*s\" is wrong: expected 12 digits such as 450223101201", (int)length,
                    text);
            return false;
        }
        places[count++] = unit_place(unit);
        text += length + (text[length] == ',');
    }
    *out_count = count;
    return true;
}

static Zhibao__PlaceChangeKind kind_read(const char *word)
{
    return strcmp(word, "merge") == 0    ? ZHIBAO__PLACE_CHANGE_KIND__PLACE_MERGE
           : strcmp(word, "split") == 0  ? ZHIBAO__PLACE_CHANGE_KIND__PLACE_SPLIT
           : strcmp(word, "rename") == 0 ? ZHIBAO__PLACE_CHANGE_KIND__PLACE_RENAME
                                         : ZHIBAO__PLACE_CHANGE_KIND__PLACE_CHANGE_UNSPECIFIED;
}

static enum exit_code run_change(struct context *context)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__PlaceChange change = ZHIBAO__PLACE_CHANGE__INIT;
    uint64_t from[PLACES_MAX], to[PLACES_MAX];
    enum exit_code code = EXIT_MISUSED;
    change.change = kind_read(context->arguments[0]);
    if (change.change == ZHIBAO__PLACE_CHANGE_KIND__PLACE_CHANGE_UNSPECIFIED)
        return misused(context, "写 merge（合并）、split（拆分）或 rename（更名）",
                       "say merge, split or rename");
    const char *reason = option_prose(context, "reason", true);
    const char *name = option_prose(context, "name", false);
    const char *date = option_text(context, "date");
    if (reason == NULL || name == NULL || !read_places(context, "from", from, &change.n_from))
        return EXIT_MISUSED;
    if (date == NULL)
        return misused(context, "缺少 --date 日期", "--date DATE is missing");
    memcpy(to, from, sizeof to); /* a rename that keeps its code needs no --to */
    change.n_to = change.n_from;
    if ((option_given(context, "to") || change.change != ZHIBAO__PLACE_CHANGE_KIND__PLACE_RENAME) &&
        !read_places(context, "to", to, &change.n_to))
        return EXIT_MISUSED;
    if (!context_connect(context, &code))
        return code;
    change.head = &head;
    change.from = from;
    change.to = to;
    change.valid_from = (char *)date;
    change.name_zh = (char *)name;
    change.reason = (char *)reason;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_PLACE_CHANGE,
                                 .payload = &change.base,
                                 .head = &head,
                                 .stream = "place",
                                 .form = ""};
    return put_and_send(context, &draft);
}

static const char *places_text(struct rows *rows, const uint64_t *places, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = rows_printf(rows, "%s%s%012" PRIu64, text, i == 0 ? "" : " ", places[i]);
    return text;
}

static void list_add(struct rows *rows, const Zhibao__PlacesReply *reply)
{
    for (size_t i = 0; i < reply->n_places; i++) {
        const Zhibao__PlaceRow *row = reply->places[i];
        const char *const cells[] = {
            rows_printf(rows, "%012" PRIu64, row->place),
            rows_printf(rows, "%s", row->name_zh),
            rows_printf(rows, "%u", row->level),
            row->parent == 0 ? "" : rows_printf(rows, "%012" PRIu64, row->parent),
            rows_printf(rows, "%s", row->valid_from),
            rows_printf(rows, "%s", row->valid_to),
            places_text(rows, row->successors, row->n_successors),
            places_text(rows, row->predecessors, row->n_predecessors)};
        rows_add(rows, cells);
    }
}

static enum exit_code run_list(struct context *context)
{
    static const struct row_column columns[] = {
        {"place",        "区划代码",    "place",        COLUMN_TEXT  },
        {"name",         "名称",          "name",         COLUMN_TEXT  },
        {"level",        "级别",          "level",        COLUMN_NUMBER},
        {"parent",       "上级",          "parent",       COLUMN_TEXT  },
        {"valid_from",   "自",             "from",         COLUMN_TEXT  },
        {"valid_to",     "至（不含）", "until before", COLUMN_TEXT  },
        {"successors",   "由谁承接",    "succeeded by", COLUMN_LIST  },
        {"predecessors", "承接自",       "succeeds",     COLUMN_LIST  },
    };
    Zhibao__Places question = ZHIBAO__PLACES__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    const char *date = option_text(context, "date");
    if (!option_place(context, "place", false, &question.place) || !context_connect(context, &code))
        return code;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (date != NULL)
        question.date = (char *)date;
    question.history = option_given(context, "history");
    bool asked = true, more = true;
    while (asked && more) {
        asked = context_ask(context, ZHIBAO__KIND__KIND_PLACES, &question.base, &message, &code);
        const Zhibao__PlacesReply *reply = (const Zhibao__PlacesReply *)message;
        if (asked)
            list_add(rows, reply);
        more = asked && reply->next[0] != '\0';
        if (more)
            question.cursor = reply->next;
    }
    if (asked)
        code = rows_print(rows) ? EXIT_DONE : EXIT_MISUSED;
    rows_destroy(&rows);
    return code;
}

static const char *change_word(const struct context *context, Zhibao__PlaceChangeKind kind)
{
    bool table = context->format == FORMAT_TABLE;
    switch ((int)kind) {
    case ZHIBAO__PLACE_CHANGE_KIND__PLACE_MERGE:
        return table ? TR(context, "合并", "merged") : "merge";
    case ZHIBAO__PLACE_CHANGE_KIND__PLACE_SPLIT:
        return table ? TR(context, "拆分", "split") : "split";
    case ZHIBAO__PLACE_CHANGE_KIND__PLACE_RENAME:
        return table ? TR(context, "更名", "renamed") : "rename";
    default: return "";
    }
}

static enum exit_code run_history(struct context *context)
{
    static const struct row_column columns[] = {
        {"valid_from", "生效日期", "from",       COLUMN_TEXT},
        {"change",     "变更",       "change",     COLUMN_TEXT},
        {"places",     "原区划",    "places",     COLUMN_LIST},
        {"successors", "承接",       "successors", COLUMN_LIST},
        {"name",       "新名称",    "new name",   COLUMN_TEXT},
        {"reason",     "依据",       "reason",     COLUMN_TEXT},
        {"id",         "编号",       "id",         COLUMN_TEXT},
    };
    Zhibao__PlaceHistory question = ZHIBAO__PLACE_HISTORY__INIT;
    ProtobufCMessage *message = NULL;
    uint64_t unit = 0;
    enum exit_code code = EXIT_MISUSED;
    if (!unit_read(context, context->arguments[0], &unit) || !context_connect(context, &code))
        return code;
    question.place = unit_place(unit);
    if (!context_ask(context, ZHIBAO__KIND__KIND_PLACE_HISTORY, &question.base, &message, &code))
        return code;
    const Zhibao__PlaceHistoryReply *reply = (const Zhibao__PlaceHistoryReply *)message;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    for (size_t i = 0; i < reply->n_events; i++) {
        const Zhibao__PlaceEvent *event = reply->events[i];
        char id[ID_TEXT_BYTES];
        const char *const cells[] = {event->valid_from,
                                     change_word(context, event->change),
                                     places_text(rows, event->from, event->n_from),
                                     places_text(rows, event->to, event->n_to),
                                     event->name_zh,
                                     event->reason,
                                     id_text(event->id.data, event->id.len, id)};
        rows_add(rows, cells);
    }
    if (context->format == FORMAT_TABLE && reply->n_events == 0)
        say(context, "该行政区划没有变更", "this place never changed");
    else
        code = rows_print(rows) ? EXIT_DONE : EXIT_MISUSED;
    rows_destroy(&rows);
    return reply->n_events == 0 ? EXIT_DONE : code;
}

static void point_add(const struct context *context, struct rows *rows,
                      const Zhibao__SeriesReply *reply, const Zhibao__SeriesPoint *point)
{
    char value[64] = "";
    bool has = point->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
    if (has)
        number_text(point->value, reply->decimals, value);
    bool table = context->format == FORMAT_TABLE;
    const char *const cells[] = {
        rows_printf(rows, "%u", point->year),
        has ? rows_printf(rows, "%s", value) : "",
        has     ? ""
        : table ? presence_text(context, (int)point->presence)
                : presence_slug((int)point->presence),
        point->has_fraction ? rows_printf(rows, "%.15g", point->numerator) : "",
        point->has_fraction ? rows_printf(rows, "%.15g", point->denominator) : "",
        rows_printf(rows, "%u", point->reporting),
        rows_printf(rows, "%u", point->expected),
        point->break_before ? "1" : "0",
        places_text(rows, point->places, point->n_places),
        point->plan,
        point->printed ? "1" : "0",
        point->demonstration ? "1" : "0",
        point->version == 0 ? "" : rows_printf(rows, "%u", point->version),
        point->target[0] == '\0' ? ""
                                 : rows_printf(rows, "%s %s%s %s", point->target, point->target_op,
                                               point->target_value, point->target_year),
        point->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_UNSPECIFIED ? ""
        : table ? attainment_text(context, (int)point->attainment)
                : attainment_slug((int)point->attainment),
    };
    rows_add(rows, cells);
}

/* A year that may be left out (0); false after a complaint. */
static bool read_year(const struct context *context, const char *name, uint32_t *out_year)
{
    const char *text = option_text(context, name);
    if (text == NULL || whole_number(text, 1990, 2100, out_year))
        return true;
    misused(context, "年份“%s”不正确", "year \"%s\" is wrong", text);
    return false;
}

static enum exit_code run_series(struct context *context)
{
    static const struct row_column columns[] = {
        {"year",          "年份",             "year",           COLUMN_NUMBER},
        {"value",         "数值",             "value",          COLUMN_NUMBER},
        {"nothing",       "无值原因",       "no value",       COLUMN_TEXT  },
        {"numerator",     "分子",             "numerator",      COLUMN_NUMBER},
        {"denominator",   "分母",             "denominator",    COLUMN_NUMBER},
        {"reporting",     "有数单位",       "reporting",      COLUMN_NUMBER},
        {"expected",      "应报单位",       "expected",       COLUMN_NUMBER},
        {"break",         "与上年不可比", "break",          COLUMN_FLAG  },
        {"places",        "当年区划",       "places of then", COLUMN_LIST  },
        {"plan",          "规划",             "plan",           COLUMN_TEXT  },
        {"printed",       "规划所载",       "printed",        COLUMN_FLAG  },
        {"demonstration", "演示数据",       "demo",           COLUMN_FLAG  },
        {"version",       "修订自",          "amended from",   COLUMN_NUMBER},
        {"target",        "当年目标",       "target of then", COLUMN_TEXT  },
        {"attainment",    "达标情况",       "attainment",     COLUMN_TEXT  },
    };
    Zhibao__Series question = ZHIBAO__SERIES__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    const char *stratum = option_text(context, "stratum"), *plan = option_text(context, "plan");
    if (!option_place(context, "place", true, &question.place) ||
        !read_year(context, "first", &question.first_year) ||
        !read_year(context, "last", &question.last_year) || !context_connect(context, &code))
        return code;
    question.indicator = (char *)context->arguments[0];
    if (stratum != NULL)
        question.stratum = (char *)stratum;
    if (plan != NULL)
        question.plan = (char *)plan;
    if (!context_ask(context, ZHIBAO__KIND__KIND_SERIES, &question.base, &message, &code))
        return code;
    const Zhibao__SeriesReply *reply = (const Zhibao__SeriesReply *)message;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    for (size_t i = 0; i < reply->n_points; i++)
        point_add(context, rows, reply, reply->points[i]);
    if (context->format == FORMAT_TABLE)
        say(context, "%s（%s）", "%s (%s)", TR(context, reply->name_zh, reply->name_en),
            reply->unit);
    bool printed = rows_print(rows);
    rows_destroy(&rows);
    return printed ? EXIT_DONE : EXIT_MISUSED;
}

static enum exit_code run_uplink(struct context *context)
{
    static const struct row_column columns[] = {
        {"form",     "报表",       "form",        COLUMN_TEXT  },
        {"period",   "报告期",    "year",        COLUMN_NUMBER},
        {"revision", "版本",       "rev.",        COLUMN_NUMBER},
        {"state",    "上级状态", "state above", COLUMN_TEXT  },
        {"reason",   "理由",       "reason",      COLUMN_TEXT  },
        {"told",     "上次得知", "last heard",  COLUMN_TEXT  },
        {"unit",     "以何单位", "as unit",     COLUMN_TEXT  },
    };
    Zhibao__Uplink question = ZHIBAO__UPLINK__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    if (!context_connect(context, &code) ||
        !context_ask(context, ZHIBAO__KIND__KIND_UPLINK, &question.base, &message, &code))
        return code;
    const Zhibao__UplinkReply *reply = (const Zhibao__UplinkReply *)message;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    bool table = context->format == FORMAT_TABLE;
    for (size_t i = 0; i < reply->n_rows; i++) {
        const Zhibao__UplinkRow *row = reply->rows[i];
        char told[TIME_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
        const char *const cells[] = {row->form,
                                     rows_printf(rows, "%u", row->period),
                                     rows_printf(rows, "%u", row->revision),
                                     table ? state_text(context, (int)row->state)
                                           : state_slug((int)row->state),
                                     row->reason,
                                     rows_printf(rows, "%s", time_text(row->told_us, told)),
                                     rows_printf(rows, "%s", unit_format(row->unit, unit))};
        rows_add(rows, cells);
    }
    bool printed = rows_print(rows);
    rows_destroy(&rows);
    return printed ? EXIT_DONE : EXIT_MISUSED;
}

const struct command commands_place[] = {
    {"place change",  "merge|split|rename --from CODE,... --to CODE,... --date DATE --reason TEXT",
     "登记行政区划的合并、拆分、更名（管理员）\n"
     "承接的区划须已在规划的 places.csv 中；生效日期当年年末在的区划填报当年的报表。",
     "record that places merged, split or were renamed (administrator)\n"
     "Successors must be in the plan's places.csv already. A year's forms are for the places that\n"
     "are there at its end.",                                                                                                                                                                                                           change_options, 1, 1, false, run_change},
    {"place list",    "[--place CODE] [--date DATE] [--history]",                                   "列出某日的行政区划",
     "list the places as of a day",                                                                                                                                                                                                     list_options,   0, 0, true,  run_list  },
    {"place history", "CODE",                                                                       "一个行政区划的变更经过",                                                                      "what became of a place", NULL,           1, 1, true,
     run_history                                                                                                                                                                                                                                                               },
    {"series",        "INDICATOR --place CODE [--stratum S] [--first YEAR] [--last YEAR]",
     "一个指标历年的数，随区划变更衔接\n合并前的各区划相加；拆分处标明与上年不可比。",
     "an indicator over years, following the place through its changes\n"
     "Figures from before a merge are added up; where a place was split, years are marked as not\n"
     "comparable.",                                                                                                                                                                                                                     series_options, 1, 1, true,  run_series},
    {"uplink",        "",                                                                           "向上级报送的汇总走到了哪一步、退回的理由（统计、妇儿工委办、管理员）",
     "what became of the consolidations reported to the level above, and why one was returned",                                                                                                                                         NULL,           0, 0, true,  run_uplink},
    {NULL,            NULL,                                                                         NULL,                                                                                                     NULL,                     NULL,           0, 0, false, NULL      },
};
