/* The portal's accounts, for an administrator: those of the units of its place and below. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/unit_id.h"
#include "web/accounts_manage.h"
#include "web/api.h"
#include "web/json_message.h"

enum { UNIT_NUMBER_MAX = 999, DEED_BYTES = 16 };

/* What is asked of the desk, and what it found; freed by the continuation. */
struct listing {
    uint64_t first, last;
    struct account_row *rows;
    size_t count;
    enum account_deed deed;
    char name[ACCOUNT_NAME_BYTES];
};

/* The units of the administrator's place and below; NULL after answering that it is none. */
static struct listing *begin(struct exchange *exchange)
{
    if (strcmp(exchange->session.role, "admin") != 0) {
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "E_FORBIDDEN", "只有管理员可以管理门户账户",
                      "only an administrator manages the portal's accounts", "");
        return NULL;
    }
    struct listing *listing = arena_alloc(exchange->arena, sizeof *listing);
    if (listing == NULL)
        return NULL;
    memset(listing, 0, sizeof *listing);
    place_range(unit_place(exchange->session.unit), &listing->first, &listing->last);
    listing->first = unit_make(listing->first, UNIT_OWN);
    listing->last = unit_make(listing->last, UNIT_NUMBER_MAX);
    exchange->state = listing;
    return listing;
}

static void list(struct exchange *exchange)
{
    struct listing *listing = exchange->state;
    exchange->status = accounts_list(exchange->gateway->accounts, listing->first, listing->last,
                                     &listing->rows, &listing->count);
}

static json_t *row_json(const struct exchange *exchange, const struct account_row *row)
{
    char unit[24], locked[24], created[24];
    snprintf(unit, sizeof unit, "%llu", (unsigned long long)row->unit);
    snprintf(locked, sizeof locked, "%lld", (long long)row->locked_until_us);
    snprintf(created, sizeof created, "%lld", (long long)row->created_us);
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:I, s:s, s:s, s:I}", "name", row->name,
                     "unit", unit, "unit_name", row->unit_name, "role", row->role, "prepared",
                     (int)row->prepared, "closed", (int)row->closed, "failures",
                     (json_int_t)row->failures, "locked_until_us", locked, "created_us", created,
                     "sessions",
                     (json_int_t)sessions_count(exchange->gateway->sessions, row->name));
}

static void on_list(struct exchange *exchange)
{
    struct listing *listing = exchange->state;
    if (exchange->status != STATUS_OK) {
        exchange_fail_status(exchange, exchange->status);
        return;
    }
    json_t *rows = json_array();
    for (size_t i = 0; rows != NULL && i < listing->count; i++)
        if (json_array_append_new(rows, row_json(exchange, &listing->rows[i])) != 0) {
            json_decref(rows);
            rows = NULL;
        }
    free(listing->rows);
    char started[24];
    snprintf(started, sizeof started, "%lld", (long long)exchange->gateway->started_us);
    exchange_reply(exchange, MHD_HTTP_OK,
                   json_pack("{s:o, s:s, s:I}", "accounts", rows, "started_us", started, "sessions",
                             (json_int_t)sessions_count(exchange->gateway->sessions, NULL)));
}

void api_accounts(struct exchange *exchange)
{
    if (begin(exchange) != NULL)
        exchange_work(exchange, ERRAND_LOOK_UP, list, on_list);
}

static bool read_deed(const char *text, enum account_deed *out_deed)
{
    static const char *const deeds[] = {[ACCOUNT_CLOSE] = "close",
                                        [ACCOUNT_OPEN] = "open",
                                        [ACCOUNT_FORGIVE] = "forgive",
                                        [ACCOUNT_REMOVE] = "remove"};
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
        if (strcmp(deeds[i], text) == 0) {
            *out_deed = (enum account_deed)i;
            return true;
        }
    return false;
}

static void change(struct exchange *exchange)
{
    struct listing *listing = exchange->state;
    exchange->status = accounts_do(exchange->gateway->accounts, listing->deed, listing->name,
                                   listing->first, listing->last);
}

static void on_change(struct exchange *exchange)
{
    const struct listing *listing = exchange->state;
    if (exchange->status == STATUS_NOT_FOUND) {
        exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "NOT_FOUND",
                      "没有这个账户，或不在本辖区，或已经是这样",
                      "there is no such account below your place, or it is so already", "name");
        return;
    }
    if (exchange->status != STATUS_OK) {
        exchange_fail_status(exchange, exchange->status);
        return;
    }
    if (listing->deed == ACCOUNT_CLOSE || listing->deed == ACCOUNT_REMOVE)
        sessions_end_all(exchange->gateway->sessions, listing->name);
    log_info("account %s by=\"%s\" name=\"%s\"",
             listing->deed == ACCOUNT_CLOSE     ? "closed"
             : listing->deed == ACCOUNT_OPEN    ? "opened"
             : listing->deed == ACCOUNT_FORGIVE ? "forgiven"
                                                : "removed",
             exchange->session.name, listing->name);
    exchange_reply(exchange, MHD_HTTP_OK, json_object());
}

void api_account(struct exchange *exchange)
{
    struct listing *listing = begin(exchange);
    const char *name =
        listing == NULL ? NULL : exchange_text(exchange, "name", ACCOUNT_NAME_BYTES - 1);
    const char *deed = name == NULL ? NULL : exchange_text(exchange, "do", DEED_BYTES);
    if (deed == NULL)
        return;
    if (!read_deed(deed, &listing->deed)) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD",
                      "应为 close、open、forgive 或 remove",
                      "must be close, open, forgive or remove", "do");
        return;
    }
    if (strcmp(name, exchange->session.name) == 0) {
        exchange_fail(exchange, MHD_HTTP_CONFLICT, "OWN", "不能停用或移除自己的账户",
                      "one does not close or remove one's own account", "name");
        return;
    }
    memcpy(listing->name, name, strlen(name) + 1);
    exchange_work(exchange, ERRAND_LOOK_UP, change, on_change);
}
