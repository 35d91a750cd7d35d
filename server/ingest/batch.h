/* One batch: judge, apply, link, store. No sockets here. */
#ifndef ZHIBAO_SERVER_INGEST_BATCH_H
#define ZHIBAO_SERVER_INGEST_BATCH_H

#include "server/ingest/apply.h"
#include "server/ingest/suspicion.h"
#include "server/loop/vitals.h"
#include "server/store/ingest_store.h"

enum { BATCH_TASKS_MAX = 20000 };

/* What one transaction works with; lives as long as the writer. */
struct batch {
    struct db *db;
    struct arena *arena; /* reset for every batch */
    struct registry *registry;
    const struct options *options;
    const struct server_keys *keys;
    struct chain_head head;
    bool registry_changed;
    struct period_memory *periods;
    struct case_limits *case_limits; /* NULL: none */
    struct vitals *vitals;           /* NULL: nobody counts */
};

/* Stores `count` tasks in one transaction and sets the outcome of each; after STATUS_OK the
 * stored ones' receipts are in task->receipt. Otherwise nothing was stored that will not be found
 * again, outcomes are untouched and the caller answers "try later": STATUS_DATABASE with the
 * connection gone, STATUS_CONFLICT or STATUS_DATABASE with a live one for a batch that may be
 * tried again in parts. */
MUST_CHECK enum status batch_store(struct batch *batch, struct task **tasks, size_t count);

/* The same, and when the database refuses the batch as a whole, halves it until the one to blame
 * stands alone and fails by itself (STATUS_E_INTERNAL). */
MUST_CHECK enum status batch_store_bisecting(struct batch *batch, struct task **tasks,
                                             size_t count);

#endif
