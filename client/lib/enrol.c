#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "enrol.pb-c.h"
#include "lib/handle.h"
#include "lib/record.h"
#include "lib/request.h"
#include "lib/verify.h"

enum { ENROL_ARENA_BYTES = 1024 * 1024 };

/* Whether the stored enrolment belongs to this code and to the keys at hand. */
static bool belongs(const struct zhibao *zhibao, const struct enrol_code *code,
                    const Zhibao__Record *record, struct arena *arena)
{
    ProtobufCMessage *message = NULL;
    const struct home_keys *keys = home_keys(zhibao->home);
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

/* The enrolment that was prepared for this code before; STATUS_NOT_FOUND. */
static enum status load_prepared(struct zhibao *zhibao, const struct enrol_code *code,
                                 struct arena *arena, Zhibao__Record **out_record)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    ProtobufCMessage *message = NULL;
    enum status status = home_enrolment_read(zhibao->home, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    status = message_read(&zhibao__record__descriptor, arena, bytes, size, &message);
    free(bytes);
    if (status != STATUS_OK || !belongs(zhibao, code, (Zhibao__Record *)message, arena))
        return STATUS_NOT_FOUND;
    *out_record = (Zhibao__Record *)message;
    return STATUS_OK;
}

/* New keys and a new enrolment record, both stored before anything is sent. */
static enum status prepare(struct zhibao *zhibao, const struct enrol_code *code, const char *holder,
                           const char *office, struct arena *arena, Zhibao__Record **out_record)
{
    enum status status = home_make_keys(zhibao->home);
    if (status != STATUS_OK)
        return status;
    const struct home_keys *keys = home_keys(zhibao->home);
    struct key_id key = sign_key_id(&keys->sign_public);
    struct hash hash = hash_bytes(code->secret, sizeof code->secret);
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__KeyChange change = ZHIBAO__KEY_CHANGE__INIT;
    struct home_keys public = *keys; /* protobuf-c wants writable pointers */
    change.head = &head;
    change.action = ZHIBAO__KEY_ACTION__KEY_ENROL;
    change.subject = code->unit;
    change.holder = (char *)(uintptr_t)holder;
    change.office = (char *)(uintptr_t)office;
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
    status = record_sign(keys, code->unit, &draft, arena, &record);
    if (status == STATUS_OK)
        status = home_enrolment_write(zhibao->home, record.bytes, record.size);
    ProtobufCMessage *message = NULL;
    if (status == STATUS_OK)
        status =
            message_read(&zhibao__record__descriptor, arena, record.bytes, record.size, &message);
    if (status == STATUS_OK)
        *out_record = (Zhibao__Record *)message;
    return status;
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

static enum status adopt(struct zhibao *zhibao, const struct enrol_code *code,
                         const Zhibao__Enrolled *enrolled)
{
    struct zhibao_identity identity;
    memset(&identity, 0, sizeof identity);
    const struct home_keys *keys = home_keys(zhibao->home);
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
    identity.sign_public = keys->sign_public;
    identity.key = sign_key_id(&keys->sign_public);
    identity.pending = enrolled->pending;
    enum status status =
        home_adopt(zhibao->home, &identity, code->transport_public, &code->sign_public);
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

static enum status ask(struct zhibao *zhibao, const struct enrol_code *code, Zhibao__Record *record,
                       struct arena *arena)
{
    struct enrol_code copy = *code;
    Zhibao__Enrol enrol = ZHIBAO__ENROL__INIT;
    ProtobufCMessage *message = NULL;
    enrol.unit = code->unit;
    enrol.code_id = (ProtobufCBinaryData){sizeof copy.id, copy.id};
    enrol.secret = (ProtobufCBinaryData){sizeof copy.secret, copy.secret};
    enrol.record = record;
    enum status status = session_begin_at(zhibao, code->endpoint, code->transport_public);
    if (status == STATUS_OK)
        status = request_run(zhibao, ZHIBAO__KIND__KIND_ENROL, &enrol.base, arena, &message);
    session_end(zhibao);
    const Zhibao__Enrolled *enrolled = (const Zhibao__Enrolled *)message;
    if (status == STATUS_OK)
        status = check_answer(zhibao, code, record, enrolled);
    if (status == STATUS_OK)
        status = store_record(zhibao, record, enrolled, arena);
    return status == STATUS_OK ? adopt(zhibao, code, enrolled) : status;
}

enum status zhibao_enrol(struct zhibao *zhibao, const char *code_text)
{
    return zhibao_enrol_as(zhibao, code_text, "", "");
}

enum status zhibao_enrol_as(struct zhibao *zhibao, const char *code_text, const char *holder,
                            const char *office)
{
    struct enrol_code code;
    cause_clear(zhibao);
    if (enrol_code_parse(code_text, &code) != STATUS_OK)
        return cause_set(zhibao, STATUS_INVALID,
                         "登记码不完整或有误：请从“ZB1-”开始完整复制，或向管理员重新索取",
                         "the code is damaged: copy all of it, beginning with \"ZB1-\", or ask the "
                         "administrator for another");
    struct arena *arena = arena_create(ENROL_ARENA_BYTES);
    if (arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    Zhibao__Record *record = NULL;
    enum status status = load_prepared(zhibao, &code, arena, &record);
    if (status == STATUS_NOT_FOUND && home_identity(zhibao->home) != NULL) {
        char unit[UNIT_TEXT_BYTES];
        status = cause_set(zhibao, STATUS_CONFLICT, "目录 %s 已属于 %s（%s），请用 --home 另选目录",
                           "home %s already belongs to %s (%s): choose another with --home",
                           home_path(zhibao->home), home_identity(zhibao->home)->name_zh,
                           unit_format(home_identity(zhibao->home)->unit, unit));
        goto cleanup;
    }
    if (status == STATUS_NOT_FOUND)
        status = prepare(zhibao, &code, holder, office, arena, &record);
    if (status != STATUS_OK) {
        status = cause_plain(zhibao, status);
        goto cleanup;
    }
    status = ask(zhibao, &code, record, arena);

cleanup:
    arena_destroy(&arena);
    return status;
}
