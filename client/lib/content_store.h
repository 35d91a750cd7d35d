/* HOME/documents: copies of the documents that wait in the outbox, each named by its SHA-256, so
 * that an upload goes on with the same bytes whatever became of the file. The handle's thread. */
#ifndef ZHIBAO_LIB_CONTENT_STORE_H
#define ZHIBAO_LIB_CONTENT_STORE_H

#include "lib/zhibao.h"

/* Copies the file, durable when it returns. STATUS_NOT_FOUND, STATUS_IO; STATUS_E_DOCUMENT_SIZE
 * when it is empty or over 50 MB, STATUS_E_DOCUMENT_TYPE when its first bytes are of no known type.
 */
MUST_CHECK enum status content_take(const char *home, const char *path,
                                    struct zhibao_content *out_content);

/* Keeps these bytes, whose hash this is, as a copy; durable when it returns. STATUS_IO. */
MUST_CHECK enum status content_keep(const char *home, const struct hash *sha256,
                                    const uint8_t *bytes, size_t size);

/* One chunk of a copy into `out_bytes` (CONTENT_CHUNK_BYTES); `size` is the whole content's.
 * STATUS_NOT_FOUND when there is no copy, STATUS_IO. */
MUST_CHECK enum status content_read(const char *home, const struct hash *sha256, uint64_t size,
                                    uint32_t index, uint8_t *out_bytes, size_t *out_size);

/* Removes every copy that is not among these. */
void content_tidy(const char *home, const struct hash *keep, size_t count);

#endif
