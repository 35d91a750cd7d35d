/* Which reports and totals came late. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_LATE_H
#define ZHIBAO_SERVER_STORE_QUERY_LATE_H

#include "server/store/db.h"

/* A report (kind 1) or a township's total (kind 3); any other kind is never late. */
struct late_subject {
    uint64_t district, unit;
    const char *plan, *form;
    int period, kind;
};

/* out_late[i]: the first good revision came after the cut-off in force for the unit, by
 * zhibao.cutoff_of; a form without a cut-off is never late. The same as zhibao.timeliness_unit
 * says, for a list. */
MUST_CHECK enum status query_late(struct db *db, struct arena *arena,
                                  const struct late_subject *subjects, size_t count,
                                  bool *out_late);

#endif
