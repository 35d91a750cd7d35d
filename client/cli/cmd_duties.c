/* duties */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/duty_find.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "cli/words.h"

enum { PAGES_MAX = 100000 };

static const struct option duties_options[] = {
    {"place", NULL, "CODE", "该地及以下各单位（默认本单位）",
     "the units of this place and below (default: this unit)"                                               },
    {"year",  NULL, "YEAR", "报告期（默认上一年）",                "the year (default: last year)"},
    {"duty",  NULL, "DUTY", "只看这项任务",                            "only this duty"               },
    {"open",  NULL, NULL,   "只看尚未办结的",                         "only what is not accepted yet"},
    {NULL,    NULL, NULL,   NULL,                                            NULL                           },
};

const Zhibao__DutyItem *duty_find(struct context *context, const char *duty, uint32_t year,
                                  enum exit_code *out_code)
{
    Zhibao__Duties question = ZHIBAO__DUTIES__INIT;
    ProtobufCMessage *message = NULL;
    question.year = year;
    question.duty = (char *)duty;
    if (!context_ask(context, ZHIBAO__KIND__KIND_DUTIES, &question.base, &message, out_code))
        return NULL;
    const Zhibao__DutyItems *items = (const Zhibao__DutyItems *)message;
    *out_code = EXIT_MISUSED;
    if (items->n_items == 0) {
        complain(context, "本单位没有代码为“%s”的报送任务（zhibao duties 查看）",
                 "this unit owes no duty with the code \"%s\" (see zhibao duties)", duty);
        return NULL;
    }
    if (items->items[0]->period != 0 && year == 0) {
        misused(context, "“%s”每年一次：请用 --year 写明报告期", "%s is yearly: give --year", duty);
        return NULL;
    }
    return items->items[0];
}

static const struct {
    const char *slug, *zh, *en;
} states[] = {
    {"",         "",             ""               },
    {"owed",     "未报",       "owed"           },
    {"sent",     "已报待审", "sent"           },
    {"accepted", "已通过",    "accepted"       },
    {"returned", "已退回",    "returned"       },
    {"work",     "无需报送", "nothing to send"},
};

static const struct {
    const char *what, *zh, *en;
} whats[] = {
    {"data",                  "年度监测数据",       "yearly data"                    },
    {"implementation_report", "规划实施情况报告", "report on implementation"       },
    {"next_year_plan",        "下一年工作安排",    "next year's arrangements"       },
    {"monitoring_report",     "监测报告",             "monitoring report"              },
    {"monitoring",            "开展监测",             "monitoring"                     },
    {"evaluation",            "评估",                   "evaluation"                     },
    {"yearbook",              "统计资料汇编",       "yearbook"                       },
    {"filing",                "规划或方案备案",    "filing of the plan or programme"},
};

static const struct {
    const char *receiver, *zh, *en;
} receivers[] = {
    {"office_above",     "上一级妇儿工委办公室", "the committee office above"},
    {"department_above", "上级主管部门",             "the department above"      },
    {"unnamed",          "（文中未写明）",          "(the text names none)"     },
    {"none",             "（无需报送）",             "(nothing is sent)"         },
};

static const char *what_text(const struct context *context, const Zhibao__DutyItem *item)
{
    for (size_t i = 0; i < sizeof whats / sizeof *whats; i++)
        if (strcmp(whats[i].what, item->what) == 0)
            return TR(context, whats[i].zh, whats[i].en);
    return item->what;
}

/* Evaluations differ by when they are: "评估（中期）". */
static const char *when_text(const struct context *context, const Zhibao__DutyItem *item)
{
    if (strcmp(item->frequency, "mid_term") == 0)
        return TR(context, "（中期）", " (mid-term)");
    if (strcmp(item->frequency, "final") == 0)
        return TR(context, "（终期）", " (final)");
    return "";
}

enum { CHINA_S = 8 * 60 * 60, MINUTE_S = 60, DAY_S = 24 * 60 * 60 };

