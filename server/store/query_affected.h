/* A locked period that was opened again: when, and what had been made of its figures. Query
 * threads.
 */
#ifndef ZHIBAO_SERVER_STORE_QUERY_AFFECTED_H
#define ZHIBAO_SERVER_STORE_QUERY_AFFECTED_H

#include "proof/receipt.h"
#include "server/chain/rules.h"
#include "server/store/query_reports.h"

/* A lock or an unlocking, in the order of the chain. */
struct lock_event {
    bool locked;
    int64_t batch, time_us;
    uint64_t unit;
    char *reason;
    struct record_id id;
};
MUST_CHECK enum status query_lock_events(struct db *db, struct arena *arena, const char *plan,
                                         uint64_t place, int period, struct lock_event **out_events,
                                         size_t *out_count);

/* A report as it was stored; STATUS_NOT_FOUND without it. */
MUST_CHECK enum status query_stored_report(struct db *db, struct arena *arena, uint64_t district,
                                           uint64_t unit, const struct record_id *id,
                                           int32_t *out_form_id, bool *out_demonstration,
                                           struct observations *out_observations);

/* A report that counted before the unlocking and does so no longer; without `had`, nothing of the
 * unit counted. */
struct replaced_report {
    uint64_t district, unit;
    int32_t form_id; /* any version of the form */
    bool had;
    struct record_id id;
};

/* What was made of them by then: totals that named them (or missed the unit), signatures on them,
 * scans attached to them; and of the whole period: locks, documents (evaluations, implementation
 * and monitoring reports, yearbooks), consolidations told to the level above. */
struct affected_result {
    char *what;
    uint64_t unit;
    int kind; /* of the record; 0: an uplink's, which the level above has */
    struct record_id id;
    int64_t time_us;
    int revision;
    enum record_state state;
    char *form, *detail;
    uint64_t of_unit;
};
struct affected_scope {
    const char *plan;
    uint64_t place;
    int period;
    int64_t unlocked; /* batch of the unlocking */
    const struct replaced_report *replaced;
    size_t replaced_count;
};
enum { AFFECTED_RESULTS_MAX = 2000 };
MUST_CHECK enum status query_affected_results(struct db *db, struct arena *arena,
                                              const struct affected_scope *scope,
                                              struct affected_result **out_results,
                                              size_t *out_count);

#endif
