/* Openings, cut-offs, exceptions and what is owed, as calendar.h and the answers want it. Any
 * connection. Everything is in the arena. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_CALENDAR_H
#define ZHIBAO_SERVER_STORE_QUERY_CALENDAR_H

#include "server/clock/clock_work.h"
#include "server/store/db.h"

enum { OUTAGES_MAX = 1000 };

/* Everything known of a plan and period, entries of all its places. */
MUST_CHECK enum status query_cutoff_book(struct db *db, struct arena *arena,
                                         const struct plan *plan, int period,
                                         struct cutoff_book *out_book);

/* A unit that owes a form at a level, and how far it has come. */
struct owed_row {
    uint64_t unit, district;
    const char *form;
    enum cutoff_level level;
    int64_t first_us; /* the first good report came; 0: none */
    bool waiting;     /* something stands that was not returned */
    bool accepted, final;
    int64_t seen_us; /* last contact; 0: never */
};

/* Units from `first_unit` to `last_unit`, ascending by unit, form, level; `form` "" is all. */
struct owed_scope {
    const char *plan, *form;
    int period;
    uint64_t first_unit, last_unit;
    bool missing; /* only those with nothing standing */
};
MUST_CHECK enum status query_owed(struct db *db, struct arena *arena,
                                  const struct owed_scope *scope, struct owed_row **out_rows,
                                  size_t *out_count);

/* When the aggregator last could store something; 0: never yet. */
MUST_CHECK enum status query_service_mark(struct db *db, int64_t *out_seen_us);

/* Plans there are. */
MUST_CHECK enum status query_plan_codes(struct db *db, struct arena *arena, const char ***out_codes,
                                        size_t *out_count);

/* The notices made for a plan and period, of which a notice is told apart by unit, form, level,
 * kind, due_us, days and outage.from_us. Unordered; `plan` and `period` are those asked for. */
MUST_CHECK enum status query_cutoff_notices(struct db *db, struct arena *arena, const char *plan,
                                            int period, struct cutoff_notice **out_notices,
                                            size_t *out_count);

#endif
