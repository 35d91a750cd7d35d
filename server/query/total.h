/* A township's total of a village form: what its accepted reports add up to, and who is missing.
 *
 * The same computation answers GET_TOTAL on a query thread and verifies a Confirmation inside the
 * writer's transaction, on the connection given. */
#ifndef ZHIBAO_SERVER_QUERY_TOTAL_H
#define ZHIBAO_SERVER_QUERY_TOTAL_H

#include "proof/receipt.h"
#include "server/store/db.h"
#include "server/trust/registry.h"

struct total_report {
    uint64_t unit;
    struct record_id id;
    struct hash payload_sha256;
    bool entered; /* by the township on the village's behalf */
};

/* Arrays live in the arena. Cells are all of the form's, ascending. */
struct township_total {
    int next_revision; /* of the township's next confirmation */
    size_t report_count;
    struct total_report *reports; /* the counting ones, ascending by unit */
    size_t cell_count;
    uint32_t *cell;
    uint32_t *presence;  /* VALUE when a unit gave one; else the most frequent kind of nothing, a
                            missing report being NOT_REPORTED */
    double *value;       /* sums in order of unit; for yes/no cells the number of yes */
    uint32_t *reporters; /* units that gave a value */
    bool demonstration;  /* one of them is demonstration data */
    size_t missing_count;
    uint64_t *missing; /* units without an accepted report, ascending */
};

/* STATUS_E_UNIT_UNKNOWN when the unit is no township of the form's plan, STATUS_E_FORM_UNKNOWN
 * when villages do not report the form, STATUS_E_PERIOD outside the plan's years, STATUS_DATABASE,
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status total_compute(struct db *db, struct registry *registry, struct arena *arena,
                                     uint64_t township_unit, const struct registry_form *form,
                                     int period, struct township_total *out_total);

#endif
