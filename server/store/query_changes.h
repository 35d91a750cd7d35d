/* Which townships something has happened in since a point of the chains.
 *
 * A chain is written by one writer whose batches become visible one after another, so a batch
 * number of each chain says exactly what has been seen. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_CHANGES_H
#define ZHIBAO_SERVER_STORE_QUERY_CHANGES_H

#include "server/store/query_reports.h"

enum { CHAIN_MARKS_MAX = 64 };

/* The newest batch of each chain; chains not listed: none. */
struct chain_marks {
    size_t count;
    int64_t chains[CHAIN_MARKS_MAX], batches[CHAIN_MARKS_MAX];
};

/* Where the chains stand now. STATUS_LIMIT for more chains than CHAIN_MARKS_MAX. */
MUST_CHECK enum status query_marks(struct db *db, struct arena *arena,
                                   struct chain_marks *out_marks);

/* Townships, and places above for units of their own, of which a report or anything that acts on
 * one came after `since` (by marks of `now`; what came after those may be among them). Only of the
 * districts and the place of the scope. In the arena, ascending. */
MUST_CHECK enum status query_changes(struct db *db, struct arena *arena,
                                     const struct report_scope *scope,
                                     const struct chain_marks *since, const struct chain_marks *now,
                                     uint64_t **out_places, size_t *out_count);

#endif
