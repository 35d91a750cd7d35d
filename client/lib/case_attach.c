#include "lib/case_attach.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "lib/files.h"
#include "lib/handle.h"

enum { STREAM_BYTES = 64, ASKED_MAX = 8, PIECES_ARENA = 8 * 1024 * 1024 };

void zhibao_case_attach_free(struct case_attached *attached)
{
    for (size_t i = 0; i < attached->count; i++) {
        if (attached->bytes[i] != NULL)
            sodium_memzero(attached->bytes[i], attached->list[i]->size);
        free(attached->bytes[i]);
    }
    attached->count = 0;
}

static enum status attach_refuse(struct zhibao *zhibao, enum status status, const char *name)
{
    switch (status) {
    case STATUS_INVALID:
        return cause_set(zhibao, status, "附件 %s 不是照片（JPEG、PNG）或PDF",
                         "attachment %s is no photo (JPEG, PNG) and no PDF", name);
    case STATUS_LIMIT:
        return cause_set(zhibao, status, "附件 %s 是空的或超过4 MB",
                         "attachment %s is empty or over 4 MB", name);
    case STATUS_MISMATCH:
        return cause_set(zhibao, status, "附件 %s 的内容与文件名所称的类型不符",
                         "the content of attachment %s is not of the type that its name says",
                         name);
    default:
        return cause_because(zhibao, status, "附件 %s 读不出", "cannot read attachment %s", name);
    }
}

/* What a record says of a file: named by its last part alone, so that no folder is told. */
static Zhibao__CaseAttachment *attachment_make(struct arena *arena, const char *name,
                                               const uint8_t *bytes, size_t size)
{
    size_t count = (size + CASE_CHUNK_BYTES - 1) / CASE_CHUNK_BYTES;
    Zhibao__CaseAttachment *made = arena_alloc(arena, sizeof *made);
    ProtobufCBinaryData *pieces = arena_array(arena, count, sizeof *pieces);
    uint8_t *ids = arena_alloc(arena, count * RECORD_ID_BYTES);
    struct hash sha256 = hash_bytes(bytes, size);
    if (made == NULL || pieces == NULL || ids == NULL)
        return NULL;
    random_bytes(ids, count * RECORD_ID_BYTES);
    zhibao__case_attachment__init(made);
    made->name = arena_string(arena, name);
    made->type = arena_string(arena, case_attachment_type(name));
    made->size = size;
    made->sha256.data = arena_copy(arena, sha256.bytes, HASH_BYTES);
    made->sha256.len = HASH_BYTES;
    made->pieces = pieces;
    for (size_t i = 0; i < count; i++)
        pieces[i] = (ProtobufCBinaryData){RECORD_ID_BYTES, ids + i * RECORD_ID_BYTES};
    made->n_pieces = count;
    return made->name == NULL || made->type == NULL || made->sha256.data == NULL ? NULL : made;
}

enum status zhibao_case_attach_load(struct zhibao *zhibao, struct arena *arena,
                                    const char *const *paths, size_t count,
                                    struct case_attached *out_attached)
{
    memset(out_attached, 0, sizeof *out_attached);
    cause_clear(zhibao);
    if (count > CASE_ATTACHMENTS_MAX)
        return cause_set(zhibao, STATUS_LIMIT, "一次最多附%d个文件",
                         "at most %d attachments at once", CASE_ATTACHMENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *slash = strrchr(paths[i], '/'), *name = slash == NULL ? paths[i] : slash + 1;
        const char *type = case_attachment_type(name);
        uint8_t *bytes = NULL;
        size_t size = 0;
        enum status status = type == NULL
                                 ? STATUS_INVALID
                                 : file_read(paths[i], CASE_ATTACHMENT_BYTES_MAX, &bytes, &size);
        if (status == STATUS_OK)
            status = case_attachment_check(name, type, bytes, size);
        Zhibao__CaseAttachment *made =
            status == STATUS_OK ? attachment_make(arena, name, bytes, size) : NULL;
        if (made == NULL) {
            free(bytes);
            return attach_refuse(zhibao, status == STATUS_OK ? STATUS_NO_MEMORY : status, name);
        }
        out_attached->list[out_attached->count] = made;
        out_attached->bytes[out_attached->count++] = bytes;
    }
    return STATUS_OK;
}

struct putting {
    struct zhibao *zhibao;
    const struct case_attach_to *to;
    struct arena *arena; /* of one piece */
    char stream[STREAM_BYTES];
};