/* On China's clock, whatever this machine's zone; midnight is the end of the day before it. */
static char *due_text(int64_t due_us, char text[TIME_TEXT_BYTES])
{
    time_t seconds = (time_t)(due_us / 1000000) + CHINA_S;
    bool midnight = seconds % DAY_S == 0;
    struct tm parts;
    text[0] = '\0';
    if (midnight)
        seconds -= MINUTE_S;
    if (due_us != 0 && gmtime_r(&seconds, &parts) != NULL)
        strftime(text, TIME_TEXT_BYTES, midnight ? "%Y-%m-%d 24:00" : "%Y-%m-%d %H:%M", &parts);
    return text;
}

static const char *receiver_text(const struct context *context, const Zhibao__DutyItem *item)
{
    if (item->receiver_name[0] != '\0')
        return item->receiver_name;
    for (size_t i = 0; i < sizeof receivers / sizeof *receivers; i++)
        if (strcmp(receivers[i].receiver, item->receiver) == 0)
            return TR(context, receivers[i].zh, receivers[i].en);
    return item->receiver;
}

/* "overdue" stands for what is owed and past its time. */
static const char *state_of(const struct context *context, const Zhibao__DutyItem *item, bool table)
{
    size_t state = (size_t)item->state < sizeof states / sizeof *states ? (size_t)item->state : 0;
    if (item->overdue && item->state == ZHIBAO__DUTY_STATE__DUTY_OWED)
        return table ? TR(context, "逾期未报", "overdue") : "overdue";
    return table ? TR(context, states[state].zh, states[state].en) : states[state].slug;
}

static const struct row_column columns[] = {
    {"unit",          "单位代码",       "unit",          COLUMN_TEXT  },
    {"unit_name",     "单位",             "name",          COLUMN_TEXT  },
    {"plan",          "规划",             "plan",          COLUMN_TEXT  },
    {"duty",          "任务",             "duty",          COLUMN_TEXT  },
    {"what",          "内容",             "what",          COLUMN_TEXT  },
    {"form",          "报表",             "form",          COLUMN_TEXT  },
    {"frequency",     "频次",             "how often",     COLUMN_TEXT  },
    {"period",        "报告期",          "year",          COLUMN_NUMBER},
    {"receiver",      "报给",             "to",            COLUMN_TEXT  },
    {"receiver_unit", "受理单位代码", "receiver",      COLUMN_TEXT  },
    {"due",           "期限",             "due",           COLUMN_TEXT  },
    {"due_time",      "截止时间",       "until",         COLUMN_TEXT  },
    {"state",         "状态",             "state",         COLUMN_TEXT  },
    {"overdue",       "逾期",             "overdue",       COLUMN_FLAG  },
    {"late",          "迟报",             "late",          COLUMN_FLAG  },
    {"record_kind",   "种类",             "kind",          COLUMN_TEXT  },
    {"record",        "编号",             "id",            COLUMN_TEXT  },
    {"record_state",  "材料状态",       "record",        COLUMN_TEXT  },
    {"sent",          "报送时间",       "sent",          COLUMN_TEXT  },
    {"reason",        "理由",             "reason",        COLUMN_TEXT  },
    {"section",       "章节",             "section",       COLUMN_TEXT  },
    {"quote",         "规划原文",       "the plan says", COLUMN_TEXT  },
    {"basis",         "依据",             "basis",         COLUMN_TEXT  },
};

static void add_duty(const struct context *context, struct rows *rows, const Zhibao__DutyItem *item)
{
    char unit[UNIT_TEXT_BYTES], receiver[UNIT_TEXT_BYTES], due[TIME_TEXT_BYTES],
        sent[TIME_TEXT_BYTES], id[ID_TEXT_BYTES] = "";
    bool recorded = item->record != NULL;
    if (recorded)
        id_text(item->record->id.data, item->record->id.len, id);
    const char *kind = recorded ? record_kind_name((uint8_t)item->record_kind) : NULL;
    const char *const cells[] = {
        unit_format(item->unit, unit),
        item->unit_name,
        item->plan,
        item->duty,
        item->what,
        item->form,
        item->frequency,
        item->period == 0 ? "" : rows_printf(rows, "%u", item->period),
        item->receiver,
        item->receiver_unit == 0 ? "" : unit_format(item->receiver_unit, receiver),
        item->due,
        due_text(item->due_us, due),
        state_of(context, item, false),
        item->overdue ? "1" : "",
        item->late ? "1" : "",
        kind == NULL ? "" : kind,
        id,
        recorded ? state_slug((int)item->record_state) : "",
        time_text(item->sent_us, sent),
        item->reason,
        item->section,
        item->quote,
        item->proposed ? "proposed" : "text",
    };
    rows_add(rows, cells);
}

