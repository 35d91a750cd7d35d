/* withdraw, object, sign: what a unit says of its own records after they were sent; handover and
 * approve: of its own people's keys */
#include <stdio.h>
#include <string.h>

#include "cli/families.h"
#include "cli/find_record.h"
#include "cli/send.h"
#include "cli/words.h"

static const struct option reason_options[] = {
    {"reason", NULL, "TEXT", "理由（必填）", "why (required)"},
    {NULL,     NULL, NULL,   NULL,                 NULL            },
};

static enum exit_code say_of_own(struct context *context, Zhibao__Verdict verdict)
{
    bool sign = verdict == ZHIBAO__VERDICT__VERDICT_SIGN;
    const char *reason = sign ? "" : option_prose(context, "reason", true);
    struct review_subject subject;
    enum exit_code code = EXIT_DONE;
    if (reason == NULL)
        return EXIT_MISUSED;
    if (!context_connect(context, &code))
        return code;
    const Zhibao__TrackedReport *own = record_find(context, context->arguments[0], 0, false, &code);
    if (own == NULL || !record_subject(context, own, &subject))
        return code;
    enum status status = review_put(context, &subject, verdict, reason);
    return status == STATUS_OK ? send_all(context) : failed(context, status);
}

static enum exit_code run_withdraw(struct context *context)
{
    return say_of_own(context, ZHIBAO__VERDICT__VERDICT_WITHDRAW);
}

static enum exit_code run_object(struct context *context)
{
    return say_of_own(context, ZHIBAO__VERDICT__VERDICT_OBJECT);
}

static enum exit_code run_sign(struct context *context)
{
    return say_of_own(context, ZHIBAO__VERDICT__VERDICT_SIGN);
}

/* A KeyChange about this home's own unit; `other` is the colleague's key id in full. */
static enum exit_code change_own_key(struct context *context, Zhibao__KeyAction action,
                                     const char *other, const char *reason)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__KeyChange change = ZHIBAO__KEY_CHANGE__INIT;
    struct record_id named;
    enum exit_code code = EXIT_MISUSED;
    bool handover = action == ZHIBAO__KEY_ACTION__KEY_HANDOVER;
    if (!id_read(context, other, &named) || !context_connect(context, &code))
        return code;
    const struct zhibao_identity *identity = zhibao_identity(context->zhibao);
    struct key_id own = identity->key;
    ProtobufCBinaryData theirs = {sizeof named.bytes, named.bytes};
    change.head = &head;
    change.action = action;
    change.subject = identity->unit;
    change.key = handover ? (ProtobufCBinaryData){sizeof own.bytes, own.bytes} : theirs;
    if (handover)
        change.successor = theirs;
    change.reason = (char *)(uintptr_t)reason;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_KEY,
                                 .payload = &change.base,
                                 .head = &head,
                                 .stream = "key/own",
                                 .form = ""};
    return put_and_send(context, &draft);
}

static enum exit_code run_handover(struct context *context)
{
    const char *reason = option_prose(context, "reason", true);
    return reason == NULL ? EXIT_MISUSED
                          : change_own_key(context, ZHIBAO__KEY_ACTION__KEY_HANDOVER,
                                           context->arguments[0], reason);
}

static enum exit_code run_approve(struct context *context)
{
    return change_own_key(context, ZHIBAO__KEY_ACTION__KEY_APPROVE, context->arguments[0], "");
}

/* clang-format off */
const struct command commands_chain[] = {
    {"withdraw", "ID --reason TEXT",
     "撤回本单位已报、上级尚未通过的材料\n撤回的版本如同没有报过；之后再报须用下一个版本号。",
     "take back a record of this unit that has not been accepted yet\n"
     "It is as if it had never been sent; what is sent after it is the next revision.",
     reason_options, 1, 1, false, run_withdraw},
    {"object", "ID --reason TEXT",
     "对乡镇代填的本村材料提出异议\n提出后这份材料不再计入，乡镇和统计部门都会收到通知；本村可自行报送新版本。",
     "object to a report that the township entered on this village's behalf\n"
     "It counts no longer, township and statistics are told; the village may send its own.",
     reason_options, 1, 1, false, run_object},
    {"sign", "ID",
     "审核人或负责人为本单位的报表签字（先审核人，后负责人）",
     "sign a report of this unit as its reviewer or principal (in this order)",
     NULL, 1, 1, false, run_sign},
    {"handover", "KEYID --reason TEXT",
     "把本人的职责移交给接任人的密钥，本机密钥随即吊销\n"
     "接任人先用登记码登记，再把 zhibao whoami 显示的密钥编号给移交人。",
     "hand over to a successor's key; this home's key is revoked at once\n"
     "The successor enrols first and tells the key id that zhibao whoami shows.",
     reason_options, 1, 1, false, run_handover},
    {"approve-key", "KEYID",
     "批准本单位同事待批准的密钥", "approve a colleague's pending key",
     NULL, 1, 1, false, run_approve},
    {NULL, NULL, NULL, NULL, NULL, 0, 0, false, NULL},
};
/* clang-format on */
