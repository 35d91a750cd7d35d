#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "enrol.pb-c.h"
#include "lib/handle.h"
#include "lib/record.h"
#include "lib/request.h"
#include "lib/rotate.h"
#include "lib/verify.h"

enum { ENROL_ARENA_BYTES = 1024 * 1024 };

/* One enrolment under way. */
struct enrolling {
    struct zhibao *zhibao;
    struct enrol_code code;
    const struct zhibao_enrolment *wish;
    struct arena *arena;
    bool renewal; /* with the next keys of a home that is enrolled */
    const struct home_keys *keys;
    Zhibao__Record *record;
};

/* Whether the stored enrolment belongs to this code and to the keys at hand. */
static bool belongs(const struct home_keys *keys, const struct enrol_code *code,
                    const Zhibao__Record *record, struct arena *arena)
{
    ProtobufCMessage *message = NULL;
    if (keys == NULL || message_read(&zhibao__key_change__descriptor, arena, record->payload.data,
                                     record->payload.len, &message) != STATUS_OK)
        return false;
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)message;
    struct hash hash = hash_bytes(code->secret, sizeof code->secret);
    return change->subject == code->unit && change->code_hash.len == HASH_BYTES &&
           memcmp(change->code_hash.data, hash.bytes, HASH_BYTES) == 0 &&
           change->sign_public.len == SIGN_PUBLIC_BYTES &&
           memcmp(change->sign_public.data, keys->sign_public.bytes, SIGN_PUBLIC_BYTES) == 0 &&
           change->transport_public.len == TRANSPORT_KEY_BYTES &&
           memcmp(change->transport_public.data, keys->transport_public, TRANSPORT_KEY_BYTES) == 0;
}

static enum status read_enrolment(const struct enrolling *enrolling, bool renewal,
                                  Zhibao__Record **out_record)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    ProtobufCMessage *message = NULL;
    enum status status = home_enrolment_read(enrolling->zhibao->home, renewal, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    status = message_read(&zhibao__record__descriptor, enrolling->arena, bytes, size, &message);
    free(bytes);
    if (status == STATUS_OK)
        *out_record = (Zhibao__Record *)message;
    return status;
}

/* The enrolment that was prepared for this code before, be it the home's or a renewal's;
 * STATUS_NOT_FOUND. */
