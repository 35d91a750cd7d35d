/* Read-only tokens of the account that is logged in, and what describes the API. */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "web/api.h"
#include "web/http.h"
#include "web/tokens.h"

extern const char text_openapi[], text_docs[], text_docs_style[];

enum { DAY_S = 86400, LISTED = 50 };

struct token_work {
    struct token wish;
    char text[TOKEN_TEXT_BYTES];
    int64_t id;
    struct token list[LISTED];
    size_t count;
};

static json_t *token_json(const struct token *token)
{
    char times[4][24];
    const int64_t values[] = {token->created_us, token->expires_us, token->used_us,
                              token->revoked_us};
    for (size_t i = 0; i < 4; i++)
        snprintf(times[i], sizeof times[i], "%lld", (long long)values[i]);
    return json_pack("{s:I, s:s, s:b, s:s, s:s, s:s, s:s}", "id", (json_int_t)token->id, "label",
                     token->label, "published", (int)token->published, "created_us", times[0],
                     "expires_us", times[1], "used_us", times[2], "revoked_us", times[3]);
}

static void list_work(struct exchange *exchange)
{
    struct token_work *work = exchange->state;
    exchange->status = tokens_list(exchange->gateway->accounts, exchange->session.name, work->list,
                                   LISTED, &work->count);
}

static void on_list(struct exchange *exchange)
{
    const struct token_work *work = exchange->state;
    json_t *list = json_array();
    if (exchange->status != STATUS_OK) {
        json_decref(list);
        exchange_fail_status(exchange, exchange->status);
        return;
    }
    for (size_t i = 0; list != NULL && i < work->count; i++)
        if (json_array_append_new(list, token_json(&work->list[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    exchange_reply(exchange, MHD_HTTP_OK,
                   json_pack("{s:o, s:b}", "tokens", list, "may_be_exact",
                             (int)token_may_be_exact(exchange->session.role)));
}

static struct token_work *work_make(struct exchange *exchange)
{
    struct token_work *work = arena_alloc(exchange->arena, sizeof *work);
    if (work == NULL)
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    exchange->state = work;
    return work;
}

void api_tokens(struct exchange *exchange)
{
    if (work_make(exchange) != NULL)
        exchange_work(exchange, ERRAND_LOOK_UP, list_work, on_list);
}

static void create_work(struct exchange *exchange)
{
    struct token_work *work = exchange->state;
    exchange->status = tokens_create(exchange->gateway->accounts, exchange->session.name,
                                     &work->wish, clock_now_us(), work->text, &work->id);
}

static void on_create(struct exchange *exchange)
{
    const struct token_work *work = exchange->state;
    if (exchange->status == STATUS_LIMIT)
        exchange_fail(exchange, MHD_HTTP_UNPROCESSABLE_CONTENT, "TOKENS",
                      "令牌已有20个，请先吊销不用的", "there are 20 tokens: revoke one first", "");
    else if (exchange->status != STATUS_OK)
        exchange_fail_status(exchange, exchange->status);
    else
        exchange_reply(exchange, MHD_HTTP_OK,
                       json_pack("{s:I, s:s}", "id", (json_int_t)work->id, "token", work->text));
}

void api_tokens_create(struct exchange *exchange)
{
    struct token_work *work = work_make(exchange);
    const char *label =
        work == NULL ? NULL : exchange_text(exchange, "label", TOKEN_LABEL_BYTES - 1);
    if (label == NULL)
        return;
    json_int_t days = json_integer_value(json_object_get(exchange->json, "days"));
    if (days < 1 || days > TOKEN_DAYS_MAX) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "应为 1 到 400 天",
                      "must be 1 to 400 days", "days");
        return;
    }
    work->wish.published = !json_is_false(json_object_get(exchange->json, "published"));
    if (!work->wish.published && !token_may_be_exact(exchange->session.role)) {
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "EXACT",
                      "只有统计部门和妇儿工委办可以建立给出准确数的令牌",
                      "only statistics and the committee office make tokens for exact figures",
                      "published");
        return;
    }
    snprintf(work->wish.label, sizeof work->wish.label, "%s", label);
    work->wish.expires_us = clock_now_us() + (int64_t)days * DAY_S * 1000000;
    exchange_work(exchange, ERRAND_LOOK_UP, create_work, on_create);
}

static void revoke_work(struct exchange *exchange)
{
    const struct token_work *work = exchange->state;
    exchange->status = tokens_revoke(exchange->gateway->accounts, exchange->session.name, work->id,
                                     clock_now_us());
}

static void on_revoke(struct exchange *exchange)
{
    if (exchange->status == STATUS_NOT_FOUND)
        exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "NOT_FOUND", "没有这个令牌，或已吊销",
                      "there is no such token, or it is revoked already", "id");
    else if (exchange->status != STATUS_OK)
        exchange_fail_status(exchange, exchange->status);
    else
        exchange_reply(exchange, MHD_HTTP_OK, json_object());
}

void api_tokens_revoke(struct exchange *exchange)
{
    struct token_work *work = work_make(exchange);
    if (work == NULL)
        return;
    work->id = json_integer_value(json_object_get(exchange->json, "id"));
    exchange_work(exchange, ERRAND_LOOK_UP, revoke_work, on_revoke);
}

static void send_text(struct exchange *exchange, const char *text, const char *type)
{
    exchange_send(exchange, MHD_HTTP_OK,
                  MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
                                                  MHD_RESPMEM_PERSISTENT),
                  strlen(text), type);
}

void api_openapi(struct exchange *exchange)
{
    send_text(exchange, text_openapi, "application/json");
}

void api_docs(struct exchange *exchange)
{
    send_text(exchange, text_docs, "text/html; charset=utf-8");
}

void api_docs_style(struct exchange *exchange)
{
    send_text(exchange, text_docs_style, "text/css; charset=utf-8");
}
