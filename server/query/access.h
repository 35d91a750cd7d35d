/* Who may see what, beyond query_may_see in query.h. Pure; the query's thread. */
#ifndef ZHIBAO_SERVER_QUERY_ACCESS_H
#define ZHIBAO_SERVER_QUERY_ACCESS_H

#include "server/query/query.h"

/* Whether the asker may see the figures of a whole place: RESULTS of server/trust/rights.h. */
bool query_may_see_place(const struct query *query, uint64_t place);

/* For what is seen of the own place and below by whoever may ask at all: STATUS_OK when *place (0
 * becomes the asker's own) is there; else a refusal. */
MUST_CHECK enum status query_own_place(struct query *query, uint64_t *place);

#endif
