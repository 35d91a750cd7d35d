/* Made-up reasons for figures under suspicion: what a unit would write, marked 演示数据. A function
 * of the seed, the unit, the cell and the year. */
#ifndef ZHIBAO_DEMO_REASONS_H
#define ZHIBAO_DEMO_REASONS_H

#include "plan/plan.h"
#include "plan/problems.h"

struct demo_reason {
    uint64_t seed;
    const struct unit *unit;
    int year;
    const struct problem *problem; /* what soft_check asks */
    bool has_last;                 /* a figure of last year to speak of */
    double now, last;
};

enum { DEMO_REASON_BYTES = 320 };

/* A sentence that no other cell and no other year has. */
void demo_reason_write(const struct demo_reason *reason, char out[DEMO_REASON_BYTES]);

#endif
