#include "lib/upload.h"

#include <stdlib.h>
#include <string.h>

#include "document.pb-c.h"
#include "document/content.h"
#include "lib/content_store.h"
#include "lib/request.h"

enum { CHUNK_ARENA_BYTES = 4 * 1024 * 1024, WAITING_MAX = 10000 };

struct collecting {
    struct upload_subject *subjects;
    size_t count, room;
    struct arena *arena;
};

/* Which content a waiting record names. */
static enum status collect(const struct zhibao_item *item, void *context)
{
    struct collecting *collecting = context;
    ProtobufCMessage *record = NULL, *payload = NULL;
    arena_reset(collecting->arena);
    enum status status = message_read(&zhibao__record__descriptor, collecting->arena, item->record,
                                      item->record_size, &record);
    if (status == STATUS_OK) {
        const ProtobufCBinaryData *bytes = &((Zhibao__Record *)record)->payload;
        status = message_read(&zhibao__document__descriptor, collecting->arena, bytes->data,
                              bytes->len, &payload);
    }
    if (status != STATUS_OK)
        return status;
    const Zhibao__Document *document = (const Zhibao__Document *)payload;
    if (document->content_sha256.len != HASH_BYTES || collecting->count == WAITING_MAX)
        return STATUS_OK;
    if (collecting->count == collecting->room) {
        size_t room = collecting->room == 0 ? 16 : 2 * collecting->room;
        struct upload_subject *grown =
            realloc(collecting->subjects, room * sizeof *collecting->subjects);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        collecting->subjects = grown;
        collecting->room = room;
    }
    struct upload_subject *subject = &collecting->subjects[collecting->count++];
    *subject = (struct upload_subject){item->sequence, item->unit, document->size, {{0}}};
    memcpy(subject->sha256.bytes, document->content_sha256.data, HASH_BYTES);
    return STATUS_OK;
}

