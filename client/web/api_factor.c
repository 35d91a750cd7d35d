/* The second factor of an account: switched on and off by whoever is logged in, asked for at the
 * login. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "web/api.h"
#include "web/factor.h"

enum { SECRET_TEXT = 2 * ACCOUNT_SECRET_BYTES };

struct change {
    uint8_t secret[ACCOUNT_SECRET_BYTES];
    char code[FACTOR_CODE_TEXT_MAX + 1];
    uint8_t key[FACTOR_KEY_BYTES];
    uint8_t shared[TOTP_SECRET_BYTES];
    char codes[FACTOR_CODES][FACTOR_CODE_BYTES];
    unsigned codes_left;
    uint32_t wait_s;
};

void factor_key(const struct gateway *gateway, uint8_t out_key[FACTOR_KEY_BYTES])
{
    static const uint8_t purpose[] = "zhibao-web second factor v1";
    crypto_generichash(out_key, FACTOR_KEY_BYTES, purpose, sizeof purpose - 1, gateway->secret,
                       sizeof gateway->secret);
}

/* NULL after answering: this role has none. */
static struct change *begin(struct exchange *exchange)
{
    struct change *change = arena_alloc(exchange->arena, sizeof *change);
    if (change == NULL)
        return NULL;
    memset(change, 0, sizeof *change);
    if (!factor_is_offered(exchange->session.role)) {
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "FACTOR_ROLE",
                      "两步验证供统计部门、妇儿工委办公室和管理员的账户使用",
                      "two-step login is for accounts of statistics, the office and administrators",
                      "");
        return NULL;
    }
    factor_key(exchange->gateway, change->key);
    exchange->state = change;
    return change;
}

static struct change *begin_with_code(struct exchange *exchange)
{
    struct change *change = begin(exchange);
    const char *code =
        change == NULL ? NULL : exchange_text(exchange, "code", FACTOR_CODE_TEXT_MAX);
    if (code == NULL)
        return NULL;
    memcpy(change->code, code, strlen(code) + 1);
    return change;
}

void factor_fail(struct exchange *exchange, enum status status, uint32_t wait_s)
{
    char zh[120], en[120];
    switch (status) {
    case STATUS_INVALID:
        exchange_fail(
            exchange, MHD_HTTP_UNAUTHORIZED, "CODE_NEEDED",
            "这个账户开了两步验证：请输入验证器上的6位数字，或一个恢复码",
            "this account has two-step login: enter the 6 digits of your authenticator, or "
            "a recovery code",
            "code");
        return;
    case STATUS_MISMATCH:
        exchange_fail(
            exchange, MHD_HTTP_UNAUTHORIZED, "CODE",
            "验证码不对，或已用过。每个只能用一次；请核对手机的时间，等下一个再试",
            "the code is wrong or was used: each is good once. Check the phone's clock and "
            "wait for the next",
            "code");
        return;
    case STATUS_LIMIT:
        snprintf(zh, sizeof zh, "口令或验证码连续输错，请 %u 秒后再试", wait_s);
        snprintf(en, sizeof en, "too many wrong passphrases or codes: try again in %u s", wait_s);
        exchange_fail(exchange, MHD_HTTP_TOO_MANY_REQUESTS, "LOCKED", zh, en, "");
        return;
    case STATUS_NOT_FOUND:
        exchange_fail(exchange, MHD_HTTP_UNAUTHORIZED, "LOGIN", "账户名或口令不对",
                      "wrong name or passphrase", "");
        return;
    case STATUS_E_FORBIDDEN:
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "CLOSED", "账户已被管理员停用",
                      "an administrator closed this account", "");
        return;
    case STATUS_CONFLICT:
        exchange_fail(exchange, MHD_HTTP_CONFLICT, "FACTOR_ON", "两步验证已经开着",
                      "two-step login is already on", "");
        return;
    default: exchange_fail_status(exchange, status);
    }
}

static void find(struct exchange *exchange)
{
    struct change *change = exchange->state;
    exchange->status =
        factor_find(exchange->gateway->accounts, exchange->session.name, &change->codes_left);
}

