/* Which plan a place reported under in a year. Any thread. */
#ifndef ZHIBAO_SERVER_QUERY_SERIES_H
#define ZHIBAO_SERVER_QUERY_SERIES_H

#include "server/trust/registry.h"

/* `plan`, or of the plans before it the one whose years hold `year`; for a year before all of them
 * the first. Never NULL. */
const struct plan *series_plan_of(struct registry *registry, const struct plan *plan, int year);

#endif
