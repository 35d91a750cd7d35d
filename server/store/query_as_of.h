/* What the chain held at some time: how far it went, which plan was in force, what was locked.
 * Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_AS_OF_H
#define ZHIBAO_SERVER_STORE_QUERY_AS_OF_H

#include "proof/receipt.h"
#include "server/store/db.h"
#include "server/store/registry_store.h"

/* The batch after the last one made at or before a time (0: ever); 1 before the first. */
MUST_CHECK enum status query_batch_after(struct db *db, struct arena *arena, int64_t time_us,
                                         int64_t *out_before);

/* An import of a plan, named. */
struct plan_import {
    uint64_t unit;
    struct record_id id;
    struct hash payload_sha256;
    int64_t batch, leaf;
};

/* The import that is in force now; STATUS_NOT_FOUND without one. */
MUST_CHECK enum status query_plan_import(struct db *db, struct arena *arena, const char *plan,
                                         struct plan_import *out_import);

/* The latest import of whatever plan before that batch and leaf, with its payload in `out_stored`
 * (lives in `*out_result`, which the caller clears); STATUS_NOT_FOUND without one. */
MUST_CHECK enum status query_import_before(struct db *db, struct arena *arena, int64_t batch,
                                           int64_t leaf, struct plan_import *out_import,
                                           struct stored_import *out_stored, PGresult **out_result);

/* Whether the latest lock or unlock before a batch, of any of `places`, left the period locked. */
MUST_CHECK enum status query_locked_before(struct db *db, struct arena *arena, const char *plan,
                                           const int64_t *places, size_t count, int period,
                                           int64_t before, bool *out_locked);

#endif
