/* case acknowledge, assess, act, assist, review, outcome, close, reopen, supplement, add-handler,
 * assign, leave, transfer, accept, decline */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "cli/case_find.h"
#include "cli/case_words.h"
#include "cli/families.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/case_attach.h"

#define TEXT_OPTION                                                              \
    {                                                                            \
        "text-file", NULL, "FILE", "说明，从文件读（- 为标准输入）；在本机密封", \
            "what is to be said, from a file (- for stdin); it is sealed here"   \
    }

static const struct option step_options[] = {
    TEXT_OPTION,
    {"emergency", NULL, NULL, "情况已变得紧急", "it has become an emergency"},
    {NULL,        NULL, NULL, NULL,                    NULL                        },
};
static const struct option supplement_options[] = {
    {"link",      NULL, "ID", "与另一件个案（完整编号）是同一事件：相互关联，年度数只计一次",
     "the same event as another case (its whole id): linked, and counted once in the year's "
     "figures"                                                                                                                                          },
    TEXT_OPTION,
    {"emergency", NULL, NULL, "情况已变得紧急",                                                                      "it has become an emergency"},
    {NULL,        NULL, NULL, NULL,                                                                                         NULL                        },
};
static const struct option assess_options[] = {
    {"risk", NULL, "LEVEL", "风险：low、medium、high、emergency（必填）",
     "low, medium, high or emergency (required)"                                        },
    TEXT_OPTION,
    {NULL,   NULL, NULL,    NULL,                                                   NULL},
};
#define NAMED_OPTION                                                           \
    {                                                                          \
        "although-named", NULL, NULL, "报告涉及该单位或个人，仍让其参与",      \
            "let it take part although the report names it, or a person in it" \
    }
static const struct option add_options[] = {
    NAMED_OPTION,
    {"unit", NULL, "UNIT", "哪个单位（必填）",                      "which unit (required)" },
    {"all",  NULL, NULL,   "给它看全部记录（默认只有报告）",
      "let it see every record (default: the report)"                                                },
    {"due",  NULL, "DATE", "办理期限（北京时间）",                "by when (China's time)"},
    TEXT_OPTION,
    {NULL,   NULL, NULL,   NULL,                                            NULL                    },
};
static const struct option visit_options[] = {
    {"next", NULL, "DATE", "下次走访日期（必填，北京时间）",
     "when the next visit is due (required)"                                    },
    TEXT_OPTION,
    {NULL,   NULL, NULL,   NULL,                                            NULL},
};
static const struct option newcomer_options[] = {
    {"unit", NULL, "UNIT", "哪个单位（必填）", "which unit (required)"},
    NAMED_OPTION,
    TEXT_OPTION,
    {NULL,   NULL, NULL,   NULL,                       NULL                   },
};
static const struct option unit_options[] = {
    {"unit", NULL, "UNIT", "哪个单位", "which unit"},
    TEXT_OPTION,
    {NULL,   NULL, NULL,   NULL,           NULL        },
};

struct stepping {
    struct case_reading reading;
    struct case_step_draft draft;
    Zhibao__CaseStep content;
    const char *text;
};

/* What has to be there before anything is asked of the server. */
static bool words_read(struct context *context, struct stepping *stepping)
{
    const char *path = option_text(context, "text-file"), *risk = option_text(context, "risk");
    zhibao__case_step__init(&stepping->content);
    stepping->text = "";
    if (path != NULL && (stepping->text = case_text_read(context, path)) == NULL)
        return false;
    stepping->content.text = (char *)(uintptr_t)stepping->text;
    if (stepping->draft.action == ZHIBAO__CASE_ACTION__CASE_ASSESS) {
        stepping->content.risk =
            (Zhibao__CaseRisk)(risk == NULL ? 0 : case_word_value(case_risks, risk));
        if (stepping->content.risk == 0) {
            misused(context, "用 --risk 写明风险：low、medium、high、emergency",
                    "give the risk with --risk: low, medium, high, emergency");
            return false;
        }
    }
    if (stepping->draft.action == ZHIBAO__CASE_ACTION__CASE_OUTCOME && stepping->text[0] == '\0') {
        misused(context, "用 --text-file 写明给报告人的答复",
                "give the answer to the reporter with --text-file");
        return false;
    }
    stepping->draft.emergency = option_given(context, "emergency") ||
                                stepping->content.risk == ZHIBAO__CASE_RISK__CASE_RISK_EMERGENCY;
    return true;
}

