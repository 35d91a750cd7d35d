/* When reports of a subtree came, and what amended ones say for themselves. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_QUALITY_H
#define ZHIBAO_SERVER_STORE_QUERY_QUALITY_H

#include "server/store/query_reports.h"

struct arrival {
    uint64_t unit;
    int period, revision;
    int32_t form_id;
    int64_t received_us;
    const uint8_t *payload; /* of revisions after the first; lives during the visit */
    size_t payload_size;
};
typedef enum status (*arrival_visitor)(void *context, const struct arrival *arrival);

/* Every revision in the scope that is neither withdrawn nor badly signed, ascending by unit,
 * period, form and revision. */
MUST_CHECK enum status query_arrivals(struct db *db, struct arena *arena,
                                      const struct report_scope *scope, arrival_visitor visit,
                                      void *context);

#endif
