/* reconcile */
#include <string.h>

#include "cli/families.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "reconcile.pb-c.h"

static const struct option reconcile_options[] = {
    {"place",   NULL, "CODE",  "区划代码（默认本单位所在地；市或以下）",
     "the place (default: this unit's own; a city or below)"                                                                          },
    {"year",    NULL, "YEAR",  "报告期（年份）",                                          "the year"                           },
    {"plan",    NULL, "PLAN",  "规划代码（默认该地现行规划）",                     "the plan (default: the place's own)"},
    {"count",   NULL, "COUNT", "只看reconcile.csv中的这个数",                             "only this count of reconcile.csv"   },
    {"reports", NULL, NULL,    "配合 --count：合计背后的每一份报告也逐行列出",
     "with --count: also every report behind a sum, a row each"                                                                       },
    {NULL,      NULL, NULL,    NULL,                                                             NULL                                 },
};

static const struct row_column columns[] = {
    {"count",          "数",             "count",          COLUMN_TEXT  },
    {"name",           "名称",          "name",           COLUMN_TEXT  },
    {"form",           "报表",          "form",           COLUMN_TEXT  },
    {"unit",           "单位代码",    "unit",           COLUMN_TEXT  },
    {"unit_name",      "单位",          "reported by",    COLUMN_TEXT  },
    {"figure",         "数据元",       "element",        COLUMN_TEXT  },
    {"value",          "数值",          "value",          COLUMN_NUMBER},
    {"nothing",        "无值原因",    "no value",       COLUMN_TEXT  },
    {"difference",     "与首行之差", "difference",     COLUMN_NUMBER},
    {"percent",        "差（%）",      "per cent",       COLUMN_NUMBER},
    {"reporting",      "有数单位",    "reporting",      COLUMN_NUMBER},
    {"expected",       "应报单位",    "expected",       COLUMN_NUMBER},
    {"accepted",       "已通过",       "accepted",       COLUMN_NUMBER},
    {"not_applicable", "不适用",       "not applicable", COLUMN_NUMBER},
    {"not_collected",  "未采集",       "not collected",  COLUMN_NUMBER},
    {"not_reported",   "未报送",       "not reported",   COLUMN_NUMBER},
    {"incomplete",     "不全",          "incomplete",     COLUMN_FLAG  },
    {"state",          "状态",          "state",          COLUMN_TEXT  },
    {"revision",       "版本",          "rev.",           COLUMN_NUMBER},
    {"id",             "编号",          "id",             COLUMN_TEXT  },
    {"demonstration",  "数据性质",    "provenance",     COLUMN_FLAG  },
};

static const char *presence_words(const struct context *context, int presence)
{
    return context->format == FORMAT_TABLE ? presence_text(context, presence)
                                           : presence_slug(presence);
}

static const char *number(struct rows *rows, bool given, double value)
{
    return given ? rows_printf(rows, "%.15g", value) : "";
}

/* "村（社区）之和" where a sum has no single unit. */
static const char *sum_words(const struct context *context, struct rows *rows,
                             const Zhibao__ReconcileFigure *figure)
{
    return rows_printf(rows, TR(context, "%s（合计）", "%s (sum)"),
                       role_words(context, figure->reporter));
}

/* `report` NULL: a sum. */
static void add_figure(const struct context *context, struct rows *rows,
                       const Zhibao__ReconcileCount *count, const Zhibao__ReconcileFigure *figure,
                       const Zhibao__ReconcileReport *report)
{
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    bool table = context->format == FORMAT_TABLE;
    bool has = figure->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
    bool came = report != NULL && report->id.len > 0;
    const char *state = !came   ? ""
                        : table ? state_text(context, (int)report->state)
                                : state_slug((int)report->state);
    const char *const cells[] = {
        count->count,
        TR(context, count->name_zh, count->name_en),
        figure->form,
        report == NULL ? "" : unit_format(report->unit, unit),
        report == NULL ? sum_words(context, rows, figure) : report->unit_name,
        figure->figure,
        number(rows, has, figure->value),
        has ? "" : presence_words(context, (int)figure->presence),
        number(rows, figure->has_difference, figure->difference),
        number(rows, figure->has_percent, figure->percent),
        rows_printf(rows, "%u", figure->reporting),
        rows_printf(rows, "%u", figure->expected),
        rows_printf(rows, "%u", figure->accepted),
        rows_printf(rows, "%u", figure->n_empty > 0 ? figure->empty[0] : 0),
        rows_printf(rows, "%u", figure->n_empty > 1 ? figure->empty[1] : 0),
        rows_printf(rows, "%u", figure->n_empty > 2 ? figure->empty[2] : 0),
        figure->incomplete ? "1" : "",
        state,
        came ? rows_printf(rows, "%u", report->revision) : "",
        came
            ? rows_printf(rows, table ? "%.8s" : "%s", id_text(report->id.data, report->id.len, id))
            : "",
        demonstration_mark(context, figure->demonstration),
    };
    rows_add(rows, cells);
}

