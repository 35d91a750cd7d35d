/* The monitoring report and yearbook: begun by whoever may see the exact figures, looked after
 * while it is made, downloaded with its annexes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "web/api.h"
#include "web/books.h"
#include "web/json_message.h"
#include "web/tokens.h"

enum { FIRST_YEAR = 1990, LAST_YEAR = 2100 };

static json_t *state_json(const struct book_state *state)
{
    static const char *const stages[] = {"none", "waiting", "working", "done", "failed", "stopped"};
    json_t *files = json_array();
    for (size_t i = 0; i < state->file_count; i++)
        json_array_append_new(files, json_pack("{s:s, s:I}", "name", state->files[i].name, "size",
                                               (json_int_t)state->files[i].size));
    return json_pack("{s:s, s:i, s:s, s:b, s:s, s:i, s:o}", "stage", stages[state->stage], "year",
                     (int)state->year, "format", state->format, "english", state->english, "text",
                     state->text, "seconds", (int)state->seconds, "files", files);
}

static void reply_state(struct exchange *exchange)
{
    struct book_state state;
    books_look(exchange->gateway->books, exchange->session.unit, &state);
    exchange_reply(exchange, MHD_HTTP_OK, state_json(&state));
}

/* The server keys that the page trusts, by which the reports' receipts are verified. */
static bool take_pins(const struct exchange *exchange, struct book_wish *wish)
{
    const json_t *pins = json_object_get(exchange->json, "pins");
    size_t count = json_array_size(pins);
    if (count == 0 || count > BOOK_PINS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(pins, i));
        uint8_t *bytes = NULL;
        size_t size = 0;
        if (text == NULL || base64_read(text, exchange->arena, &bytes, &size) != STATUS_OK ||
            size != sizeof wish->pins[i].bytes)
            return false;
        wish->pins[i].algorithm = SIGN_ED25519;
        memcpy(wish->pins[i].bytes, bytes, size);
    }
    wish->pin_count = count;
    return true;
}

/* False after answering what is wrong. */
static bool take_wish(struct exchange *exchange, struct book_wish *wish)
{
    const struct session *session = &exchange->session;
    const char *format = exchange_text(exchange, "format", BOOK_FORMAT_BYTES - 1);
    json_int_t year = json_integer_value(json_object_get(exchange->json, "year"));
    if (format == NULL)
        return false;
    if (!book_format_good(format) || year < FIRST_YEAR || year > LAST_YEAR) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "格式或年份不正确",
                      "the format or year is wrong", book_format_good(format) ? "year" : "format");
        return false;
    }
    if (!take_pins(exchange, wish)) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "缺少服务器密钥，或不正确",
                      "the server's keys are missing or wrong", "pins");
        return false;
    }
    wish->unit = session->unit;
    wish->peer = session->peer;
    wish->year = (uint32_t)year;
    wish->english = json_is_true(json_object_get(exchange->json, "english"));
    snprintf(wish->unit_name, sizeof wish->unit_name, "%s", session->unit_name);
    snprintf(wish->role, sizeof wish->role, "%s", session->role);
    snprintf(wish->format, sizeof wish->format, "%s", format);
    return true;
}

void api_book_begin(struct exchange *exchange)
{
    struct book_wish *wish = arena_alloc(exchange->arena, sizeof *wish);
    if (wish == NULL) {
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
        return;
    }
    memset(wish, 0, sizeof *wish);
    if (!token_may_be_exact(exchange->session.role)) {
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "EXACT",
                      "只有统计部门和妇儿工委办公室能编监测报告与资料汇编",
                      "only statistics and the committee office make the report and yearbook", "");
        return;
    }
    if (!take_wish(exchange, wish))
        return;
    enum status status = books_begin(exchange->gateway->books, wish);
    if (status == STATUS_CONFLICT)
        exchange_fail(exchange, MHD_HTTP_CONFLICT, "BOOK", "本单位有一份正在编，请等它完成或停止它",
                      "one of your unit's is being made: wait for it, or stop it", "");
    else if (status != STATUS_OK)
        exchange_fail_status(exchange, status);
    else
        reply_state(exchange);
}

void api_book(struct exchange *exchange)
{
    reply_state(exchange);
}

void api_book_stop(struct exchange *exchange)
{
    books_cancel(exchange->gateway->books, exchange->session.unit);
    reply_state(exchange);
}

/* The path ends in the file's name. */
void api_book_file(struct exchange *exchange)
{
    uint64_t size = 0;
    char disposition[BOOK_NAME_BYTES + 40];
    int file = books_open(exchange->gateway->books, exchange->session.unit, exchange->rest, &size);
    if (file < 0) {
        exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "NOT_FOUND", "没有这个文件，请重新编一份",
                      "there is no such file: have it made again", "");
        return;
    }
    struct MHD_Response *response = MHD_create_response_from_fd64(size, file);
    snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", exchange->rest);
    if (response == NULL)
        close(file);
    else
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_DISPOSITION, disposition);
    exchange_send(exchange, MHD_HTTP_OK, response, size, "application/octet-stream");
}
