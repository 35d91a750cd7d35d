#include "server/documents/upload.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "document/content.h"
#include "server/store/ingest_store.h"

struct put {
    struct db *db;
    struct arena *arena;
    const Zhibao__PutChunk *asked;
    const struct upload_limits *limits;
    struct problems *problems;
    struct upload upload;
    int64_t now_us;
};

static enum status refuse(struct problems *problems, enum status code, const char *field,
                          const char *zh, const char *en)
{
    problems_add(problems, code, 0, field, zh, en);
    return code;
}

/* What can be said without the database. */
static enum status chunk_check(const Zhibao__PutChunk *chunk, struct problems *problems)
{
    if (chunk->content_sha256.len != HASH_BYTES || chunk->chunk_sha256.len != HASH_BYTES)
        return refuse(problems, STATUS_E_MALFORMED, "content_sha256", "摘要必须为32字节",
                      "a hash has 32 bytes");
    if (chunk->size == 0 || chunk->size > CONTENT_BYTES_MAX)
        return refuse(problems, STATUS_E_DOCUMENT_SIZE, "size", "文件须在1字节至50 MB之间",
                      "a document has from 1 byte to 50 MB");
    if (chunk->index >= content_chunks(chunk->size) ||
        chunk->content.len != content_chunk_size(chunk->size, chunk->index))
        return refuse(problems, STATUS_E_DOCUMENT_SIZE, "index", "分块的序号或长度与文件大小不符",
                      "the chunk's number or length does not fit the file's size");
    struct hash found = hash_bytes(chunk->content.data, chunk->content.len);
    if (memcmp(found.bytes, chunk->chunk_sha256.data, HASH_BYTES) != 0)
        return refuse(problems, STATUS_E_DOCUMENT_HASH, "chunk_sha256", "分块内容与其摘要不符",
                      "the chunk does not match its hash");
    return STATUS_OK;
}

enum status upload_allowed(struct db *db, struct arena *arena, const struct upload *upload,
                           const struct upload_limits *limits)
{
    struct upload_use use;
    enum status status = store_upload_use(db, arena, upload, &use);
    if (status != STATUS_OK)
        return status;
    if (use.unit_bytes + upload->size > limits->unit_bytes)
        return STATUS_E_DOCUMENT_QUOTA;
    if (use.unit_unfinished >= UPLOADS_UNFINISHED_MAX || use.unit_bad >= UPLOADS_BAD_MAX ||
        use.all_unfinished_bytes + upload->size > limits->unfinished_bytes)
        return STATUS_E_DOCUMENT_ROOM;
    return STATUS_OK;
}

static enum status begin(struct put *put)
{
    struct upload *upload = &put->upload;
    upload->size = put->asked->size;
    enum status status = upload_allowed(put->db, put->arena, upload, put->limits);
    if (status == STATUS_OK && upload->stage == STAGE_NONE)
        status = store_upload_begin(put->db, put->arena, upload, put->now_us);
    if (status == STATUS_CONFLICT)
        return refuse(put->problems, STATUS_E_BUSY, "", NULL, NULL);
    if ((int)status >= 100)
        return refuse(put->problems, status, "size", NULL, NULL);
    upload->stage = STAGE_OPEN;
    upload->media_type[0] = '\0';
    upload->error = STATUS_OK;
    return status;
}

/* The content as a whole is wrong: its chunks go, the reason stays. */
static enum status condemn(struct put *put, enum status why)
{
    put->upload.stage = STAGE_BAD;
    put->upload.error = why;
    return store_upload_clear(put->db, put->arena, &put->upload);
}

static enum status keep(struct put *put)
{
    const Zhibao__PutChunk *asked = put->asked;
    struct upload *upload = &put->upload;
    struct upload_chunk chunk = {asked->index, {{0}}, asked->content.data, asked->content.len};
    struct hash whole;
    uint32_t count = 0;
    memcpy(chunk.sha256.bytes, asked->chunk_sha256.data, HASH_BYTES);
    if (asked->index == 0) {
        const char *type = content_type(chunk.content, chunk.size);
        if (type == NULL)
            return condemn(put, STATUS_E_DOCUMENT_TYPE);
        snprintf(upload->media_type, sizeof upload->media_type, "%s", type);
    }
    enum status status = store_upload_chunk(put->db, put->arena, upload, &chunk, &count);
    if (status != STATUS_OK || count < content_chunks(upload->size))
        return status;
    status = store_upload_hash(put->db, put->arena, upload, count, &whole);
    if (status != STATUS_OK)
        return status;
    if (memcmp(whole.bytes, upload->sha256.bytes, HASH_BYTES) != 0)
        return condemn(put, STATUS_E_DOCUMENT_HASH);
    upload->stage = STAGE_COMPLETE;
    return STATUS_OK;
}

/* Inside the transaction. */
static enum status put_chunk(struct put *put)
{
    struct upload *upload = &put->upload;
    enum status status = store_upload_lock(put->db, put->arena, upload);
    if (status != STATUS_OK)
        return status;
    if (upload->stage == STAGE_COMPLETE || upload->stage == STAGE_STORED)
        return upload->size == put->asked->size
                   ? STATUS_OK
                   : refuse(put->problems, STATUS_E_DOCUMENT_SIZE, "size", NULL, NULL);
    if (upload->stage == STAGE_NONE || upload->stage == STAGE_BAD)
        status = begin(put);
    else if (upload->size != put->asked->size)
        status = refuse(put->problems, STATUS_E_DOCUMENT_SIZE, "size", NULL, NULL);
    if (status == STATUS_OK)
        status = keep(put);
    if (status == STATUS_OK)
        status = store_upload_update(put->db, put->arena, upload, put->now_us);
    return status;
}

enum status upload_put(struct db *db, struct arena *arena, uint64_t district, uint64_t unit,
                       const Zhibao__PutChunk *chunk, const struct upload_limits *limits,
                       struct problems *problems, Zhibao__Upload *out_answer)
{
    struct put put = {
        .db = db,
        .arena = arena,
        .asked = chunk,
        .limits = limits,
        .problems = problems,
        .upload = {.district = district, .unit = unit},
        .now_us = clock_now_us()
    };
    enum status status = chunk_check(chunk, problems);
    if (status != STATUS_OK)
        return status;
    memcpy(put.upload.sha256.bytes, chunk->content_sha256.data, HASH_BYTES);
    status = store_begin(db);
    if (status == STATUS_OK)
        status = put_chunk(&put);
    if (status == STATUS_OK)
        status = store_commit(db);
    else
        store_rollback(db);
    if (status != STATUS_OK)
        return status;
    if (put.upload.stage == STAGE_BAD)
        return refuse(problems, put.upload.error, "content", NULL, NULL);
    out_answer->stage = put.upload.stage == STAGE_OPEN       ? ZHIBAO__UPLOAD_STAGE__UPLOAD_OPEN
                        : put.upload.stage == STAGE_COMPLETE ? ZHIBAO__UPLOAD_STAGE__UPLOAD_COMPLETE
                                                             : ZHIBAO__UPLOAD_STAGE__UPLOAD_STORED;
    out_answer->size = put.upload.size;
    char *type = arena_string(arena, put.upload.media_type);
    if (type != NULL)
        out_answer->media_type = type;
    return STATUS_OK;
}
