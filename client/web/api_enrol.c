/* Enrolment from the browser: it makes and signs with its own keys, the gateway lends the transport
 * key. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "enrol.pb-c.h"
#include "lib/verify.h"
#include "proof/enrol_code.h"
#include "web/api.h"
#include "web/json_message.h"

enum { CODE_TEXT_MAX = 1000, BASE64_MAX = 8000 };

struct enrolment {
    struct enrol_code code;
    struct account account;
    uint8_t secret[ACCOUNT_SECRET_BYTES];
    struct site site;
};

/* The code of the request, if it is one of our aggregator's; false after answering. A portal asks
 * no server but its own, whatever a code says. */
static bool read_code(struct exchange *exchange, struct enrol_code *out_code)
{
    const char *text = exchange_text(exchange, "code", CODE_TEXT_MAX);
    if (text == NULL)
        return false;
    if (enrol_code_parse(text, out_code) != STATUS_OK) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "E_ENROL_CODE",
                      "登记码不完整或有误：请从“ZB1-”开始完整复制，或向管理员重新索取",
                      "the code is damaged: copy all of it, beginning with \"ZB1-\", or ask for "
                      "another",
                      "code");
        return false;
    }
    struct gateway *gateway = exchange->gateway;
    pthread_mutex_lock(&gateway->lock);
    struct site site = gateway->site;
    pthread_mutex_unlock(&gateway->lock);
    bool foreign =
        !sodium_is_zero(site.server_public, sizeof site.server_public) &&
        (memcmp(site.server_public, out_code->transport_public, POOL_KEY_BYTES) != 0 ||
         (site.enrol_endpoint[0] != '\0' && strcmp(site.enrol_endpoint, out_code->endpoint) != 0));
    if (foreign)
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "E_ENROL_CODE",
                      "这个登记码属于另一台汇总服务器，请到它的门户登记",
                      "this code belongs to another aggregator: enrol at its own portal", "code");
    return !foreign;
}

/* The transport key that goes with a code: the same whenever it is asked for, known to nobody else.
 */
static void derive_transport(const struct gateway *gateway, const struct enrol_code *code,
                             struct pool_peer *out_peer)
{
    uint8_t input[ENROL_CODE_ID_BYTES + ENROL_SECRET_BYTES];
    memcpy(input, code->id, sizeof code->id);
    memcpy(input + sizeof code->id, code->secret, sizeof code->secret);
    crypto_generichash(out_peer->transport_secret, POOL_KEY_BYTES, input, sizeof input,
                       gateway->secret, sizeof gateway->secret);
    crypto_scalarmult_base(out_peer->transport_public, out_peer->transport_secret);
    memcpy(out_peer->server_public, code->transport_public, POOL_KEY_BYTES);
}

void api_enrol_key(struct exchange *exchange)
{
    struct enrol_code code;
    struct pool_peer peer = {0};
    if (!read_code(exchange, &code))
        return;
    derive_transport(exchange->gateway, &code, &peer);
    exchange_reply(
        exchange, MHD_HTTP_OK,
        json_pack("{s:o}", "transport_public", json_base64(peer.transport_public, POOL_KEY_BYTES)));
}

/* Bytes of the request's JSON, in base64; false after answering. */
static bool read_bytes(struct exchange *exchange, const char *name, size_t least, size_t most,
                       uint8_t **out_bytes, size_t *out_size)
{
    const char *text = exchange_text(exchange, name, BASE64_MAX);
    if (text == NULL)
        return false;
    if (base64_read(text, exchange->arena, out_bytes, out_size) == STATUS_OK &&
        *out_size >= least && *out_size <= most)
        return true;
    exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "长度不对或不是 base64",
                  "has the wrong length or is not base64", name);
    return false;
}

/* The Enrol around the browser's record, if the record is a KeyChange for this code with the
 * transport key that was lent. */
