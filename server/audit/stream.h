/* Stored records in the order of the chain, a few hundred at a time: cursors of the audit's
 * transaction. The caller's thread and connection. */
#ifndef ZHIBAO_SERVER_AUDIT_STREAM_H
#define ZHIBAO_SERVER_AUDIT_STREAM_H

#include "server/audit/audit.h"
#include "server/store/query_receipt.h"

/* The columns that every stream begins with. */
enum stream_column {
    AT_CHAIN,
    AT_BATCH,
    AT_LEAF,
    AT_KIND,
    AT_DISTRICT,
    AT_UNIT,
    AT_ID,
    AT_RECEIVED,
    AT_KEY,
    AT_ALGORITHM,
    AT_PAYLOAD_HASH,
    AT_PAYLOAD,
    AT_SIGNATURE,
    AT_CARRIER,
};

struct stream {
    enum record_table table;
    const char *name, *declare, *fetch;
    struct db *db;
    PGresult *rows;
    int row;
};

enum { STREAM_COUNT = 3 };

/* All three tables of records. STATUS_DATABASE. */
MUST_CHECK enum status streams_open(struct db *db, struct stream out_streams[STREAM_COUNT]);
void streams_close(struct stream streams[STREAM_COUNT]);

/* Steps over the current row. STATUS_DATABASE. */
MUST_CHECK enum status stream_next(struct stream *stream);
bool stream_ended(const struct stream *stream);

/* The stream whose current row is of `batch` and comes first in it; NULL when none has one. */
struct stream *streams_first(struct stream streams[STREAM_COUNT], int64_t batch);

#endif