static enum status piece_put(struct putting *putting, const ProtobufCBinaryData *id, uint8_t *data,
                             size_t size)
{
    const struct case_attach_to *to = putting->to;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__CasePiece piece = ZHIBAO__CASE_PIECE__INIT;
    Zhibao__CaseChunk chunk = ZHIBAO__CASE_CHUNK__INIT;
    struct case_context context = {
        .district = to->district, .case_id = to->case_id, .part = CASE_PART_PIECE};
    struct record_id case_id = to->case_id, record = to->record;
    struct sign_public sign;
    struct case_sealed sealed;
    size_t plain_size = 0;
    memcpy(context.record.bytes, id->data, RECORD_ID_BYTES);
    chunk.data = (ProtobufCBinaryData){size, data};
    uint8_t *plain = message_write(putting->arena, &chunk.base, &plain_size);
    uint8_t *ciphertext = arena_alloc(putting->arena, case_sealed_size(plain_size));
    if (plain == NULL || ciphertext == NULL)
        return cause_plain(putting->zhibao, STATUS_NO_MEMORY);
    enum status status = case_piece_seal(&context, to->key, plain, plain_size, ciphertext, &sealed);
    sodium_memzero(plain, plain_size);
    if (status != STATUS_OK)
        return cause_plain(putting->zhibao, status);
    piece.head = &head;
    piece.district = to->district;
    piece.case_id = (ProtobufCBinaryData){RECORD_ID_BYTES, case_id.bytes};
    piece.record = (ProtobufCBinaryData){RECORD_ID_BYTES, record.bytes};
    piece.sealing = ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20;
    piece.nonce = (ProtobufCBinaryData){CASE_NONCE_BYTES, sealed.nonce};
    piece.ciphertext = (ProtobufCBinaryData){sealed.size, ciphertext};
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_CASE_PIECE,
                                 .payload = &piece.base,
                                 .head = &head,
                                 .stream = putting->stream,
                                 .form = "",
                                 .id = &context.record};
    if (to->signer != NULL) {
        sign = to->signer->sign_public;
        piece.sign_public = (ProtobufCBinaryData){SIGN_PUBLIC_BYTES, sign.bytes};
        draft.unit = unit_make(to->district, CASE_MAILBOX);
        draft.signer = &to->signer->sign_secret;
    }
    return zhibao_put(putting->zhibao, &draft, NULL);
}

enum status zhibao_case_attach_put(struct zhibao *zhibao, const struct case_attached *attached,
                                   const struct case_attach_to *to)
{
    struct putting putting = {.zhibao = zhibao, .to = to};
    char hex[2 * RECORD_ID_BYTES + 1];
    enum status status = STATUS_OK;
    snprintf(putting.stream, sizeof putting.stream, "case/%s",
             hex_encode(to->case_id.bytes, RECORD_ID_BYTES, hex));
    for (size_t i = 0; i < attached->count; i++) {
        const Zhibao__CaseAttachment *one = attached->list[i];
        for (size_t k = 0; k < one->n_pieces && status == STATUS_OK; k++) {
            size_t begin = k * CASE_CHUNK_BYTES, left = one->size - begin;
            putting.arena = arena_create(PIECES_ARENA);
            if (putting.arena == NULL)
                return cause_plain(zhibao, STATUS_NO_MEMORY);
            status = piece_put(&putting, &one->pieces[k], attached->bytes[i] + begin,
                               left < CASE_CHUNK_BYTES ? left : CASE_CHUNK_BYTES);
            arena_destroy(&putting.arena);
        }
    }
    return status;
}

/* --- reading --- */

struct fetching {
    struct zhibao *zhibao;
    const struct case_reading *reading;
    const struct case_entry *entry;
    const Zhibao__CaseAttachment *attachment;
    struct arena *arena; /* of one answer */
    uint8_t *bytes;
    size_t size; /* so far; at most attachment->size */
};

/* The piece with this id, opened and added; whoever signed it, only who has the record's content
 * key can have made it, and the whole is held against what the record names. */
static enum status piece_take(struct fetching *fetching, const Zhibao__Record *record,
                              const ProtobufCBinaryData *id)
{
    const struct case_reading *reading = fetching->reading;
    ProtobufCMessage *message = NULL, *inner = NULL;
    struct case_context context = {
        .district = reading->district, .case_id = reading->case_id, .part = CASE_PART_PIECE};
    size_t size = 0;
    if (record == NULL || message_read(&zhibao__case_piece__descriptor, fetching->arena,
                                       record->payload.data, record->payload.len, &message) != 0)
        return STATUS_NOT_FOUND;
    const Zhibao__CasePiece *piece = (const Zhibao__CasePiece *)message;
    uint8_t *plain = arena_alloc(fetching->arena, piece->ciphertext.len);
    if (plain == NULL || piece->head == NULL || piece->head->id.len != RECORD_ID_BYTES ||
        memcmp(piece->head->id.data, id->data, RECORD_ID_BYTES) != 0 ||
        piece->nonce.len != CASE_NONCE_BYTES)
        return STATUS_NOT_FOUND;
    struct case_sealed sealed = {.ciphertext = piece->ciphertext.data,
                                 .size = piece->ciphertext.len};
    memcpy(context.record.bytes, id->data, RECORD_ID_BYTES);
    memcpy(sealed.nonce, piece->nonce.data, CASE_NONCE_BYTES);
    if (case_piece_open(&context, &fetching->entry->key, &sealed, plain, &size) != STATUS_OK ||
        message_read(&zhibao__case_chunk__descriptor, fetching->arena, plain, size, &inner) != 0)
        return STATUS_NOT_FOUND;
    const Zhibao__CaseChunk *chunk = (const Zhibao__CaseChunk *)inner;
    if (chunk->data.len > fetching->attachment->size - fetching->size)
        return STATUS_MISMATCH;
    if (chunk->data.len > 0)
        memcpy(fetching->bytes + fetching->size, chunk->data.data, chunk->data.len);
    fetching->size += chunk->data.len;
    return STATUS_OK;
}

