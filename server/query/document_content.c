/* GET_UPLOAD and GET_CHUNK: what is there of a document's content, and one piece of it. */
#include <string.h>

#include "document.pb-c.h"
#include "document/content.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_documents.h"

static Zhibao__UploadStage stage_of(const char *stage)
{
    static const char *const names[] = {NULL, NULL, "open", "complete", "stored", "bad"};
    for (size_t i = 2; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], stage) == 0)
            return (Zhibao__UploadStage)i;
    return ZHIBAO__UPLOAD_STAGE__UPLOAD_NONE;
}

enum status query_run_upload(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    const Zhibao__GetUpload *asked = (const Zhibao__GetUpload *)request;
    uint8_t have[CONTENT_CHUNKS_MAX / 8 + 1] = {0};
    struct registry_unit author;
    struct content_row content;
    struct hash sha256;
    uint64_t unit = asked->unit == 0 ? query->asker.id : asked->unit;
    if (asked->content_sha256.len != HASH_BYTES)
        return query_refuse(query, STATUS_E_MALFORMED, "content_sha256", "摘要必须为32字节",
                            "a hash has 32 bytes");
    if (!registry_unit(query->registry, unit, &author) ||
        !registry_may_carry(query->registry, query->asker.id, unit))
        return query_refuse(query, STATUS_E_FORBIDDEN, "unit", NULL, NULL);
    Zhibao__Upload *reply = (Zhibao__Upload *)reply_new(query->arena, &zhibao__upload__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    memcpy(sha256.bytes, asked->content_sha256.data, HASH_BYTES);
    enum status status =
        query_content(query->db, query->arena, author.district, unit, &sha256, &content, have);
    reply->stage = ZHIBAO__UPLOAD_STAGE__UPLOAD_NONE;
    if (status == STATUS_OK) {
        reply->stage = stage_of(content.stage);
        reply->size = content.size;
        reply->media_type = reply_text(content.media_type);
        reply->error = (uint32_t)content.error;
        size_t bytes = (content_chunks(content.size) + 7) / 8;
        if (reply->stage == ZHIBAO__UPLOAD_STAGE__UPLOAD_OPEN &&
            !reply_bytes(query->arena, have, bytes, &reply->have))
            return STATUS_NO_MEMORY;
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        *out_reply = &reply->base;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status not_there(struct query *query)
{
    return query_refuse(query, STATUS_E_SUBJECT_UNKNOWN, "document",
                        "没有这份文件，或不在本单位可查看的范围内",
                        "there is no such document, or it is outside what your unit may see");
}

/* The document, if the asker may read it: its author, its receiver, who sees the author's reports.
 */
static enum status document_find(struct query *query, uint64_t unit, const struct record_id *id,
                                 struct document_row *out_document)
{
    struct registry_unit author;
    struct document_row *rows = NULL;
    size_t count = 0;
    if (!registry_unit(query->registry, unit, &author))
        return not_there(query);
    struct document_filter filter = {.first_district = author.district,
                                     .last_district = author.district,
                                     .first_unit = unit,
                                     .last_unit = unit,
                                     .duty = "",
                                     .id = id};
    enum status status = query_documents(query->db, query->arena, &filter, 1, &rows, &count);
    if (status != STATUS_OK)
        return status;
    if (count == 0 || (!query_may_see(query, unit) && rows[0].receiver != query->asker.id))
        return not_there(query);
    *out_document = rows[0];
    return STATUS_OK;
}

enum status query_run_chunk(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__GetChunk *asked = (const Zhibao__GetChunk *)request;
    struct record_id id;
    struct document_row document;
    struct chunk_row chunk;
    struct registry_unit author;
    uint64_t unit = asked->unit == 0 ? query->asker.id : asked->unit;
    Zhibao__Chunk *reply = (Zhibao__Chunk *)reply_new(query->arena, &zhibao__chunk__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_id(query, "document", &asked->document, &id);
    if (status == STATUS_OK)
        status = document_find(query, unit, &id, &document);
    if (status != STATUS_OK)
        return status;
    if (asked->index >= content_chunks(document.size))
        return query_refuse(query, STATUS_E_DOCUMENT_SIZE, "index", "没有这个分块",
                            "there is no such chunk");
    if (!registry_unit(query->registry, unit, &author))
        return not_there(query);
    status = query_chunk(query->db, query->arena, author.district, unit, &document.content_sha256,
                         asked->index, &chunk);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? not_there(query) : status;
    reply->size = document.size;
    reply->index = asked->index;
    reply->content = (ProtobufCBinaryData){.len = chunk.size, .data = chunk.content};
    if (!reply_bytes(query->arena, document.content_sha256.bytes, HASH_BYTES,
                     &reply->content_sha256) ||
        !reply_bytes(query->arena, chunk.sha256.bytes, HASH_BYTES, &reply->chunk_sha256))
        return STATUS_NO_MEMORY;
    *out_reply = &reply->base;
    return STATUS_OK;
}
