/* Explanations as answers carry them: shared by PENDING, TOTAL, PULL and RECONCILE. */
#ifndef ZHIBAO_SERVER_QUERY_EXPLAINED_H
#define ZHIBAO_SERVER_QUERY_EXPLAINED_H

#include "checks.pb-c.h"
#include "server/query/query.h"
#include "server/store/query_explained.h"

/* One message in the request's arena; NULL without memory. `plan` names the cells. */
Zhibao__Explained *explained_make(const struct query *query, const struct plan *plan,
                                  const struct explained_row *row);

#endif
