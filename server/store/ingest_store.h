/* The writer's statements: duplicates, revisions, rows, batches. All run inside the transaction
 * that the caller opened on the writer's connection. */
#ifndef ZHIBAO_SERVER_STORE_INGEST_STORE_H
#define ZHIBAO_SERVER_STORE_INGEST_STORE_H

#include "proof/receipt.h"
#include "server/ingest/task.h"
#include "server/store/db.h"

struct chain_head {
    int16_t chain;
    uint8_t chain_id[CHAIN_ID_BYTES];
    int64_t number; /* of the latest batch; 0: none */
    struct hash header_sha256;
};

/* Creates the chain row when there is none, reads the head. Of the only writer: see writer_lock.h.
 */
MUST_CHECK enum status store_chain_open(struct db *db, struct arena *arena,
                                        struct chain_head *out_head);

MUST_CHECK enum status store_begin(struct db *db);
MUST_CHECK enum status store_commit(struct db *db);
void store_rollback(struct db *db);
MUST_CHECK enum status store_savepoint(struct db *db);
MUST_CHECK enum status store_release(struct db *db);
MUST_CHECK enum status store_rollback_to(struct db *db);

/* Of the given reports, those stored already: outcome TASK_DUPLICATE with the receipt rebuilt, or
 * refusal STATUS_E_ID_CONFLICT when the payload differs. Others are left alone. */
MUST_CHECK enum status store_find_reports(struct db *db, struct arena *arena, struct task **tasks,
                                          size_t count);

/* The same for one event or registry record. */
MUST_CHECK enum status store_find_event(struct db *db, struct arena *arena, struct task *task);

/* Sets known_revision of each report: the latest stored of its unit, form and period, 0: none. */
MUST_CHECK enum status store_known_revisions(struct db *db, struct arena *arena,
                                             struct task **tasks, size_t count);

/* All reports of a batch, one COPY. Needs index, form and leaf of each. */
MUST_CHECK enum status store_copy_reports(struct db *db, int16_t chain, int64_t batch,
                                          struct task **tasks, size_t count);

/* What a report_event row says beyond its record. Strings may be NULL. */
struct event_row {
    const char *event; /* "accepted" ... */
    int subject_kind;
    uint64_t subject_unit;
    const struct record_id *subject_id; /* NULL: none */
    const char *plan;
    int form_id; /* 0: none */
    uint64_t place;
    int period, revision;
    const char *reason;
};
MUST_CHECK enum status store_insert_event(struct db *db, struct arena *arena, int16_t chain,
                                          int64_t batch, const struct task *task,
                                          const struct event_row *row);
MUST_CHECK enum status store_insert_registry_event(struct db *db, struct arena *arena,
                                                   int16_t chain, int64_t batch,
                                                   const struct task *task, uint64_t subject_unit);
MUST_CHECK enum status store_insert_items(struct db *db, struct arena *arena,
                                          const struct task *task,
                                          const Zhibao__Confirmation *confirmation);

MUST_CHECK enum status store_insert_batch(struct db *db, struct arena *arena, int16_t chain,
                                          const struct batch_header *header,
                                          const struct hash *leaves,
                                          const struct sign_public *signer,
                                          const struct signature *signature);

/* Moves the mark up to `batch`, and notes when. */
MUST_CHECK enum status store_signatures_checked(struct db *db, struct arena *arena, int16_t chain,
                                                int64_t batch, int64_t now_us);

#endif
