/* The parts of an evaluation: which plan was in force, and its inputs as the answer lists them.
 * Used by evaluate*.c only; one request. */
#ifndef ZHIBAO_SERVER_ANALYSIS_EVALUATE_H
#define ZHIBAO_SERVER_ANALYSIS_EVALUATE_H

#include "analysis.pb-c.h"
#include "server/query/pull.h"

/* Inputs that one page lists. */
enum { EVALUATE_INPUTS = 1000 };

/* Lists inputs from number `first` on, and the digest of all. */
MUST_CHECK enum status evaluate_inputs(const struct pull *pull, size_t first,
                                       Zhibao__Evaluation *reply);

/* Names the import of the plan that was in force before pull->before. Where it is not the one in
 * force now, gives it as `*out_past`, which the caller destroys; untouched else.
 * STATUS_E_PLAN_UNKNOWN when there was none yet. */
MUST_CHECK enum status evaluate_plan(const struct pull *pull, const char *code,
                                     Zhibao__Evaluation *reply, struct plan **out_past);

#endif
