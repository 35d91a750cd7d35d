/* What units reported before, for the writer's soft checks: each a single statement for a whole
 * batch. The writer's connection and transaction; results live in the arena. */
#ifndef ZHIBAO_SERVER_STORE_HISTORY_STORE_H
#define ZHIBAO_SERVER_STORE_HISTORY_STORE_H

#include "plan/explanation.h"
#include "plan/form_check.h"
#include "server/ingest/task.h"
#include "server/store/db.h"

/* One earlier year of one unit's form, whatever version of it. */
struct history_key {
    uint64_t district, unit;
    int32_t form_id;
    int period;
};

/* out_stored[i]: whether the district has any report of that period (unit and form are not looked
 * at). */
MUST_CHECK enum status store_periods_known(struct db *db, struct arena *arena,
                                           const struct history_key *keys, size_t count,
                                           bool *out_stored);

/* out_observations[i]: the figures of the newest revision that is neither withdrawn nor bad;
 * out_found[i] says whether there is one. */
MUST_CHECK enum status store_earlier_years(struct db *db, struct arena *arena,
                                           const struct history_key *keys, size_t count,
                                           bool *out_found, struct observations *out_observations);

/* The explanations that a unit gave in that period, all revisions: rows ascending by `key`. */
struct earlier_explanation {
    size_t key; /* index into keys */
    struct explanation_key words;
};
MUST_CHECK enum status store_earlier_explanations(struct db *db, struct arena *arena,
                                                  const struct history_key *keys, size_t count,
                                                  struct earlier_explanation **out_rows,
                                                  size_t *out_count);

/* The explanations of reports that have been stored in this transaction; nothing without any. */
MUST_CHECK enum status store_insert_explanations(struct db *db, struct arena *arena,
                                                 struct task **tasks, size_t count);

#endif