static bool pack_enrol(struct exchange *exchange, struct enrolment *enrolment)
{
    struct account *account = &enrolment->account;
    uint8_t *bytes = NULL;
    size_t size = 0;
    ProtobufCMessage *record = NULL, *change = NULL;
    if (!read_bytes(exchange, "record", 1, ACCOUNT_RECORD_MAX / 2, &bytes, &size))
        return false;
    bool good = message_read(&zhibao__record__descriptor, exchange->arena, bytes, size, &record) ==
                    STATUS_OK &&
                message_read(&zhibao__key_change__descriptor, exchange->arena,
                             ((Zhibao__Record *)record)->payload.data,
                             ((Zhibao__Record *)record)->payload.len, &change) == STATUS_OK;
    const Zhibao__KeyChange *key = (const Zhibao__KeyChange *)change;
    if (!good || key->subject != enrolment->code.unit ||
        key->transport_public.len != POOL_KEY_BYTES ||
        memcmp(key->transport_public.data, account->peer.transport_public, POOL_KEY_BYTES) != 0) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "登记材料与登记码不符",
                      "the record does not agree with the code", "record");
        return false;
    }
    Zhibao__Enrol enrol = ZHIBAO__ENROL__INIT;
    enrol.unit = enrolment->code.unit;
    enrol.code_id = (ProtobufCBinaryData){sizeof enrolment->code.id, enrolment->code.id};
    enrol.secret = (ProtobufCBinaryData){sizeof enrolment->code.secret, enrolment->code.secret};
    enrol.record = (Zhibao__Record *)record;
    account->enrol_size = protobuf_c_message_get_packed_size(&enrol.base);
    if (account->enrol_size > sizeof account->enrol)
        return false;
    protobuf_c_message_pack(&enrol.base, account->enrol);
    return true;
}

static bool read_name(struct exchange *exchange, char out_name[ACCOUNT_NAME_BYTES])
{
    const char *name = exchange_text(exchange, "name", ACCOUNT_NAME_BYTES - 1);
    if (name == NULL)
        return false;
    for (const char *at = name; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "账户名不能有空格",
                          "a name has no blanks", "name");
            return false;
        }
    memcpy(out_name, name, strlen(name) + 1);
    return true;
}

static void store_prepared(struct exchange *exchange)
{
    struct enrolment *enrolment = exchange->state;
    exchange->status =
        accounts_add(exchange->gateway->accounts, &enrolment->account, enrolment->secret);
}

static void on_prepared(struct exchange *exchange)
{
    struct enrolment *enrolment = exchange->state;
    if (exchange->status == STATUS_OK)
        enrol_send(exchange, &enrolment->account);
    else if (exchange->status == STATUS_CONFLICT)
        exchange_fail(exchange, MHD_HTTP_CONFLICT, "NAME_TAKEN", "这个账户名已有人用，请换一个",
                      "this name is taken, choose another", "name");
    else
        exchange_fail_status(exchange, exchange->status);
}

void api_enrol(struct exchange *exchange)
{
    struct enrolment *enrolment = arena_alloc(exchange->arena, sizeof *enrolment);
    uint8_t *salt = NULL, *bundle = NULL;
    size_t salt_size = 0, bundle_size = 0;
    if (enrolment == NULL || !read_code(exchange, &enrolment->code))
        return;
    struct account *account = &enrolment->account;
    const char *secret = NULL;
    if (!read_name(exchange, account->name) ||
        (secret = exchange_text(exchange, "secret", 2 * ACCOUNT_SECRET_BYTES)) == NULL ||
        !read_bytes(exchange, "salt", ACCOUNT_SALT_BYTES, ACCOUNT_SALT_BYTES, &salt, &salt_size) ||
        !read_bytes(exchange, "bundle", 1, ACCOUNT_BUNDLE_MAX, &bundle, &bundle_size))
        return;
    if (hex_decode(secret, enrolment->secret, sizeof enrolment->secret) != STATUS_OK) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "应为64位十六进制",
                      "must be 64 hex digits", "secret");
        return;
    }
    account->unit = enrolment->code.unit;
    account->prepared = true;
    memcpy(account->salt, salt, salt_size);
    memcpy(account->bundle, bundle, bundle_size);
    account->bundle_size = bundle_size;
    derive_transport(exchange->gateway, &enrolment->code, &account->peer);
    memcpy(account->enrol_endpoint, enrolment->code.endpoint, sizeof enrolment->code.endpoint);
    if (!pack_enrol(exchange, enrolment))
        return;
    exchange->state = enrolment;
    exchange_work(exchange, ERRAND_HASH, store_prepared, on_prepared);
}

