/* Reports of a subtree as consolidation wants them: every revision with what reviews say of it,
 * and the figures of the accepted ones.
 *
 * The rules are those of the view zhibao.report_state, computed for a whole subtree at once. Any
 * connection: query threads use it for pulls, the writer to verify a township's total. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_REPORTS_H
#define ZHIBAO_SERVER_STORE_QUERY_REPORTS_H

#include "plan/form_check.h"
#include "proof/receipt.h"
#include "server/store/db.h"

struct report_scope {
    uint64_t place;           /* this place and all below */
    const int64_t *districts; /* home districts of the units there: they lead every index */
    size_t district_count;
    const int64_t *periods; /* years */
    size_t period_count;
    const int64_t *forms; /* zhibao.form.form_id */
    size_t form_count;
    int64_t before; /* batches from this on are not looked at; 0: all are */
    bool alone;     /* units of the place itself only */
};

/* The first batch that is not looked at. */
int64_t scope_before(const struct report_scope *scope);

struct report_row {
    uint64_t unit;
    int period;
    int32_t form_id;
    int revision;
    bool demonstration;
    bool bad_signature;
    bool accepted;      /* by its latest review */
    bool by_statistics; /* the latest review is a statistics department's */
    bool entered;       /* by its township on its behalf */
    struct record_id id;
    struct hash payload_sha256;
    struct observations observations; /* none unless accepted and not bad_signature */
};

/* Called for each row, ascending by unit and period, newest revision first (forms intermingled).
 * What `row` leads to is gone after the call. Any status but STATUS_OK ends the query with it. */
typedef enum status (*report_visitor)(void *context, const struct report_row *row);

/* Rows are fetched REPORTS_CHUNK at a time, so memory is bounded for any subtree.
 * STATUS_OK, the visitor's status, STATUS_DATABASE, STATUS_NO_MEMORY, or STATUS_MISMATCH for a row
 * whose columns do not fit together. */
enum { REPORTS_CHUNK = 20000 };
MUST_CHECK enum status query_reports(struct db *db, struct arena *arena,
                                     const struct report_scope *scope, report_visitor visit,
                                     void *context);

/* First and last unit of a subtree, and first and last home district that units in it can have. */
struct unit_span {
    int64_t first_district, last_district;
    int64_t first_unit, last_unit;
};
struct unit_span unit_span_of(uint64_t place);
struct unit_span unit_span_of_scope(const struct report_scope *scope);

#endif
