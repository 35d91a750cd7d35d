/* case state: what became of a case, for who has its code */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/case_words.h"
#include "cli/families.h"
#include "cli/words.h"
#include "lib/case_put.h"
#include "lib/outside.h"

static const struct option state_options[] = {
    {"server-key", NULL, "HEX",  "不用登记：与 --server 一起写出报告时给的服务器地址和公钥",
     "without being enrolled: with --server, the server's address and key given with the report"                        },
    {"code",       NULL, "CODE", "报告时给的查询码（- 从标准输入读）",
     "the code given with the report (- reads it from stdin)"                                                           },
    {NULL,         NULL, NULL,   NULL,                                                                              NULL},
};

static bool code_read(struct context *context, struct case_code *out_code)
{
    const char *text = option_text(context, "code");
    if (text == NULL || strcmp(text, "-") == 0)
        text = case_text_read(context, "-");
    char *trimmed = text == NULL ? NULL : arena_string(context->arena, text);
    if (trimmed == NULL)
        return false;
    trimmed[strcspn(trimmed, "\r\n")] = '\0';
    if (case_code_parse(trimmed, out_code) == STATUS_OK)
        return true;
    misused(context, "查询码抄错了，请核对", "the code is not copied rightly");
    return false;
}

static void state_print(struct context *context, const Zhibao__CaseStateReply *state,
                        const struct case_code_keys *keys)
{
    char when[TIME_TEXT_BYTES];
    say(context, "状态：%s（%s 收到）", "state: %s (received %s)",
        case_word_text(context, case_states, (int)state->state),
        time_text(state->received_us, when));
    for (size_t i = 0; i < state->n_steps; i++) {
        const Zhibao__CaseStateStep *step = state->steps[i];
        uint8_t plain[CASE_REPLY_PLAIN];
        ProtobufCMessage *message = NULL;
        size_t size = 0;
        printf("  %s  %s\n", time_text(step->time_us, when),
               case_word_text(context, case_actions, (int)step->action));
        if (step->reply.len == CASE_REPLY_BYTES &&
            case_reply_open(&keys->reply_secret, step->reply.data, plain, &size) == STATUS_OK &&
            message_read(&zhibao__case_reply__descriptor, context->arena, plain, size, &message) ==
                STATUS_OK)
            printf("    %s\n", ((Zhibao__CaseReply *)message)->text);
        sodium_memzero(plain, sizeof plain);
    }
    for (size_t i = 0; i < state->n_due; i++)
        say(context, "  %s应于 %s 前%s", "  %s is due by %s%s",
            case_word_text(context, case_actions, (int)state->due[i]->action),
            time_text(state->due[i]->due_us, when),
            state->due[i]->overdue ? TR(context, "办理，已逾期，已提级", ", overdue, escalated")
                                   : TR(context, "办理", ""));
}

/* Without a home: nothing is read from this computer and nothing written to it. */
static bool ask_outside(struct context *context, const Zhibao__AskCaseState *question,
                        ProtobufCMessage **out_answer, enum exit_code *out_code)
{
    struct zhibao_outside outside;
    *out_code = EXIT_MISUSED;
    if (context->server == NULL || strlen(context->server) >= sizeof outside.endpoint ||
        hex_decode(option_text(context, "server-key"), outside.server_public,
                   sizeof outside.server_public) != STATUS_OK) {
        misused(context, "--server-key 为64位十六进制数字，并与 --server 一起使用",
                "--server-key takes 64 hexadecimal digits, and goes with --server");
        return false;
    }
    memcpy(outside.endpoint, context->server, strlen(context->server) + 1);
    enum status status = zhibao_ask_outside(
        &outside, context->timeout_ms == 0 ? ZHIBAO_TIMEOUT_DEFAULT_MS : context->timeout_ms,
        ZHIBAO__KIND__KIND_ASK_CASE_STATE, &question->base, ZHIBAO__KIND__KIND_CASE_STATE_REPLY,
        &zhibao__case_state_reply__descriptor, context->arena, out_answer);
    *out_code = exit_code_of(status);
    if (status == STATUS_E_CASE_UNKNOWN)
        complain(context, "没有与此查询码相符的个案", "there is no case of this code");
    else if (status != STATUS_OK)
        complain(context, "%s（服务器 %s）", "%s (server %s)",
                 TR(context, status_zh(status), status_en(status)), outside.endpoint);
    return status == STATUS_OK;
}

static enum exit_code run_state(struct context *context)
{
    Zhibao__AskCaseState question = ZHIBAO__ASK_CASE_STATE__INIT;
    ProtobufCMessage *message = NULL;
    struct case_code reporter_code;
    struct case_code_keys keys;
    enum exit_code code = EXIT_MISUSED;
    bool outside = option_given(context, "server-key");
    if (!code_read(context, &reporter_code) || (!outside && !context_connect(context, &code)))
        return code;
    case_code_keys(&reporter_code, &keys);
    question.lookup = (ProtobufCBinaryData){CASE_LOOKUP_BYTES, keys.lookup};
    bool answered = outside ? ask_outside(context, &question, &message, &code)
                            : context_ask(context, ZHIBAO__KIND__KIND_ASK_CASE_STATE,
                                          &question.base, &message, &code);
    if (answered)
        state_print(context, (const Zhibao__CaseStateReply *)message, &keys);
    sodium_memzero(&keys, sizeof keys);
    return answered ? EXIT_DONE : code;
}

const struct command commands_case_state[] = {
    {"case state", "[--code CODE] [--server tcp://HOST:PORT --server-key HEX]",
     "凭查询码查询个案进展，任何机器上都可以，不必登记",      "ask how a case goes on, with its code, on any machine, enrolled or not", state_options, 0, 0,
     false,                                                                                                                                                                                 run_state},
    {NULL,         NULL,                                                        NULL, NULL,                                                                     NULL,          0, 0, false, NULL     },
};
