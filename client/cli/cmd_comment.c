/* comment add, answer, close, list, show: what is said of a figure */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/duty_find.h"
#include "cli/families.h"
#include "cli/id_search.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/task_words.h"
#include "cli/words.h"
#include "comment.pb-c.h"

enum { PAGES_MAX = 100000, CELL_MOST = 1000000 };

static const struct option add_options[] = {
    {"year",      NULL, "YEAR",    "报告期（必填）",                          "the year (required)"                },
    {"indicator", NULL, "CODE",    "哪项指标的数（或用 --form、--cell）",
     "which indicator's figure (or --form and --cell)"                                                                    },
    {"place",     NULL, "PLACE",   "指标是哪个地方的（默认本地）",     "of which place (default: one's own)"},
    {"group",     NULL, "STRATUM", "哪个分组，如 sex=f（默认合计）",
     "of which group, such as sex=f (default: all)"                                                                       },
    {"form",      NULL, "FORM",    "哪张报表的数",                             "which form's figure"                },
    {"cell",      NULL, "N",       "第几项",                                      "which of its items"                 },
    {"unit",      NULL, "UNIT",    "哪个单位报的（默认本单位）",
     "which unit reported it (default: one's own)"                                                                        },
    {"plan",      NULL, "PLAN",    "规划代码（默认本单位的）",           "the plan (default: one's own)"      },
    {"shown",     NULL, "TEXT",    "所看到的数，照录",                       "the figure as you saw it"           },
    {"follow-up", NULL, NULL,      "须跟进：请报送单位答复",
     "flag it: the unit that reported it is to answer"                                                                    },
    {"text",      NULL, "TEXT",    "意见（必填）",                             "what there is to say (required)"    },
    {NULL,        NULL, NULL,      NULL,                                             NULL                                 },
};

static const struct option answer_options[] = {
    {"text", NULL, "TEXT", "答复（必填）", "the answer (required)"},
    {NULL,   NULL, NULL,   NULL,                 NULL                   },
};

static const struct option close_options[] = {
    {"text", NULL, "TEXT", "了结的说明", "a remark"},
    {NULL,   NULL, NULL,   NULL,              NULL      },
};

static const struct option list_options[] = {
    {"open",      NULL, NULL,    "只看未了结的",                "only what is not closed"             },
    {"mine",      NULL, NULL,    "只看本单位提的和答复的", "only what one raised or is to answer"},
    {"unit",      NULL, "UNIT",  "只看由该单位答复的",       "only what this unit is to answer"    },
    {"place",     NULL, "PLACE", "只看该地的数",                "only figures of this place"          },
    {"year",      NULL, "YEAR",  "只看该报告期的",             "only figures of this year"           },
    {"indicator", NULL, "CODE",  "只看该指标的",                "only this indicator's"               },
    {"form",      NULL, "FORM",  "只看该报表的",                "only this form's"                    },
    {NULL,        NULL, NULL,    NULL,                                NULL                                  },
};

static const struct {
    const char *slug, *zh, *en;
} actions[] =
    {
        {"",         "",          ""        },
        {"raised",   "提出",    "raised"  },
        {"answered", "已答复", "answered"},
        {"closed",   "已了结", "closed"  },
},
  states[] = {
      {"", "", ""},
      {"noted", "意见", "noted"},
      {"open", "须跟进", "follow-up"},
      {"answered", "已答复", "answered"},
      {"closed", "已了结", "closed"},
};

enum { ACTIONS = sizeof actions / sizeof *actions, STATES = sizeof states / sizeof *states };

const char *comment_action_text(const struct context *context, uint32_t action)
{
    if (action >= ACTIONS)
        action = 0;
    return context->format == FORMAT_TABLE ? TR(context, actions[action].zh, actions[action].en)
                                           : actions[action].slug;
}

static const char *comment_state_text(const struct context *context, Zhibao__CommentState state)
{
    size_t index = (size_t)state < STATES ? (size_t)state : 0;
    return context->format == FORMAT_TABLE ? TR(context, states[index].zh, states[index].en)
                                           : states[index].slug;
}

