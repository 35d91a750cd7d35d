/* PUT_CHUNK: one chunk of a document's content, checked and kept until its record comes.
 *
 * A unit's contents and what is unfinished are bounded (struct upload_limits); unfinished ones go
 * after a time. Never more than one chunk is in memory. The upload thread's. */
#ifndef ZHIBAO_SERVER_DOCUMENTS_UPLOAD_H
#define ZHIBAO_SERVER_DOCUMENTS_UPLOAD_H

#include "document.pb-c.h"
#include "server/loop/job.h"
#include "server/store/document_store.h"

enum {
    UPLOADS_UNFINISHED_MAX = 8, /* of one unit at a time */
    UPLOADS_BAD_MAX = 64,       /* of one unit, until they are forgotten */
    CHUNK_MESSAGE_BYTES = 256 * 1024 + 512,
};

struct upload_limits {
    uint64_t unit_bytes;       /* of one unit, stored and unfinished */
    uint64_t unfinished_bytes; /* of all units */
};

/* Whether so many bytes more, in one more content, are allowed. STATUS_OK, STATUS_E_DOCUMENT_QUOTA,
 * STATUS_E_DOCUMENT_ROOM, STATUS_DATABASE. */
MUST_CHECK enum status upload_allowed(struct db *db, struct arena *arena,
                                      const struct upload *upload,
                                      const struct upload_limits *limits);

/* Stores one chunk of `unit` (whose home district is given) in a transaction of its own; the answer
 * tells the stage. A chunk that shows the whole content to be wrong makes it STAGE_BAD, gives its
 * code, and takes the chunks away. Codes from 100 up are for the peer, with `problems`. */
MUST_CHECK enum status upload_put(struct db *db, struct arena *arena, uint64_t district,
                                  uint64_t unit, const Zhibao__PutChunk *chunk,
                                  const struct upload_limits *limits, struct problems *problems,
                                  Zhibao__Upload *out_answer);

#endif
