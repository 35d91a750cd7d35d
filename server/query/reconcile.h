/* The parts of a reconciliation: how a figure of several reporters is worked out. Used by
 * reconcile*.c only; one request, in its arena. */
#ifndef ZHIBAO_SERVER_QUERY_RECONCILE_H
#define ZHIBAO_SERVER_QUERY_RECONCILE_H

#include "reconcile.pb-c.h"
#include "server/query/form_map.h"
#include "server/query/reply.h"
#include "server/store/query_standing.h"

struct reconciling {
    struct query *query;
    const struct plan *plan;
    uint64_t place;
    int period;
    bool reports; /* list what is behind sums */
    const struct form_map *map;
    const struct standing_report *standing; /* ascending by unit */
    size_t standing_count;
    struct reply_budget budget;
};

/* Whether the form has a cell for every element of the figure. */
bool reconcile_has(const struct form *form, const struct expression *figure);

/* reconcile_figure.c: what the units of a form at the place give; NULL figure when no unit owes it.
 * Villages, townships and districts are summed over the place, a department is that of the place
 * itself. STATUS_NO_MEMORY. */
MUST_CHECK enum status reconcile_figure(struct reconciling *reconciling,
                                        const struct same_count *same, const struct form *form,
                                        Zhibao__ReconcileFigure **out_figure);

#endif
