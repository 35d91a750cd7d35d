/* The read-only HTTP API for programs, below /api/v1/: who asks is told by a token, never by a
 * cookie. What each path takes and gives stands in openapi.json. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "export/from_pull.h"
#include "place.pb-c.h"
#include "query.pb-c.h"
#include "web/api.h"
#include "web/api_call.h"
#include "web/http.h"
#include "web/json_message.h"

typedef void (*call_handler)(struct exchange *exchange, struct call *call);

/* --- pages of JSON --- */

static void on_places(struct exchange *exchange)
{
    ProtobufCMessage *message = NULL;
    if (exchange->status != STATUS_OK || exchange->kind != ZHIBAO__KIND__KIND_PLACES_REPLY ||
        message_read(&zhibao__places_reply__descriptor, exchange->arena, exchange->answer,
                     exchange->answer_size, &message) != STATUS_OK)
        reply_error(exchange);
    else
        exchange_reply(exchange, MHD_HTTP_OK, json_from_message(message));
}

static void send_question(struct exchange *exchange, const struct call *call, Zhibao__Kind kind,
                          const ProtobufCMessage *question, exchange_step next)
{
    size_t size = 0;
    uint8_t *bytes = message_write(exchange->arena, question, &size);
    if (bytes == NULL)
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    else
        exchange_ask(exchange, &call->account.peer, kind, bytes, size, next);
}

static void get_places(struct exchange *exchange, struct call *call)
{
    Zhibao__Places question = ZHIBAO__PLACES__INIT;
    char date[COURSE_TEXT_BYTES], cursor[COURSE_TEXT_BYTES];
    if (!call_number(exchange, "place", 0, PLACE_MAX, 0, &question.place) ||
        !call_text(exchange, "date", date) || !call_text(exchange, "cursor", cursor))
        return;
    question.date = date;
    question.cursor = cursor;
    send_question(exchange, call, ZHIBAO__KIND__KIND_PLACES, &question.base, on_places);
}

/* Asks for one page of a pull. */
static void ask_page(struct exchange *exchange, struct call *call, exchange_step next)
{
    Zhibao__Pull question = ZHIBAO__PULL__INIT;
    char cursor[COURSE_TEXT_BYTES];
    if (!call_wish(exchange, call) || !call_text(exchange, "cursor", cursor))
        return;
    if (call->wish.what != EXPORT_RESULTS) {
        call_refuse(exchange, "what", "分页只用于汇总结果；填报数用 data",
                    "pages are of results only; for reports use data");
        return;
    }
    question.place = call->wish.place;
    question.period = call->wish.last_year;
    question.plan = call->wish.plan;
    question.indicator = call->wish.indicator;
    question.published = call->wish.published;
    question.analysis = call->wish.strata;
    question.cursor = cursor;
    send_question(exchange, call, ZHIBAO__KIND__KIND_PULL, &question.base, next);
}

/* The page that came; NULL after answering why there is none. */
static const Zhibao__Pulled *read_page(struct exchange *exchange)
{
    ProtobufCMessage *message = NULL;
    if (exchange->status == STATUS_OK && exchange->kind == ZHIBAO__KIND__KIND_PULLED &&
        message_read(&zhibao__pulled__descriptor, exchange->arena, exchange->answer,
                     exchange->answer_size, &message) == STATUS_OK)
        return (const Zhibao__Pulled *)message;
    reply_error(exchange);
    return NULL;
}

