/* What each kind of record does to the database, inside the writer's transaction.
 *
 * Each apply function either does all its statements and returns STATUS_OK (the task then gets a
 * leaf), or returns why not: a status from 100 up is a rule broken (the task's problems say more),
 * anything else a failure of ours. The caller wraps each in a savepoint. */
#ifndef ZHIBAO_SERVER_INGEST_APPLY_H
#define ZHIBAO_SERVER_INGEST_APPLY_H

#include "server/ingest/task.h"
#include "server/options.h"
#include "server/store/chain_store.h"
#include "server/store/db.h"
#include "server/trust/server_keys.h"

struct apply {
    struct db *db;
    struct arena *arena; /* of the batch */
    struct registry *registry;
    const struct options *options;
    const struct server_keys *keys;
    int16_t chain;
    int64_t batch;
    int64_t now_us;
    struct case_limits *case_limits; /* NULL: none */
    bool registry_changed;           /* set when the registry has to be refreshed after COMMIT */
    bool changed; /* set by apply_review: `change` may put a township's total out of date */
    struct village_change change;
    bool corrected; /* set by apply_review: `correction` changed what a period once locked counts */
    struct correction correction;
    bool pending; /* set by apply_enrol: the key waits for an approval */
};

enum status apply_review(struct apply *apply, struct task *task);
enum status apply_confirmation(struct apply *apply, struct task *task);
enum status apply_lock(struct apply *apply, struct task *task);
enum status apply_calendar(struct apply *apply, struct task *task);
enum status apply_extension(struct apply *apply, struct task *task);
enum status apply_key_change(struct apply *apply, struct task *task);
enum status apply_enrol(struct apply *apply, struct task *task);
enum status apply_plan_import(struct apply *apply, struct task *task);
enum status apply_carrier(struct apply *apply, struct task *task);
enum status apply_place_change(struct apply *apply, struct task *task);

/* No record: answers with the codes. Sets task->answer. */
enum status apply_codes(struct apply *apply, struct task *task);

/* One bad_signature event made by the aggregator; `notice` is a task without a job. */
enum status apply_bad_signature(struct apply *apply, struct task *notice,
                                const struct bad_signature *bad);

/* One reopened event made by the aggregator, because of `change`. */
enum status apply_reopened(struct apply *apply, struct task *notice,
                           const struct reopened_total *total, const struct village_change *change);

/* One key_pending event made by the aggregator, about the enrolment `id` of `unit`. */
enum status apply_key_pending(struct apply *apply, struct task *notice, uint64_t unit,
                              const struct record_id *id);

/* One corrected event made by the aggregator: a report counts, or does so no longer, in a period
 * that has been locked before. */
enum status apply_corrected(struct apply *apply, struct task *notice,
                            const struct correction *correction);

#endif
