#include "server/notify/template.h"

#include <string.h>

/* Names: about (whose report or task), actor (who did it), what (form and year), due, until, days.
 */
const struct notice_template notice_templates[] = {
    {"reminder",         "催报：{what}，截止{due}",              "Reminder: {what}, due {due}",
     "{about}的{what}尚未报送，截止时间{due}（还有{days}天）。",                                          "{what} of {about} has not been reported yet. It is due {due} (within {days} days).",
     "zhibao duties"                                                                                                                                                                                                                        },
    {"overdue",          "逾期未报：{about}，{what}",            "Overdue: {about}, {what}",
     "{about}的{what}已于{due}截止，至今未报。",                                                               "{what} of {about} was due {due} and has not been reported.",                         "zhibao completeness"       },
    {"cutoff_moved",     "截止顺延：{what}，至{until}",         "Cut-off moved: {what}, to {until}",
     "因服务中断，{what}的截止时间由{due}顺延至{until}。",                                                "Because the service was down, the cut-off of {what} moved from {due} to {until}.",
     "zhibao calendar show"                                                                                                                                                                                                                 },
    {"returned",         "被退回：{what}",                         "Returned: {what}",
     "{about}的{what}已被{actor}退回。理由见系统内通知。",                                                 "{what} of {about} was returned by {actor}. The reason is in the inbox.",             "zhibao inbox"              },
    {"reopened",         "汇总须重新确认：{what}",             "Confirm again: {what}",
     "{about}已确认的{what}所依据的报告有变化，须重新确认。",                                         "A report behind {what}, which {about} confirmed, has changed: confirm it again.",
     "zhibao total"                                                                                                                                                                                                                         },
    {"corrected",        "锁定后更正：{what}",                   "Corrected after locking: {what}",
     "{about}的{what}在锁定以后更正了，已公布的结果可能受到影响。",                                "{what} of {about} was corrected after its year had been locked: published results may be "
     "affected.",                                                                                                     "zhibao affected"           },
    {"task_opened",      "督办任务，期限{due}",                 "A task, due {due}",
     "{actor}交给{about}一项督办任务，期限{due}。",                                                           "{actor} gave {about} a task. It is due {due}.",
     "zhibao task list"                                                                                                                                                                                                                     },
    {"task_answered",    "督办任务已答复：{about}",            "A task was answered: {about}",
     "{about}答复了一项督办任务，请核定。",                                                                 "{about} answered a task; it waits for the office.",
     "zhibao task list"                                                                                                                                                                                                                     },
    {"task_closed",      "督办任务已办结",                      "A task was closed",
     "{actor}已将交给{about}的一项督办任务办结。",                                                          "{actor} closed a task of {about}.",
     "zhibao task list"                                                                                                                                                                                                                     },
    {"task_reopened",    "督办任务重新交办，期限{due}",     "A task was reopened, due {due}",
     "{actor}将一项督办任务重新交给{about}，期限{due}。",                                                  "{actor} reopened a task of {about}. It is due {due}.",                               "zhibao task list"          },
    {"task_overdue",     "督办任务逾期：{about}，期限{due}", "A task is overdue: {about}, due {due}",
     "交给{about}的一项督办任务已于{due}到期，至今没有答复。",                                       "A task given to {about} was due {due} and has not been answered.",
     "zhibao task list --overdue"                                                                                                                                                                                                           },
    {"comment_opened",   "有意见：{what}",                         "A comment: {what}",
     "{actor}对{about}的{what}提出了意见，内容见系统内的意见页。",                                     "{actor} commented on {what} of {about}. What it says is among the comments.",
     "zhibao comment list"                                                                                                                                                                                                                  },
    {"comment_flagged",  "请核对并答复：{what}",                "Check and answer: {what}",
     "{actor}对{about}的{what}提出了意见，请核对并答复，内容见系统内的意见页。",
     "{actor} commented on {what} of {about} and asks for an answer. What it says is among the "
     "comments.",                                                                                                                                                                                               "zhibao comment list --open"},
    {"comment_answered", "意见已答复：{what}",                   "A comment was answered: {what}",
     "{actor}答复了对{about}的{what}的意见，请看后了结。",                                                 "{actor} answered the comment on {what} of {about}; it waits to be closed.",
     "zhibao comment list --open"                                                                                                                                                                                                           },
    {"comment_closed",   "意见已了结：{what}",                   "A comment was closed: {what}",
     "{actor}了结了对{about}的{what}的意见。",                                                                   "{actor} closed the comment on {what} of {about}.",
     "zhibao comment list"                                                                                                                                                                                                                  },
    {"uplink_returned",  "上级退回：{what}",                      "Returned by the level above: {what}",
     "{about}上报的{what}已被上级退回。理由见系统内通知。",                                            "{what}, reported by {about} to the level above, was returned there. The reason is in the "
     "inbox.",                                                                                                                    "zhibao inbox"              },
    {"uplink_refused",   "上级不收：{what}",                      "Refused by the level above: {what}",
     "{about}上报的{what}未被上级接收。原因见系统内通知；有变化时或一小时后自动再报。",
     "{what}, reported by {about}, was not taken by the level above. Why is in the inbox; it is "
     "sent again with the next change or after an hour.",                                                                                                                                                       "zhibao inbox"              },
    {"case_received",    "有一件新的个案待办",                "A new case",
     "收到一件个案，请尽快受理。内容只在系统内可见。",                                             "A case has come. Acknowledge it soon; what it says is seen in the system only.",
     "zhibao case list"                                                                                                                                                                                                                     },
    {"case_emergency",   "紧急个案，一小时内受理",          "An emergency: acknowledge within the hour",
     "收到一件紧急个案，请在一小时内受理。内容只在系统内可见。",                              "An emergency has come. Acknowledge it within the hour; what it says is seen in the system "
     "only.",                                                                                                       "zhibao case list"          },
    {"case_added",       "请协同办理一件个案",                "You are asked to take part in a case",
     "请协同办理一件个案。内容只在系统内可见。",                                                      "You are asked to take part in a case. What it says is seen in the system only.",
     "zhibao case list"                                                                                                                                                                                                                     },
    {"case_reminder",    "个案办理期限将至：{due}",           "A case is due {due}",
     "一件个案的办理期限为{due}，尚未办理。",                                                             "Something is due in a case {due} and is not done yet.",                              "zhibao case list"          },
    {"case_overdue",     "个案逾期，已提级",                   "A case is overdue and has escalated",
     "一件个案应于{due}前办理，至今未办，已提级。",                                                    "Something was due in a case {due} and is not done. It has escalated.",
     "zhibao case list --overdue"                                                                                                                                                                                                           },
    {"case_flood",       "报告个案过多，部分推迟接收",    "Reports of cases are put off",
     "本区县短时间内收到的个案报告过多，超出限额的已推迟接收（不会丢失），报告人会看到值班电话。请"
     "留意值班电话，并了解是哪些单位在大量报告。",                                                   "So many reports of cases came to the district that those beyond the limit are taken later "
     "(none is lost); their reporters are shown the duty phone. Watch the duty phone, and find out "
     "which units report so many.",                                                                                                      "zhibao case list"          },
    {"alarm",            "服务器告警：{what}",                   "Server alarm: {what}",
     "服务器告警：{what}。处理办法见运维手册 RUNBOOK.md 同名一节。",                                 "The server raised an alarm: {what}. RUNBOOK.md says under its name what to do.",
     "zhibao notices"                                                                                                                                                                                                                       },
    {NULL,               NULL,                                         NULL,                                        NULL, NULL,                                                                                 NULL                        },
};

const struct notice_template *notice_template_of(const char *event)
{
    for (const struct notice_template *row = notice_templates; row->event != NULL; row++)
        if (strcmp(row->event, event) == 0)
            return row;
    return NULL;
}

static const struct template_value *value_of(const struct template_value *values, size_t count,
                                             const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(values[i].name) == size && strncmp(values[i].name, name, size) == 0)
            return &values[i];
    return NULL;
}

char *template_fill(struct arena *arena, const char *text, const struct template_value *values,
                    size_t count)
{
    char *made = arena_string(arena, "");
    while (made != NULL && *text != '\0') {
        size_t plain = strcspn(text, "{");
        made = arena_printf(arena, "%s%.*s", made, (int)plain, text);
        text += plain;
        if (*text == '\0')
            break;
        size_t name = strcspn(text + 1, "}");
        const struct template_value *value = value_of(values, count, text + 1, name);
        if (text[1 + name] == '\0' || value == NULL)
            return NULL;
        if (made != NULL && value->value != NULL)
            made = arena_printf(arena, "%s%s", made, value->value);
        text += name + 2;
    }
    return made;
}
