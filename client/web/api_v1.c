/* The read-only HTTP API for programs, below /api/v1/: who asks is told by a token, never by a
 * cookie. What each path takes and gives stands in openapi.json. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "export/from_pull.h"
#include "place.pb-c.h"
#include "query.pb-c.h"
#include "web/api.h"
#include "web/http.h"
#include "web/json_message.h"
#include "web/stream.h"
#include "web/tokens.h"

/* A request on its way; in the exchange's arena. */
struct call {
    uint8_t hash[TOKEN_HASH_BYTES];
    struct token token;
    struct account account;
    struct course_wish wish;
    enum export_format format;
    struct stream *stream;
};

typedef void (*call_handler)(struct exchange *exchange, struct call *call);

static const char *argument(const struct exchange *exchange, const char *name)
{
    const char *text =
        MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
    return text == NULL ? "" : text;
}

static bool bad_argument(struct exchange *exchange, const char *name, const char *zh,
                         const char *en)
{
    exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "ARGUMENT", zh, en, name);
    return false;
}

/* A whole number within limits, `preset` when it is not given; false after answering. */
static bool read_number(struct exchange *exchange, const char *name, uint64_t least, uint64_t most,
                        uint64_t preset, uint64_t *out_number)
{
    const char *text = argument(exchange, name);
    char *end = NULL;
    *out_number = preset;
    if (text[0] == '\0')
        return true;
    uint64_t number = strtoull(text, &end, 10);
    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 12 || number < least ||
        number > most)
        return bad_argument(exchange, name, "应为范围内的整数", "must be a whole number in range");
    *out_number = number;
    return true;
}

static bool read_flag(struct exchange *exchange, const char *name, bool *out_flag)
{
    const char *text = argument(exchange, name);
    *out_flag = strcmp(text, "1") == 0;
    return text[0] == '\0' || *out_flag || strcmp(text, "0") == 0 ||
           bad_argument(exchange, name, "应为 0 或 1", "must be 0 or 1");
}

static bool read_text(struct exchange *exchange, const char *name, char out[COURSE_TEXT_BYTES])
{
    const char *text = argument(exchange, name);
    if (strlen(text) >= COURSE_TEXT_BYTES || !utf8_valid((const uint8_t *)text, strlen(text)))
        return bad_argument(exchange, name, "过长，或不是有效的 UTF-8", "too long, or not UTF-8");
    snprintf(out, COURSE_TEXT_BYTES, "%s", text);
    return true;
}

