/* Explanations on their way up, and what a unit reported before. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_EXPLAINED_H
#define ZHIBAO_SERVER_STORE_QUERY_EXPLAINED_H

#include "plan/form_check.h"
#include "proof/receipt.h"
#include "server/store/db.h"

/* One explanation: the newest of its cell up to the revision asked about, with that revision's
 * figure. */
struct explained_row {
    size_t subject; /* index into the subjects asked about; 0 for a span */
    uint64_t unit;
    char *form, *text;
    uint32_t cell;
    int revision;
    uint32_t presence;
    double value;
};

enum { EXPLAINED_ROWS_MAX = 5000 };

/* Of records: reports, and confirmations (kind 3) with every report they name. Ascending by
 * subject, unit and cell; at most EXPLAINED_ROWS_MAX. */
struct explained_subject {
    int kind;
    uint64_t district, unit; /* the unit's home district: it leads the index */
    struct record_id id;
};
MUST_CHECK enum status query_explained(struct db *db, struct arena *arena,
                                       const struct explained_subject *subjects, size_t count,
                                       struct explained_row **out_rows, size_t *out_count);

/* Of the counting (accepted) reports of a period, of units of a span. */
MUST_CHECK enum status query_explained_span(struct db *db, struct arena *arena,
                                            const int64_t *districts, size_t district_count,
                                            int period, int64_t first_unit, int64_t last_unit,
                                            struct explained_row **out_rows, size_t *out_count);

/* A unit's reports of earlier years, the newest year first: of each the newest revision that is
 * neither withdrawn nor bad. */
struct previous_row {
    int period, revision;
    struct record_id id;
    bool accepted;
    struct observations observations;
};
MUST_CHECK enum status query_previous(struct db *db, struct arena *arena, uint64_t district,
                                      uint64_t unit, int32_t form_id, int before, int years,
                                      struct previous_row **out_rows, size_t *out_count);

#endif
