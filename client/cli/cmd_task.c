/* task open, answer, close, reopen, list, show */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/duty_find.h"
#include "cli/families.h"
#include "cli/id_search.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/task_words.h"
#include "cli/words.h"

enum { PAGES_MAX = 100000, CHINA_S = 8 * 60 * 60, DAY_S = 24 * 60 * 60 };

static const struct option open_options[] = {
    {"unit",      NULL, "UNIT", "交办给哪个单位（必填）",                                        "the unit that is to do it (required)"   },
    {"due",       NULL, "DATE", "期限，如2026-12-31或\"2026-12-31 17:00\"（必填，北京时间）",
     "by when, such as 2026-12-31 or \"2026-12-31 17:00\" (required, China's time)"                                                                  },
    {"title",     NULL, "TEXT", "标题（必填）",                                                       "what it is about, in a line (required)" },
    {"text",      NULL, "TEXT", "说明",                                                                   "what is asked"                          },
    {"duty",      NULL, "DUTY", "因哪项报送任务未办",                                              "the duty that was not done"             },
    {"indicator", NULL, "CODE", "因哪项指标预警",                                                    "the indicator whose warning it is about"},
    {"plan",      NULL, "PLAN", "规划代码（写任务或指标时须写）",
     "the plan (required with a duty or an indicator)"                                                                                               },
    {"year",      NULL, "YEAR", "报告期",                                                                "the year"                               },
    {NULL,        NULL, NULL,   NULL,                                                                       NULL                                     },
};

static const struct option answer_options[] = {
    {"text", NULL, "TEXT", "办理情况（必填）", "what was done (required)"},
    {NULL,   NULL, NULL,   NULL,                       NULL                      },
};

static const struct option close_options[] = {
    {"text", NULL, "TEXT", "办结意见", "a remark"},
    {NULL,   NULL, NULL,   NULL,           NULL      },
};

static const struct option reopen_options[] = {
    {"text", NULL, "TEXT", "理由（必填）",             "why (required)"                   },
    {"due",  NULL, "DATE", "新的期限（默认不变）", "another time (default: as before)"},
    {NULL,   NULL, NULL,   NULL,                             NULL                               },
};

static const struct option list_options[] = {
    {"open",    NULL, NULL,   "只看未办结的",       "only what is not closed"},
    {"overdue", NULL, NULL,   "只看逾期的",          "only what is overdue"   },
    {"unit",    NULL, "UNIT", "只看交给该单位的", "only this unit's"       },
    {NULL,      NULL, NULL,   NULL,                       NULL                     },
};

static const struct {
    const char *slug, *zh, *en;
} actions[] =
    {
        {"",          "",             ""         },
        {"opened",    "交办",       "opened"   },
        {"answered",  "已答复",    "answered" },
        {"closed",    "已办结",    "closed"   },
        {"reopened",  "重新交办", "reopened" },
        {"escalated", "逾期提级", "escalated"},
},
  states[] = {
      {"", "", ""},
      {"open", "待办", "open"},
      {"answered", "已答复待核", "answered"},
      {"closed", "已办结", "closed"},
};

enum { ACTIONS = sizeof actions / sizeof *actions, STATES = sizeof states / sizeof *states };

const char *task_action_text(const struct context *context, uint32_t action)
{
    if (action >= ACTIONS)
        action = 0;
    return context->format == FORMAT_TABLE ? TR(context, actions[action].zh, actions[action].en)
                                           : actions[action].slug;
}

/* "overdue" stands for what is open past its time. */
static const char *state_of(const struct context *context, const Zhibao__TaskItem *item, bool table)
{
    size_t state = (size_t)item->state < STATES ? (size_t)item->state : 0;
    if (item->overdue)
        return table ? TR(context, "逾期", "overdue") : "overdue";
    return table ? TR(context, states[state].zh, states[state].en) : states[state].slug;
}

/* On China's clock. */
static char *china_text(int64_t time_us, char text[TIME_TEXT_BYTES])
{
    time_t seconds = (time_t)(time_us / 1000000) + CHINA_S;
    struct tm parts;
    text[0] = '\0';
    if (time_us != 0 && gmtime_r(&seconds, &parts) != NULL)
        strftime(text, TIME_TEXT_BYTES, "%Y-%m-%d %H:%M", &parts);
    return text;
}

