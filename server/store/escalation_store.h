/* Overdue tasks between servers: what those below told, and what there is to tell above. */
#ifndef ZHIBAO_SERVER_STORE_ESCALATION_STORE_H
#define ZHIBAO_SERVER_STORE_ESCALATION_STORE_H

#include "duty.pb-c.h"
#include "server/ingest/apply.h"

/* --- above: the writer's --- */

/* Whether the task that `message` names was told to have escalated; STATUS_E_TASK_UNKNOWN when it
 * was with another hash of its OPEN record. */
MUST_CHECK enum status escalation_known(struct apply *apply, const struct task *task,
                                        const Zhibao__TaskEscalation *message, bool *out_known);

/* *out_new: that step was not told before. */
MUST_CHECK enum status escalation_insert(struct apply *apply, const struct task *task,
                                         const Zhibao__TaskEscalation *message, uint64_t told,
                                         bool *out_new);

/* --- below: the uplink's --- */

/* A step of a task that escalated to an office which is not registered here. Texts in the arena. */
struct escalation_step {
    int action, period; /* action: enum TaskAction */
    uint64_t office, addressee;
    struct record_id task, id; /* of the OPEN record, of the step's */
    struct hash task_sha256;
    uint8_t kind; /* of the step's record, and where it lies: */
    uint64_t district, unit;
    int64_t due_us, time_us;
    const char *title, *text, *plan, *duty, *indicator;
};

/* Those of offices from `first` to `last` that were not put into the outbox yet, in the order of
 * the chain. */
MUST_CHECK enum status escalation_untold(struct db *db, struct arena *arena, uint64_t first,
                                         uint64_t last, size_t limit,
                                         struct escalation_step **out_steps, size_t *out_count);

/* Notes that it waits in the outbox; harmless when repeated. */
MUST_CHECK enum status escalation_put(struct db *db, struct arena *arena,
                                      const struct escalation_step *step, int64_t now_us);

/* Ids of those that waited when last looked at. */
MUST_CHECK enum status escalation_waiting(struct db *db, struct arena *arena, size_t limit,
                                          struct record_id **out_ids, size_t *out_count);
MUST_CHECK enum status escalation_settle(struct db *db, struct arena *arena,
                                         const struct record_id *id, bool stored,
                                         int64_t settled_us);

#endif
