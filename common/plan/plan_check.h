/* Looks for traps in a plan and reports them, repairing none. Pure; any thread. */
#ifndef ZHIBAO_PLAN_PLAN_CHECK_H
#define ZHIBAO_PLAN_PLAN_CHECK_H

#include "plan/plan.h"

struct finding {
    unsigned number;     /* 1, 2, 3 ... in printing order */
    const char *kind;    /* slug: "target-looser-than-baseline"; see deploy/plans/README.md */
    const char *subject; /* indicator code, or a target's code when there is no indicator */
    const char *targets; /* codes of the targets concerned, joined by spaces; may be "" */
    const char *zh, *en; /* one sentence each, naming the figures and the quote */
};

struct findings {
    size_t count;
    const struct finding *items;
};

/* STATUS_OK (also with findings) or STATUS_NO_MEMORY. findings_destroy frees. */
MUST_CHECK enum status plan_check(const struct plan *plan, struct findings **out_findings);
void findings_destroy(struct findings **findings);

#endif
