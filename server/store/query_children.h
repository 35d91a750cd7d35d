/* The latest accepted earlier report of some units, for what is known of a village that is silent.
 * Any connection. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_CHILDREN_H
#define ZHIBAO_SERVER_STORE_QUERY_CHILDREN_H

#include "server/store/query_reports.h"

/* Of each of `units`, the observations of the newest report of scope's forms before `period` that
 * was accepted by a unit of its own district, in the arena; a unit without one is left out.
 * Ascending by unit. STATUS_OK, STATUS_DATABASE, STATUS_MISMATCH or STATUS_NO_MEMORY. */
struct earlier_report {
    uint64_t unit;
    int32_t form_id;
    struct observations observations;
};
MUST_CHECK enum status query_earlier(struct db *db, struct arena *arena,
                                     const struct report_scope *scope, const int64_t *units,
                                     size_t unit_count, int period,
                                     struct earlier_report **out_reports, size_t *out_count);

#endif
