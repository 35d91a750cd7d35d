/* Looks for traps in a plan and reports them, repairing none. Pure; any thread. */
#ifndef ZHIBAO_PLAN_PLAN_CHECK_H
#define ZHIBAO_PLAN_PLAN_CHECK_H

#include "plan/plan.h"

/* How much a finding is to be minded. */
enum finding_severity {
    SEVERITY_HIGH,   /* the text contradicts itself, or a figure in it cannot be right */
    SEVERITY_MEDIUM, /* something is missing or open: attainment needs an assumption, or cannot be
                        judged */
    SEVERITY_LOW,    /* to be known when the results are read */
};
enum { SEVERITIES = SEVERITY_LOW + 1 };

struct finding {
    unsigned number; /* 1, 2, 3 ... in printing order */
    enum finding_severity severity;
    const char *kind; /* slug: "target-looser-than-baseline"; see deploy/plans/README.md */
    const char *kind_zh;
    const char
        *subject; /* indicator code; without one the target's or duty's code, or the plan's */
    const char *targets; /* codes of the targets concerned, and of other indicators, joined by
                            spaces; may be "" */
    const char *zh, *en; /* one sentence each, naming the figures and the quote */
};

struct findings {
    size_t count; /* at most 10,000: more of a plan's traps are not collected */
    const struct finding *items;
    struct arena *memory; /* holds the texts */
};

/* "high", "medium", "low"; 高, 中, 低. */
const char *severity_name(enum finding_severity severity);
const char *severity_zh(enum finding_severity severity);

/* STATUS_OK (also with findings) or STATUS_NO_MEMORY. findings_destroy frees; the findings outlive
 * the plan. */
MUST_CHECK enum status plan_check(const struct plan *plan, struct findings **out_findings);
void findings_destroy(struct findings **findings);

#endif