static enum status load_prepared(struct enrolling *enrolling)
{
    struct home *home = enrolling->zhibao->home;
    /* cppcheck-suppress compareBoolExpressionWithInt ; once, or twice when there is an identity */
    for (int renewal = 0; renewal <= (home_identity(home) != NULL); renewal++) {
        const struct home_keys *keys = renewal ? home_next_keys(home) : home_keys(home);
        Zhibao__Record *record = NULL;
        enum status status = read_enrolment(enrolling, renewal, &record);
        if (status == STATUS_NO_MEMORY || file_failed(status))
            return status;
        if (status != STATUS_OK || !belongs(keys, &enrolling->code, record, enrolling->arena))
            continue;
        enrolling->renewal = renewal;
        enrolling->keys = keys;
        enrolling->record = record;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* Whose home it is and the office, unless the user said so, are those of before. */
static void set_person(const struct enrolling *enrolling, Zhibao__KeyChange *change)
{
    Zhibao__Record *record = NULL;
    ProtobufCMessage *message = NULL;
    change->holder = (char *)(uintptr_t)enrolling->wish->holder;
    change->office = (char *)(uintptr_t)enrolling->wish->office;
    if (!enrolling->renewal || change->holder[0] != '\0' || change->office[0] != '\0' ||
        read_enrolment(enrolling, false, &record) != STATUS_OK ||
        message_read(&zhibao__key_change__descriptor, enrolling->arena, record->payload.data,
                     record->payload.len, &message) != STATUS_OK)
        return;
    change->holder = ((Zhibao__KeyChange *)message)->holder;
    change->office = ((Zhibao__KeyChange *)message)->office;
}

/* New keys and a new enrolment record, both stored before anything is sent. */
static enum status prepare(struct enrolling *enrolling)
{
    struct home *home = enrolling->zhibao->home;
    const struct enrol_code *code = &enrolling->code;
    enrolling->renewal = home_identity(home) != NULL;
    (void)rotation_rescue(enrolling->zhibao); /* its keys would be lost */
    enum status status = home_make_keys(home);
    if (status != STATUS_OK)
        return status;
    enrolling->keys = enrolling->renewal ? home_next_keys(home) : home_keys(home);
    const struct home_keys *keys = enrolling->keys;
    struct key_id key = sign_key_id(&keys->sign_public);
    struct hash hash = hash_bytes(code->secret, sizeof code->secret);
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__KeyChange change = ZHIBAO__KEY_CHANGE__INIT;
    struct home_keys public = *keys; /* protobuf-c wants writable pointers */
    change.head = &head;
    change.action = ZHIBAO__KEY_ACTION__KEY_ENROL;
    change.subject = code->unit;
    set_person(enrolling, &change);
    change.key = (ProtobufCBinaryData){sizeof key.bytes, key.bytes};
    change.algorithm = ZHIBAO__ALGORITHM__ALGORITHM_ED25519;
    change.sign_public = (ProtobufCBinaryData){SIGN_PUBLIC_BYTES, public.sign_public.bytes};
    change.transport_public = (ProtobufCBinaryData){TRANSPORT_KEY_BYTES, public.transport_public};
    change.encrypt_public =
        (ProtobufCBinaryData){sizeof public.encrypt_public, public.encrypt_public};
    change.code_hash = (ProtobufCBinaryData){sizeof hash.bytes, hash.bytes};

    struct zhibao_draft draft = {
        .kind = ZHIBAO__RECORD_KIND__RECORD_KEY, .payload = &change.base, .head = &head};
    struct signed_record record;
    status = record_sign(keys, code->unit, &draft, enrolling->arena, &record);
    if (status == STATUS_OK)
        status = home_enrolment_write(home, enrolling->renewal, record.bytes, record.size);
    return status == STATUS_OK ? read_enrolment(enrolling, enrolling->renewal, &enrolling->record)
                               : status;
}

/* The server's list of keys has to hold the one that the code brought. */
static bool lists_key(const Zhibao__Enrolled *enrolled, const struct sign_public *key)
{
    for (size_t i = 0; i < enrolled->n_keys; i++)
        if (enrolled->keys[i]->sign_public.len == SIGN_PUBLIC_BYTES &&
            memcmp(enrolled->keys[i]->sign_public.data, key->bytes, SIGN_PUBLIC_BYTES) == 0)
            return true;
    return false;
}

/* Whether the answer is what the code promised: unit, server key, and a receipt of our record that
 * verifies against the code's key. */
static enum status check_answer(struct zhibao *zhibao, const struct enrol_code *code,
                                const Zhibao__Record *record, const Zhibao__Enrolled *enrolled)
{
    struct receipt receipt;
    struct pins *pins = pins_create();
    if (pins == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = pins_add(pins, &code->sign_public);
    if (status == STATUS_OK)
        status = verify_receipt(pins, enrolled->receipt.data, enrolled->receipt.len, &receipt);
    if (status == STATUS_OK)
        status = verify_record(&receipt, record);
    pins_destroy(&pins);
    if (status == STATUS_OK &&
        (enrolled->unit != code->unit || !lists_key(enrolled, &code->sign_public) ||
         enrolled->transport_public.len != TRANSPORT_KEY_BYTES ||
         memcmp(enrolled->transport_public.data, code->transport_public, TRANSPORT_KEY_BYTES) != 0))
        status = STATUS_MISMATCH;
    if (status == STATUS_OK)
        return status;
    return cause_set(
        zhibao, STATUS_MISMATCH, "服务器的登记答复与登记码不符（%s），未予采信：请向管理员核实",
        "the server's answer does not agree with the code (%s) and is not trusted: ask "
        "the administrator",
        status_name(status));
}

static enum status adopt(const struct enrolling *enrolling, const Zhibao__Enrolled *enrolled)
{
    struct zhibao *zhibao = enrolling->zhibao;
    const struct enrol_code *code = &enrolling->code;
    const struct home_keys *keys = enrolling->keys;
    struct zhibao_identity identity;
    memset(&identity, 0, sizeof identity);
    if (strlen(enrolled->name_zh) >= sizeof identity.name_zh ||
        strlen(enrolled->role) >= sizeof identity.role ||
        strlen(enrolled->endpoint) >= sizeof identity.endpoint || enrolled->endpoint[0] == '\0' ||
        strpbrk(enrolled->name_zh, "\r\n") != NULL || strpbrk(enrolled->role, "\r\n") != NULL ||
        strpbrk(enrolled->endpoint, "\r\n ") != NULL)
        return cause_set(zhibao, STATUS_MISMATCH, "服务器的登记答复不完整",
                         "the server's answer is not complete");
    identity.unit = code->unit;
    memcpy(identity.name_zh, enrolled->name_zh, strlen(enrolled->name_zh) + 1);
    memcpy(identity.role, enrolled->role, strlen(enrolled->role) + 1);
    memcpy(identity.endpoint, enrolled->endpoint, strlen(enrolled->endpoint) + 1);
    memcpy(identity.enrol_endpoint, code->endpoint, strlen(code->endpoint) + 1);
    identity.sign_public = keys->sign_public;
    identity.key = sign_key_id(&keys->sign_public);
    identity.pending = enrolled->pending;
    enum status status = home_adopt(zhibao->home, enrolling->renewal, &identity,
                                    code->transport_public, &code->sign_public);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}

static enum status keep_sequence(const struct zhibao_item *item, void *context)
{
    *(int64_t *)context = item->sequence;
    return STATUS_OK;
}

/* The enrolment is a record like any other: it and its receipt go into the store. */
static enum status store_record(struct zhibao *zhibao, Zhibao__Record *record,
                                const Zhibao__Enrolled *enrolled, struct arena *arena)
{
    struct record_head head;
    size_t size = 0;
    int64_t sequence = 0;
    uint8_t *bytes = message_write(arena, &record->base, &size);
    enum status status = bytes == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK)
        status = record_head_read(record->payload.data, record->payload.len, &head);
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    struct zhibao_item item = {
        .kind = (uint8_t)record->kind,
        .unit = head.unit,
        .id = head.id,
        .payload_sha256 = hash_bytes(record->payload.data, record->payload.len),
        .form = "",
        .created_us = head.signed_at_us,
        .record = bytes,
        .record_size = size,
    };
    char id[2 * RECORD_ID_BYTES + 1];
    status = outbox_begin(zhibao->outbox);
    if (status == STATUS_OK)
        status = outbox_put(zhibao->outbox, &item, "");
    if (status == STATUS_OK)
        status = outbox_find(zhibao->outbox, hex_encode(head.id.bytes, sizeof head.id.bytes, id),
                             keep_sequence, &sequence);
    if (status == STATUS_OK)
        status = outbox_receipted(zhibao->outbox, sequence, enrolled->receipt.data,
                                  enrolled->receipt.len);
    if (status == STATUS_OK)
        status = outbox_commit(zhibao->outbox);
    outbox_rollback(zhibao->outbox);
    return cause_outbox(zhibao, status);
}

static enum status ask(struct enrolling *enrolling, size_t *out_resigned)
{
    struct zhibao *zhibao = enrolling->zhibao;
    struct enrol_code *code = &enrolling->code;
    Zhibao__Enrol enrol = ZHIBAO__ENROL__INIT;
    ProtobufCMessage *message = NULL;
    enrol.unit = code->unit;
    enrol.code_id = (ProtobufCBinaryData){sizeof code->id, code->id};
    enrol.secret = (ProtobufCBinaryData){sizeof code->secret, code->secret};
    enrol.record = enrolling->record;
    enum status status =
        session_begin_at(zhibao, code->endpoint, code->transport_public, enrolling->keys);
    if (status == STATUS_OK)
        status =
            request_run(zhibao, ZHIBAO__KIND__KIND_ENROL, &enrol.base, enrolling->arena, &message);
    session_end(zhibao);
    const Zhibao__Enrolled *enrolled = (const Zhibao__Enrolled *)message;
    if (status == STATUS_OK)
        status = check_answer(zhibao, code, enrolling->record, enrolled);
    if (status == STATUS_OK)
        status = store_record(zhibao, enrolling->record, enrolled, enrolling->arena);
    if (status == STATUS_OK)
        status = adopt(enrolling, enrolled);
    if (status != STATUS_OK || !enrolling->renewal)
        return status;
    status = zhibao_renew(zhibao, out_resigned);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}

/* Whether a home that is enrolled may enrol anew: the unit's own code, and a key that is revoked
 * (ask the server) or is to be replaced all the same. */
static enum status may_renew(struct enrolling *enrolling)
{
    struct zhibao *zhibao = enrolling->zhibao;
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    char unit[UNIT_TEXT_BYTES];
    if (identity->unit != enrolling->code.unit)
        return cause_set(zhibao, STATUS_CONFLICT, "目录 %s 已属于 %s（%s），请用 --home 另选目录",
                         "home %s already belongs to %s (%s): choose another with --home",
                         home_path(zhibao->home), identity->name_zh,
                         unit_format(identity->unit, unit));
    if (enrolling->wish->again)
        return STATUS_OK;
    Zhibao__Ping ping = ZHIBAO__PING__INIT;
    ProtobufCMessage *message = NULL;
    enum status status =
        zhibao_request(zhibao, ZHIBAO__KIND__KIND_PING, &ping.base, enrolling->arena, &message);
    if (status == STATUS_E_KEY_REVOKED)
        return STATUS_OK;
    if (status == STATUS_OK)
        return cause_set(zhibao, STATUS_CONFLICT,
                         "目录 %s 已登记，密钥有效，不必重新登记；确要换用新密钥请加 --again",
                         "home %s is enrolled and its key is good: nothing to do; to replace the "
                         "key all the same, add --again",
                         home_path(zhibao->home));
    cause_add(zhibao, "；不知道现有密钥是否已吊销，确要换用新密钥请加 --again",
              "; whether the present key is revoked is not known: to replace it all the same, add "
              "--again");
    return status;
}

enum status zhibao_enrol(struct zhibao *zhibao, const char *code_text)
{
    struct zhibao_enrolment wish = {.code = code_text, .holder = "", .office = ""};
    struct zhibao_enrolled enrolled;
    return zhibao_enrol_as(zhibao, &wish, &enrolled);
}

enum status zhibao_enrol_as(struct zhibao *zhibao, const struct zhibao_enrolment *wish,
                            struct zhibao_enrolled *out_enrolled)
{
    struct enrolling enrolling = {.zhibao = zhibao, .wish = wish};
    struct zhibao_enrolled enrolled = {0};
    cause_clear(zhibao);
    if (enrol_code_parse(wish->code, &enrolling.code) != STATUS_OK)
        return cause_set(zhibao, STATUS_INVALID,
                         "登记码不完整或有误：请从“ZB1-”开始完整复制，或向管理员重新索取",
                         "the code is damaged: copy all of it, beginning with \"ZB1-\", or ask the "
                         "administrator for another");
    enrolling.arena = arena_create(ENROL_ARENA_BYTES);
    if (enrolling.arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = load_prepared(&enrolling);
    if (status == STATUS_NOT_FOUND && home_identity(zhibao->home) != NULL) {
        status = may_renew(&enrolling);
        if (status != STATUS_OK)
            goto cleanup;
        status = STATUS_NOT_FOUND;
    }
    if (status == STATUS_NOT_FOUND)
        status = prepare(&enrolling);
    if (status != STATUS_OK) {
        status = cause_plain(zhibao, status);
        goto cleanup;
    }
    status = ask(&enrolling, &enrolled.resigned);
    enrolled.renewed = enrolling.renewal;

cleanup:
    sodium_memzero(&enrolling.code, sizeof enrolling.code);
    arena_destroy(&enrolling.arena);
    if (status == STATUS_OK)
        *out_enrolled = enrolled;
    return status;
}
