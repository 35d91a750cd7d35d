/* Who brings how many reports of cases (proto/CASES.md section 5.1). In memory alone: that a unit
 * or a key brought one is written nowhere, and a restart begins anew. The writer's thread. */
#ifndef ZHIBAO_SERVER_CASES_CASE_LIMITS_H
#define ZHIBAO_SERVER_CASES_CASE_LIMITS_H

#include <stdbool.h>

#include "proof/sign.h"

struct case_limits;

/* NULL without memory. */
struct case_limits *case_limits_create(void);
void case_limits_destroy(struct case_limits **limits);

/* One more report by this unit's key to this district. STATUS_OK, or STATUS_E_CASE_FLOOD: later. */
MUST_CHECK enum status case_limits_take(struct case_limits *limits, const struct key_id *key,
                                        uint64_t unit, uint64_t district, bool emergency,
                                        int64_t now_us);

/* What was taken since a mark is undone when what it was for is: a report that was rolled back is
 * not counted a second time when it is tried again. */
size_t case_limits_mark(const struct case_limits *limits);
void case_limits_undo(struct case_limits *limits, size_t mark);
/* Of a whole batch: it was rolled back, or stored (nothing is undone any more). */
void case_limits_roll_back(struct case_limits *limits);
void case_limits_settle(struct case_limits *limits);

/* A district of which reports are put off, once an hour; false: no more of them. */
bool case_limits_found(struct case_limits *limits, uint64_t *out_district);

#endif
