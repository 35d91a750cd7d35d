#include "lib/stick_documents.h"

#include <stdlib.h>
#include <string.h>

#include "document.pb-c.h"
#include "document/content.h"
#include "lib/content_store.h"
#include "lib/handle.h"
#include "wire/codec.h"

enum { FIRST_ROOM = 8, LENGTH_BYTES = 4 };

void stick_documents_clear(struct stick_documents *documents)
{
    free(documents->items);
    memset(documents, 0, sizeof *documents);
}

enum status stick_document_read(const Zhibao__Record *record, struct arena *arena,
                                struct stick_document *out_document)
{
    ProtobufCMessage *message = NULL;
    enum status status = message_read(&zhibao__document__descriptor, arena, record->payload.data,
                                      record->payload.len, &message);
    if (status != STATUS_OK)
        return status;
    const Zhibao__Document *document = (const Zhibao__Document *)message;
    if (document->content_sha256.len != HASH_BYTES || document->size == 0 ||
        document->size > CONTENT_BYTES_MAX)
        return STATUS_INVALID;
    *out_document = (struct stick_document){.size = document->size};
    memcpy(out_document->sha256.bytes, document->content_sha256.data, HASH_BYTES);
    return STATUS_OK;
}

static struct stick_document *find(const struct stick_documents *documents, const uint8_t *sha256)
{
    for (size_t i = 0; i < documents->count; i++)
        if (memcmp(documents->items[i].sha256.bytes, sha256, HASH_BYTES) == 0)
            return &documents->items[i];
    return NULL;
}

size_t stick_document_room(const struct stick_documents *documents,
                           const struct stick_document *document)
{
    return find(documents, document->sha256.bytes) != NULL
               ? 0
               : HASH_BYTES + LENGTH_BYTES + (size_t)document->size;
}

enum status stick_document_add(struct stick_documents *documents,
                               const struct stick_document *document)
{
    size_t more = stick_document_room(documents, document);
    if (more == 0)
        return STATUS_OK;
    if (documents->count == documents->room) {
        size_t room = documents->room == 0 ? FIRST_ROOM : 2 * documents->room;
        struct stick_document *grown = reallocarray(documents->items, room, sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        documents->items = grown;
        documents->room = room;
    }
    documents->items[documents->count++] = *document;
    documents->bytes += more;
    return STATUS_OK;
}

/* One content: its hash, its size and its bytes, chunk by chunk from the copy. */
static enum status content_put(struct zhibao *zhibao, const struct stick_document *document,
                               struct stick_content *content)
{
    struct writer *writer = &content->writer;
    if (!stick_content_room(content, HASH_BYTES + LENGTH_BYTES + (size_t)document->size))
        return STATUS_LIMIT;
    write_bytes(writer, document->sha256.bytes, HASH_BYTES);
    write_number(writer, document->size, LENGTH_BYTES);
    for (uint32_t i = 0; i < content_chunks(document->size); i++) {
        size_t size = 0;
        enum status status = content_read(home_path(zhibao->home), &document->sha256,
                                          document->size, i, writer->bytes + writer->used, &size);
        if (status == STATUS_NOT_FOUND)
            return cause_set(zhibao, status, "待报文件在本机的副本已不在，请重新报送",
                             "this home's copy of a waiting document is gone: send it again");
        if (status != STATUS_OK)
            return cause_plain(zhibao, status);
        writer->used += size;
    }
    return STATUS_OK;
}

enum status stick_documents_put(struct zhibao *zhibao, const struct stick_documents *documents,
                                struct stick_content *content)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < documents->count && status == STATUS_OK; i++)
        status = content_put(zhibao, &documents->items[i], content);
    return status;
}

static enum status content_take_one(struct zhibao *zhibao, struct reader *items,
                                    struct stick_documents *documents)
{
    uint8_t sha256[HASH_BYTES] = {0};
    size_t size = 0;
    read_bytes(items, sha256, HASH_BYTES);
    const uint8_t *bytes = stick_take(items, LENGTH_BYTES, &size);
    struct stick_document *document = items->bad ? NULL : find(documents, sha256);
    if (document == NULL || document->there || document->size != size)
        return stick_damaged(zhibao);
    struct hash found = hash_bytes(bytes, size);
    if (memcmp(found.bytes, sha256, HASH_BYTES) != 0)
        return stick_damaged(zhibao);
    document->there = true;
    enum status status = content_keep(home_path(zhibao->home), &document->sha256, bytes, size);
    return status == STATUS_OK ? status
                               : cause_set(zhibao, status, "文件的副本写不进本机的目录",
                                           "a document's copy cannot be written to the home");
}

enum status stick_documents_take(struct zhibao *zhibao, struct reader *items,
                                 struct stick_documents *documents)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !items->bad && items->used < items->size)
        status = content_take_one(zhibao, items, documents);
    for (size_t i = 0; i < documents->count && status == STATUS_OK; i++)
        if (!documents->items[i].there)
            return stick_damaged(zhibao);
    return status;
}
