/* Changes of places in the database: read by whoever loads the registry, written inside the
 * writer's transaction. */
#ifndef ZHIBAO_SERVER_STORE_PLACE_STORE_H
#define ZHIBAO_SERVER_STORE_PLACE_STORE_H

#include "plan/place_history.h"
#include "server/ingest/task.h"
#include "server/store/db.h"

/* All changes so far, as a history that the caller owns. */
MUST_CHECK enum status place_store_history(struct db *db, struct place_history **out_history);

/* When each place named is in force, in the arena; places that are not registered are left out. */
MUST_CHECK enum status place_store_spans(struct db *db, struct arena *arena,
                                         const struct place_change *change,
                                         struct place_span **out_spans, size_t *out_count);

/* How many places are there below `place` on the day before `date`, and go on beyond it. */
MUST_CHECK enum status place_store_below(struct db *db, struct arena *arena, uint64_t place,
                                         int date, int64_t *out_count);

/* Stores a change that was found good: its row, the end of the places that end, a renamed place's
 * new row and its unit's name. `name_zh` "" keeps the name. */
MUST_CHECK enum status place_store_change(struct db *db, struct arena *arena,
                                          const struct task *task,
                                          const struct place_change *change, const char *name_zh,
                                          const char *reason);

/* After a plan import, which brings the names of its files: places renamed since keep theirs. */
MUST_CHECK enum status place_store_names(struct db *db);

#endif
