/* The parts of AFFECTED: what counts now instead of what counted then. Used by affected*.c only;
 * one request, in its arena. */
#ifndef ZHIBAO_SERVER_ANALYSIS_AFFECTED_H
#define ZHIBAO_SERVER_ANALYSIS_AFFECTED_H

#include "affected.pb-c.h"
#include "server/query/pull.h"
#include "server/store/query_affected.h"

struct affecting {
    struct query *query;
    const struct plan *plan;
    uint64_t place;
    int period;
    int64_t before; /* nothing from this batch on counted then: that of the unlocking */
    int64_t after;  /* nor from this one on now; 0: everything counts */
    struct reply_budget budget;
    Zhibao__AffectedReply *reply;
};

/* affected_reports.c: lists the reports that count instead of others, with their cells, and gives
 * those that they replaced. */
MUST_CHECK enum status affected_reports(struct affecting *affecting,
                                        const struct pull_inputs *before,
                                        const struct pull_inputs *after,
                                        struct replaced_report **out_replaced, size_t *out_count);

#endif
