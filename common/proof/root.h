/* Signed roots as witnesses keep them (PROTOCOL.md section 5.6): a batch header with the
 * aggregator's signature, alone or in a file one after the other. Pure; any thread. */
#ifndef ZHIBAO_PROOF_ROOT_H
#define ZHIBAO_PROOF_ROOT_H

#include "proof/receipt.h"

enum {
    ROOT_BYTES = BATCH_HEADER_BYTES + 1 + KEY_ID_BYTES + SIGN_SIGNATURE_BYTES,
    ROOT_MAGIC_BYTES = 4
};

struct signed_root {
    struct batch_header header;
    uint8_t algorithm;
    struct key_id key;
    struct signature signature;
};

void root_encode(const struct signed_root *root, uint8_t out_bytes[ROOT_BYTES]);

/* STATUS_E_MALFORMED for anything but ROOT_BYTES of this layout. */
MUST_CHECK enum status root_decode(const uint8_t *bytes, size_t size, struct signed_root *out_root);

/* STATUS_OK, STATUS_MISMATCH when another key signed it, STATUS_E_ALGORITHM, STATUS_E_SIGNATURE. */
MUST_CHECK enum status root_verify(const struct signed_root *root, const struct sign_public *key);

/* Whether `next` is the batch after `root` of the same chain. */
bool root_follows(const struct signed_root *root, const struct signed_root *next);

/* The roots of a file: how many, and where the first begins. STATUS_E_MALFORMED unless it begins
 * with "ZBW1" and holds whole roots. */
MUST_CHECK enum status root_file(const uint8_t *bytes, size_t size, const uint8_t **out_first,
                                 size_t *out_count);
extern const char root_magic[ROOT_MAGIC_BYTES + 1];

#endif
