#include "lib/rotate.h"

#include <stdlib.h>
#include <string.h>

#include "lib/record.h"
#include "lib/request.h"
#include "lib/verify.h"
#include "proof/key_proof.h"

enum { ROTATE_ARENA_BYTES = 256 * 1024 };

/* A rotation under way, as keys/next tells it. */
struct rotation {
    struct arena *arena;
    const Zhibao__Record *record;
    const uint8_t *bytes;
    size_t size;
    struct record_head head;
};

static bool same(const ProtobufCBinaryData *data, const void *bytes, size_t size)
{
    return data->len == size && memcmp(data->data, bytes, size) == 0;
}

/* STATUS_NOT_FOUND when there is none: no next keys, or they are an enrolment's. */
static enum status rotation_read(struct zhibao *zhibao, struct arena *arena,
                                 struct rotation *out_rotation)
{
    const struct home_keys *next = home_next_keys(zhibao->home);
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    struct rotation found = {.arena = arena};
    ProtobufCMessage *message = NULL;
    uint8_t *bytes = NULL;
    if (next == NULL || identity == NULL)
        return STATUS_NOT_FOUND;
    enum status status = home_enrolment_read(zhibao->home, true, &bytes, &found.size);
    if (status != STATUS_OK)
        return status;
    found.bytes = arena_copy(arena, bytes, found.size);
    free(bytes);
    if (found.bytes == NULL)
        return STATUS_NO_MEMORY;
    if (message_read(&zhibao__record__descriptor, arena, found.bytes, found.size, &message) !=
        STATUS_OK)
        return STATUS_NOT_FOUND;
    found.record = (const Zhibao__Record *)message;
    if (message_read(&zhibao__key_change__descriptor, arena, found.record->payload.data,
                     found.record->payload.len, &message) != STATUS_OK ||
        record_head_read(found.record->payload.data, found.record->payload.len, &found.head) !=
            STATUS_OK)
        return STATUS_NOT_FOUND;
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)message;
    if (change->action != ZHIBAO__KEY_ACTION__KEY_ROTATE ||
        !same(&change->key, identity->key.bytes, sizeof identity->key.bytes) ||
        !same(&change->sign_public, next->sign_public.bytes, sizeof next->sign_public.bytes))
        return STATUS_NOT_FOUND;
    *out_rotation = found;
    return STATUS_OK;
}

/* The person and the office of the keys before, for who reads the home's record. */
static void keep_person(struct zhibao *zhibao, struct arena *arena, Zhibao__KeyChange *change)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    ProtobufCMessage *record = NULL, *before = NULL;
    if (home_enrolment_read(zhibao->home, false, &bytes, &size) != STATUS_OK)
        return;
    if (message_read(&zhibao__record__descriptor, arena, bytes, size, &record) == STATUS_OK &&
        message_read(&zhibao__key_change__descriptor, arena,
                     ((Zhibao__Record *)record)->payload.data,
                     ((Zhibao__Record *)record)->payload.len, &before) == STATUS_OK) {
        change->holder = ((Zhibao__KeyChange *)before)->holder;
        change->office = ((Zhibao__KeyChange *)before)->office;
    }
    free(bytes);
}

static enum status rotation_make(struct zhibao *zhibao, uint32_t overlap_hours, struct arena *arena)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    struct key_id old = identity->key;
    enum status status = home_make_keys(zhibao->home);
    if (status != STATUS_OK)
        return status;
    const struct home_keys *next = home_next_keys(zhibao->home);
    struct key_proof proof = {.old = old, .sign = next->sign_public};
    memcpy(proof.transport, next->transport_public, sizeof proof.transport);
    memcpy(proof.encrypt, next->encrypt_public, sizeof proof.encrypt);
    struct signature mine = key_proof_sign(&proof, &next->sign_secret);
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__KeyChange change = ZHIBAO__KEY_CHANGE__INIT;
    change.head = &head;
    change.action = ZHIBAO__KEY_ACTION__KEY_ROTATE;
    change.subject = identity->unit;
    change.key = (ProtobufCBinaryData){sizeof old.bytes, old.bytes};
    change.algorithm = (Zhibao__Algorithm)proof.sign.algorithm;
    change.sign_public = (ProtobufCBinaryData){sizeof proof.sign.bytes, proof.sign.bytes};
    change.transport_public = (ProtobufCBinaryData){sizeof proof.transport, proof.transport};
    change.encrypt_public = (ProtobufCBinaryData){sizeof proof.encrypt, proof.encrypt};
    change.proof = (ProtobufCBinaryData){sizeof mine.bytes, mine.bytes};
    change.overlap_hours = overlap_hours;
    keep_person(zhibao, arena, &change);
    struct zhibao_draft draft = {
        .kind = ZHIBAO__RECORD_KIND__RECORD_KEY, .payload = &change.base, .head = &head};
    struct signed_record record;
    status = record_sign(home_keys(zhibao->home), identity->unit, &draft, arena, &record);
    return status == STATUS_OK ? home_enrolment_write(zhibao->home, true, record.bytes, record.size)
                               : status;
}

/* What the outbox knows of the rotation's record. */
static enum status note_state(const struct zhibao_item *item, void *context)
{
    *(enum zhibao_state *)context = item->state;
    return STATUS_OK;
}

/* Waiting in the outbox; that it is there already is no error. */
static enum status rotation_put(struct zhibao *zhibao, const struct rotation *rotation)
{
    struct zhibao_item item = {
        .kind = (uint8_t)rotation->record->kind,
        .unit = rotation->head.unit,
        .id = rotation->head.id,
        .payload_sha256 = hash_bytes(rotation->record->payload.data, rotation->record->payload.len),
        .form = "",
        .created_us = rotation->head.signed_at_us,
        .record = rotation->bytes,
        .record_size = rotation->size,
    };
    return outbox_put(zhibao->outbox, &item, "key/own");
}