static enum exit_code put_comment(struct context *context, Zhibao__Comment *comment,
                                  const char *stream)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    /* cppcheck-suppress autoVariables ; nobody reads it after this function */
    comment->head = &head;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_COMMENT,
                                 .payload = &comment->base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = "",
                                 .period = comment->figure == NULL ? 0 : comment->figure->period};
    return put_and_send(context, &draft);
}

static char *text_or_empty(const struct context *context, const char *name)
{
    const char *text = option_text(context, name);
    return (char *)(text == NULL ? "" : text);
}

/* A place's code is its own unit's. False after a complaint. */
static bool read_place(const struct context *context, uint64_t *out_place)
{
    uint64_t unit = 0;
    if (!option_given(context, "place"))
        return true;
    if (!unit_read(context, option_text(context, "place"), &unit))
        return false;
    *out_place = unit_place(unit);
    return true;
}

/* Which figure, as the options say; false after a complaint. */
static bool read_figure(const struct context *context, Zhibao__FigureRef *figure,
                        uint64_t *out_unit)
{
    bool indicator = option_given(context, "indicator"), form = option_given(context, "form");
    figure->indicator = text_or_empty(context, "indicator");
    figure->form = text_or_empty(context, "form");
    figure->stratum = text_or_empty(context, "group");
    figure->plan = text_or_empty(context, "plan");
    if (indicator == form || form != option_given(context, "cell")) {
        misused(context, "须写明 --indicator，或 --form 和 --cell",
                "give --indicator, or --form and --cell");
        return false;
    }
    if (form && !whole_number(option_text(context, "cell"), 1, CELL_MOST, &figure->cell)) {
        misused(context, "--cell 须为项号", "--cell takes an item's number");
        return false;
    }
    return option_year(context, true, &figure->period) && read_place(context, &figure->place) &&
           (!option_given(context, "unit") ||
            unit_read(context, option_text(context, "unit"), out_unit));
}

/* Who answers for the figure. False after a complaint. */
static bool find_reporter(struct context *context, Zhibao__Comment *comment, uint64_t unit,
                          enum exit_code *out_code)
{
    Zhibao__Comments question = ZHIBAO__COMMENTS__INIT;
    ProtobufCMessage *message = NULL;
    question.figure = comment->figure;
    question.unit = unit;
    if (!context_ask(context, ZHIBAO__KIND__KIND_COMMENTS, &question.base, &message, out_code))
        return false;
    const Zhibao__CommentItems *items = (const Zhibao__CommentItems *)message;
    comment->reporter = items->reporter;
    comment->figure->plan = items->plan;
    *out_code = EXIT_REFUSED;
    if (items->reporter == 0)
        complain(context, "规划中没有这个数，或它不在本单位可查看的范围内",
                 "the plan has no such figure, or it is outside what your unit may see");
    return items->reporter != 0;
}

static enum exit_code run_add(struct context *context)
{
    Zhibao__Comment comment = ZHIBAO__COMMENT__INIT;
    Zhibao__FigureRef figure = ZHIBAO__FIGURE_REF__INIT;
    enum exit_code code = EXIT_MISUSED;
    uint64_t unit = 0;
    const char *text = option_prose(context, "text", true);
    const char *shown = text == NULL ? NULL : option_prose(context, "shown", false);
    if (shown == NULL || !read_figure(context, &figure, &unit) || !context_connect(context, &code))
        return code;
    uint64_t own = zhibao_identity(context->zhibao)->unit;
    if (unit == 0 && figure.indicator[0] == '\0')
        unit = own;
    if (figure.place == 0)
        figure.place = unit_place(unit == 0 ? own : unit);
    comment.action = ZHIBAO__COMMENT_ACTION__COMMENT_OPEN;
    comment.figure = &figure;
    comment.text = (char *)text;
    comment.shown = (char *)shown;
    comment.follow_up = option_given(context, "follow-up");
    return find_reporter(context, &comment, unit, &code) ? put_comment(context, &comment, "")
                                                         : code;
}

typedef void visit_comment(struct context *context, const Zhibao__CommentItem *item, void *with);

static bool each_comment(struct context *context, Zhibao__Comments *question, visit_comment *visit,
                         void *with, enum exit_code *out_code)
{
    ProtobufCMessage *message = NULL;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_COMMENTS, &question->base, &message, out_code))
            return false;
        const Zhibao__CommentItems *items = (const Zhibao__CommentItems *)message;
        for (size_t i = 0; i < items->n_comments; i++)
            if (items->comments[i]->comment != NULL && items->comments[i]->figure != NULL &&
                items->comments[i]->comment->id.len == RECORD_ID_BYTES)
                visit(context, items->comments[i], with);
        if (items->next[0] == '\0')
            break;
        question->cursor = items->next;
    }
    return true;
}

