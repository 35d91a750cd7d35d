/* Logging in and out. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "web/api.h"
#include "web/json_message.h"

enum { SECRET_TEXT_MAX = 64 };

struct login {
    char name[ACCOUNT_NAME_BYTES];
    uint8_t secret[ACCOUNT_SECRET_BYTES];
    uint8_t salt[ACCOUNT_SALT_BYTES];
    char code[FACTOR_CODE_TEXT_MAX + 1]; /* of the second factor; empty without one */
    struct account account;
    uint32_t wait_s;
};

/* The name and (for a login) the secret of the request; NULL after answering. */
static struct login *read_login(struct exchange *exchange, bool with_secret)
{
    struct login *login = arena_alloc(exchange->arena, sizeof *login);
    const char *name = exchange_text(exchange, "name", ACCOUNT_NAME_BYTES - 1);
    const char *secret =
        name != NULL && with_secret ? exchange_text(exchange, "secret", SECRET_TEXT_MAX) : NULL;
    if (name == NULL || login == NULL || (with_secret && secret == NULL))
        return NULL;
    memcpy(login->name, name, strlen(name) + 1);
    const char *code = json_string_value(json_object_get(exchange->json, "code"));
    snprintf(login->code, sizeof login->code, "%s", code == NULL ? "" : code);
    if (with_secret && hex_decode(secret, login->secret, sizeof login->secret) != STATUS_OK) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "应为64位十六进制",
                      "must be 64 hex digits", "secret");
        return NULL;
    }
    exchange->state = login;
    return login;
}

static json_t *session_json(const struct session *session)
{
    char unit[24];
    snprintf(unit, sizeof unit, "%llu", (unsigned long long)session->unit);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "token", session->csrf, "name",
                     session->name, "unit", unit, "unit_name", session->unit_name, "role",
                     session->role, "salt", json_base64(session->salt, sizeof session->salt),
                     "bundle", json_base64(session->bundle, session->bundle_size));
}

void api_session(struct exchange *exchange)
{
    char token[SESSION_TOKEN_BYTES];
    if (exchange_token(exchange, token) && !exchange->has_session)
        exchange_set_cookie(exchange, "");
    exchange_reply(
        exchange, MHD_HTTP_OK,
        json_pack("{s:o}", "session",
                  exchange->has_session ? session_json(&exchange->session) : json_null()));
}

void session_open(struct exchange *exchange, const struct account *account)
{
    char token[SESSION_TOKEN_BYTES];
    sessions_begin(exchange->gateway->sessions, account, clock_monotonic_ms(), token,
                   &exchange->session);
    exchange_set_cookie(exchange, token);
    exchange_reply(exchange, MHD_HTTP_OK,
                   json_pack("{s:o}", "session", session_json(&exchange->session)));
}

static void find_salt(struct exchange *exchange)
{
    struct login *login = exchange->state;
    exchange->status = accounts_find(exchange->gateway->accounts, login->name, &login->account);
    memcpy(login->salt, login->account.salt, sizeof login->salt);
    if (exchange->status ==
        STATUS_NOT_FOUND) /* a name that does not exist looks like one that does */
        exchange->status =
            crypto_generichash(login->salt, sizeof login->salt, (const uint8_t *)login->name,
                               strlen(login->name), exchange->gateway->secret,
                               sizeof exchange->gateway->secret) == 0
                ? STATUS_OK
                : STATUS_IO;
}

static void on_salt(struct exchange *exchange)
{
    const struct login *login = exchange->state;
    if (exchange->status != STATUS_OK)
        exchange_fail_status(exchange, exchange->status);
    else
        exchange_reply(exchange, MHD_HTTP_OK,
                       json_pack("{s:o}", "salt", json_base64(login->salt, sizeof login->salt)));
}

void api_salt(struct exchange *exchange)
{
    if (read_login(exchange, false) != NULL)
        exchange_work(exchange, ERRAND_LOOK_UP, find_salt, on_salt);
}

static void check_login(struct exchange *exchange)
{
    struct login *login = exchange->state;
    uint8_t key[FACTOR_KEY_BYTES];
    factor_key(exchange->gateway, key);
    struct second_factor second = {login->code, key};
    exchange->status = accounts_login(exchange->gateway->accounts, login->name, login->secret,
                                      &second, clock_now_us(), &login->account, &login->wait_s);
}

static void on_login(struct exchange *exchange)
{
    struct login *login = exchange->state;
    if (exchange->status != STATUS_OK)
        factor_fail(exchange, exchange->status, login->wait_s);
    else if (login->account.prepared)
        enrol_send(exchange, &login->account);
    else
        session_open(exchange, &login->account);
}

void api_login(struct exchange *exchange)
{
    if (read_login(exchange, true) != NULL)
        exchange_work(exchange, ERRAND_HASH, check_login, on_login);
}

void api_logout(struct exchange *exchange)
{
    char token[SESSION_TOKEN_BYTES];
    if (exchange_token(exchange, token))
        sessions_end(exchange->gateway->sessions, token);
    exchange_set_cookie(exchange, "");
    exchange_reply(exchange, MHD_HTTP_OK, json_object());
}
