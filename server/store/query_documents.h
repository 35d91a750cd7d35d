/* Documents and their contents as queries see them. Any connection. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_DOCUMENTS_H
#define ZHIBAO_SERVER_STORE_QUERY_DOCUMENTS_H

#include "proof/receipt.h"
#include "server/store/db.h"

struct document_row {
    int64_t chain, batch, leaf; /* its place in the order of events */
    uint64_t unit, receiver, reviewer;
    struct record_id id, report;
    bool has_report;
    struct hash payload_sha256, content_sha256;
    const char *plan, *duty, *file_name, *media_type, *state, *reason;
    int period;
    uint64_t size;
    int64_t received_us, reviewed_us;
    uint32_t promulgated;
};

/* What is asked for; texts "" and zeros do not restrict. */
struct document_filter {
    uint64_t first_district, last_district; /* of the authors */
    uint64_t first_unit, last_unit;
    uint64_t receiver; /* 0: any. Else documents for this unit, whoever sent them */
    const char *duty;
    int period;
    const struct record_id *id, *report; /* NULL: any */
    bool waiting;                        /* only what is neither reviewed nor superseded */
    int64_t after[3];                    /* chain, batch, leaf */
};
MUST_CHECK enum status query_documents(struct db *db, struct arena *arena,
                                       const struct document_filter *filter, size_t limit,
                                       struct document_row **out_rows, size_t *out_count);

/* What is there of a content: its row, and which chunks (bit i % 8 of byte i / 8). `out_have` has
 * room for CONTENT_CHUNKS_MAX bits. STATUS_NOT_FOUND: nothing. */
struct content_row {
    const char *stage; /* "open", "complete", "stored", "bad" */
    uint64_t size;
    const char *media_type;
    int error;
};
MUST_CHECK enum status query_content(struct db *db, struct arena *arena, uint64_t district,
                                     uint64_t unit, const struct hash *sha256,
                                     struct content_row *out_content, uint8_t *out_have);

/* One chunk, in the arena. STATUS_NOT_FOUND. */
struct chunk_row {
    struct hash sha256;
    uint8_t *content;
    size_t size;
};
MUST_CHECK enum status query_chunk(struct db *db, struct arena *arena, uint64_t district,
                                   uint64_t unit, const struct hash *sha256, uint32_t index,
                                   struct chunk_row *out_chunk);

#endif
