/* Tasks past their time and what the level above did: what there is to tell, and that it was told.
 */
#ifndef ZHIBAO_SERVER_STORE_FOUND_STORE_H
#define ZHIBAO_SERVER_STORE_FOUND_STORE_H

#include "server/clock/found_notice.h"

/* Open tasks whose time passed by `now_us`, at most `since_us` ago, and that were not told to have
 * reached the stage they are in; whom they escalate to is the caller's to say. At most `limit`;
 * arena. */
MUST_CHECK enum status query_tasks_overdue(struct db *db, struct arena *arena, int64_t now_us,
                                           int64_t since_us, size_t limit,
                                           struct task_notice **out_rows, size_t *out_count);

/* Steps of the level above that were not told yet, oldest first. */
MUST_CHECK enum status query_uplink_steps(struct db *db, struct arena *arena, size_t limit,
                                          struct uplink_notice **out_rows, size_t *out_count);

/* The writer's; *out_new: it was not there. */
MUST_CHECK enum status store_task_notice(struct apply *apply, const struct task *task,
                                         const struct task_notice *notice, bool *out_new);
MUST_CHECK enum status store_uplink_notice(struct apply *apply, const struct task *task,
                                           const struct uplink_notice *notice, bool *out_new);

/* The uplink's: a step as the level above told it; harmless when repeated. */
MUST_CHECK enum status store_uplink_step(struct db *db, struct arena *arena,
                                         const struct uplink_notice *step);

#endif
