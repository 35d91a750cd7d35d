/* affected */
#include <string.h>

#include "affected.pb-c.h"
#include "base/china_time.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "plan/unit_words.h"

static const struct option affected_options[] = {
    {"place",     NULL, "CODE",  "区划代码（默认本单位所在地）",       "the place (default: this unit's own)"},
    {"year",      NULL, "YEAR",  "报告期（年份）",                            "the year"                            },
    {"plan",      NULL, "PLAN",  "规划代码（默认该地现行规划）",       "the plan (default: the place's own)" },
    {"unlocking", NULL, "BATCH", "哪一次解锁（批号，默认最近一次）",
     "which unlocking, by its batch (default: the latest)"                                                                 },
    {NULL,        NULL, NULL,    NULL,                                               NULL                                  },
};

/* One table for all: what is touched, before and after. */
static const struct row_column columns[] = {
    {"what",          "种类",       "what",        COLUMN_TEXT  },
    {"period",        "报告期",    "year",        COLUMN_NUMBER},
    {"unit",          "单位代码", "unit",        COLUMN_TEXT  },
    {"unit_name",     "单位",       "name",        COLUMN_TEXT  },
    {"form",          "报表",       "form",        COLUMN_TEXT  },
    {"code",          "项目",       "item",        COLUMN_TEXT  },
    {"name",          "名称",       "description", COLUMN_TEXT  },
    {"before",        "原来",       "before",      COLUMN_TEXT  },
    {"after",         "现在",       "after",       COLUMN_TEXT  },
    {"revision",      "版本",       "rev.",        COLUMN_NUMBER},
    {"id",            "编号",       "id",          COLUMN_TEXT  },
    {"time",          "时间",       "time",        COLUMN_TEXT  },
    {"of_unit",       "涉及单位", "because of",  COLUMN_TEXT  },
    {"demonstration", "数据性质", "provenance",  COLUMN_FLAG  },
};

struct listing {
    const struct context *context;
    struct rows *rows;
    const Zhibao__AffectedReply *answer;
};

