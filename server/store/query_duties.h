/* What units sent for their duties: the latest report of each form and the latest document of each
 * duty. Any connection. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_DUTIES_H
#define ZHIBAO_SERVER_STORE_QUERY_DUTIES_H

#include "proof/receipt.h"
#include "server/store/db.h"

/* Units of a range, ascending, at most `limit`, after `after`. */
MUST_CHECK enum status query_duty_units(struct db *db, struct arena *arena, uint64_t first,
                                        uint64_t last, uint64_t after, size_t limit,
                                        uint64_t **out_units, size_t *out_count);

struct sent_row {
    uint64_t unit;
    bool document;
    const char *plan, *name; /* name: the form's or the duty's code */
    int period;
    struct record_id id;
    struct hash payload_sha256;
    const char *state, *reason; /* of report_state or document_state */
    int64_t sent_us, first_us;  /* the latest; the first good one of the same */
    uint32_t promulgated;
};

/* For these units: reports of `year`, documents of that year or owed once, the latest of each that
 * can still count. */
MUST_CHECK enum status query_sent(struct db *db, struct arena *arena, const int64_t *districts,
                                  const int64_t *units, size_t unit_count, int year,
                                  struct sent_row **out_rows, size_t *out_count);

#endif
