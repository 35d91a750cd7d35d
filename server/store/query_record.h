/* One stored record, as it was signed. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_RECORD_H
#define ZHIBAO_SERVER_STORE_QUERY_RECORD_H

#include "server/store/query_receipt.h"

struct stored_record {
    struct receipt_row row;
    uint64_t carrier;
    uint8_t *payload, *signature; /* in the arena */
    size_t payload_size, signature_size;
    uint64_t subject_unit; /* of reviews, notices and key changes; else 0 */
    uint64_t place;        /* of locks and confirmations; else 0 */
};

/* The record whose row lies in one of these districts: the author's home district, or for the
 * aggregator's own notices (unit 0) the subject's. STATUS_NOT_FOUND when there is none, or for an
 * unknown kind. */
MUST_CHECK enum status query_record(struct db *db, struct arena *arena, uint64_t first_district,
                                    uint64_t last_district, uint64_t unit, uint8_t kind,
                                    const struct record_id *id, struct stored_record *out_record);

/* Whether a confirmation names a report of `reporter`, or a review is of such a confirmation. */
MUST_CHECK enum status query_record_names(struct db *db, struct arena *arena,
                                          const struct stored_record *record, uint64_t district,
                                          uint64_t reporter, bool *out_names);

#endif