/* A day means its end. False after a complaint. */
static bool read_due(const struct context *context, bool required, int64_t *out_due_us)
{
    const char *text = option_text(context, "due");
    struct tm parts = {0};
    int used = 0, hours = 24, minutes = 0;
    if (text == NULL && !required)
        return true;
    if (text == NULL) {
        misused(context, "必须用 --due 写明期限", "--due is required");
        return false;
    }
    int found = sscanf(text, "%4d-%2d-%2d%n %2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                       &parts.tm_mday, &used, &hours, &minutes, &used);
    bool good = (found == 3 || found == 5) && text[used] == '\0' && parts.tm_year >= 1990 &&
                parts.tm_mon >= 1 && parts.tm_mon <= 12 && parts.tm_mday >= 1 &&
                parts.tm_mday <= 31 && hours <= 24 && minutes < 60;
    if (!good) {
        misused(context, "期限“%s”不正确，应如2026-12-31或2026-12-31 17:00",
                "time \"%s\" is wrong: expected such as 2026-12-31 or 2026-12-31 17:00", text);
        return false;
    }
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    int64_t seconds = (int64_t)timegm(&parts) + hours * INT64_C(3600) + minutes * INT64_C(60);
    *out_due_us = (seconds - CHINA_S) * 1000000;
    return true;
}

static enum exit_code put_task(struct context *context, Zhibao__Task *task, const char *stream)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    /* cppcheck-suppress autoVariables ; nobody reads it after this function */
    task->head = &head;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_TASK,
                                 .payload = &task->base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = "",
                                 .period = task->period};
    return put_and_send(context, &draft);
}

static enum exit_code run_open(struct context *context)
{
    Zhibao__Task task = ZHIBAO__TASK__INIT;
    enum exit_code code = EXIT_MISUSED;
    const char *unit = option_prose(context, "unit", true);
    const char *title = unit == NULL ? NULL : option_prose(context, "title", true);
    const char *text = title == NULL ? NULL : option_prose(context, "text", false);
    if (text == NULL || !unit_read(context, unit, &task.addressee) ||
        !read_due(context, true, &task.due_us) || !option_year(context, false, &task.period))
        return EXIT_MISUSED;
    bool about = option_given(context, "duty") || option_given(context, "indicator");
    if (about && !option_given(context, "plan"))
        return misused(context, "写任务或指标时须用 --plan 写明规划",
                       "--plan is required with a duty or an indicator");
    task.action = ZHIBAO__TASK_ACTION__TASK_OPEN;
    task.title = (char *)title;
    task.text = (char *)text;
    if (option_given(context, "plan"))
        task.plan = (char *)option_text(context, "plan");
    if (option_given(context, "duty"))
        task.duty = (char *)option_text(context, "duty");
    if (option_given(context, "indicator"))
        task.indicator = (char *)option_text(context, "indicator");
    if (!context_connect(context, &code))
        return code;
    return put_task(context, &task, "");
}

typedef void visit_task(struct context *context, const Zhibao__TaskItem *item, void *with);

static bool each_task(struct context *context, Zhibao__Tasks *question, visit_task *visit,
                      void *with, enum exit_code *out_code)
{
    ProtobufCMessage *message = NULL;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_TASKS, &question->base, &message, out_code))
            return false;
        const Zhibao__TaskItems *items = (const Zhibao__TaskItems *)message;
        for (size_t i = 0; i < items->n_tasks; i++)
            if (items->tasks[i]->task != NULL && items->tasks[i]->task->id.len == RECORD_ID_BYTES)
                visit(context, items->tasks[i], with);
        if (items->next[0] == '\0')
            break;
        question->cursor = items->next;
    }
    return true;
}

static void match(struct context *context, const Zhibao__TaskItem *item, void *search)
{
    (void)context;
    id_search_offer(search, &item->task->id, item);
}

/* The one task whose id begins with the first argument; NULL after a complaint. */
static const Zhibao__TaskItem *find(struct context *context, enum exit_code *out_code)
{
    Zhibao__Tasks question = ZHIBAO__TASKS__INIT;
    struct id_search search;
    if (!id_search_begin(context, &search, out_code) ||
        !each_task(context, &question, match, &search, out_code))
        return NULL;
    return id_search_end(context, &search, "督办任务", "tasks", "zhibao task list", out_code);
}