/* The answer is a receipt: the new keys take over. */
static enum status take_over(struct zhibao *zhibao)
{
    size_t resigned = 0;
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    struct zhibao_identity next = *identity;
    next.pending = false;
    enum status status = home_adopt(zhibao->home, true, &next, home_server_transport(zhibao->home),
                                    pins_at(home_pins(zhibao->home), 0));
    session_end(zhibao); /* it is the old key's */
    return status == STATUS_OK ? zhibao_renew(zhibao, &resigned) : status;
}

enum status rotation_settle(struct zhibao *zhibao, bool *out_done)
{
    struct rotation rotation;
    enum zhibao_state state = ZHIBAO_WAITING;
    if (home_next_keys(zhibao->home) == NULL)
        return STATUS_OK;
    struct arena *arena = arena_create(ROTATE_ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = rotation_read(zhibao, arena, &rotation);
    if (status == STATUS_OK)
        status = outbox_by_id(zhibao->outbox, (uint8_t)rotation.record->kind, rotation.head.unit,
                              &rotation.head.id, note_state, &state);
    if (status == STATUS_OK && state == ZHIBAO_RECEIPTED) {
        status = take_over(zhibao);
        if (status == STATUS_OK && out_done != NULL)
            *out_done = true;
    }
    arena_destroy(&arena);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status keep_sequence(const struct zhibao_item *item, void *context)
{
    *(int64_t *)context = item->sequence;
    return STATUS_OK;
}

/* Asks with the new key for the receipt of the record that brought it, and keeps that. Nothing else
 * is sent: what waits is signed with a key that has come to its end. */
static enum status receipt_fetch(struct zhibao *zhibao, const struct rotation *rotation)
{
    Zhibao__GetReceipt question = ZHIBAO__GET_RECEIPT__INIT;
    struct record_id id = rotation->head.id;
    ProtobufCMessage *message = NULL;
    struct receipt receipt;
    int64_t sequence = 0;
    question.kind = rotation->record->kind;
    question.unit = rotation->head.unit;
    question.id = (ProtobufCBinaryData){sizeof id.bytes, id.bytes};
    enum status status =
        session_begin_at(zhibao, zhibao_endpoint(zhibao), home_server_transport(zhibao->home),
                         home_next_keys(zhibao->home));
    if (status == STATUS_OK)
        status = request_run(zhibao, ZHIBAO__KIND__KIND_GET_RECEIPT, &question.base,
                             rotation->arena, &message);
    session_end(zhibao);
    if (status != STATUS_OK)
        return status;
    const Zhibao__ReceiptReply *reply = (const Zhibao__ReceiptReply *)message;
    status =
        verify_receipt(home_pins(zhibao->home), reply->receipt.data, reply->receipt.len, &receipt);
    if (status == STATUS_OK)
        status = verify_record(&receipt, rotation->record);
    if (status == STATUS_OK)
        status = outbox_by_id(zhibao->outbox, (uint8_t)rotation->record->kind, rotation->head.unit,
                              &id, keep_sequence, &sequence);
    return status == STATUS_OK
               ? outbox_receipted(zhibao->outbox, sequence, reply->receipt.data, reply->receipt.len)
               : status;
}

bool rotation_rescue(struct zhibao *zhibao)
{
    struct rotation rotation;
    bool done = false;
    if (home_next_keys(zhibao->home) == NULL)
        return false;
    struct arena *arena = arena_create(ROTATE_ARENA_BYTES);
    if (arena == NULL)
        return false;
    enum status status = rotation_read(zhibao, arena, &rotation);
    if (status == STATUS_OK)
        status = rotation_put(zhibao, &rotation);
    if (status == STATUS_OK)
        status = receipt_fetch(zhibao, &rotation);
    if (status == STATUS_OK)
        status = rotation_settle(zhibao, &done);
    arena_destroy(&arena);
    return status == STATUS_OK && done;
}

/* Ready to be sent: the one under way, or a new one. */
static enum status rotation_prepare(struct zhibao *zhibao, uint32_t overlap_hours,
                                    struct arena *arena, struct rotation *out_rotation)
{
    enum zhibao_state state = ZHIBAO_WAITING;
    enum status status = rotation_read(zhibao, arena, out_rotation);
    if (status == STATUS_OK &&
        outbox_by_id(zhibao->outbox, (uint8_t)out_rotation->record->kind, out_rotation->head.unit,
                     &out_rotation->head.id, note_state, &state) == STATUS_OK &&
        state == ZHIBAO_REFUSED)
        status = STATUS_NOT_FOUND;
    if (status != STATUS_NOT_FOUND)
        return status;
    status = rotation_make(zhibao, overlap_hours, arena);
    return status == STATUS_OK ? rotation_read(zhibao, arena, out_rotation) : status;
}

enum status zhibao_key_rotate(struct zhibao *zhibao, uint32_t overlap_hours)
{
    struct rotation rotation;
    cause_clear(zhibao);
    if (home_identity(zhibao->home) == NULL)
        return cause_set(zhibao, STATUS_NOT_FOUND, "本机尚未登记，请先运行 zhibao enrol",
                         "this home is not enrolled: run zhibao enrol first");
    struct arena *arena = arena_create(ROTATE_ARENA_BYTES);
    if (arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = rotation_prepare(zhibao, overlap_hours, arena, &rotation);
    if (status == STATUS_OK)
        status = rotation_put(zhibao, &rotation);
    arena_destroy(&arena);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}
