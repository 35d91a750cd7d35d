#include "web/api_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "web/api.h"

const char *call_argument(const struct exchange *exchange, const char *name)
{
    const char *text =
        MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
    return text == NULL ? "" : text;
}

bool call_refuse(struct exchange *exchange, const char *name, const char *zh, const char *en)
{
    exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "ARGUMENT", zh, en, name);
    return false;
}

bool call_number(struct exchange *exchange, const char *name, uint64_t least, uint64_t most,
                 uint64_t preset, uint64_t *out_number)
{
    const char *text = call_argument(exchange, name);
    char *end = NULL;
    *out_number = preset;
    if (text[0] == '\0')
        return true;
    uint64_t number = strtoull(text, &end, 10);
    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 12 || number < least ||
        number > most)
        return call_refuse(exchange, name, "应为范围内的整数", "must be a whole number in range");
    *out_number = number;
    return true;
}

static bool read_flag(struct exchange *exchange, const char *name, bool *out_flag)
{
    const char *text = call_argument(exchange, name);
    *out_flag = strcmp(text, "1") == 0;
    return text[0] == '\0' || *out_flag || strcmp(text, "0") == 0 ||
           call_refuse(exchange, name, "应为 0 或 1", "must be 0 or 1");
}

bool call_text(struct exchange *exchange, const char *name, char out[COURSE_TEXT_BYTES])
{
    const char *text = call_argument(exchange, name);
    if (strlen(text) >= COURSE_TEXT_BYTES || !utf8_valid((const uint8_t *)text, strlen(text)))
        return call_refuse(exchange, name, "过长，或不是有效的 UTF-8", "too long, or not UTF-8");
    snprintf(out, COURSE_TEXT_BYTES, "%s", text);
    return true;
}

bool call_wish(struct exchange *exchange, struct call *call)
{
    struct course_wish *wish = &call->wish;
    uint64_t place = 0, year = 0, since = 0, depth = 0;
    const char *what = call_argument(exchange, "what");
    if (!call_number(exchange, "place", 0, PLACE_MAX, unit_place(call->account.unit), &place) ||
        !call_number(exchange, "year", 1900, 9999, 0, &year) ||
        !call_number(exchange, "since", 1900, year, year, &since) ||
        !call_number(exchange, "depth", 0, COURSE_DEPTH_MAX, 0, &depth) ||
        !read_flag(exchange, "public", &wish->published) ||
        !read_flag(exchange, "strata", &wish->strata) || !call_text(exchange, "plan", wish->plan) ||
        !call_text(exchange, "indicator", wish->indicator) ||
        !call_text(exchange, "form", wish->form))
        return false;
    if (year == 0 || year - since >= COURSE_YEARS_MAX)
        return call_refuse(exchange, "year", "须写明年份，前后不超过60年",
                           "the year is required, and spans at most 60 years");
    if (what[0] != '\0' && strcmp(what, "results") != 0 && strcmp(what, "reports") != 0)
        return call_refuse(exchange, "what", "应为 results 或 reports",
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
    if (!call_wish(exchange, call))
        return;
    if (!rate_hold(gateway->rate, call->hash, clock_monotonic_ms())) {
        exchange->retry_after_s = 5;
        exchange_fail(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "STREAMS",
                      "此令牌已有两个下载在进行，请等其中一个结束",
                      "two downloads of this token are under way: wait for one to end", "");
        return;
    }
    call->stream =
        stream_create(gateway, exchange->connection, call->account.unit, &call->account.peer,
                      call->hash, &call->wish, call->format, call->watch);
    exchange->abandon = abandon;
    if (call->stream == NULL)
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    else
        ask_first(exchange, call);
}

void call_data(struct exchange *exchange, struct call *call)
{
    const char *name = call_argument(exchange, "format");
    call->format = name[0] == '\0' ? EXPORT_JSON : export_format_named(name);
    if (call->format == EXPORT_FORMATS || call->format == EXPORT_STRUCTURE)
        call_refuse(exchange, "format", "应为 csv、xlsx、json、sdmx-csv、sdmx-json 或 adx",
                    "must be csv, xlsx, json, sdmx-csv, sdmx-json or adx");
    else
        start(exchange, call);
}

void call_structure(struct exchange *exchange, struct call *call)
{
    call->format = EXPORT_STRUCTURE;
    start(exchange, call);
}
