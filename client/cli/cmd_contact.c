/* contact set, contact show, notices */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/families.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "notify.pb-c.h"

enum { PAGES_MAX = 10000 };

static const struct option set_options[] = {
    {"email",       NULL, "ADDRESS", "电子邮箱；\"\" 为不要邮件",                                             "the e-mail address; \"\" for none"     },
    {"webhook",     NULL, "URL",     "推送网址（https，主机须为服务器所允许）；\"\" 为不要推送",
     "the URL to post to (https, on a host that the server allows); \"\" for none"                                                                              },
    {"notice-lang", NULL, "zh|en",   "邮件用的语言（默认同 --lang）",
     "the language of the e-mails (default: that of --lang)"                                                                                                    },
    {"unit",        NULL, "UNIT",    "管理员代此单位设定",                                                     "an administrator sets it for this unit"},
    {NULL,          NULL, NULL,      NULL,                                                                              NULL                                    },
};

static const struct option place_options[] = {
    {"place", NULL, "CODE", "管理员：此地及以下的全部单位",
     "administrators: all units at and below this place"                      },
    {NULL,    NULL, NULL,   NULL,                                         NULL},
};

static const struct option notices_options[] = {
    {"place",  NULL, "CODE", "管理员：此地及以下的全部单位",
     "administrators: all units at and below this place"                                            },
    {"failed", NULL, NULL,   "只看没有送出的：已放弃的，和失败后待重试的",
     "only what was not delivered: given up, or failed and tried again"                             },
    {NULL,     NULL, NULL,   NULL,                                                              NULL},
};

static bool read_language(const struct context *context, Zhibao__Contact *contact)
{
    const char *text = option_text(context, "notice-lang");
    if (text == NULL)
        text = TR(context, "zh", "en");
    contact->language = (char *)text;
    if (strcmp(text, "zh") == 0 || strcmp(text, "en") == 0)
        return true;
    misused(context, "语言“%s”不正确，应为zh或en", "language \"%s\" is wrong: zh or en", text);
    return false;
}

static enum exit_code run_set(struct context *context)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Contact contact = ZHIBAO__CONTACT__INIT;
    enum exit_code code = EXIT_MISUSED;
    char stream[64];
    const char *unit = option_text(context, "unit"), *email = option_prose(context, "email", false);
    const char *webhook = option_prose(context, "webhook", false);
    if (email == NULL || webhook == NULL || !read_language(context, &contact) ||
        (unit != NULL && !unit_read(context, unit, &contact.unit)))
        return EXIT_MISUSED;
    if (!option_given(context, "email") && !option_given(context, "webhook"))
        return misused(context, "用 --email 或 --webhook 写明通知送到哪里（\"\" 为不要）",
                       "say where notices go: --email or --webhook (\"\" for none)");
    if (!context_connect(context, &code))
        return code;
    if (contact.unit == 0)
        contact.unit = zhibao_identity(context->zhibao)->unit;
    contact.head = &head;
    contact.email = (char *)email;
    contact.webhook = (char *)webhook;
    snprintf(stream, sizeof stream, "contact/%" PRIu64, contact.unit);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_CONTACT,
                                 .payload = &contact.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = ""};
    return put_and_send(context, &draft);
}

static void add_contacts(const struct context *context, struct rows *rows,
                         const Zhibao__NoticeRows *page)
{
    (void)context;
    for (size_t i = 0; i < page->n_contacts; i++) {
        const Zhibao__ContactRow *row = page->contacts[i];
        char unit[UNIT_TEXT_BYTES], by[UNIT_TEXT_BYTES], when[TIME_TEXT_BYTES];
        const char *const cells[] = {unit_format(row->unit, unit),
                                     row->unit_name,
                                     row->email,
                                     row->webhook,
                                     row->language,
                                     unit_format(row->set_by, by),
                                     time_text(row->time_us, when)};
        rows_add(rows, cells);
    }
}

static const char *state_word(const struct context *context, const char *state)
{
    if (context->format != FORMAT_TABLE)
        return state;
    return strcmp(state, "sent") == 0       ? TR(context, "已送出", "sent")
           : strcmp(state, "given_up") == 0 ? TR(context, "已放弃", "given up")
                                            : TR(context, "待送", "waiting");
}

static const char *event_word(const struct context *context, const char *event)
{
    static const struct {
        const char *event, *zh, *en;
    } words[] = {
        {"reminder",         "催报",                "reminder"                 },
        {"overdue",          "逾期未报",          "overdue"                  },
        {"cutoff_moved",     "截止顺延",          "cut-off moved"            },
        {"returned",         "退回",                "returned"                 },
        {"reopened",         "汇总须重新确认", "confirm again"            },
        {"corrected",        "锁定后更正",       "corrected"                },
        {"task_opened",      "督办交办",          "task opened"              },
        {"task_answered",    "督办答复",          "task answered"            },
        {"task_closed",      "督办办结",          "task closed"              },
        {"task_reopened",    "督办重新交办",    "task reopened"            },
        {"task_overdue",     "督办逾期",          "task overdue"             },
        {"uplink_returned",  "上级退回",          "returned above"           },
        {"uplink_refused",   "上级不收",          "refused above"            },
        {"comment_opened",   "有意见",             "a comment"                },
        {"comment_flagged",  "有意见须答复",    "a comment to answer"      },
        {"comment_answered", "意见已答复",       "a comment answered"       },
        {"comment_closed",   "意见已了结",       "a comment closed"         },
        {"case_received",    "新的个案",          "a new case"               },
        {"case_emergency",   "紧急个案",          "an emergency"             },
        {"case_added",       "协同办理个案",    "asked into a case"        },
        {"case_reminder",    "个案期限将至",    "a case is due"            },
        {"case_overdue",     "个案逾期提级",    "a case is overdue"        },
        {"case_flood",       "个案报告过多",    "too many reports of cases"},
        {"alarm",            "服务器告警",       "server alarm"             },
    };
    for (size_t i = 0; context->format == FORMAT_TABLE && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].event, event) == 0)
            return TR(context, words[i].zh, words[i].en);
    return event;
}