/* The next pieces, as many as one answer holds; moves *at on. */
static enum status pieces_ask(struct fetching *fetching, size_t *at)
{
    const Zhibao__CaseAttachment *attachment = fetching->attachment;
    Zhibao__GetCasePieces question = ZHIBAO__GET_CASE_PIECES__INIT;
    ProtobufCMessage *message = NULL;
    struct record_id case_id = fetching->reading->case_id;
    size_t left = attachment->n_pieces - *at;
    question.district = fetching->reading->district;
    question.case_id = (ProtobufCBinaryData){RECORD_ID_BYTES, case_id.bytes};
    question.pieces = attachment->pieces + *at;
    question.n_pieces = left < ASKED_MAX ? left : ASKED_MAX;
    enum status status = zhibao_request(fetching->zhibao, ZHIBAO__KIND__KIND_GET_CASE_PIECES,
                                        &question.base, fetching->arena, &message);
    const Zhibao__CasePieces *answer = (const Zhibao__CasePieces *)message;
    if (status == STATUS_OK && answer->n_records == 0)
        status = STATUS_NOT_FOUND;
    for (size_t i = 0; status == STATUS_OK && i < answer->n_records && *at < attachment->n_pieces;
         i++)
        status = piece_take(fetching, answer->records[i]->record, &attachment->pieces[(*at)++]);
    return status;
}

static enum status whole_check(const struct fetching *fetching)
{
    const Zhibao__CaseAttachment *attachment = fetching->attachment;
    struct hash sha256 = hash_bytes(fetching->bytes, fetching->size);
    if (fetching->size != attachment->size || attachment->sha256.len != HASH_BYTES ||
        memcmp(sha256.bytes, attachment->sha256.data, HASH_BYTES) != 0)
        return STATUS_MISMATCH;
    return case_attachment_check(attachment->name, attachment->type, fetching->bytes,
                                 fetching->size);
}

enum status zhibao_case_attachment(struct zhibao *zhibao, const struct case_reading *reading,
                                   const struct case_entry *entry,
                                   const Zhibao__CaseAttachment *attachment, uint8_t **out_bytes,
                                   size_t *out_size)
{
    struct fetching fetching = {
        .zhibao = zhibao, .reading = reading, .entry = entry, .attachment = attachment};
    size_t at = 0;
    cause_clear(zhibao);
    if (attachment->size == 0 || attachment->size > CASE_ATTACHMENT_BYTES_MAX)
        return cause_plain(zhibao, STATUS_MISMATCH);
    fetching.bytes = malloc(attachment->size);
    enum status status = fetching.bytes == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    while (status == STATUS_OK && at < attachment->n_pieces) {
        fetching.arena = arena_create(PIECES_ARENA);
        status = fetching.arena == NULL ? STATUS_NO_MEMORY : pieces_ask(&fetching, &at);
        arena_destroy(&fetching.arena);
    }
    if (status == STATUS_OK && (status = whole_check(&fetching)) != STATUS_OK)
        status = STATUS_MISMATCH;
    if (status == STATUS_OK) {
        *out_bytes = fetching.bytes;
        *out_size = fetching.size;
        return STATUS_OK;
    }
    free(fetching.bytes);
    if (status == STATUS_MISMATCH)
        return cause_set(zhibao, status, "附件内容与所称的类型或摘要不符，没有保存",
                         "the attachment is not of the type, or not the file, that it says: not "
                         "saved");
    if (status == STATUS_NOT_FOUND)
        return cause_set(zhibao, status, "附件还没有送到，或打不开",
                         "the attachment has not arrived yet, or does not open");
    return status == STATUS_NO_MEMORY ? cause_plain(zhibao, status) : status;
}

size_t case_entry_attachments(const struct case_entry *entry,
                              Zhibao__CaseAttachment ***out_attachments)
{
    if (entry->content != NULL) {
        *out_attachments = entry->content->attachments;
        return entry->content->n_attachments;
    }
    *out_attachments = entry->step == NULL ? NULL : entry->step->attachments;
    return entry->step == NULL ? 0 : entry->step->n_attachments;
}
