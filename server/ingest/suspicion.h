/* The soft checks of a batch's reports against what their units, and a township's villages,
 * reported before. The writer's thread, inside its transaction. */
#ifndef ZHIBAO_SERVER_INGEST_SUSPICION_H
#define ZHIBAO_SERVER_INGEST_SUSPICION_H

#include "server/ingest/task.h"
#include "server/store/db.h"

/* Remembers which districts have stored which periods, so that a first year costs no query. Valid
 * as long as nobody else writes: the writer forgets all when it takes its lock anew. */
struct period_memory;
MUST_CHECK enum status period_memory_create(struct period_memory **out_memory);
void period_memory_destroy(struct period_memory **memory);
void period_memory_forget(struct period_memory *memory);
/* After COMMIT: these reports are stored. */
void period_memory_note(struct period_memory *memory, struct task **tasks, size_t count);

/* Sets task->before (earlier years and their explanations) of the reports, one query for all;
 * none when no district has anything stored of those years. */
MUST_CHECK enum status suspicion_load(struct period_memory *memory, struct db *db,
                                      struct arena *arena, struct task **reports, size_t count);

/* Judges reports[at]; those before it, ascending by form, period and unit, are decided already and
 * count as history where they are about to be stored. Adds a problem for each figure under
 * suspicion without an explanation and for each explanation of last year. STATUS_OK also then;
 * STATUS_DATABASE, STATUS_NO_MEMORY. */
MUST_CHECK enum status suspicion_judge(struct db *db, struct registry *registry,
                                       struct arena *arena, struct task **reports, size_t at);

#endif