/* Answer, close, reopen: names the record of the task that was seen last. */
static enum exit_code step(struct context *context, Zhibao__TaskAction action, bool text_required)
{
    Zhibao__Task task = ZHIBAO__TASK__INIT;
    enum exit_code code = EXIT_MISUSED;
    char stream[80], id[ID_TEXT_BYTES];
    const char *text = option_prose(context, "text", text_required);
    if (text == NULL || !read_due(context, false, &task.due_us) || !context_connect(context, &code))
        return code;
    const Zhibao__TaskItem *item = find(context, &code);
    if (item == NULL)
        return code;
    task.action = action;
    task.task = item->task;
    task.text = (char *)text;
    if (item->n_steps > 0)
        task.seen = item->steps[item->n_steps - 1]->id;
    snprintf(stream, sizeof stream, "task/%s", id_text(item->task->id.data, RECORD_ID_BYTES, id));
    return put_task(context, &task, stream);
}

static enum exit_code run_answer(struct context *context)
{
    return step(context, ZHIBAO__TASK_ACTION__TASK_ANSWER, true);
}

static enum exit_code run_close(struct context *context)
{
    return step(context, ZHIBAO__TASK_ACTION__TASK_CLOSE, false);
}

static enum exit_code run_reopen(struct context *context)
{
    return step(context, ZHIBAO__TASK_ACTION__TASK_REOPEN, true);
}

static const struct row_column columns[] = {
    {"id",             "编号",       "id",         COLUMN_TEXT  },
    {"title",          "标题",       "title",      COLUMN_TEXT  },
    {"office",         "交办单位", "from",       COLUMN_TEXT  },
    {"addressee",      "单位代码", "unit",       COLUMN_TEXT  },
    {"addressee_name", "承办单位", "for",        COLUMN_TEXT  },
    {"due",            "期限",       "due",        COLUMN_TEXT  },
    {"state",          "状态",       "state",      COLUMN_TEXT  },
    {"escalated_to",   "已提级至", "escalated",  COLUMN_TEXT  },
    {"plan",           "规划",       "plan",       COLUMN_TEXT  },
    {"duty",           "任务",       "duty",       COLUMN_TEXT  },
    {"indicator",      "指标",       "indicator",  COLUMN_TEXT  },
    {"period",         "报告期",    "year",       COLUMN_NUMBER},
    {"steps",          "步数",       "steps",      COLUMN_NUMBER},
    {"last",           "最近",       "last",       COLUMN_TEXT  },
    {"last_text",      "内容",       "text",       COLUMN_TEXT  },
    {"told_by",        "报来单位", "told by",    COLUMN_TEXT  },
    {"told_above",     "报到上级", "told above", COLUMN_TEXT  },
};

/* Who is to see to it now; in a table also when a unit of another server was told. */
static const char *escalated_text(const struct context *context, struct rows *rows,
                                  const Zhibao__TaskItem *item)
{
    char unit[UNIT_TEXT_BYTES], told[TIME_TEXT_BYTES];
    if (item->escalated_to == 0)
        return "";
    unit_format(item->escalated_to, unit);
    if (context->format != FORMAT_TABLE || !item->escalated_away)
        return rows_printf(rows, "%s", unit);
    if (item->told_above_us != 0)
        return rows_printf(rows, TR(context, "%s（%s已报到上级）", "%s (told above %s)"), unit,
                           china_text(item->told_above_us, told));
    return rows_printf(rows,
                       TR(context, "%s（在上级服务器，待上报；未设上级的须另行告知）",
                          "%s (on the server above, not told yet; tell it yourself without one)"),
                       unit);
}