static void on_indicators(struct exchange *exchange)
{
    const Zhibao__Pulled *page = read_page(exchange);
    if (page == NULL)
        return;
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < page->n_indicators; i++) {
        const Zhibao__IndicatorResult *row = page->indicators[i];
        if (row->indicator[0] == '\0' || row->stratum[0] != '\0')
            continue;
        if (json_array_append_new(
                list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "indicator",
                                row->indicator, "name_zh", row->name_zh, "name_en", row->name_en,
                                "domain", row->domain, "kind", row->kind, "unit", row->unit,
                                "decimals", (int)row->decimals, "codes", row->codes)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    exchange_reply(
        exchange, MHD_HTTP_OK,
        json_pack("{s:s, s:o, s:s}", "plan", page->plan, "indicators", list, "next", page->next));
}

static void get_indicators(struct exchange *exchange, struct call *call)
{
    ask_page(exchange, call, on_indicators);
}

static enum status keep(void *context, const void *bytes, size_t size)
{
    return fwrite(bytes, 1, size, context) == size ? STATUS_OK : STATUS_NO_MEMORY;
}

/* A page of results as the JSON export has its rows. */
static json_t *page_rows(const Zhibao__Pulled *page, bool published)
{
    char *text = NULL;
    size_t size = 0;
    json_t *json = NULL;
    FILE *file = open_memstream(&text, &size);
    struct sink sink = {.write = keep, .context = file};
    struct export_head head = {.id = "page", .prepared = "", .what = EXPORT_RESULTS};
    struct export_writer *writer = file == NULL ? NULL : export_begin(EXPORT_JSON, &head, &sink);
    if (writer != NULL) {
        export_pulled(writer, page, published);
        if (export_end(&writer) == STATUS_OK && fflush(file) == 0)
            json = json_loadb(text, size, 0, NULL);
    }
    if (file != NULL)
        fclose(file);
    free(text);
    json_t *rows = json_incref(json_object_get(json, "rows"));
    json_decref(json);
    return rows;
}

static void on_results(struct exchange *exchange)
{
    const struct call *call = exchange->state;
    const Zhibao__Pulled *page = read_page(exchange);
    if (page == NULL)
        return;
    exchange_reply(
        exchange, MHD_HTTP_OK,
        json_pack("{s:o, s:s}", "rows", page_rows(page, call->wish.published), "next", page->next));
}

static void get_results(struct exchange *exchange, struct call *call)
{
    ask_page(exchange, call, on_results);
}

/* --- who asks --- */

static void find_token(struct exchange *exchange)
{
    struct call *call = exchange->state;
    exchange->status = tokens_find(exchange->gateway->accounts, call->hash, clock_now_us(),
                                   &call->token, &call->account);
}

static void refuse_token(struct exchange *exchange)
{
    exchange_fail(exchange, MHD_HTTP_UNAUTHORIZED, "TOKEN", "缺少令牌，或令牌无效、已吊销、已过期",
                  "no token, or it is wrong, revoked or "
                  "expired",
                  "");
}

static void on_token(struct exchange *exchange)
{
    static const struct {
        const char *path;
        call_handler handle;
    } handlers[] = {
        {"places",     get_places    },
        {"indicators", get_indicators},
        {"results",    get_results   },
        {"data",       call_data     },
        {"structure",  call_structure},
    };
    if (exchange->status == STATUS_NOT_FOUND) {
        refuse_token(exchange);
        return;
    }
    if (exchange->status != STATUS_OK) {
        exchange_fail_status(exchange, exchange->status);
        return;
    }
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        if (strcmp(handlers[i].path, exchange->rest) == 0) {
            handlers[i].handle(exchange, exchange->state);
            return;
        }
    exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "NOT_FOUND", "没有这个接口，见 /api/openapi.json",
                  "there is no such interface: see /api/openapi.json", "");
}

void api_v1(struct exchange *exchange)
{
    static const char scheme[] = "Bearer ";
    uint32_t wait_s = 0;
    struct call *call = arena_alloc(exchange->arena, sizeof *call);
    const char *sent = MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                   MHD_HTTP_HEADER_AUTHORIZATION);
    if (call == NULL) {
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
        return;
    }
    if (sent == NULL || strncmp(sent, scheme, strlen(scheme)) != 0 ||
        !token_hash(sent + strlen(scheme), call->hash)) {
        refuse_token(exchange);
        return;
    }
    if (!rate_take(exchange->gateway->rate, call->hash, clock_monotonic_ms(), &wait_s)) {
        exchange->retry_after_s = wait_s;
        exchange_fail(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "RATE",
                      "问得太快：每分钟最多120次，请稍后再试",
                      "too many questions: at most 120 a minute, try later", "");
        return;
    }
    call->watch[0] = '\0';
    exchange->state = call;
    exchange_work(exchange, ERRAND_LOOK_UP, find_token, on_token);
}
