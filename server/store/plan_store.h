/* A plan's tables, filled from its files inside the writer's transaction. */
#ifndef ZHIBAO_SERVER_STORE_PLAN_STORE_H
#define ZHIBAO_SERVER_STORE_PLAN_STORE_H

#include "server/ingest/task.h"
#include "server/store/db.h"

/* Replaces the plan's rows (indicators, targets, duties), adds places and units, adds forms that
 * are new or of a higher version. STATUS_E_FORM_VERSION when cells of a known version differ. */
MUST_CHECK enum status store_plan(struct db *db, const struct plan *plan, const struct task *task);

/* After it: which units and forms the plan has in each of its years. `current` is the version in
 * force until now, which goes on for the years before the new one's `amended_from`; or NULL. */
MUST_CHECK enum status store_plan_years(struct db *db, const struct plan *plan,
                                        const struct plan *current);

#endif