static void add_notices(const struct context *context, struct rows *rows,
                        const Zhibao__NoticeRows *page)
{
    for (size_t i = 0; i < page->n_notices; i++) {
        const Zhibao__NoticeRow *row = page->notices[i];
        char unit[UNIT_TEXT_BYTES], made[TIME_TEXT_BYTES], next[TIME_TEXT_BYTES],
            done[TIME_TEXT_BYTES], id[ID_TEXT_BYTES];
        const char *const cells[] = {unit_format(row->unit, unit),
                                     row->unit_name,
                                     row->channel,
                                     event_word(context, row->event),
                                     time_text(row->made_us, made),
                                     state_word(context, row->state),
                                     rows_printf(rows, "%u", row->tries),
                                     time_text(row->next_us, next),
                                     time_text(row->done_us, done),
                                     row->error,
                                     id_text(row->id.data, row->id.len, id)};
        rows_add(rows, cells);
    }
}

typedef void add_page(const struct context *context, struct rows *rows,
                      const Zhibao__NoticeRows *page);

/* Every page of the answer as rows, then printed. */
static enum exit_code list(struct context *context, const struct row_column *columns, size_t count,
                           add_page *add, bool all, const char *zh_none, const char *en_none)
{
    Zhibao__GetNotices question = ZHIBAO__GET_NOTICES__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    if (!option_place(context, "place", false, &question.place) || !context_connect(context, &code))
        return code;
    question.failed = option_given(context, "failed");
    struct rows *rows = rows_create(context, columns, count);
    if (rows == NULL)
        return EXIT_MISUSED;
    code = EXIT_DONE;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_GET_NOTICES, &question.base, &message, &code))
            break;
        const Zhibao__NoticeRows *found = (const Zhibao__NoticeRows *)message;
        add(context, rows, found);
        if (!all || found->next[0] == '\0')
            break;
        question.cursor = found->next;
    }
    if (code == EXIT_DONE && context->format == FORMAT_TABLE && rows_count(rows) == 0)
        say(context, "%s", "%s", TR(context, zh_none, en_none));
    else if (code == EXIT_DONE && !rows_print(rows))
        code = EXIT_MISUSED;
    rows_destroy(&rows);
    return code;
}

static enum exit_code run_show(struct context *context)
{
    static const struct row_column columns[] = {
        {"unit",     "单位代码", "unit",     COLUMN_TEXT},
        {"name",     "单位",       "name",     COLUMN_TEXT},
        {"email",    "电子邮箱", "e-mail",   COLUMN_TEXT},
        {"webhook",  "推送网址", "webhook",  COLUMN_TEXT},
        {"language", "语言",       "language", COLUMN_TEXT},
        {"set_by",   "设定单位", "set by",   COLUMN_TEXT},
        {"set",      "设定时间", "set",      COLUMN_TEXT},
    };
    return list(context, columns, sizeof columns / sizeof *columns, add_contacts, false,
                "没有设定通知地址", "no address is set");
}

static enum exit_code run_notices(struct context *context)
{
    static const struct row_column columns[] = {
        {"unit",    "单位代码", "unit",  COLUMN_TEXT  },
        {"name",    "单位",       "name",  COLUMN_TEXT  },
        {"channel", "方式",       "by",    COLUMN_TEXT  },
        {"event",   "事由",       "about", COLUMN_TEXT  },
        {"made",    "发生时间", "since", COLUMN_TEXT  },
        {"state",   "状态",       "state", COLUMN_TEXT  },
        {"tries",   "次数",       "tries", COLUMN_NUMBER},
        {"next",    "下次",       "next",  COLUMN_TEXT  },
        {"done",    "完成时间", "done",  COLUMN_TEXT  },
        {"error",   "原因",       "why",   COLUMN_TEXT  },
        {"id",      "编号",       "id",    COLUMN_TEXT  },
    };
    return list(context, columns, sizeof columns / sizeof *columns, add_notices, true, "没有通知",
                "no notices");
}

const struct command commands_contact[] = {
    {"contact set",  "[--email ADDRESS] [--webhook URL] [--unit UNIT]",
     "设定通知送到哪里\n催报、逾期、退回、督办等通知除收件箱外，还送到这里；没写的一项即不要。",
     "set where notices go\nReminders, overdue reports, returns and tasks are told there besides "
     "the inbox; what is not\ngiven is ended.",                                                                                                                      set_options,     0, 0, false, run_set    },
    {"contact show", "[--place CODE]",                                  "显示通知送到哪里",                                         "show where notices go", place_options,
     0,                                                                                                                                                                                  0, true,  run_show   },
    {"notices",      "[--place CODE] [--failed]",                       "邮件和推送通知的送达情况",
     "what became of notices by e-mail and webhook",                                                                                                                 notices_options, 0, 0, true,  run_notices},
    {NULL,           NULL,                                              NULL,                                                               NULL,                    NULL,            0, 0, false, NULL       },
};