/* A report behind a sum, as a figure of its own. */
static void add_report(const struct context *context, struct rows *rows,
                       const Zhibao__ReconcileCount *count, const Zhibao__ReconcileFigure *sum,
                       const Zhibao__ReconcileReport *report)
{
    Zhibao__ReconcileFigure figure = ZHIBAO__RECONCILE_FIGURE__INIT;
    uint32_t empty[3] = {0};
    figure.form = sum->form;
    figure.reporter = sum->reporter;
    figure.figure = sum->figure;
    figure.presence = report->presence;
    figure.value = report->value;
    figure.incomplete = report->incomplete;
    figure.expected = 1;
    figure.accepted = report->accepted != 0;
    figure.reporting = report->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
    if (figure.reporting == 0 && report->presence >= ZHIBAO__PRESENCE__PRESENCE_NOT_APPLICABLE &&
        report->presence <= ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED)
        empty[report->presence - ZHIBAO__PRESENCE__PRESENCE_NOT_APPLICABLE] = 1;
    figure.empty = empty;
    figure.n_empty = 3;
    figure.demonstration = report->demonstration;
    add_figure(context, rows, count, &figure, report);
}

static void add_count(const struct context *context, struct rows *rows,
                      const Zhibao__ReconcileCount *count)
{
    for (size_t i = 0; i < count->n_figures; i++) {
        const Zhibao__ReconcileFigure *figure = count->figures[i];
        bool single = !figure->sum && figure->n_reports == 1;
        add_figure(context, rows, count, figure, single ? figure->reports[0] : NULL);
        for (size_t k = 0; figure->sum && k < figure->n_reports; k++)
            add_report(context, rows, count, figure, figure->reports[k]);
        if (figure->reports_cut)
            complain(context, "%s：材料太多，没有全部列出；请按乡镇查看",
                     "%s: too many reports, not all are listed; ask township by township",
                     figure->form);
    }
}

static void print_head(const struct context *context, const Zhibao__Reconciled *answer)
{
    say(context, "%s %u年　同一个数，各家所报%s", "%s %u: the same count as each reports it%s",
        answer->place_name, answer->period,
        answer->demonstration ? TR(context, "　【含演示数据】", " [with demonstration data]") : "");
    for (size_t i = 0; i < answer->n_counts; i++) {
        if (answer->counts[i]->has_spread)
            say(context, "　%s：最多与最少相差%.15g", "  %s: largest less smallest is %.15g",
                TR(context, answer->counts[i]->name_zh, answer->counts[i]->name_en),
                answer->counts[i]->spread);
    }
    if (answer->n_counts == 0)
        say(context, "　这里没有两家都报的数", "  no count is reported by two here");
}

static enum exit_code run_reconcile(struct context *context)
{
    Zhibao__Reconcile question = ZHIBAO__RECONCILE__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    question.reports = option_given(context, "reports");
    if (question.reports && !option_given(context, "count"))
        return misused(context, "--reports 须与 --count 同用", "--reports goes with --count");
    if (!option_place(context, "place", false, &question.place) ||
        !option_year(context, true, &question.period) || !context_connect(context, &code))
        return code;
    if (option_given(context, "plan"))
        question.plan = (char *)option_text(context, "plan");
    if (option_given(context, "count"))
        question.count = (char *)option_text(context, "count");
    if (!context_ask(context, ZHIBAO__KIND__KIND_RECONCILE, &question.base, &message, &code))
        return code;
    const Zhibao__Reconciled *answer = (const Zhibao__Reconciled *)message;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    for (size_t i = 0; i < answer->n_counts; i++)
        add_count(context, rows, answer->counts[i]);
    if (context->format == FORMAT_TABLE)
        print_head(context, answer);
    code = rows_print(rows) ? EXIT_DONE : EXIT_MISUSED;
    rows_destroy(&rows);
    return code;
}

const struct command commands_reconcile[] = {
    {"reconcile", "[--place CODE] --year YEAR [--count COUNT [--reports]]",
     "同一个数几家都报的（如公安、学校、卫健的儿童数），并列对照，列出差异",
     "show the same count as several units report it side by side, with the differences",                            reconcile_options, 0, 0, true,  run_reconcile},
    {NULL,        NULL,                                                     NULL,                              NULL, NULL,              0, 0, false, NULL         },
};