/* For people: one duty in two or three lines. */
static void print_duty(const struct context *context, const Zhibao__DutyItem *item)
{
    char due[TIME_TEXT_BYTES], sent[TIME_TEXT_BYTES], period[16] = "", id[ID_TEXT_BYTES] = "";
    if (item->period != 0)
        snprintf(period, sizeof period, TR(context, " %u年", " %u"), item->period);
    printf("%s %s%s%s%s%s  %s → %s  [%s]", item->duty, what_text(context, item),
           when_text(context, item), item->form[0] == '\0' ? "" : " ", item->form, period,
           item->unit_name, receiver_text(context, item), state_of(context, item, true));
    if (item->due_us != 0)
        printf(TR(context, "  截止 %s", "  until %s"), due_text(item->due_us, due));
    else if (item->due[0] != '\0')
        printf(TR(context, "  期限 %s", "  due %s"), item->due);
    if (item->late)
        fputs(TR(context, "  迟报", "  late"), stdout);
    fputc('\n', stdout);
    if (item->record != NULL)
        printf("    %s %.8s %s %s%s%s\n", kind_text(context, (int)item->record_kind),
               id_text(item->record->id.data, item->record->id.len, id),
               time_text(item->sent_us, sent), state_text(context, (int)item->record_state),
               item->reason[0] == '\0' ? "" : TR(context, "：", ": "), item->reason);
    if (item->quote[0] != '\0')
        printf(TR(context, "    “%s”（%s）\n", "    \"%s\" (%s)\n"), item->quote, item->section);
    else
        puts(TR(context, "    （规划没有写，按拟定的报表制度）",
                "    (not in the plan's text: the proposed reporting rules)"));
}

static enum exit_code each_page(struct context *context, Zhibao__Duties *question,
                                struct rows *rows)
{
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_DONE;
    size_t count = 0;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_DUTIES, &question->base, &message, &code))
            return code;
        const Zhibao__DutyItems *items = (const Zhibao__DutyItems *)message;
        for (size_t i = 0; i < items->n_items; i++) {
            const Zhibao__DutyItem *item = items->items[i];
            if (option_given(context, "open") &&
                (item->state == ZHIBAO__DUTY_STATE__DUTY_ACCEPTED ||
                 item->state == ZHIBAO__DUTY_STATE__DUTY_WORK))
                continue;
            if (context->format == FORMAT_TABLE)
                print_duty(context, item);
            else
                add_duty(context, rows, item);
            count++;
        }
        if (items->next[0] == '\0')
            break;
        question->cursor = items->next;
    }
    if (context->format != FORMAT_TABLE)
        rows_print(rows);
    else if (count == 0)
        say(context, "没有符合条件的报送任务", "no duty matches");
    return EXIT_DONE;
}

static enum exit_code run_duties(struct context *context)
{
    Zhibao__Duties question = ZHIBAO__DUTIES__INIT;
    enum exit_code code = EXIT_MISUSED;
    if (!option_place(context, "place", false, &question.place) ||
        !option_year(context, false, &question.year) || !context_connect(context, &code))
        return code;
    if (option_given(context, "duty"))
        question.duty = (char *)option_text(context, "duty");
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    code = each_page(context, &question, rows);
    rows_destroy(&rows);
    return code;
}

const struct command commands_duties[] = {
    {"duties", "[--place CODE] [--year YEAR] [--open]",
     "列出报送任务：谁向谁、何时、报什么，办到哪一步，附规划原文", "list duties: who owes what to whom by when, where it stands, and the plan's words",
     duties_options,                                                                                                                                                                       0, 0, true,  run_duties},
    {NULL,     NULL,                                    NULL,                                   NULL,                                                                                NULL, 0, 0, false, NULL      },
};
