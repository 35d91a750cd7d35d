/* One stored record against its leaf, its author's key and its own content. */
#ifndef ZHIBAO_SERVER_AUDIT_RECORD_H
#define ZHIBAO_SERVER_AUDIT_RECORD_H

#include "record.pb-c.h"
#include "server/audit/stream.h"

/* A report whose signature does not verify, or of which the aggregator has said so. */
struct audited_void {
    struct void_key {
        uint64_t unit;
        struct record_id id;
    } key;         /* the key of the row */
    int64_t batch; /* of the report */
    bool found, told;
};

/* Judges the stream's current row. `leaf`: what the batch's tree holds at its place. STATUS_OK with
 * findings; STATUS_DATABASE, STATUS_NO_MEMORY. */
MUST_CHECK enum status audit_record(struct audit *audit, const struct stream *stream,
                                    const struct hash *leaf);

/* After the last record: what does not verify, and what zhibaod has said of it. */
void audit_voids_compare(struct audit *audit);

#endif
