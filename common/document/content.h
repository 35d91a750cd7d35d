/* What a document's content is: its chunks, its type by its first bytes, its hash piece by piece.
 * Both sides follow the same rules (PROTOCOL.md section 14). Pure; any thread. */
#ifndef ZHIBAO_DOCUMENT_CONTENT_H
#define ZHIBAO_DOCUMENT_CONTENT_H

#include <sodium/crypto_hash_sha256.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proof/sign.h"

enum {
    CONTENT_CHUNK_BYTES = 256 * 1024,
    CONTENT_BYTES_MAX = 50 * 1024 * 1024,
    CONTENT_CHUNKS_MAX = CONTENT_BYTES_MAX / CONTENT_CHUNK_BYTES,
    FILE_NAME_BYTES_MAX = 200,
};

/* How many chunks `size` bytes make (0 for 0), and how long the chunk `index` of them is. `size` is
 * at most CONTENT_BYTES_MAX, `index` below the count. */
uint32_t content_chunks(uint64_t size);
size_t content_chunk_size(uint64_t size, uint32_t index);

/* The media type that the first bytes show: PDF, DOCX, JPEG or PNG; NULL for anything else. A DOCX
 * is a ZIP archive that begins with one of the parts a DOCX has; another ZIP is none. */
const char *content_type(const uint8_t *bytes, size_t size);

/* Whether a duty may be fulfilled with this type (PDF, DOCX), and whether it is known at all. */
bool content_type_is_text(const char *type);
bool content_type_is_known(const char *type);

/* Whether people may see this as a file's name: 1 to FILE_NAME_BYTES_MAX bytes, no directory, no
 * control characters. */
bool file_name_good(const char *name);

/* SHA-256 of what is added, in order. */
struct hash_stream {
    crypto_hash_sha256_state state;
};
void hash_stream_begin(struct hash_stream *stream);
void hash_stream_add(struct hash_stream *stream, const void *bytes, size_t size);
struct hash hash_stream_end(struct hash_stream *stream);

#endif