static void on_found(struct exchange *exchange)
{
    const struct change *change = exchange->state;
    if (exchange->status != STATUS_OK && exchange->status != STATUS_NOT_FOUND)
        exchange_fail_status(exchange, exchange->status);
    else
        exchange_reply(exchange, MHD_HTTP_OK,
                       json_pack("{s:b, s:i}", "on", exchange->status == STATUS_OK, "codes_left",
                                 (int)change->codes_left));
}

void api_factor(struct exchange *exchange)
{
    if (begin(exchange) != NULL)
        exchange_work(exchange, ERRAND_LOOK_UP, find, on_found);
}

/* The passphrase again, so that whoever finds a page open cannot lock its user out. */
static void start(struct exchange *exchange)
{
    struct change *change = exchange->state;
    struct accounts *accounts = exchange->gateway->accounts;
    const char *name = exchange->session.name;
    exchange->status =
        accounts_verify(accounts, name, change->secret, clock_now_us(), &change->wait_s);
    if (exchange->status == STATUS_OK)
        exchange->status = factor_begin(accounts, name, change->key, change->shared);
}

static void on_started(struct exchange *exchange)
{
    const struct change *change = exchange->state;
    char text[TOTP_TEXT_BYTES], name[3 * ACCOUNT_NAME_BYTES], uri[400];
    size_t size = 0;
    if (exchange->status != STATUS_OK) {
        factor_fail(exchange, exchange->status, change->wait_s);
        return;
    }
    base32_encode(change->shared, sizeof change->shared, text);
    for (const char *at = exchange->session.name; *at != '\0'; at++)
        size += (size_t)snprintf(name + size, sizeof name - size, "%%%02X", (unsigned char)*at);
    snprintf(uri, sizeof uri,
             "otpauth://totp/Zhibao:%s?secret=%s&issuer=Zhibao&algorithm=SHA1&digits=6&period=30",
             name, text);
    exchange_reply(exchange, MHD_HTTP_OK, json_pack("{s:s, s:s}", "secret", text, "uri", uri));
}

void api_factor_begin(struct exchange *exchange)
{
    struct change *change = begin(exchange);
    const char *secret = change == NULL ? NULL : exchange_text(exchange, "secret", SECRET_TEXT);
    if (secret == NULL)
        return;
    if (hex_decode(secret, change->secret, sizeof change->secret) != STATUS_OK)
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "应为64位十六进制",
                      "must be 64 hex digits", "secret");
    else
        exchange_work(exchange, ERRAND_HASH, start, on_started);
}

static void confirm(struct exchange *exchange)
{
    struct change *change = exchange->state;
    struct second_factor second = {change->code, change->key};
    exchange->status = factor_confirm(exchange->gateway->accounts, exchange->session.name, &second,
                                      clock_now_us(), change->codes, &change->wait_s);
}

static void on_confirmed(struct exchange *exchange)
{
    const struct change *change = exchange->state;
    json_t *codes = json_array();
    if (exchange->status != STATUS_OK) {
        json_decref(codes);
        factor_fail(exchange, exchange->status, change->wait_s);
        return;
    }
    for (size_t i = 0; i < FACTOR_CODES; i++)
        json_array_append_new(codes, json_string(change->codes[i]));
    exchange_reply(exchange, MHD_HTTP_OK, json_pack("{s:o}", "codes", codes));
}

void api_factor_confirm(struct exchange *exchange)
{
    if (begin_with_code(exchange) != NULL)
        exchange_work(exchange, ERRAND_LOOK_UP, confirm, on_confirmed);
}

static void end(struct exchange *exchange)
{
    struct change *change = exchange->state;
    struct second_factor second = {change->code, change->key};
    exchange->status = factor_end(exchange->gateway->accounts, exchange->session.name, &second,
                                  clock_now_us(), &change->wait_s);
}

static void on_ended(struct exchange *exchange)
{
    const struct change *change = exchange->state;
    if (exchange->status != STATUS_OK)
        factor_fail(exchange, exchange->status, change->wait_s);
    else
        exchange_reply(exchange, MHD_HTTP_OK, json_object());
}

void api_factor_end(struct exchange *exchange)
{
    if (begin_with_code(exchange) != NULL)
        exchange_work(exchange, ERRAND_HASH, end, on_ended);
}