static bool case_read(struct context *context, struct stepping *stepping, enum exit_code *out_code)
{
    const Zhibao__CaseItem *item =
        context_connect(context, out_code) ? case_find(context, out_code) : NULL;
    struct case_step_draft *draft = &stepping->draft;
    if (item == NULL)
        return false;
    draft->district = item->district;
    memcpy(draft->case_id.bytes, item->case_id.data, RECORD_ID_BYTES);
    enum status status =
        zhibao_case_read(context->zhibao, context->arena, item->district, &draft->case_id,
                         ZHIBAO__CASE_PURPOSE__CASE_FOR_HANDLING, &stepping->reading);
    if (status != STATUS_OK) {
        *out_code = failed(context, status);
        return false;
    }
    const struct case_reading *reading = &stepping->reading;
    if (reading->unlisted > 0)
        complain(context, "服务器列出的 %zu 个接收人不在委员会签名的名录中，没有向其密封",
                 "%zu recipients that the server lists are not in the directory that the "
                 "committee signed: nothing is sealed to them",
                 reading->unlisted);
    if (reading->item->last.len == RECORD_ID_BYTES)
        memcpy(draft->seen.bytes, reading->item->last.data, RECORD_ID_BYTES);
    draft->content = &stepping->content;
    draft->targets = reading->targets;
    draft->target_count = reading->target_count;
    return true;
}

static enum exit_code step_send(struct context *context, struct stepping *stepping)
{
    struct case_attached attached;
    enum status status =
        zhibao_case_attach_load(context->zhibao, context->arena, context->arguments + 1,
                                context->argument_count - 1, &attached);
    stepping->content.attachments = attached.list;
    stepping->content.n_attachments = attached.count;
    stepping->draft.attached = &attached;
    if (status == STATUS_OK)
        status = zhibao_case_step_put(context->zhibao, context->arena, &stepping->draft);
    zhibao_case_attach_free(&attached);
    return status == STATUS_OK ? send_all(context) : failed(context, status);
}

static enum exit_code step(struct context *context, Zhibao__CaseAction action)
{
    struct stepping stepping = {.draft = {.action = action}};
    enum exit_code code = EXIT_MISUSED;
    if (!words_read(context, &stepping) || !case_read(context, &stepping, &code))
        return code;
    if (action == ZHIBAO__CASE_ACTION__CASE_OUTCOME) {
        if (!stepping.reading.has_reply)
            return misused(context, "本单位看不到报告，无法答复报告人",
                           "your unit does not see the report and cannot answer its reporter");
        stepping.draft.reply = stepping.text;
        stepping.draft.reply_public = &stepping.reading.reply_public;
    }
    return step_send(context, &stepping);
}

/* What opened it: a report, or a file of the register. */
static bool is_first(const struct case_entry *entry)
{
    return entry->report || entry->action == ZHIBAO__CASE_ACTION__CASE_REGISTER;
}

/* Of those who handle it already nobody is a newcomer. */
static bool is_target(const struct case_reading *reading, const Zhibao__CaseKey *key)
{
    for (size_t i = 0; i < reading->target_count; i++)
        if (reading->targets[i].key == key)
            return true;
    return false;
}

/* Every holder of the unit that the directory lists for this year, as newcomers to what was opened;
 * but whoever the report names stays out, unless that is meant. */
