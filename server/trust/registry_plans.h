/* The registry's plans and forms, loaded from the imports as the administrators signed them. */
#ifndef ZHIBAO_SERVER_TRUST_REGISTRY_PLANS_H
#define ZHIBAO_SERVER_TRUST_REGISTRY_PLANS_H

#include "server/trust/registry_rows.h"

/* Loads the plans changed since the registry's mark, up to `until`. The refreshing thread. */
MUST_CHECK enum status registry_plans_load(struct registry *registry, struct db *db, int64_t until);

/* A plan from a serialised PlanImport, destroyed by the caller. STATUS_NOT_FOUND when it is another
 * than `wanted`; STATUS_INVALID, logged, when it does not load: it was checked before it was
 * stored, so either the row or this program is damaged. */
MUST_CHECK enum status registry_import_load(const struct stored_import *import, const char *wanted,
                                            struct plan **out_plan);

#endif
