/* What happened to a unit's records, in commit order. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_INBOX_H
#define ZHIBAO_SERVER_STORE_QUERY_INBOX_H

#include "server/store/query_receipt.h"

/* A place in commit order: a leaf of a batch. */
struct chain_position {
    int64_t chain, batch, leaf;
};

struct inbox_scope {
    uint64_t unit, district;
    /* Whose records concern the asker too: for a township the villages below it; for statistics
     * (direct_only) totals and what it reviews itself. Their arrival, and what others did to them.
     * first_below > last_below: none. */
    uint64_t first_below, last_below;
    bool direct_only;
};

struct inbox_row {
    struct chain_position position;
    char *event; /* as in zhibao.report_event, or "stored" */
    uint64_t actor;
    int64_t time_us;
    char *reason;
    int subject_kind;
    uint64_t subject_unit;
    struct record_id subject;
    char *form; /* code; "" for locks */
    char *plan; /* of reports, totals and notices about cut-offs; else "" */
    int period, revision;
    uint64_t entered_by;
    bool demonstration;
    uint64_t total_unit; /* not 0: it happened to this total, which names the subject */
    struct record_id total;
    struct receipt_row record; /* what did it */
    const uint8_t *notice;     /* of notices about cut-offs and of exceptions: the payload; else
                                  size 0 */
    size_t notice_size;
};

/* At most `limit` events behind `after`, in commit order: batches are committed one after another,
 * so nothing can appear behind a reader's cursor. In the arena. */
MUST_CHECK enum status query_inbox(struct db *db, struct arena *arena,
                                   const struct inbox_scope *scope,
                                   const struct chain_position *after, size_t limit,
                                   struct inbox_row **out_rows, size_t *out_count);

#endif
