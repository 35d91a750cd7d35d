/* What the aggregator knows of each kind of record: the one table that says how a kind is decoded,
 * checked, applied and where it is kept. A new kind of record is one more row. */
#ifndef ZHIBAO_SERVER_INGEST_RECORD_TYPE_H
#define ZHIBAO_SERVER_INGEST_RECORD_TYPE_H

#include "server/ingest/apply.h"
#include "server/store/query_receipt.h"

struct record_type {
    uint8_t kind; /* enum RecordKind */
    const ProtobufCMessageDescriptor *payload;
    enum record_table table;
    /* By a worker, without the database: adds a problem for each rule broken. NULL: nobody but the
     * aggregator makes such records. */
    void (*validate)(struct task *task, struct registry *registry);
    /* By the writer, inside its transaction. NULL: reports, which are stored many at a time. */
    enum status (*apply)(struct apply *apply, struct task *task);
};

/* NULL for a kind there is no such record of. */
const struct record_type *record_type_of(int kind);

#endif