/* What is asked for, as far as the token lets it. False after answering. */
static bool read_wish(struct exchange *exchange, struct call *call)
{
    struct course_wish *wish = &call->wish;
    uint64_t place = 0, year = 0, since = 0, depth = 0;
    const char *what = argument(exchange, "what");
    if (!read_number(exchange, "place", 0, PLACE_MAX, unit_place(call->account.unit), &place) ||
        !read_number(exchange, "year", 1900, 9999, 0, &year) ||
        !read_number(exchange, "since", 1900, year, year, &since) ||
        !read_number(exchange, "depth", 0, COURSE_DEPTH_MAX, 0, &depth) ||
        !read_flag(exchange, "public", &wish->published) ||
        !read_flag(exchange, "strata", &wish->strata) || !read_text(exchange, "plan", wish->plan) ||
        !read_text(exchange, "indicator", wish->indicator) ||
        !read_text(exchange, "form", wish->form))
        return false;
    if (year == 0 || year - since >= COURSE_YEARS_MAX)
        return bad_argument(exchange, "year", "须写明年份，前后不超过60年",
                            "the year is required, and spans at most 60 years");
    if (what[0] != '\0' && strcmp(what, "results") != 0 && strcmp(what, "reports") != 0)
        return bad_argument(exchange, "what", "应为 results 或 reports",
                            "must be results or reports");
    wish->what = strcmp(what, "reports") == 0 ? EXPORT_REPORTS : EXPORT_RESULTS;
    wish->place = place;
    wish->first_year = (uint32_t)since;
    wish->last_year = (uint32_t)year;
    wish->depth = (unsigned)depth;
    wish->published = wish->published || call->token.published;
    wish->strata = wish->strata && !wish->published;
    if (wish->what == EXPORT_REPORTS && wish->published) {
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "EXACT",
                      "各单位填报的数不供公布；须由统计部门或妇儿工委办建立的准确数令牌",
                      "what units reported is not published: this takes a token for exact figures, "
                      "made by statistics or the committee office",
                      "what");
        return false;
    }
    return true;
}

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
    if (!read_number(exchange, "place", 0, PLACE_MAX, 0, &question.place) ||
        !read_text(exchange, "date", date) || !read_text(exchange, "cursor", cursor))
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
    if (!read_wish(exchange, call) || !read_text(exchange, "cursor", cursor))
        return;
    if (call->wish.what != EXPORT_RESULTS) {
        bad_argument(exchange, "what", "分页只用于汇总结果；填报数用 data",
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

/* --- streams --- */

static void stream_begin(struct exchange *exchange, struct call *call)
{
    static const char *const endings[EXPORT_FORMATS] = {
        [EXPORT_CSV] = "csv",        [EXPORT_JSON] = "json",      [EXPORT_SDMX_CSV] = "csv",
        [EXPORT_SDMX_JSON] = "json", [EXPORT_STRUCTURE] = "json", [EXPORT_ADX] = "xml",
        [EXPORT_XLSX] = "xlsx"};
    char name[120];
    snprintf(name, sizeof name, "attachment; filename=\"zhibao-%012" PRIu64 "-%u.%s\"",
             call->wish.place, call->wish.last_year, endings[call->format]);
    size_t size = stream_size(call->stream);
    struct MHD_Response *response = stream_response(&call->stream);
    if (response != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, name);
    exchange_send(exchange, MHD_HTTP_OK, response, size, export_media_type(call->format));
}

static void on_first(struct exchange *exchange);

/* Asks until rows have begun: what is refused before is told as an error of its own. */
static void ask_first(struct exchange *exchange, struct call *call)
{
    Zhibao__Kind kind = ZHIBAO__KIND__KIND_UNSPECIFIED;
    uint8_t *body = NULL;
    size_t size = 0;
    if (stream_has_rows(call->stream) || !stream_ask(call->stream, &kind, &body, &size)) {
        stream_begin(exchange, call);
        return;
    }
    if (body != NULL) {
        exchange_ask(exchange, &call->account.peer, kind, body, size, on_first);
        return;
    }
    stream_destroy(&call->stream);
    exchange_fail_status(exchange, STATUS_NO_MEMORY);
}

static void on_first(struct exchange *exchange)
{
    struct call *call = exchange->state;
    if (exchange->status == STATUS_OK && exchange->kind != ZHIBAO__KIND__KIND_ERROR) {
        enum status status =
            stream_take(call->stream, exchange->kind, exchange->answer, exchange->answer_size);
        if (status == STATUS_OK) {
            ask_first(exchange, call);
            return;
        }
        exchange->status = status;
    }
    stream_destroy(&call->stream);
    reply_error(exchange);
}

/* A request that ends before its rows begin, say because the portal stops. */
static void abandon(struct exchange *exchange)
{
    struct call *call = exchange->state;
    stream_destroy(&call->stream);
}

static void start(struct exchange *exchange, struct call *call)
{
    struct gateway *gateway = exchange->gateway;
    if (!read_wish(exchange, call))
        return;
    if (!rate_hold(gateway->rate, call->hash, clock_monotonic_ms())) {
        exchange->retry_after_s = 5;
        exchange_fail(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "STREAMS",
                      "此令牌已有两个下载在进行，请等其中一个结束",
                      "two downloads of this token are under way: wait for one to end", "");
        return;
    }
    call->stream = stream_create(gateway, exchange->connection, &call->account.peer, call->hash,
                                 &call->wish, call->format);
    exchange->abandon = abandon;
    if (call->stream == NULL)
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    else
        ask_first(exchange, call);
}

static void get_data(struct exchange *exchange, struct call *call)
{
    const char *name = argument(exchange, "format");
    call->format = name[0] == '\0' ? EXPORT_JSON : export_format_named(name);
    if (call->format == EXPORT_FORMATS || call->format == EXPORT_STRUCTURE)
        bad_argument(exchange, "format", "应为 csv、xlsx、json、sdmx-csv、sdmx-json 或 adx",
                     "must be csv, xlsx, json, sdmx-csv, sdmx-json or adx");
    else
        start(exchange, call);
}

static void get_structure(struct exchange *exchange, struct call *call)
{
    call->format = EXPORT_STRUCTURE;
    start(exchange, call);
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
        {"data",       get_data      },
        {"structure",  get_structure },
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
    exchange->state = call;
    exchange_work(exchange, find_token, on_token);
}
