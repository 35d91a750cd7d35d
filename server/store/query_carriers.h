/* Who may carry for a unit, and the enrolments that prove their keys. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_CARRIERS_H
#define ZHIBAO_SERVER_STORE_QUERY_CARRIERS_H

#include "server/store/query_receipt.h"

enum { CARRIERS_MAX = 32, SUBTREES_MAX = 256 };

/* An enrolment (KeyChange) of a key that is active now, as signed; in the arena. */
struct carrier_enrolment {
    struct receipt_row row;
    uint8_t *payload, *signature;
    size_t payload_size, signature_size;
};

/* Of the township of `place` and of every unit that is granted a place around it, except `unit`
 * itself: at most CARRIERS_MAX, newest key first within a unit. */
MUST_CHECK enum status query_carriers(struct db *db, struct arena *arena, uint64_t unit,
                                      uint64_t place, struct carrier_enrolment **out_enrolments,
                                      size_t *out_count);

/* The subtrees granted to `unit`, at most SUBTREES_MAX. */
MUST_CHECK enum status query_subtrees(struct db *db, struct arena *arena, uint64_t unit,
                                      uint64_t **out_subtrees, size_t *out_count);

#endif
