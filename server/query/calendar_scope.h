/* What a question about time is asked of: plan, period, place. The query's thread. */
#ifndef ZHIBAO_SERVER_QUERY_CALENDAR_SCOPE_H
#define ZHIBAO_SERVER_QUERY_CALENDAR_SCOPE_H

#include "server/query/query.h"

struct calendar_scope {
    const struct plan *plan;
    uint64_t place;
    int period;
};

/* The plan named, or the one the place reports under. STATUS_OK, or a refusal: no such plan, a
 * place or period outside it, a form it does not have. `place` 0: the asker's own. */
MUST_CHECK enum status calendar_scope_find(struct query *query, uint64_t place, uint32_t period,
                                           const char *plan, const char *form,
                                           struct calendar_scope *out_scope);

#endif
