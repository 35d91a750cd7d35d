/* Whether anything that is published, put together, gives a small number away. */
#ifndef ZHIBAO_TESTS_QUERY_PUBLISHED_H
#define ZHIBAO_TESTS_QUERY_PUBLISHED_H

#include "plan/plan.h"

/* A world_fill: small numbers that differ from village to village. */
void published_fill(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                    uint32_t *out_presence, double *out_value);

/* Everything published of every level of the plan's district for a year whose villages all reported
 * with published_fill, asked for by `by`. */
void check_nothing_told(const struct plan *plan, int year, uint64_t by);

#endif
