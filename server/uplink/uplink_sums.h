/* A district's consolidated figures in the cells of the form that the level above asks for: sums
 * over units, so that a ratio stays the sum of numerators over the sum of denominators. Pure; the
 * caller's arena. */
#ifndef ZHIBAO_SERVER_UPLINK_UPLINK_SUMS_H
#define ZHIBAO_SERVER_UPLINK_UPLINK_SUMS_H

#include "query.pb-c.h"
#include "stats/consolidate.h"

enum { UPLINK_UNITS_MAX = 2000 }; /* of one report: within its bytes and fields (wire/codec.h) */

/* Where the figures of one cell of the sheet come from. */
struct uplink_source {
    size_t form; /* of the plan; PLAN_NONE: nobody asks for it */
    uint32_t cell;
    enum area area; /* of villages; AREA_NONE: all */
};
struct uplink_source uplink_source_find(const struct plan *plan, const Zhibao__FormCell *cell);

/* One observation for each cell of `sheet`, ascending: the sum of what the first of the plan's
 * forms with that element and stratum brought ("area=rural" and "area=urban" choose villages by
 * their codes; of a yes/no question the number of yes), and how many units are behind it.
 * NOT_COLLECTED where no form asks for it or nobody gave a value. *out_any: whether there is any
 * value at all. STATUS_NO_MEMORY. */
MUST_CHECK enum status uplink_sums(const struct consolidation_input *input,
                                   const Zhibao__FormSheet *sheet, struct arena *arena,
                                   Zhibao__Report *report, bool *out_any);

/* For each target that asks every township, village or institution for itself: what each has, at
 * most `most` (UPLINK_UNITS_MAX) in all. An indicator goes whole or not at all, as the worst unit
 * may be any of them; *out_left_out says how many did not fit. STATUS_NO_MEMORY. */
MUST_CHECK enum status uplink_units(const struct consolidation_input *input, size_t most,
                                    struct arena *arena, Zhibao__Report *report,
                                    size_t *out_left_out);

#endif