static bool shares_make(struct context *context, struct stepping *stepping, uint64_t unit,
                        struct case_target as, bool all)
{
    const struct case_reading *reading = &stepping->reading;
    const Zhibao__CaseDirectory *directory = reading->directory;
    size_t room = reading->target_count + directory->n_keys, share_count = 0;
    struct case_target *targets = arena_array(context->arena, room, sizeof *targets);
    struct case_share *shares =
        arena_array(context->arena, reading->entry_count * directory->n_keys, sizeof *shares);
    uint32_t year = case_directory_year(directory, case_year(clock_now_us()));
    bool meant = option_given(context, "although-named"), named = false;
    if (targets == NULL || shares == NULL)
        return false;
    if (reading->target_count > 0)
        memcpy(targets, reading->targets, reading->target_count * sizeof *targets);
    stepping->draft.target_count = reading->target_count;
    for (size_t k = 0; k < directory->n_keys; k++) {
        if (directory->keys[k]->unit != unit || directory->keys[k]->year != year ||
            is_target(reading, directory->keys[k]))
            continue;
        if (!meant && case_reading_names(reading, directory->keys[k])) {
            named = true;
            continue;
        }
        struct case_target newcomer = {directory->keys[k], as.role, as.level};
        for (size_t i = 0; i < reading->entry_count; i++)
            if (reading->entries[i].opened && (all || is_first(&reading->entries[i])))
                shares[share_count++] =
                    (struct case_share){reading->entries[i].id, reading->entries[i].key, newcomer};
        targets[stepping->draft.target_count++] = newcomer;
    }
    stepping->draft.targets = targets;
    stepping->draft.shares = shares;
    stepping->draft.share_count = share_count;
    if (named)
        complain(context,
                 "报告涉及该单位或其中的人，没有向其密封；确要让其参与请加 --although-named",
                 "the report names this unit or a person in it: nothing is sealed to them; "
                 "--although-named if that is meant");
    else if (share_count == 0)
        misused(context, "名录中没有该单位今年的密钥，或没有可以给它看的记录",
                "the directory has no key of this unit for this year, or there is nothing to show "
                "it");
    return share_count > 0;
}

static enum exit_code add(struct context *context, Zhibao__CaseAction action, unsigned role,
                          bool all, bool due_required)
{
    struct stepping stepping = {.draft = {.action = action}};
    uint64_t unit = 0;
    const char *due = option_text(context, "due");
    enum exit_code code = EXIT_MISUSED;
    if (option_text(context, "unit") == NULL || (due == NULL && due_required))
        return misused(context, "必须写明 --unit%s", "--unit is required%s",
                       due_required ? TR(context, " 和 --due", ", and --due") : "");
    if (!unit_read(context, option_text(context, "unit"), &unit))
        return EXIT_MISUSED;
    if (due != NULL && !china_parse(due, true, &stepping.draft.due_us))
        return misused(context, "期限“%s”不正确，应如2026-12-31", "time \"%s\" is wrong", due);
    if (!words_read(context, &stepping) || !case_read(context, &stepping, &code))
        return code;
    if (!shares_make(context, &stepping, unit, (struct case_target){NULL, role, 0}, all))
        return EXIT_MISUSED;
    return step_send(context, &stepping);
}

static enum exit_code run_add(struct context *context)
{
    return add(context, ZHIBAO__CASE_ACTION__CASE_ADD, ZHIBAO__CASE_ROLE__CASE_MEMBER,
               option_given(context, "all"), false);
}

static enum exit_code run_assign(struct context *context)
{
    return add(context, ZHIBAO__CASE_ACTION__CASE_ADD, ZHIBAO__CASE_ROLE__CASE_MEMBER,
               option_given(context, "all"), true);
}

static enum exit_code run_transfer(struct context *context)
{
    return add(context, ZHIBAO__CASE_ACTION__CASE_OFFER, ZHIBAO__CASE_ROLE__CASE_OFFERED, true,
               false);
}

/* For the keys that the directory lists for a unit of the case and that have no part in it yet: a
 * handler who lost a key, or a colleague. They take the place that the unit has. */
static enum exit_code run_rewrap(struct context *context)
{
    struct stepping stepping = {.draft = {.action = ZHIBAO__CASE_ACTION__CASE_REWRAP}};
    uint64_t unit = 0;
    enum exit_code code = EXIT_MISUSED;
    if (option_text(context, "unit") == NULL)
        return misused(context, "必须写明 --unit", "--unit is required");
    if (!unit_read(context, option_text(context, "unit"), &unit) ||
        !words_read(context, &stepping) || !case_read(context, &stepping, &code))
        return code;
    const Zhibao__CaseMember *place = NULL;
    for (size_t i = 0; i < stepping.reading.member_count && place == NULL; i++)
        if (stepping.reading.members[i]->unit == unit)
            place = stepping.reading.members[i];
    if (place == NULL)
        return misused(context, "该单位不办理这件个案", "this unit does not handle this case");
    const struct case_target newcomer = {NULL, (unsigned)place->role, place->level};
    return shares_make(context, &stepping, unit, newcomer, true) ? step_send(context, &stepping)
                                                                 : EXIT_MISUSED;
}