static void match(struct context *context, const Zhibao__CommentItem *item, void *search)
{
    (void)context;
    id_search_offer(search, &item->comment->id, item);
}

/* The one comment whose id begins with the first argument; NULL after a complaint. */
static const Zhibao__CommentItem *find(struct context *context, enum exit_code *out_code)
{
    Zhibao__Comments question = ZHIBAO__COMMENTS__INIT;
    struct id_search search;
    if (!id_search_begin(context, &search, out_code) ||
        !each_comment(context, &question, match, &search, out_code))
        return NULL;
    return id_search_end(context, &search, "意见", "comments", "zhibao comment list", out_code);
}

/* Answer and close: names the record of the comment that was seen last. */
static enum exit_code step(struct context *context, Zhibao__CommentAction action, bool required)
{
    Zhibao__Comment comment = ZHIBAO__COMMENT__INIT;
    enum exit_code code = EXIT_MISUSED;
    char stream[80], id[ID_TEXT_BYTES];
    const char *text = option_prose(context, "text", required);
    if (text == NULL || !context_connect(context, &code))
        return code;
    const Zhibao__CommentItem *item = find(context, &code);
    if (item == NULL)
        return code;
    comment.action = action;
    comment.comment = item->comment;
    comment.text = (char *)text;
    if (item->n_steps > 0)
        comment.seen = item->steps[item->n_steps - 1]->id;
    snprintf(stream, sizeof stream, "comment/%s",
             id_text(item->comment->id.data, RECORD_ID_BYTES, id));
    return put_comment(context, &comment, stream);
}

static enum exit_code run_answer(struct context *context)
{
    return step(context, ZHIBAO__COMMENT_ACTION__COMMENT_ANSWER, true);
}

static enum exit_code run_close(struct context *context)
{
    return step(context, ZHIBAO__COMMENT_ACTION__COMMENT_CLOSE, false);
}

static const struct row_column columns[] = {
    {"id",            "编号",       "id",        COLUMN_TEXT  },
    {"state",         "状态",       "state",     COLUMN_TEXT  },
    {"author",        "提出单位", "by",        COLUMN_TEXT  },
    {"reporter",      "单位代码", "unit",      COLUMN_TEXT  },
    {"reporter_name", "答复单位", "to answer", COLUMN_TEXT  },
    {"place",         "地方",       "place",     COLUMN_TEXT  },
    {"period",        "报告期",    "year",      COLUMN_NUMBER},
    {"figure",        "哪个数",    "figure",    COLUMN_TEXT  },
    {"about",         "名称",       "name",      COLUMN_TEXT  },
    {"shown",         "所看到的", "seen as",   COLUMN_TEXT  },
    {"steps",         "步数",       "steps",     COLUMN_NUMBER},
    {"last",          "最近",       "last",      COLUMN_TEXT  },
    {"last_text",     "内容",       "text",      COLUMN_TEXT  },
};

static const char *figure_text(struct rows *rows, const Zhibao__FigureRef *figure)
{
    if (figure->form[0] != '\0')
        return rows_printf(rows, "%s#%u", figure->form, figure->cell);
    return rows_printf(rows, "%s%s%s", figure->indicator, figure->stratum[0] == '\0' ? "" : " ",
                       figure->stratum);
}

static void add_comment(struct context *context, const Zhibao__CommentItem *item, void *with)
{
    struct rows *rows = with;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    bool table = context->format == FORMAT_TABLE;
    const Zhibao__CommentStep *last = item->n_steps == 0 ? NULL : item->steps[item->n_steps - 1];
    const char *const cells[] = {
        rows_printf(rows, table ? "%.8s" : "%s",
                    id_text(item->comment->id.data, item->comment->id.len, id)),
        comment_state_text(context, item->state),
        item->author_name,
        unit_format(item->reporter, unit),
        item->reporter_name,
        item->place_name,
        rows_printf(rows, "%u", item->figure->period),
        figure_text(rows, item->figure),
        TR(context, item->about_zh, item->about_en),
        item->shown,
        rows_printf(rows, "%zu", item->n_steps),
        last == NULL ? "" : comment_action_text(context, (uint32_t)last->action),
        last == NULL ? "" : last->text,
    };
    rows_add(rows, cells);
}

