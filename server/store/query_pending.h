/* Records that wait for a review, oldest first. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_PENDING_H
#define ZHIBAO_SERVER_STORE_QUERY_PENDING_H

#include "proof/receipt.h"
#include "server/store/db.h"
#include "server/store/query_inbox.h"

/* Who reviews: a township its villages' reports, statistics everything else of its district. */
struct pending_scope {
    uint64_t district, first_district, last_district;
    bool
        village_forms; /* a township: reports of village forms; else all others and confirmations */
    uint64_t first_unit, last_unit;
    const char *form; /* code, "": any */
    int64_t period;   /* 0: any */
};

struct pending_row {
    struct chain_position position;
    int kind; /* RecordKind */
    uint64_t unit;
    struct record_id id;
    struct hash payload_sha256;
    char *plan, *form;
    int period, revision;
    bool checked;
    bool reviewed,
        signed_off; /* by the unit's reviewer and principal, where the form asks for it */
    bool reopened;  /* a total whose villages changed: waits for its township */
    uint64_t entered_by;
    bool demonstration;
    int64_t received_us;
};

/* The latest revisions that nobody has reviewed, not superseded, whose signature was not found
 * bad and whose period is not locked; at most `limit` behind `after`. In the arena. */
MUST_CHECK enum status query_pending(struct db *db, struct arena *arena,
                                     const struct pending_scope *scope,
                                     const struct chain_position *after, size_t limit,
                                     struct pending_row **out_rows, size_t *out_count);

#endif
