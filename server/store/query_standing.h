/* The report that each unit stands by in a year: the one that counts, else the newest that waits
 * for its review. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_STANDING_H
#define ZHIBAO_SERVER_STORE_QUERY_STANDING_H

#include "server/chain/rules.h"
#include "server/store/query_reports.h"

struct standing_report {
    uint64_t unit;
    int32_t form_id;
    struct record_id id;
    int revision;
    enum record_state state;
    bool counts; /* accepted */
    bool demonstration;
    uint64_t entered_by;
    struct observations observations;
};

/* One row a unit and form, whatever version of it, ascending by unit; of scope->periods the first.
 * What was returned, withdrawn or objected to is not stood by. STATUS_LIMIT for more than
 * STANDING_MAX. */
enum { STANDING_MAX = 20000 };
MUST_CHECK enum status query_standing(struct db *db, struct arena *arena,
                                      const struct report_scope *scope,
                                      struct standing_report **out_reports, size_t *out_count);

#endif