/* What is touched, in the user's language and as csv and json have it. */
static const char *what_text(const struct context *context, const char *what)
{
    static const char *const words[][3] = {
        {"report",     "报告",       "report"    },
        {"figure",     "数字",       "figure"    },
        {"indicator",  "指标",       "indicator" },
        {"target",     "目标",       "target"    },
        {"total",      "乡镇汇总", "total"     },
        {"sign_off",   "签字",       "sign-off"  },
        {"lock",       "锁定",       "lock"      },
        {"document",   "文件",       "document"  },
        {"attachment", "附件",       "attachment"},
        {"uplink",     "上报",       "uplink"    },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (context->format == FORMAT_TABLE && strcmp(words[i][0], what) == 0)
            return TR(context, words[i][1], words[i][2]);
    return what;
}

static const char *value_words(const struct listing *listing, Zhibao__Presence presence,
                               double value)
{
    const struct context *context = listing->context;
    if (presence == ZHIBAO__PRESENCE__PRESENCE_VALUE)
        return rows_printf(listing->rows, "%.10g", value);
    return context->format == FORMAT_TABLE ? presence_text(context, (int)presence)
                                           : presence_slug((int)presence);
}

static const char *name_in(const struct context *context, struct rows *rows, const char *zh,
                           const char *en, const char *stratum)
{
    char words[128];
    if (context->format == FORMAT_TABLE)
        stratum = stratum_words(stratum, context->english, words, sizeof words);
    return stratum[0] == '\0' ? TR(context, zh, en)
                              : rows_printf(rows, "%s [%s]", TR(context, zh, en), stratum);
}

static const char *id_short(const struct listing *listing, const ProtobufCBinaryData *id)
{
    char text[ID_TEXT_BYTES];
    return rows_printf(listing->rows, listing->context->format == FORMAT_TABLE ? "%.8s" : "%s",
                       id_text(id->data, id->len, text));
}

static void add_report(const struct listing *listing, const Zhibao__AffectedReport *report)
{
    const struct context *context = listing->context;
    struct rows *rows = listing->rows;
    char unit[UNIT_TEXT_BYTES];
    const char *period = rows_printf(rows, "%u", listing->answer->period);
    const char *none = TR(context, "无", "none");
    const char *const cells[] = {
        what_text(context, "report"),
        period,
        unit_format(report->unit, unit),
        report->unit_name,
        report->form,
        "",
        "",
        report->before.len == 0
            ? none
            : rows_printf(rows, TR(context, "第%u版 %s", "revision %u %s"), report->before_revision,
                          id_short(listing, &report->before)),
        report->after.len == 0
            ? none
            : rows_printf(rows, TR(context, "第%u版 %s", "revision %u %s"), report->after_revision,
                          id_short(listing, &report->after)),
        report->after_revision == 0 ? "" : rows_printf(rows, "%u", report->after_revision),
        id_short(listing, report->after.len > 0 ? &report->after : &report->before),
        "",
        "",
        demonstration_mark(context, report->demonstration),
    };
    rows_add(rows, cells);
    for (size_t i = 0; i < report->n_cells; i++) {
        const Zhibao__AffectedCell *cell = report->cells[i];
        const char *const figure[] = {
            what_text(context, "figure"),
            period,
            unit,
            report->unit_name,
            report->form,
            rows_printf(rows, "%u", cell->cell),
            name_in(context, rows, cell->name_zh, cell->name_en, cell->stratum),
            value_words(listing, cell->before, cell->before_value),
            value_words(listing, cell->after, cell->after_value),
            "",
            "",
            "",
            "",
            demonstration_mark(context, report->demonstration),
        };
        rows_add(rows, figure);
    }
}

static const char *attained(const struct context *context, Zhibao__Attainment attainment)
{
    return context->format == FORMAT_TABLE ? attainment_text(context, (int)attainment)
                                           : attainment_slug((int)attainment);
}

/* The indicator, then its targets: those that decide, and whichever changed. */
static void add_indicator(const struct listing *listing, const Zhibao__AffectedIndicator *indicator)
{
    const struct context *context = listing->context;
    struct rows *rows = listing->rows;
    const char *mark = demonstration_mark(context, listing->answer->demonstration);
    const char *period = rows_printf(rows, "%u", indicator->period);
    const char *const cells[] = {
        what_text(context, "indicator"),
        period,
        "",
        "",
        "",
        indicator->indicator,
        name_in(context, rows, indicator->name_zh, indicator->name_en, indicator->stratum),
        value_words(listing, indicator->before, indicator->before_value),
        value_words(listing, indicator->after, indicator->after_value),
        "",
        "",
        "",
        "",
        mark,
    };
    rows_add(rows, cells);
    for (size_t i = 0; i < indicator->n_targets; i++) {
        const Zhibao__AffectedTarget *target = indicator->targets[i];
        if (!target->decides && target->before == target->after)
            continue;
        const char *const row[] = {
            what_text(context, "target"),
            period,
            "",
            "",
            "",
            target->target,
            rows_printf(rows, "%s %s%s %s", indicator->indicator, target->op, target->value,
                        target->year),
            attained(context, target->before),
            attained(context, target->after),
            "",
            "",
            "",
            "",
            mark,
        };
        rows_add(rows, row);
    }
}

static void add_result(const struct listing *listing, const Zhibao__AffectedResult *result)
{
    const struct context *context = listing->context;
    struct rows *rows = listing->rows;
    char unit[UNIT_TEXT_BYTES], of_unit[UNIT_TEXT_BYTES], time[CHINA_TEXT_BYTES];
    const char *const cells[] = {
        what_text(context, result->what),
        rows_printf(rows, "%u", listing->answer->period),
        unit_format(result->unit, unit),
        result->unit_name,
        result->form,
        "",
        result->detail,
        TR(context, "用了原来的数", "holds the old figures"),
        context->format == FORMAT_TABLE ? state_text(context, (int)result->state)
                                        : state_slug((int)result->state),
        result->revision == 0 ? "" : rows_printf(rows, "%u", result->revision),
        id_short(listing, &result->id),
        china_text(result->time_us, false, time),
        result->of_unit == 0 ? "" : unit_format(result->of_unit, of_unit),
        demonstration_mark(context, listing->answer->demonstration),
    };
    rows_add(rows, cells);
}

static void print_head(const struct context *context, const Zhibao__AffectedReply *answer)
{
    char time[CHINA_TEXT_BYTES], again[CHINA_TEXT_BYTES];
    for (size_t i = 0; i < answer->n_unlocks; i++) {
        const Zhibao__AffectedUnlock *unlock = answer->unlocks[i];
        say(context, "%s第%llu批 %s %s解锁：%s%s%s", "%sbatch %llu, %s: unlocked by %s: %s%s%s",
            unlock->batch == answer->unlocking ? "＊" : "　", (unsigned long long)unlock->batch,
            china_text(unlock->time_us, false, time), unlock->unit_name, unlock->reason,
            unlock->locked_again == 0 ? "" : TR(context, "；再次锁定 ", "; locked again "),
            china_text(unlock->locked_again_us, false, again));
    }
    if (answer->n_unlocks == 0)
        say(context, "该报告期没有解锁过", "this period was never unlocked");
    else if (answer->n_reports == 0)
        say(context, "解锁后没有更正", "nothing was corrected after that");
    if (answer->cut)
        complain(context, "内容太多，没有全部列出；请按乡镇查看",
                 "too much to list it all; ask township by township");
}

static enum exit_code run_affected(struct context *context)
{
    Zhibao__Affected question = ZHIBAO__AFFECTED__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    uint32_t batch = 0;
    const char *unlocking = option_text(context, "unlocking");
    if (unlocking != NULL && !whole_number(unlocking, 1, 999999999, &batch))
        return misused(context, "批号“%s”不正确", "batch \"%s\" is wrong", unlocking);
    if (!option_place(context, "place", false, &question.place) ||
        !option_year(context, true, &question.period) || !context_connect(context, &code))
        return code;
    question.unlocking = batch;
    if (option_given(context, "plan"))
        question.plan = (char *)option_text(context, "plan");
    if (!context_ask(context, ZHIBAO__KIND__KIND_AFFECTED, &question.base, &message, &code))
        return code;
    const Zhibao__AffectedReply *answer = (const Zhibao__AffectedReply *)message;
    struct listing listing = {.context = context, .answer = answer};
    listing.rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (listing.rows == NULL)
        return EXIT_MISUSED;
    for (size_t i = 0; i < answer->n_reports; i++)
        add_report(&listing, answer->reports[i]);
    for (size_t i = 0; i < answer->n_indicators; i++)
        add_indicator(&listing, answer->indicators[i]);
    for (size_t i = 0; i < answer->n_results; i++)
        add_result(&listing, answer->results[i]);
    if (context->format == FORMAT_TABLE)
        print_head(context, answer);
    code = rows_print(listing.rows) ? EXIT_DONE : EXIT_MISUSED;
    rows_destroy(&listing.rows);
    return code;
}

const struct command commands_affected[] = {
    {"affected", "[--place CODE] --year YEAR [--unlocking BATCH]",
     "锁定后的更正牵涉到什么：数字、指标、目标，和用了原数的材料", "what a correction after locking touches: figures, indicators, targets, and who holds the old",
     affected_options,                                                                                                                                                                                0, 0, true,  run_affected},
    {NULL,       NULL,                                             NULL,                        NULL,                                                                                           NULL, 0, 0, false, NULL        },
};
