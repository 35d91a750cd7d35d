/* A document's content into a file, chunk by chunk; what an interrupted download left is used. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "document.pb-c.h"
#include "document/content.h"
#include "lib/files.h"
#include "lib/handle.h"

enum { CHUNK_ARENA_BYTES = 4 * 1024 * 1024 };

struct download {
    struct zhibao *zhibao;
    const struct zhibao_source *source;
    struct arena *arena;
    struct hash_stream stream;
    int file;
};

static enum status chunk_fetch(struct download *download, uint32_t index,
                               const ProtobufCBinaryData **out_content)
{
    const struct zhibao_source *source = download->source;
    Zhibao__GetChunk question = ZHIBAO__GET_CHUNK__INIT;
    ProtobufCMessage *answer = NULL;
    struct record_id id = source->id;
    question.unit = source->unit;
    question.document = (ProtobufCBinaryData){RECORD_ID_BYTES, id.bytes};
    question.index = index;
    arena_reset(download->arena);
    enum status status = zhibao_request(download->zhibao, ZHIBAO__KIND__KIND_GET_CHUNK,
                                        &question.base, download->arena, &answer);
    if (status != STATUS_OK)
        return status;
    const Zhibao__Chunk *chunk = (const Zhibao__Chunk *)answer;
    struct hash found = hash_bytes(chunk->content.data, chunk->content.len);
    if (chunk->content.len != content_chunk_size(source->size, index) ||
        chunk->chunk_sha256.len != HASH_BYTES ||
        memcmp(found.bytes, chunk->chunk_sha256.data, HASH_BYTES) != 0)
        return cause_set(download->zhibao, STATUS_MISMATCH, "第%u块的内容与其摘要不符",
                         "chunk %u does not match its hash", index);
    *out_content = &chunk->content;
    return STATUS_OK;
}

/* Reads the whole chunks that are there already into the hash, and cuts off the rest. */
static enum status resume(struct download *download, uint32_t *out_chunks)
{
    uint8_t *buffer = arena_alloc(download->arena, CONTENT_CHUNK_BYTES);
    uint32_t chunks = 0, all = content_chunks(download->source->size);
    if (buffer == NULL)
        return cause_plain(download->zhibao, STATUS_NO_MEMORY);
    while (chunks < all) {
        size_t size = content_chunk_size(download->source->size, chunks);
        if (pread(download->file, buffer, size, (off_t)chunks * CONTENT_CHUNK_BYTES) !=
            (ssize_t)size)
            break;
        hash_stream_add(&download->stream, buffer, size);
        chunks++;
    }
    *out_chunks = chunks;
    return ftruncate(download->file,
                     (off_t)chunks * CONTENT_CHUNK_BYTES < (off_t)download->source->size
                         ? (off_t)chunks * CONTENT_CHUNK_BYTES
                         : (off_t)download->source->size) == 0
               ? STATUS_OK
               : cause_plain(download->zhibao, STATUS_IO);
}

static enum status chunk_keep(struct download *download, uint32_t index,
                              const ProtobufCBinaryData *content)
{
    hash_stream_add(&download->stream, content->data, content->len);
    return pwrite(download->file, content->data, content->len,
                  (off_t)index * CONTENT_CHUNK_BYTES) == (ssize_t)content->len
               ? STATUS_OK
               : cause_plain(download->zhibao, STATUS_IO);
}

static enum status content_fetch(struct download *download)
{
    struct zhibao *zhibao = download->zhibao;
    uint32_t index = 0, all = content_chunks(download->source->size);
    enum status status = resume(download, &index);
    for (; status == STATUS_OK && index < all; index++) {
        const ProtobufCBinaryData *content = NULL;
        status = chunk_fetch(download, index, &content);
        if (status == STATUS_OK)
            status = chunk_keep(download, index, content);
        uint64_t done = (uint64_t)index * CONTENT_CHUNK_BYTES;
        if (status == STATUS_OK && zhibao->progress != NULL)
            zhibao->progress(done + content->len, download->source->size, zhibao->progress_context);
    }
    struct hash found = hash_stream_end(&download->stream);
    if (status == STATUS_OK && memcmp(found.bytes, download->source->sha256.bytes, HASH_BYTES) != 0)
        status = cause_set(zhibao, STATUS_MISMATCH, "取得的文件与签名中的摘要不符，已丢弃",
                           "the content is not what its author signed, and is thrown away");
    return status;
}

enum status zhibao_document_fetch(struct zhibao *zhibao, const struct zhibao_source *source,
                                  const char *path)
{
    char beside[PATH_BYTES], hex[2 * RECORD_ID_BYTES + 1];
    cause_clear(zhibao);
    int length = snprintf(beside, sizeof beside, "%s.%s.part", path,
                          hex_encode(source->id.bytes, RECORD_ID_BYTES, hex));
    if (length < 0 || length >= PATH_BYTES || source->size > CONTENT_BYTES_MAX)
        return cause_plain(zhibao, STATUS_LIMIT);
    struct stat there;
    if (lstat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return cause_save(zhibao, STATUS_CONFLICT, path);
    struct download download = {.zhibao = zhibao,
                                .source = source,
                                .arena = arena_create(CHUNK_ARENA_BYTES),
                                .file =
                                    open(beside, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644)};
    hash_stream_begin(&download.stream);
    enum status status = download.arena == NULL ? cause_plain(zhibao, STATUS_NO_MEMORY)
                         : download.file < 0
                             ? cause_set(zhibao, STATUS_IO, "无法写入 %s：%s",
                                         "cannot write %s: %s", beside, strerror(errno))
                             : content_fetch(&download);
    if (download.file >= 0 && close(download.file) != 0 && status == STATUS_OK)
        status = cause_plain(zhibao, STATUS_IO);
    if (status == STATUS_OK && (status = file_rename(beside, path)) != STATUS_OK)
        status = cause_save(zhibao, status, path);
    if (status == STATUS_MISMATCH)
        unlink(beside);
    arena_destroy(&download.arena);
    return status;
}