static void add_task(struct context *context, const Zhibao__TaskItem *item, void *with)
{
    struct rows *rows = with;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES], due[TIME_TEXT_BYTES];
    char teller[UNIT_TEXT_BYTES], told[TIME_TEXT_BYTES];
    bool table = context->format == FORMAT_TABLE;
    const Zhibao__TaskStep *last = item->n_steps == 0 ? NULL : item->steps[item->n_steps - 1];
    const char *const cells[] = {
        rows_printf(rows, table ? "%.8s" : "%s",
                    id_text(item->task->id.data, item->task->id.len, id)),
        item->title,
        item->office_name,
        unit_format(item->addressee, unit),
        item->addressee_name,
        china_text(item->due_us, due),
        state_of(context, item, table),
        escalated_text(context, rows, item),
        item->plan,
        item->duty,
        item->indicator,
        item->period == 0 ? "" : rows_printf(rows, "%u", item->period),
        rows_printf(rows, "%zu", item->n_steps),
        last == NULL ? "" : task_action_text(context, (uint32_t)last->action),
        last == NULL ? "" : last->text,
        item->told_by == 0 ? "" : unit_format(item->told_by, teller),
        item->told_above_us == 0 ? "" : china_text(item->told_above_us, told),
    };
    rows_add(rows, cells);
}

static enum exit_code run_list(struct context *context)
{
    Zhibao__Tasks question = ZHIBAO__TASKS__INIT;
    enum exit_code code = EXIT_MISUSED;
    question.unfinished = option_given(context, "open");
    question.overdue = option_given(context, "overdue");
    if ((option_given(context, "unit") &&
         !unit_read(context, option_text(context, "unit"), &question.addressee)) ||
        !context_connect(context, &code))
        return code;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (each_task(context, &question, add_task, rows, &code)) {
        code = EXIT_DONE;
        if (context->format == FORMAT_TABLE && rows_count(rows) == 0)
            say(context, "没有督办任务", "no tasks");
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
    {"due",  "期限",       "due",  COLUMN_TEXT},
    {"text", "内容",       "text", COLUMN_TEXT},
};

static enum exit_code run_show(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    char due[TIME_TEXT_BYTES], time[TIME_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    const Zhibao__TaskItem *item = context_connect(context, &code) ? find(context, &code) : NULL;
    if (item == NULL)
        return code;
    struct rows *rows =
        rows_create(context, step_columns, sizeof step_columns / sizeof *step_columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (context->format == FORMAT_TABLE)
        say(context, "%s：%s → %s，期限 %s，%s", "%s: %s → %s, due %s, %s", item->title,
            item->office_name, item->addressee_name, china_text(item->due_us, due),
            state_of(context, item, true));
    for (size_t i = 0; i < item->n_steps; i++) {
        const Zhibao__TaskStep *one = item->steps[i];
        const char *const cells[] = {
            task_action_text(context, (uint32_t)one->action),
            time_text(one->time_us, time),
            unit_format(one->unit, unit),
            one->unit_name,
            china_text(one->due_us, due),
            one->text,
        };
        rows_add(rows, cells);
    }
    rows_print(rows);
    rows_destroy(&rows);
    return EXIT_DONE;
}

const struct command commands_task[] = {
    {"task open",
     "--unit UNIT --due DATE --title TEXT [--text TEXT] [--duty DUTY | --indicator CODE]", "向一个单位交办督办任务（妇儿工委办公室）", "send a unit a task (committee office)",
     open_options,                                                                                                                                                                                                  0, 0, false, run_open  },
    {"task answer", "ID --text TEXT",                                                      "答复办理情况",                                           "say what was done",                     answer_options, 1, 1,
     false,                                                                                                                                                                                                                      run_answer},
    {"task close",  "ID [--text TEXT]",                                                    "办结",                                                       "close a task",                          close_options,  1, 1, false,
     run_close                                                                                                                                                                                                                             },
    {"task reopen", "ID --text TEXT [--due DATE]",                                         "重新交办，写明理由",
     "open a task again, saying why",                                                                                                                                                               reopen_options, 1, 1, false, run_reopen},
    {"task list",   "[--open] [--overdue] [--unit UNIT]",                                  "列出督办任务",                                           "list tasks",                            list_options,
     0,                                                                                                                                                                                                                0, true,  run_list  },
    {"task show",   "ID",                                                                  "显示一项督办任务的每一步",                         "show every step of a task",             NULL,           1, 1, true,
     run_show                                                                                                                                                                                                                              },
    {NULL,          NULL,                                                                  NULL,                                                           NULL,                                    NULL,           0, 0, false, NULL      },
};
