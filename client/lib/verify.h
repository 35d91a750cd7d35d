/* Checking what a server signed, against pinned keys and nothing else.
 *
 * A receipt or refusal names the key it was signed with; that name only selects among the pins. No
 * key that comes with the bytes themselves is ever used. Pure; any thread. */
#ifndef ZHIBAO_LIB_VERIFY_H
#define ZHIBAO_LIB_VERIFY_H

#include "lib/pins.h"
#include "proof/receipt.h"
#include "record.pb-c.h"

/* STATUS_E_MALFORMED: no receipt. STATUS_NOT_FOUND: its key is not pinned. STATUS_MISMATCH: its
 * path does not lead to its root. STATUS_E_SIGNATURE, STATUS_E_ALGORITHM. *out_receipt is also set
 * for every failure but the first, to say what it claims. */
MUST_CHECK enum status verify_receipt(const struct pins *pins, const uint8_t *bytes, size_t size,
                                      struct receipt *out_receipt);

/* The same for a refusal and the serialised Error that goes with it (STATUS_MISMATCH when it is
 * another). */
MUST_CHECK enum status verify_refusal(const struct pins *pins, const uint8_t *bytes, size_t size,
                                      const uint8_t *error, size_t error_size,
                                      struct refusal *out_refusal);

/* Whether a receipt's leaf is that of this record: kind, unit and id of its head, payload, key,
 * algorithm and signature. STATUS_OK, STATUS_MISMATCH, or STATUS_E_MALFORMED for a payload without
 * a head. The author's signature itself is not checked. */
MUST_CHECK enum status verify_record(const struct receipt *receipt, const Zhibao__Record *record);

/* The head of a record's payload, whatever its kind; STATUS_E_MALFORMED. */
struct record_head {
    uint64_t unit;
    struct record_id id;
    int64_t signed_at_us;
};
MUST_CHECK enum status record_head_read(const uint8_t *payload, size_t size,
                                        struct record_head *out_head);

#endif
