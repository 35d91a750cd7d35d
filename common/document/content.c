#include "document/content.h"

#include <string.h>

static const char PDF[] = "application/pdf";
static const char DOCX[] =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
static const char JPEG[] = "image/jpeg";
static const char PNG[] = "image/png";

enum { ZIP_NAME_AT = 30 }; /* of the first local file header */

uint32_t content_chunks(uint64_t size)
{
    return (uint32_t)((size + CONTENT_CHUNK_BYTES - 1) / CONTENT_CHUNK_BYTES);
}

size_t content_chunk_size(uint64_t size, uint32_t index)
{
    uint64_t before = (uint64_t)index * CONTENT_CHUNK_BYTES;
    uint64_t left = size - before;
    return left < CONTENT_CHUNK_BYTES ? (size_t)left : (size_t)CONTENT_CHUNK_BYTES;
}

static bool begins(const uint8_t *bytes, size_t size, const char *with, size_t length)
{
    return size >= length && memcmp(bytes, with, length) == 0;
}

static bool is_docx(const uint8_t *bytes, size_t size)
{
    static const char *const parts[] = {"[Content_Types].xml", "_rels/", "word/", "docProps/"};
    if (!begins(bytes, size, "PK\x03\x04", 4) || size < ZIP_NAME_AT)
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (begins(bytes + ZIP_NAME_AT, size - ZIP_NAME_AT, parts[i], strlen(parts[i])))
            return true;
    return false;
}

const char *content_type(const uint8_t *bytes, size_t size)
{
    if (begins(bytes, size, "%PDF-", 5))
        return PDF;
    if (is_docx(bytes, size))
        return DOCX;
    if (begins(bytes, size, "\xff\xd8\xff", 3))
        return JPEG;
    if (begins(bytes, size, "\x89PNG\r\n\x1a\n", 8))
        return PNG;
    return NULL;
}

bool content_type_is_text(const char *type)
{
    return strcmp(type, PDF) == 0 || strcmp(type, DOCX) == 0;
}

bool content_type_is_known(const char *type)
{
    return content_type_is_text(type) || strcmp(type, JPEG) == 0 || strcmp(type, PNG) == 0;
}

bool file_name_good(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > FILE_NAME_BYTES_MAX || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((uint8_t)name[i] < 0x20 || name[i] == 0x7f || name[i] == '/' || name[i] == '\\')
            return false;
    return true;
}

void hash_stream_begin(struct hash_stream *stream)
{
    crypto_hash_sha256_init(&stream->state);
}

void hash_stream_add(struct hash_stream *stream, const void *bytes, size_t size)
{
    crypto_hash_sha256_update(&stream->state, bytes, size);
}

struct hash hash_stream_end(struct hash_stream *stream)
{
    struct hash hash;
    crypto_hash_sha256_final(&stream->state, hash.bytes);
    return hash;
}
