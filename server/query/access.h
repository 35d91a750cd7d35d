/* Who may see what, beyond query_may_see in query.h. Pure; the query's thread. */
#ifndef ZHIBAO_SERVER_QUERY_ACCESS_H
#define ZHIBAO_SERVER_QUERY_ACCESS_H

#include "server/query/query.h"

/* Whether the asker may see the figures of a whole place: statistics, office and admin of their
 * own place and those below, a township of its own and its villages, a village its own; a
 * department no place at all. */
bool query_may_see_place(const struct query *query, uint64_t place);

/* For what only administrators see: STATUS_OK when the asker is one and *place (0 becomes its own)
 * is its own or below; else a refusal. */
MUST_CHECK enum status query_administrator(struct query *query, uint64_t *place);

#endif
