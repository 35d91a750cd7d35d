#include "lib/settle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "lib/verify.h"

enum { ANSWER_ARENA_BYTES = 512 * 1024, VERSION_ARENA_BYTES = 8 * 1024 * 1024 };

/* Stores our own words as the record's trouble, in the form in which the server's are stored. */
static enum status note_trouble(struct zhibao *zhibao, int64_t sequence, struct arena *arena)
{
    Zhibao__Error error = ZHIBAO__ERROR__INIT;
    Zhibao__Problem problem = ZHIBAO__PROBLEM__INIT;
    char name[64];
    memset(name, 0, sizeof name);
    const char *known = status_name(zhibao->cause.status);
    memcpy(name, known, strnlen(known, sizeof name - 1));
    problem.code = (uint32_t)zhibao->cause.status;
    problem.name = name;
    problem.zh = zhibao->cause.zh;
    problem.en = zhibao->cause.en;
    error.problem = &problem;
    size_t size = 0;
    uint8_t *bytes = message_write(arena, &error.base, &size);
    if (bytes == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status stored = outbox_troubled(zhibao->outbox, sequence, bytes, size);
    return stored == STATUS_OK ? stored : cause_outbox(zhibao, stored);
}

static enum status unverified(struct zhibao *zhibao, const struct settle_subject *subject,
                              struct arena *arena, enum status why, enum settled *out_settled)
{
    log_warning("could not trust answer: %s kind=%d sequence=%" PRId64, status_en(why),
                (int)subject->kind, subject->sequence);
    if (why == STATUS_NOT_FOUND)
        cause_set(zhibao, STATUS_MISMATCH,
                  "服务器的答复由未固定的密钥签名，不予采信；材料仍留在发件箱",
                  "the answer is signed with a key that is not pinned and is not trusted; the "
                  "record stays in the outbox");
    else
        cause_set(zhibao, STATUS_MISMATCH, "服务器的答复核验不通过，不予采信；材料仍留在发件箱",
                  "the answer does not verify and is not trusted; the record stays in the outbox");
    *out_settled = SETTLED_UNVERIFIED;
    return note_trouble(zhibao, subject->sequence, arena);
}

struct version {
    const struct receipt *receipt;
    uint8_t *bytes; /* malloc'ed; NULL: not found yet */
    size_t size;
};

/* Ends the visit at the version that the receipt is of. */
static enum status match_version(const uint8_t *record, size_t size, void *context)
{
    struct version *version = context;
    ProtobufCMessage *message = NULL;
    struct arena *arena = arena_create(VERSION_ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = message_read(&zhibao__record__descriptor, arena, record, size, &message);
    if (status == STATUS_OK &&
        verify_record(version->receipt, (const Zhibao__Record *)message) == STATUS_OK) {
        version->bytes = malloc(size);
        version->size = size;
        if (version->bytes != NULL)
            memcpy(version->bytes, record, size);
        status = version->bytes == NULL ? STATUS_NO_MEMORY : STATUS_CANCELLED;
    }
    arena_destroy(&arena);
    return status;
}

enum status settle_version(struct zhibao *zhibao, int64_t sequence, const struct receipt *receipt)
{
    struct version version = {.receipt = receipt};
    enum status status = outbox_former(zhibao->outbox, sequence, match_version, &version);
    if (status == STATUS_CANCELLED)
        status = outbox_replace(zhibao->outbox, sequence, version.bytes, version.size);
    free(version.bytes);
    return cause_outbox(zhibao, status);
}

static enum status settle_receipt(struct zhibao *zhibao, const struct settle_subject *subject,
                                  const struct envelope *answer, struct arena *arena,
                                  enum settled *out_settled)
{
    ProtobufCMessage *message = NULL;
    struct receipt receipt;
    enum status status = message_read(&zhibao__receipt_reply__descriptor, arena, answer->body,
                                      answer->body_size, &message);
    if (status != STATUS_OK)
        return unverified(zhibao, subject, arena, status, out_settled);
    const Zhibao__ReceiptReply *reply = (const Zhibao__ReceiptReply *)message;
    status =
        verify_receipt(home_pins(zhibao->home), reply->receipt.data, reply->receipt.len, &receipt);
    if (status == STATUS_OK && !receipt_covers(&receipt, subject->kind, subject->unit, &subject->id,
                                               &subject->payload_sha256))
        status = STATUS_MISMATCH;
    if (status != STATUS_OK)
        return unverified(zhibao, subject, arena, status, out_settled);
    *out_settled = SETTLED_RECEIPTED;
    status = settle_version(zhibao, subject->sequence, &receipt);
    if (status != STATUS_OK)
        return status;
    return cause_outbox(zhibao, outbox_receipted(zhibao->outbox, subject->sequence,
                                                 reply->receipt.data, reply->receipt.len));
}

static bool refusal_covers(const struct refusal *refusal, const struct settle_subject *subject)
{
    return refusal->kind == subject->kind && refusal->unit == subject->unit &&
           memcmp(refusal->id.bytes, subject->id.bytes, RECORD_ID_BYTES) == 0 &&
           memcmp(refusal->payload_sha256.bytes, subject->payload_sha256.bytes, HASH_BYTES) == 0;
}

static enum status settle_refusal(struct zhibao *zhibao, const struct settle_subject *subject,
                                  const struct envelope *answer, struct arena *arena,
                                  enum settled *out_settled)
{
    ProtobufCMessage *message = NULL;
    struct refusal refusal;
    enum status status = message_read(&zhibao__refusal_reply__descriptor, arena, answer->body,
                                      answer->body_size, &message);
    if (status != STATUS_OK)
        return unverified(zhibao, subject, arena, status, out_settled);
    const Zhibao__RefusalReply *reply = (const Zhibao__RefusalReply *)message;
    status = verify_refusal(home_pins(zhibao->home), reply->refusal.data, reply->refusal.len,
                            reply->error.data, reply->error.len, &refusal);
    if (status == STATUS_OK && !refusal_covers(&refusal, subject))
        status = STATUS_MISMATCH;
    if (status != STATUS_OK)
        return unverified(zhibao, subject, arena, status, out_settled);
    *out_settled = SETTLED_REFUSED;
    return cause_outbox(zhibao,
                        outbox_refused(zhibao->outbox, subject->sequence, reply->refusal.data,
                                       reply->refusal.len, reply->error.data, reply->error.len));
}

/* Nothing is signed: the record stays where it is. */
static enum status settle_error(struct zhibao *zhibao, const struct settle_subject *subject,
                                const struct envelope *answer, enum settled *out_settled,
                                uint32_t *out_later_ms)
{
    cause_error(zhibao, answer->body, answer->body_size);
    const Zhibao__Error *error = zhibao_cause(zhibao)->error;
    *out_settled = error != NULL && error->retry ? SETTLED_LATER : SETTLED_STUCK;
    *out_later_ms = error != NULL ? error->retry_after_ms : 0;
    enum status stored =
        outbox_troubled(zhibao->outbox, subject->sequence, answer->body, answer->body_size);
    return stored == STATUS_OK ? stored : cause_outbox(zhibao, stored);
}

enum status settle(struct zhibao *zhibao, const struct settle_subject *subject,
                   const struct envelope *answer, enum settled *out_settled, uint32_t *out_later_ms)
{
    if (answer->kind == ZHIBAO__KIND__KIND_ERROR)
        return settle_error(zhibao, subject, answer, out_settled, out_later_ms);
    struct arena *arena = arena_create(ANSWER_ARENA_BYTES);
    if (arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status;
    if (answer->kind == ZHIBAO__KIND__KIND_RECEIPT)
        status = settle_receipt(zhibao, subject, answer, arena, out_settled);
    else if (answer->kind == ZHIBAO__KIND__KIND_REFUSAL)
        status = settle_refusal(zhibao, subject, answer, arena, out_settled);
    else
        status = unverified(zhibao, subject, arena, STATUS_E_KIND, out_settled);
    arena_destroy(&arena);
    return status;
}