/* What follows works on the account alone: after a lost answer it begins with a login. */

static void store_activated(struct exchange *exchange)
{
    struct account *account = exchange->state;
    struct gateway *gateway = exchange->gateway;
    struct site site = {0};
    memcpy(site.server_public, account->peer.server_public, POOL_KEY_BYTES);
    memcpy(site.enrol_endpoint, account->enrol_endpoint, sizeof site.enrol_endpoint);
    exchange->status = accounts_activate(gateway->accounts, account);
    if (exchange->status == STATUS_OK)
        exchange->status = accounts_set_site(gateway->accounts, &site);
    if (exchange->status != STATUS_OK)
        return;
    pthread_mutex_lock(&gateway->lock);
    gateway->site = site;
    pthread_mutex_unlock(&gateway->lock);
}

static void on_activated(struct exchange *exchange)
{
    if (exchange->status == STATUS_OK)
        session_open(exchange, exchange->state);
    else
        exchange_fail_status(exchange, exchange->status);
}

static void forget(struct exchange *exchange)
{
    const struct account *account = exchange->state;
    if (accounts_forget(exchange->gateway->accounts, account->name) != STATUS_OK)
        log_warning("could not forget an account whose enrolment was refused");
    exchange->status = STATUS_OK;
}

/* Whether the aggregator's error is final for this code. */
static bool is_final(struct exchange *exchange)
{
    ProtobufCMessage *message = NULL;
    return exchange->status == STATUS_OK && exchange->kind == ZHIBAO__KIND__KIND_ERROR &&
           message_read(&zhibao__error__descriptor, exchange->arena, exchange->answer,
                        exchange->answer_size, &message) == STATUS_OK &&
           !((const Zhibao__Error *)message)->retry;
}

static void on_enrolled(struct exchange *exchange)
{
    struct account *account = exchange->state;
    ProtobufCMessage *message = NULL;
    if (is_final(exchange)) {
        exchange_work(exchange, ERRAND_LOOK_UP, forget, reply_error);
        return;
    }
    if (exchange->status != STATUS_OK || exchange->kind != ZHIBAO__KIND__KIND_ENROLLED ||
        message_read(&zhibao__enrolled__descriptor, exchange->arena, exchange->answer,
                     exchange->answer_size, &message) != STATUS_OK) {
        reply_error(exchange);
        return;
    }
    const Zhibao__Enrolled *enrolled = (const Zhibao__Enrolled *)message;
    snprintf(account->unit_name, sizeof account->unit_name, "%s", enrolled->name_zh);
    snprintf(account->role, sizeof account->role, "%s", enrolled->role);
    snprintf(account->peer.endpoint, sizeof account->peer.endpoint, "%s", enrolled->endpoint);
    exchange_work(exchange, ERRAND_LOOK_UP, store_activated, on_activated);
}

void enrol_send(struct exchange *exchange, struct account *account)
{
    struct pool_peer peer = account->peer;
    memcpy(peer.endpoint, account->enrol_endpoint, sizeof peer.endpoint);
    exchange->state = account;
    exchange_ask(exchange, &peer, ZHIBAO__KIND__KIND_ENROL, account->enrol, account->enrol_size,
                 on_enrolled);
}
