/* A district's consolidated figures in the cells of the form that the level above asks for: sums
 * over units, so that a ratio stays the sum of numerators over the sum of denominators. Pure; the
 * caller's arena. */
#ifndef ZHIBAO_SERVER_UPLINK_UPLINK_SUMS_H
#define ZHIBAO_SERVER_UPLINK_UPLINK_SUMS_H

#include "query.pb-c.h"
#include "stats/consolidate.h"

/* One observation for each cell of `sheet`, ascending: the sum of what the first of the plan's
 * forms with that element and stratum brought ("area=rural" and "area=urban" choose villages by
 * their codes). NOT_COLLECTED where no form asks for it, nobody gave a value, or it is a yes/no
 * question, which has no sum. *out_any: whether there is any value at all. STATUS_NO_MEMORY. */
MUST_CHECK enum status uplink_sums(const struct consolidation_input *input,
                                   const Zhibao__FormSheet *sheet, struct arena *arena,
                                   Zhibao__Observations **out_observations, bool *out_any);

#endif
