/* Attachments of cases (proto/CASES.md section 4.1): photos and papers, whose type is what their
 * first bytes show, and the pieces that they are sealed in.
 *
 * The writer's client and the reader's ask the same questions: nobody in between can. Pure; any
 * thread. */
#ifndef ZHIBAO_CASE_CASE_ATTACHMENT_H
#define ZHIBAO_CASE_CASE_ATTACHMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    CASE_ATTACHMENT_BYTES_MAX = 4 * 1024 * 1024,
    CASE_ATTACHMENTS_MAX = 8, /* of one record */
    CASE_CHUNK_BYTES = 131000,
    CASE_CHUNKS_MAX = (CASE_ATTACHMENT_BYTES_MAX + CASE_CHUNK_BYTES - 1) / CASE_CHUNK_BYTES,
};

/* The media type that a file's name promises by its ending: JPEG, PNG or PDF; NULL for any other.
 */
const char *case_attachment_type(const char *name);

/* Whether an attachment is what it says. STATUS_INVALID: its name or type is none that is taken;
 * STATUS_LIMIT: it is empty or too large; STATUS_MISMATCH: name, type and content do not agree. */
MUST_CHECK enum status case_attachment_check(const char *name, const char *type,
                                             const uint8_t *bytes, size_t size);

#endif
