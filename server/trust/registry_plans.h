/* The registry's plans and forms, loaded from the imports as the administrators signed them. */
#ifndef ZHIBAO_SERVER_TRUST_REGISTRY_PLANS_H
#define ZHIBAO_SERVER_TRUST_REGISTRY_PLANS_H

#include "server/trust/registry_rows.h"

/* Loads the plans changed since the registry's mark, up to `until`. The refreshing thread. */
MUST_CHECK enum status registry_plans_load(struct registry *registry, struct db *db, int64_t until);

#endif