/* Nothing more is sealed to who leaves. */
static enum exit_code run_leave(struct context *context)
{
    struct stepping stepping = {.draft = {.action = ZHIBAO__CASE_ACTION__CASE_LEAVE}};
    uint64_t unit = 0;
    enum exit_code code = EXIT_MISUSED;
    if ((option_given(context, "unit") &&
         !unit_read(context, option_text(context, "unit"), &unit)) ||
        !words_read(context, &stepping) || !case_read(context, &stepping, &code))
        return code;
    struct case_step_draft *draft = &stepping.draft;
    struct case_target *targets = stepping.reading.targets;
    size_t kept = 0;
    draft->leaver = unit != 0 ? unit : zhibao_identity(context->zhibao)->unit;
    for (size_t i = 0; i < draft->target_count; i++)
        if (targets[i].key->unit != draft->leaver)
            targets[kept++] = targets[i];
    draft->target_count = kept;
    return step_send(context, &stepping);
}

static enum exit_code run_visit(struct context *context)
{
    struct stepping stepping = {.draft = {.action = ZHIBAO__CASE_ACTION__CASE_VISIT}};
    enum exit_code code = EXIT_MISUSED;
    const char *next = option_text(context, "next");
    if (next == NULL || !china_parse(next, true, &stepping.draft.due_us))
        return misused(context, "用 --next 写明下次走访日期，如2026-12-31",
                       "give the next visit's date with --next, as 2026-12-31");
    if (!words_read(context, &stepping) || !case_read(context, &stepping, &code))
        return code;
    return step_send(context, &stepping);
}

/* Why a child leaves the register is kept with its file. */
static enum exit_code run_deregister(struct context *context)
{
    if (option_text(context, "text-file") == NULL)
        return misused(context, "用 --text-file 写明离开台账的原因",
                       "say with --text-file why the child leaves the register");
    return step(context, ZHIBAO__CASE_ACTION__CASE_DEREGISTER);
}

/* The same event reported by a school and a hospital is two cases, which stay two. */
static enum exit_code run_supplement(struct context *context)
{
    struct stepping stepping = {.draft = {.action = ZHIBAO__CASE_ACTION__CASE_SUPPLEMENT}};
    struct record_id linked;
    enum exit_code code = EXIT_MISUSED;
    const char *link = option_text(context, "link");
    if (link != NULL && hex_decode(link, linked.bytes, RECORD_ID_BYTES) != STATUS_OK)
        return misused(context, "--link 须写出32位编号（zhibao case list --format csv）",
                       "--link takes an id of 32 digits (zhibao case list --format csv)");
    if (!words_read(context, &stepping) || !case_read(context, &stepping, &code))
        return code;
    if (link != NULL) {
        stepping.content.linked_district = stepping.draft.district;
        stepping.content.linked_case = (ProtobufCBinaryData){RECORD_ID_BYTES, linked.bytes};
    }
    return step_send(context, &stepping);
}