static enum status waiting_documents(struct zhibao *zhibao, struct upload_subject **out_subjects,
                                     size_t *out_count)
{
    struct collecting collecting = {.arena = arena_create(CHUNK_ARENA_BYTES)};
    if (collecting.arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status =
        cause_outbox(zhibao, outbox_waiting(zhibao->outbox, ZHIBAO__RECORD_KIND__RECORD_DOCUMENT,
                                            collect, &collecting));
    arena_destroy(&collecting.arena);
    if (status != STATUS_OK) {
        free(collecting.subjects);
        return status;
    }
    *out_subjects = collecting.subjects;
    *out_count = collecting.count;
    return STATUS_OK;
}

enum status uploads_hold(struct zhibao *zhibao, struct upload_subject **out_subjects,
                         size_t *out_count)
{
    enum status status = waiting_documents(zhibao, out_subjects, out_count);
    for (size_t i = 0; status == STATUS_OK && i < *out_count; i++)
        status = cause_outbox(zhibao,
                              outbox_hold(zhibao->outbox, (*out_subjects)[i].sequence, INT64_MAX));
    if (status != STATUS_OK) {
        free(*out_subjects);
        *out_subjects = NULL;
    }
    return status;
}

void uploads_tidy(struct zhibao *zhibao)
{
    struct upload_subject *subjects = NULL;
    size_t count = 0;
    if (waiting_documents(zhibao, &subjects, &count) != STATUS_OK)
        return;
    struct hash *keep = calloc(count + 1, sizeof *keep);
    for (size_t i = 0; keep != NULL && i < count; i++)
        keep[i] = subjects[i].sha256;
    if (keep != NULL)
        content_tidy(home_path(zhibao->home), keep, count);
    free(keep);
    free(subjects);
}

/* What the server has of it. */
static enum status state_ask(struct zhibao *zhibao, const struct upload_subject *subject,
                             struct arena *arena, const Zhibao__Upload **out_state)
{
    Zhibao__GetUpload question = ZHIBAO__GET_UPLOAD__INIT;
    struct hash sha256 = subject->sha256;
    ProtobufCMessage *answer = NULL;
    question.unit = subject->unit;
    question.content_sha256 = (ProtobufCBinaryData){HASH_BYTES, sha256.bytes};
    enum status status =
        request_run(zhibao, ZHIBAO__KIND__KIND_GET_UPLOAD, &question.base, arena, &answer);
    if (status == STATUS_OK)
        *out_state = (const Zhibao__Upload *)answer;
    return status;
}

static bool is_there(const Zhibao__Upload *state, uint32_t index)
{
    return state->stage == ZHIBAO__UPLOAD_STAGE__UPLOAD_OPEN && index / 8 < state->have.len &&
           (state->have.data[index / 8] >> (index % 8) & 1) != 0;
}

static bool is_whole(const Zhibao__Upload *state)
{
    return state->stage == ZHIBAO__UPLOAD_STAGE__UPLOAD_COMPLETE ||
           state->stage == ZHIBAO__UPLOAD_STAGE__UPLOAD_STORED;
}

static enum status chunk_send(struct zhibao *zhibao, const struct upload_subject *subject,
                              uint32_t index, uint8_t *buffer, struct arena *arena, bool *out_whole)
{
    Zhibao__PutChunk chunk = ZHIBAO__PUT_CHUNK__INIT;
    ProtobufCMessage *answer = NULL;
    size_t size = 0;
    struct hash whole = subject->sha256;
    enum status status = content_read(home_path(zhibao->home), &subject->sha256, subject->size,
                                      index, buffer, &size);
    if (status == STATUS_NOT_FOUND)
        return cause_set(zhibao, status, "待报文件在本机的副本已不在，请重新报送",
                         "this home's copy of a waiting document is gone: send it again");
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    struct hash piece = hash_bytes(buffer, size);
    chunk.unit = subject->unit;
    chunk.content_sha256 = (ProtobufCBinaryData){HASH_BYTES, whole.bytes};
    chunk.size = subject->size;
    chunk.index = index;
    chunk.chunk_sha256 = (ProtobufCBinaryData){HASH_BYTES, piece.bytes};
    chunk.content = (ProtobufCBinaryData){size, buffer};
    status = request_run(zhibao, ZHIBAO__KIND__KIND_PUT_CHUNK, &chunk.base, arena, &answer);
    if (status == STATUS_OK)
        *out_whole = is_whole((const Zhibao__Upload *)answer);
    return status;
}

static void progress_tell(const struct zhibao *zhibao, const struct upload_subject *subject,
                          uint32_t chunks)
{
    uint64_t done = (uint64_t)chunks * CONTENT_CHUNK_BYTES;
    if (zhibao->progress != NULL)
        zhibao->progress(done < subject->size ? done : subject->size, subject->size,
                         zhibao->progress_context);
}

enum status upload_send(struct zhibao *zhibao, const struct upload_subject *subject)
{
    const Zhibao__Upload *state = NULL;
    uint32_t count = content_chunks(subject->size);
    bool whole = false;
    uint8_t *buffer = malloc(CONTENT_CHUNK_BYTES);
    struct arena *asked = arena_create(CHUNK_ARENA_BYTES), *arena = arena_create(CHUNK_ARENA_BYTES);
    enum status status = STATUS_NO_MEMORY;
    if (buffer != NULL && asked != NULL && arena != NULL)
        status = state_ask(zhibao, subject, asked, &state);
    if (status == STATUS_OK)
        whole = is_whole(state);
    for (uint32_t i = 0; status == STATUS_OK && !whole && i < count; i++) {
        if (!is_there(state, i)) {
            arena_reset(arena);
            status = chunk_send(zhibao, subject, i, buffer, arena, &whole);
            session_extend(zhibao);
        }
        if (status == STATUS_OK)
            progress_tell(zhibao, subject, i + 1);
    }
    arena_destroy(&arena);
    arena_destroy(&asked);
    free(buffer);
    return status;
}

bool upload_settled(enum status status)
{
    return status == STATUS_OK || (status >= STATUS_E_VERSION && !status_retry(status));
}
