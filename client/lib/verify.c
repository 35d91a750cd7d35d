#include "lib/verify.h"

#include <string.h>

#include "base/arena.h"
#include "wire/codec.h"
#include "wire/scan.h"

enum { HEAD_TAG = 1, HEAD_ARENA_BYTES = 64 * 1024 };

enum status verify_receipt(const struct pins *pins, const uint8_t *bytes, size_t size,
                           struct receipt *out_receipt)
{
    enum status status = receipt_decode(bytes, size, out_receipt);
    if (status != STATUS_OK)
        return status;
    const struct sign_public *key = pins_find(pins, &out_receipt->key);
    return key == NULL ? STATUS_NOT_FOUND : receipt_verify(out_receipt, key);
}

enum status verify_refusal(const struct pins *pins, const uint8_t *bytes, size_t size,
                           const uint8_t *error, size_t error_size, struct refusal *out_refusal)
{
    enum status status = refusal_decode(bytes, size, out_refusal);
    if (status != STATUS_OK)
        return status;
    const struct sign_public *key = pins_find(pins, &out_refusal->key);
    if (key == NULL)
        return STATUS_NOT_FOUND;
    status = refusal_verify(out_refusal, key);
    if (status != STATUS_OK)
        return status;
    struct hash hash = hash_bytes(error, error_size);
    return memcmp(hash.bytes, out_refusal->error_sha256.bytes, sizeof hash.bytes) == 0
               ? STATUS_OK
               : STATUS_MISMATCH;
}

enum status record_head_read(const uint8_t *payload, size_t size, struct record_head *out_head)
{
    size_t position = 0;
    struct wire_field field = {0};
    while (position < size) {
        if (wire_next(payload, size, &position, &field) != STATUS_OK)
            return STATUS_E_MALFORMED;
        if (field.tag == HEAD_TAG)
            break;
    }
    if (field.tag != HEAD_TAG || field.wire_type != 2)
        return STATUS_E_MALFORMED;
    struct arena *arena = arena_create(HEAD_ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    ProtobufCMessage *message = NULL;
    enum status status =
        message_read(&zhibao__head__descriptor, arena, field.bytes, field.size, &message);
    const Zhibao__Head *head = (const Zhibao__Head *)message;
    if (status == STATUS_OK && head->id.len != RECORD_ID_BYTES)
        status = STATUS_E_MALFORMED;
    if (status == STATUS_OK) {
        out_head->unit = head->unit;
        out_head->signed_at_us = head->signed_at_us;
        memcpy(out_head->id.bytes, head->id.data, RECORD_ID_BYTES);
    }
    arena_destroy(&arena);
    return status;
}

enum status verify_record(const struct receipt *receipt, const Zhibao__Record *record)
{
    struct record_head head;
    enum status status = record_head_read(record->payload.data, record->payload.len, &head);
    if (status != STATUS_OK)
        return status;
    struct hash payload = hash_bytes(record->payload.data, record->payload.len);
    struct hash signature = hash_bytes(record->signature.data, record->signature.len);
    bool same = receipt_covers(receipt, (uint8_t)record->kind, head.unit, &head.id, &payload) &&
                receipt->leaf.algorithm == (uint8_t)record->algorithm &&
                record->key.len == KEY_ID_BYTES &&
                memcmp(receipt->leaf.key.bytes, record->key.data, KEY_ID_BYTES) == 0 &&
                memcmp(receipt->leaf.signature_sha256.bytes, signature.bytes, HASH_BYTES) == 0;
    return same ? STATUS_OK : STATUS_MISMATCH;
}
