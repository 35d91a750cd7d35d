/* Leaves, batch headers, receipts and refusals, byte for byte (PROTOCOL.md section 5).
 *
 * Integers are big-endian. Encoders write into caller buffers and return the length; decoders
 * check every length and copy. A receipt proves that the aggregator holding the signing key stated:
 * this record of this unit was stored at this place of this batch. Pure; any thread. */
#ifndef ZHIBAO_PROOF_RECEIPT_H
#define ZHIBAO_PROOF_RECEIPT_H

#include <stdbool.h>

#include "proof/merkle.h"

enum {
    RECORD_ID_BYTES = 16,
    CHAIN_ID_BYTES = 16,
    LEAF_BYTES = 1 + 1 + 8 + 16 + 8 + 1 + 16 + 32 + 32, /* 115 */
    BATCH_HEADER_BYTES = 1 + 16 + 8 + 8 + 4 + 32 + 32,  /* 101 */
    RECEIPT_MAX_BYTES = 2048,
    REFUSAL_BYTES = 4 + 1 + 1 + 8 + 16 + 32 + 8 + 2 + 32 + 1 + 16 + 64, /* 185 */
};

struct record_id {
    uint8_t bytes[RECORD_ID_BYTES];
};

/* What a batch's leaf says of one record. */
struct leaf {
    uint8_t kind; /* enum RecordKind */
    uint64_t unit;
    struct record_id id;
    int64_t received_us;
    uint8_t algorithm; /* of the author's signature */
    struct key_id key; /* the author's */
    struct hash payload_sha256;
    struct hash signature_sha256;
};

/* What the aggregator signs once for a batch. */
struct batch_header {
    uint8_t chain[CHAIN_ID_BYTES]; /* one chain for each aggregator's database, made at creation */
    uint64_t number;               /* 1, 2, 3 ... without gaps */
    int64_t time_us;
    uint32_t leaf_count;
    struct hash root;
    struct hash previous; /* SHA-256 of the previous header's bytes; zeros for number 1 */
};

struct receipt {
    struct leaf leaf;
    uint32_t index; /* of the leaf in its batch */
    struct merkle_path path;
    struct batch_header header;
    uint8_t algorithm; /* of the aggregator's signature */
    struct key_id key; /* the aggregator's signing key */
    struct signature signature;
};

struct refusal {
    uint8_t kind;
    uint64_t unit;
    struct record_id id;
    struct hash payload_sha256;
    int64_t time_us;
    uint16_t code;            /* enum status, 100 and up */
    struct hash error_sha256; /* of the Error message that goes with it */
    uint8_t algorithm;
    struct key_id key;
    struct signature signature;
};

void leaf_encode(const struct leaf *leaf, uint8_t out_bytes[LEAF_BYTES]);
struct hash leaf_hash(const struct leaf *leaf);

void batch_header_encode(const struct batch_header *header, uint8_t out_bytes[BATCH_HEADER_BYTES]);
/* STATUS_E_MALFORMED for anything but BATCH_HEADER_BYTES of this layout. */
MUST_CHECK enum status batch_header_decode(const uint8_t *bytes, size_t size,
                                           struct batch_header *out_header);
struct hash batch_header_hash(const struct batch_header *header);
struct signature batch_header_sign(const struct batch_header *header,
                                   const struct sign_secret *secret);
/* STATUS_OK, STATUS_E_ALGORITHM or STATUS_E_SIGNATURE. */
MUST_CHECK enum status batch_header_verify(const struct batch_header *header,
                                           const struct sign_public *key, const uint8_t *signature,
                                           size_t signature_size);

/* Length written, at most RECEIPT_MAX_BYTES. */
size_t receipt_encode(const struct receipt *receipt, uint8_t out_bytes[RECEIPT_MAX_BYTES]);

/* STATUS_E_MALFORMED for anything but a whole receipt without trailing bytes. */
MUST_CHECK enum status receipt_decode(const uint8_t *bytes, size_t size,
                                      struct receipt *out_receipt);

/* Verifies path and signature against `key` (whose id must be the receipt's).
 * STATUS_MISMATCH when the key id differs or the path leads elsewhere; STATUS_E_SIGNATURE. */
MUST_CHECK enum status receipt_verify(const struct receipt *receipt, const struct sign_public *key);

/* Whether the receipt is for exactly this record. */
bool receipt_covers(const struct receipt *receipt, uint8_t kind, uint64_t unit,
                    const struct record_id *id, const struct hash *payload_sha256);

/* Fills algorithm, key and signature, then encodes. */
void refusal_seal(struct refusal *refusal, const struct sign_secret *secret,
                  uint8_t out_bytes[REFUSAL_BYTES]);
MUST_CHECK enum status refusal_decode(const uint8_t *bytes, size_t size,
                                      struct refusal *out_refusal);
MUST_CHECK enum status refusal_verify(const struct refusal *refusal, const struct sign_public *key);

/* The domain tag that a record of this kind is signed under; NULL for an unknown kind. */
const char *record_domain(uint8_t kind);

#endif
