/* How a request sleeps, wakes and fails. */
#include "web/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the pool's thread. */
static void on_answer(void *context, const struct pool_answer *answer)
{
    struct exchange *exchange = context;
    free(exchange->answer);
    exchange->answer = NULL;
    exchange->answer_size = 0;
    exchange->status = answer->status;
    exchange->kind = answer->kind;
    if (answer->status == STATUS_OK && answer->body_size > 0) {
        exchange->answer = malloc(answer->body_size);
        if (exchange->answer == NULL) {
            exchange->status = STATUS_NO_MEMORY;
        } else {
            memcpy(exchange->answer, answer->body, answer->body_size);
            exchange->answer_size = answer->body_size;
        }
    }
    MHD_resume_connection(exchange->connection);
}

void exchange_ask(struct exchange *exchange, const struct pool_peer *peer, Zhibao__Kind kind,
                  const uint8_t *body, size_t size, exchange_step next)
{
    exchange->next = next;
    MHD_suspend_connection(exchange->connection);
    pool_ask(exchange->gateway->pool, peer, kind, body, size, on_answer, exchange);
}

/* In the desk's thread. */
static void on_desk(void *context)
{
    struct exchange *exchange = context;
    exchange->work(exchange);
    MHD_resume_connection(exchange->connection);
}

void exchange_work(struct exchange *exchange, enum errand errand, exchange_step work,
                   exchange_step next)
{
    struct gateway *gateway = exchange->gateway;
    struct desk *desk = errand == ERRAND_SHEET ? gateway->sheets : gateway->desk;
    exchange->next = next;
    exchange->work = work;
    MHD_suspend_connection(exchange->connection);
    if (desk_do(desk, errand == ERRAND_LOOK_UP, on_desk, exchange) != STATUS_OK) {
        exchange->status = STATUS_E_BUSY;
        MHD_resume_connection(exchange->connection);
    }
}

void exchange_fail(struct exchange *exchange, unsigned code, const char *name, const char *zh,
                   const char *en, const char *field)
{
    json_t *problem = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i}", "code", 0, "name", name, "zh", zh,
                                "en", en, "field", field, "cell", 0);
    exchange_reply(exchange, code,
                   json_pack("{s:{s:o, s:b, s:i, s:[]}}", "error", "problem", problem, "retry",
                             code == MHD_HTTP_SERVICE_UNAVAILABLE || code == MHD_HTTP_BAD_GATEWAY ||
                                 code == MHD_HTTP_GATEWAY_TIMEOUT,
                             "retry_after_ms", 0, "more"));
}

void exchange_fail_status(struct exchange *exchange, enum status status)
{
    switch (status) {
    case STATUS_UNREACHABLE:
    case STATUS_CANCELLED:
        exchange_fail(exchange, MHD_HTTP_BAD_GATEWAY, "UNREACHABLE",
                      "暂时连不上汇总服务器，材料留在本机，稍后自动再试",
                      "the aggregator cannot be reached for now; nothing is lost, try later", "");
        return;
    case STATUS_TIMEOUT:
        exchange_fail(exchange, MHD_HTTP_GATEWAY_TIMEOUT, "TIMEOUT",
                      "汇总服务器没有及时答复，稍后自动再试",
                      "the aggregator did not answer in time, try later", "");
        return;
    default:
        exchange_fail(exchange,
                      status_retry(status) ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_FORBIDDEN,
                      status_name(status), status_zh(status), status_en(status), "");
    }
}

const char *exchange_text(struct exchange *exchange, const char *name, size_t limit)
{
    const char *text = json_string_value(json_object_get(exchange->json, name));
    if (text != NULL && text[0] != '\0' && strlen(text) <= limit)
        return text;
    exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "缺少此项，或过长",
                  "this field is missing or too long", name);
    return NULL;
}

void exchange_set_cookie(struct exchange *exchange, const char *token)
{
    snprintf(exchange->cookie, sizeof exchange->cookie,
             "__Host-zhibao=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s", token,
             token[0] == '\0' ? "; Max-Age=0" : "");
}