#define STEP(name, action)                                        \
    static enum exit_code run_##name(struct context *context)     \
    {                                                             \
        return step(context, ZHIBAO__CASE_ACTION__CASE_##action); \
    }
STEP(acknowledge, ACKNOWLEDGE)
STEP(assess, ASSESS)
STEP(act, ACT)
STEP(assist, ASSIST)
STEP(review, REVIEW)
STEP(outcome, OUTCOME)
STEP(close, CLOSE)
STEP(reopen, REOPEN)
STEP(accept, ACCEPT)
STEP(decline, DECLINE)

#define USAGE "ID [--text-file FILE] [ATTACHMENT...]"

const struct command commands_case_step[] = {
    {"case acknowledge", USAGE,                                                  "受理个案（24小时内；紧急的1小时内）",
     "acknowledge a case (within 24 hours; an emergency: one)",                                                                                                                                                         step_options,       1,
     1 + CASE_ATTACHMENTS_MAX,                                                                                                                                                                                                                                           false, run_acknowledge},
    {"case assess",      "ID --risk LEVEL [--text-file FILE]",                   "评估风险（72小时内）",
     "assess the risk (within 72 hours)",                                                                                                                                                                               assess_options,     1, 1,                        false, run_assess     },
    {"case act",         USAGE,                                                  "登记处置",                                                                            "record what was done at once",             step_options,       1,
     1 + CASE_ATTACHMENTS_MAX,                                                                                                                                                                                                                                           false, run_act        },
    {"case assist",      USAGE,                                                  "登记帮扶",                                                                            "record help that goes on",                 step_options,       1,
     1 + CASE_ATTACHMENTS_MAX,                                                                                                                                                                                                                                           false, run_assist     },
    {"case review",      USAGE,                                                  "登记复查（每30天）",                                                              "record a review (every 30 days)",          step_options,       1,
     1 + CASE_ATTACHMENTS_MAX,                                                                                                                                                                                                                                           false, run_review     },
    {"case outcome",     "ID --text-file FILE",                                  "答复报告人（凭查询码可读）",
     "tell the reporter, who reads it with the code",                                                                                                                                                                   step_options,       1, 1,                        false, run_outcome    },
    {"case close",       USAGE,                                                  "结案",                                                                                  "close a case",                             step_options,       1, 1 + CASE_ATTACHMENTS_MAX, false,
     run_close                                                                                                                                                                                                                                                                                 },
    {"case reopen",      USAGE,                                                  "重新开启",                                                                            "reopen a case",                            step_options,       1, 1 + CASE_ATTACHMENTS_MAX,
     false,                                                                                                                                                                                                                                                                     run_reopen     },
    {"case supplement",  "ID [--text-file FILE] [--link ID] [ATTACHMENT...]",    "补充情况",
     "add what became known",                                                                                                                                                                                           supplement_options, 1, 1 + CASE_ATTACHMENTS_MAX, false,
     run_supplement                                                                                                                                                                                                                                                                            },
    {"case add-handler", "ID --unit UNIT [--all] [--text-file FILE]",            "请一个部门协同办理",
     "let a department take part",                                                                                                                                                                                      add_options,        1, 1,                        false, run_add        },
    {"case assign",      "ID --unit UNIT --due DATE [--all] [--text-file FILE]", "交一个部门限期办理",
     "give a department its part, with a time",                                                                                                                                                                         add_options,        1, 1,                        false, run_assign     },
    {"case leave",       "ID [--unit UNIT]",                                     "退出，或请一个单位退出（牵头单位）",
     "leave, or let a unit leave (the lead)",                                                                                                                                                                           unit_options,       1, 1,                        false, run_leave      },
    {"case transfer",    "ID --unit UNIT [--text-file FILE]",                    "移送另一区县的受理单位，待其接收",
     "offer the case to another district's intake",                                                                                                                                                                     newcomer_options,   1, 1,                        false, run_transfer   },
    {"case accept",      USAGE,                                                  "接收移送的个案，由本单位牵头",                                              "take over a case that was offered",
     step_options,                                                                                                                                                                                                                          1, 1 + CASE_ATTACHMENTS_MAX, false, run_accept     },
    {"case decline",     USAGE,                                                  "不接收移送的个案",                                                                "decline a case that was offered",          step_options,       1,
     1 + CASE_ATTACHMENTS_MAX,                                                                                                                                                                                                                                           false, run_decline    },
    {"case rewrap",      "ID --unit UNIT",                                       "为办理单位的另一个密钥（遗失后换的，或同事的）加封全部记录",
     "seal every record to another key of a unit that handles the case (after a loss, or a "
     "colleague's)",                                                                                                                                                                                                    newcomer_options,   1, 1,                        false, run_rewrap     },
    {"register visit",   "ID --next DATE [--text-file FILE] [ATTACHMENT...]",
     "登记一次走访和下次走访日期",                                                                                                                             "record a visit, and when the next is due", visit_options,      1,
     1 + CASE_ATTACHMENTS_MAX,                                                                                                                                                                                                                                           false, run_visit      },
    {"register leave",   "ID --text-file FILE",                                  "孩子离开台账，写明原因",
     "the child leaves the register, with the reason",                                                                                                                                                                  step_options,       1, 1,                        false, run_deregister },
    {"register return",  USAGE,                                                  "孩子回到台账",                                                                      "the child comes back into the register",
     step_options,                                                                                                                                                                                                                          1, 1 + CASE_ATTACHMENTS_MAX, false, run_reopen     },
    {NULL,               NULL,                                                   NULL,                                                                                      NULL,                                       NULL,               0, 0,                        false, NULL           },
};
