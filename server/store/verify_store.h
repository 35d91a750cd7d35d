/* Reading stored reports back for the check of their signatures. */
#ifndef ZHIBAO_SERVER_STORE_VERIFY_STORE_H
#define ZHIBAO_SERVER_STORE_VERIFY_STORE_H

#include "proof/receipt.h"
#include "server/store/db.h"

struct stored_signature {
    uint64_t district, unit;
    struct record_id id;
    struct key_id key;
    uint64_t signer; /* the unit itself, or who entered it on its behalf */
    uint8_t algorithm;
    const uint8_t *payload, *signature; /* valid during the call */
    size_t payload_size, signature_size;
};

/* The mark, and the newest batch there is. */
MUST_CHECK enum status store_checked_read(struct db *db, struct arena *arena, int64_t *out_checked,
                                          int64_t *out_head);

/* The last of the batches after `checked` that together hold about `leaves` leaves (at least one
 * batch). STATUS_NOT_FOUND when there is none. */
MUST_CHECK enum status store_chunk_end(struct db *db, struct arena *arena, int64_t checked,
                                       int64_t leaves, int64_t *out_upto);

/* Calls `each` for every report of batches in (after, upto]; stops at its first failure. */
MUST_CHECK enum status store_signatures(
    struct db *db, struct arena *arena, int64_t after, int64_t upto,
    enum status (*each)(void *context, const struct stored_signature *stored), void *context);

#endif