static enum exit_code run_list(struct context *context)
{
    Zhibao__Comments question = ZHIBAO__COMMENTS__INIT;
    Zhibao__FigureRef figure = ZHIBAO__FIGURE_REF__INIT;
    enum exit_code code = EXIT_MISUSED;
    question.figure = &figure;
    question.unfinished = option_given(context, "open");
    question.mine = option_given(context, "mine");
    figure.indicator = text_or_empty(context, "indicator");
    figure.form = text_or_empty(context, "form");
    if (!option_year(context, false, &figure.period) || !read_place(context, &figure.place) ||
        (option_given(context, "unit") &&
         !unit_read(context, option_text(context, "unit"), &question.unit)) ||
        !context_connect(context, &code))
        return code;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (each_comment(context, &question, add_comment, rows, &code)) {
        code = EXIT_DONE;
        if (context->format == FORMAT_TABLE && rows_count(rows) == 0)
            say(context, "没有意见", "no comments");
        else
            rows_print(rows);
    }
    rows_destroy(&rows);
    return code;
}

static const struct row_column step_columns[] = {
    {"step", "步骤",       "step", COLUMN_TEXT},
    {"time", "时间",       "time", COLUMN_TEXT},
    {"unit", "单位代码", "unit", COLUMN_TEXT},
    {"name", "单位",       "by",   COLUMN_TEXT},
    {"text", "内容",       "text", COLUMN_TEXT},
};

static enum exit_code run_show(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    char time[TIME_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    const Zhibao__CommentItem *item = context_connect(context, &code) ? find(context, &code) : NULL;
    if (item == NULL)
        return code;
    struct rows *rows =
        rows_create(context, step_columns, sizeof step_columns / sizeof *step_columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (context->format == FORMAT_TABLE)
        say(context, "%s %u年 %s%s%s：%s，由%s答复", "%s %u, %s%s%s: %s, for %s to answer",
            item->place_name, item->figure->period, TR(context, item->about_zh, item->about_en),
            item->shown[0] == '\0' ? "" : " = ", item->shown,
            comment_state_text(context, item->state), item->reporter_name);
    for (size_t i = 0; i < item->n_steps; i++) {
        const Zhibao__CommentStep *one = item->steps[i];
        const char *const cells[] = {
            comment_action_text(context, (uint32_t)one->action),
            time_text(one->time_us, time),
            unit_format(one->unit, unit),
            one->unit_name,
            one->text,
        };
        rows_add(rows, cells);
    }
    rows_print(rows);
    rows_destroy(&rows);
    return EXIT_DONE;
}

const struct command commands_comment[] = {
    {"comment add",
     "--year YEAR (--indicator CODE [--place PLACE] | --form FORM --cell N [--unit UNIT]) "
     "[--follow-up] --text TEXT",          "对看得到的任何一个数提意见；--follow-up 请报送单位答复",
     "say something of a figure that one may see; --follow-up asks the unit that reported it to "
     "answer",                                                                                                                                               add_options,    0, 0, false, run_add   },
    {"comment answer", "ID --text TEXT",   "答复对本单位所报数的意见",
     "answer a comment on a figure of one's own",                                                                                                            answer_options, 1, 1, false, run_answer},
    {"comment close",  "ID [--text TEXT]", "了结本单位提的意见",                                                 "close a comment that one raised",
     close_options,                                                                                                                                                          1, 1, false, run_close },
    {"comment list",
     "[--open] [--mine] [--unit UNIT] [--place PLACE] [--year YEAR] [--indicator CODE | --form "
     "FORM]",                              "列出意见",                                                                "list comments",                   list_options,   0, 0, true,  run_list  },
    {"comment show",   "ID",               "显示一条意见的每一步",                                              "show every step of a comment",    NULL,           1, 1, true,
     run_show                                                                                                                                                                                       },
    {NULL,             NULL,               NULL,                                                                          NULL,                              NULL,           0, 0, false, NULL      },
};
