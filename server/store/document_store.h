/* Contents of documents as they arrive, chunk by chunk, and the documents' own rows. Statements run
 * inside a transaction that the caller opened, on a connection that may write: the upload thread's,
 * or the writer's. */
#ifndef ZHIBAO_SERVER_STORE_DOCUMENT_STORE_H
#define ZHIBAO_SERVER_STORE_DOCUMENT_STORE_H

#include "proof/receipt.h"
#include "server/ingest/task.h"
#include "server/store/db.h"

enum upload_stage { STAGE_NONE, STAGE_OPEN, STAGE_COMPLETE, STAGE_STORED, STAGE_BAD };

struct upload {
    uint64_t district, unit;
    struct hash sha256; /* these three are given, the rest is found */
    enum upload_stage stage;
    uint64_t size;
    char media_type[100];
    enum status error; /* STAGE_BAD: why */
};

/* Finds and locks the content's row. A row that somebody else has locked is as if it were not
 * there: ask again. `out_upload->stage` is STAGE_NONE without one. */
MUST_CHECK enum status store_upload_lock(struct db *db, struct arena *arena, struct upload *upload);

/* What the unit has: bytes of everything it began or stored but this content, how many contents it
 * began and how many were found bad. And what all units began. */
struct upload_use {
    uint64_t unit_bytes, unit_unfinished, unit_bad, all_unfinished_bytes;
};
MUST_CHECK enum status store_upload_use(struct db *db, struct arena *arena,
                                        const struct upload *upload, struct upload_use *out_use);

/* Inserts the row as open. STATUS_CONFLICT when another server of this database did. */
MUST_CHECK enum status store_upload_begin(struct db *db, struct arena *arena,
                                          const struct upload *upload, int64_t now_us);

/* Writes stage, media type and error back. */
MUST_CHECK enum status store_upload_update(struct db *db, struct arena *arena,
                                           const struct upload *upload, int64_t now_us);

/* One chunk, unless it is there; *out_count says how many then are. */
struct upload_chunk {
    uint32_t index;
    struct hash sha256;
    const uint8_t *content;
    size_t size;
};
MUST_CHECK enum status store_upload_chunk(struct db *db, struct arena *arena,
                                          const struct upload *upload,
                                          const struct upload_chunk *chunk, uint32_t *out_count);

/* SHA-256 of all chunks in order; one chunk is in memory at a time. STATUS_NOT_FOUND when one of
 * `count` is missing. */
MUST_CHECK enum status store_upload_hash(struct db *db, struct arena *arena,
                                         const struct upload *upload, uint32_t count,
                                         struct hash *out_hash);

/* Takes the chunks away again. */
MUST_CHECK enum status store_upload_clear(struct db *db, struct arena *arena,
                                          const struct upload *upload);

/* Removes unfinished contents that nobody has touched since `before_us`, with their chunks. */
MUST_CHECK enum status store_uploads_expire(struct db *db, struct arena *arena, int64_t before_us,
                                            uint64_t *out_count);

/* The row of a document whose record is in registry_event. `report` may be NULL. */
MUST_CHECK enum status store_insert_document(struct db *db, struct arena *arena, int16_t chain,
                                             int64_t batch, const struct task *task,
                                             const struct record_id *report, uint64_t receiver);

/* A document as a review finds it. STATUS_NOT_FOUND. */
struct document_subject {
    uint64_t district, unit;
    struct record_id id; /* these three are given */
    struct hash payload_sha256;
    uint64_t receiver;
    int period;
    char state[16]; /* zhibao.document_state.state */
};
MUST_CHECK enum status store_document_subject(struct db *db, struct arena *arena,
                                              struct document_subject *subject);

/* The hash of the payload of a unit's own report. STATUS_NOT_FOUND. */
MUST_CHECK enum status store_report_hash(struct db *db, struct arena *arena, uint64_t district,
                                         uint64_t unit, const struct record_id *id,
                                         struct hash *out_payload_sha256);

#endif
