#include "lib/record.h"

#include <sodium.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/handle.h"

enum {
    SIGN_ARENA_BYTES = 4 * 1024 * 1024,
    ENVELOPE_ROOM = 1024, /* what key, signature, Submit and Envelope add to a payload */
};

static const char *const kind_names[] = {
    NULL,
    "report",
    "review",
    "confirmation",
    "lock",
    "key",
    "plan",
    NULL,
    "notice",
    [9] = "calendar",
    [10] = "extension",
    [11] = "task",
    [12] = "document",
    [13] = "place-change",
    [14] = "contact",
    [16] = "task-escalation",
    [20] = "comment",
    [15] = "carrier",
    [30] = "case-report",
    [31] = "case-directory",
    [32] = "case-step",
    [33] = "case-reading",
    [46] = "case-piece",
    [47] = "case-key-end",
};

const char *record_kind_name(uint8_t kind)
{
    return kind < sizeof kind_names / sizeof *kind_names ? kind_names[kind] : NULL;
}

uint8_t record_kind_parse(const char *name)
{
    for (size_t kind = 1; kind < sizeof kind_names / sizeof *kind_names; kind++)
        if (kind_names[kind] != NULL && strcmp(kind_names[kind], name) == 0)
            return (uint8_t)kind;
    return 0;
}

static size_t payload_max(const struct zhibao_draft *draft)
{
    if (draft->kind != ZHIBAO__RECORD_KIND__RECORD_REPORT)
        return WIRE_MESSAGE_MAX - ENVELOPE_ROOM;
    return ((const Zhibao__Report *)draft->payload)->n_reporters > 0 ? WIRE_CONSOLIDATION_MAX
                                                                     : WIRE_REPORT_MAX;
}

enum status record_sign(const struct home_keys *keys, uint64_t unit,
                        const struct zhibao_draft *draft, struct arena *arena,
                        struct signed_record *out_record)
{
    struct signed_record made = {.unit = unit};
    const char *domain = record_domain(draft->kind);
    if (domain == NULL)
        return STATUS_INVALID;
    struct sign_secret signer = draft->signer != NULL ? *draft->signer : keys->sign_secret;
    struct sign_public signer_public = keys->sign_public;
    if (draft->signer != NULL)
        sign_public_of(&signer, &signer_public);
    if (draft->id != NULL)
        made.id = *draft->id;
    else
        random_bytes(made.id.bytes, sizeof made.id.bytes);
    draft->head->id = (ProtobufCBinaryData){sizeof made.id.bytes, made.id.bytes};
    draft->head->unit = unit;
    draft->head->signed_at_us = clock_now_us();

    size_t payload_size = 0;
    uint8_t *payload = message_write(arena, draft->payload, &payload_size);
    draft->head->id = (ProtobufCBinaryData){0, NULL};
    if (payload == NULL)
        return arena_exhausted(arena) ? STATUS_LIMIT : STATUS_NO_MEMORY;
    if (payload_size > payload_max(draft))
        return STATUS_LIMIT;
    made.payload_sha256 = hash_bytes(payload, payload_size);
    struct key_id key = sign_key_id(&signer_public);
    struct signature signature = sign_bytes(&signer, domain, payload, payload_size);
    sodium_memzero(&signer, sizeof signer);

    Zhibao__Record record = ZHIBAO__RECORD__INIT;
    record.kind = (Zhibao__RecordKind)draft->kind;
    record.payload = (ProtobufCBinaryData){payload_size, payload};
    record.key = (ProtobufCBinaryData){sizeof key.bytes, key.bytes};
    record.algorithm = (Zhibao__Algorithm)signer_public.algorithm;
    record.signature = (ProtobufCBinaryData){sizeof signature.bytes, signature.bytes};
    made.bytes = message_write(arena, &record.base, &made.size);
    if (made.bytes == NULL)
        return STATUS_NO_MEMORY;
    *out_record = made;
    return STATUS_OK;
}

enum status record_resign(const struct home_keys *keys, const struct key_id *old,
                          const uint8_t *bytes, size_t size, struct arena *arena,
                          struct signed_record *out_record)
{
    ProtobufCMessage *message = NULL;
    enum status status = message_read(&zhibao__record__descriptor, arena, bytes, size, &message);
    if (status != STATUS_OK)
        return status;
    Zhibao__Record *record = (Zhibao__Record *)message;
    const char *domain = record_domain((uint8_t)record->kind);
    out_record->size = 0;
    if (domain == NULL || record->key.len != KEY_ID_BYTES ||
        memcmp(record->key.data, old->bytes, KEY_ID_BYTES) != 0)
        return STATUS_OK;
    struct key_id key = sign_key_id(&keys->sign_public);
    struct signature signature =
        sign_bytes(&keys->sign_secret, domain, record->payload.data, record->payload.len);
    record->key = (ProtobufCBinaryData){sizeof key.bytes, key.bytes};
    record->algorithm = (Zhibao__Algorithm)keys->sign_secret.algorithm;
    record->signature = (ProtobufCBinaryData){sizeof signature.bytes, signature.bytes};
    out_record->bytes = message_write(arena, &record->base, &out_record->size);
    return out_record->bytes == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void zhibao_sign(const struct zhibao *zhibao, const char *domain, const void *bytes, size_t size,
                 struct key_id *out_key, struct signature *out_signature)
{
    const struct home_keys *keys = home_keys(zhibao->home);
    *out_key = sign_key_id(&keys->sign_public);
    *out_signature = sign_bytes(&keys->sign_secret, domain, bytes, size);
}

static enum status explain_sign(struct zhibao *zhibao, enum status status)
{
    if (status == STATUS_LIMIT)
        return cause_set(zhibao, status, "内容过大，超出协议上限",
                         "the content is larger than the protocol allows");
    return cause_plain(zhibao, status);
}

enum status zhibao_put(struct zhibao *zhibao, const struct zhibao_draft *draft,
                       struct record_id *out_id)
{
    cause_clear(zhibao);
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    if (identity == NULL)
        return cause_set(zhibao, STATUS_NOT_FOUND, "本机尚未登记，请先运行 zhibao enrol",
                         "this home is not enrolled: run zhibao enrol first");
    struct arena *arena = arena_create(SIGN_ARENA_BYTES);
    if (arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    struct signed_record record;
    enum status status =
        record_sign(home_keys(zhibao->home), draft->unit != 0 ? draft->unit : identity->unit, draft,
                    arena, &record);
    if (status != STATUS_OK) {
        status = explain_sign(zhibao, status);
        goto cleanup;
    }
    struct zhibao_item item = {
        .kind = draft->kind,
        .unit = record.unit,
        .id = record.id,
        .payload_sha256 = record.payload_sha256,
        .form = draft->form,
        .period = draft->period,
        .revision = draft->revision,
        .created_us = clock_now_us(),
        .record = record.bytes,
        .record_size = record.size,
    };
    status = cause_outbox(zhibao, outbox_put(zhibao->outbox, &item, draft->stream));
    if (status == STATUS_OK && out_id != NULL)
        *out_id = record.id;

cleanup:
    arena_destroy(&arena);
    return status;
}
