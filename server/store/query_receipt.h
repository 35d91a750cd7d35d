/* Receipts rebuilt, byte for byte, from stored parts: the record's row and its batch's row.
 *
 * Nothing is signed here: the batch's signature was made once, and the encoding is fixed
 * (PROTOCOL.md section 5.4), so the same record gives the same receipt for ever. Used by the
 * writer for duplicates and by query threads; each on its own connection. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_RECEIPT_H
#define ZHIBAO_SERVER_STORE_QUERY_RECEIPT_H

#include "proof/receipt.h"
#include "server/store/db.h"

enum record_table {
    RECORD_TABLE_REPORT,   /* zhibao.report; kind is always RECORD_REPORT */
    RECORD_TABLE_EVENT,    /* zhibao.report_event */
    RECORD_TABLE_REGISTRY, /* zhibao.registry_event */
};

/* What a stored row says of its leaf and of the batch that holds it. */
struct receipt_row {
    struct leaf leaf;
    int16_t chain;
    int64_t batch;
    uint32_t index; /* of the leaf in its batch */
};

/* The columns that receipt_row_read wants, in its order. `kind` is an SQL expression, `t` the
 * table's alias. */
#define RECEIPT_COLUMN_COUNT 11
#define RECEIPT_COLUMNS(kind, t)                                                                \
    kind "::bigint, " t ".unit, " t ".id, " t ".received_us, " t ".algorithm, " t ".key_id, " t \
         ".payload_sha256, sha256(" t ".signature), " t ".chain, " t ".batch, " t ".leaf"

/* Reads them from column `first` on. False when a field is NULL or of the wrong size. */
bool receipt_row_read(const PGresult *result, int row, int first, struct receipt_row *out_row);

/* A receipt's bytes in the arena; size 0: there is none. */
struct receipt_bytes {
    uint8_t *bytes;
    size_t size;
};

/* The receipts of `count` rows, in the rows' order, into out_receipts[count]. Batches are fetched
 * once each, RECEIPT_BATCHES at a time. Rows of kind 0 (no record) are skipped (size 0). A row that
 * is not the leaf its batch holds gets size 0 and a line in the log: no receipt is given that would
 * not verify. STATUS_OK, STATUS_DATABASE or STATUS_NO_MEMORY. */
enum { RECEIPT_BATCHES = 32 };
MUST_CHECK enum status receipts_of_rows(struct db *db, struct arena *arena,
                                        const struct receipt_row *rows, size_t count,
                                        struct receipt_bytes *out_receipts);

/* The receipt of one stored record and its payload's hash. STATUS_NOT_FOUND when there is no such
 * record, STATUS_MISMATCH when its row is not what its batch holds (logged), STATUS_DATABASE,
 * STATUS_NO_MEMORY. Usable inside the writer's transaction. */
MUST_CHECK enum status receipt_rebuild(struct db *db, struct arena *arena, enum record_table table,
                                       uint64_t district, uint64_t unit, uint8_t kind,
                                       const struct record_id *id, uint8_t **out_bytes,
                                       size_t *out_size, struct hash *out_payload_sha256);

#endif
