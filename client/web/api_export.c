/* Exports for whoever is logged in: what the API gives a program with a token, as far as the
 * account would have one, with a name under which its progress can be asked for. */
#include <stdio.h>
#include <string.h>

#include "proof/sign.h"
#include "web/api.h"
#include "web/api_call.h"

void api_export(struct exchange *exchange)
{
    const struct session *session = &exchange->session;
    const char *watch = call_argument(exchange, "watch");
    struct call *call = arena_alloc(exchange->arena, sizeof *call);
    if (call == NULL) {
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
        return;
    }
    if (watch[0] != '\0' && !progress_name_good(watch)) {
        call_refuse(exchange, "watch", "应为1至32个字母或数字",
                    "must be 1 to 32 letters or digits");
        return;
    }
    memset(call, 0, sizeof *call);
    struct hash key = hash_bytes(session->name, strlen(session->name));
    memcpy(call->hash, key.bytes, sizeof call->hash);
    snprintf(call->watch, sizeof call->watch, "%s", watch);
    snprintf(call->account.name, sizeof call->account.name, "%s", session->name);
    call->account.unit = session->unit;
    call->account.peer = session->peer;
    call->token.published = !token_may_be_exact(session->role);
    exchange->state = call;
    call_data(exchange, call);
}

void api_progress(struct exchange *exchange)
{
    uint64_t done = 0, all = 0;
    bool ended = false;
    bool known = progress_name_good(exchange->rest) &&
                 progress_find(exchange->gateway->progress, exchange->session.unit, exchange->rest,
                               &done, &all, &ended);
    exchange_reply(exchange, MHD_HTTP_OK,
                   json_pack("{s:b, s:I, s:I, s:b}", "known", known, "done", (json_int_t)done,
                             "all", (json_int_t)all, "ended", ended));
}
