/* A plan's tables, filled from its files inside the writer's transaction. */
#ifndef ZHIBAO_SERVER_STORE_PLAN_STORE_H
#define ZHIBAO_SERVER_STORE_PLAN_STORE_H

#include "server/ingest/task.h"
#include "server/store/db.h"

/* Replaces the plan's rows (indicators, targets, duties), adds places and units, adds forms that
 * are new or of a higher version. STATUS_E_FORM_VERSION when cells of a known version differ. */
MUST_CHECK enum status store_plan(struct db *db, const struct plan *plan, const struct task *task);

#endif
