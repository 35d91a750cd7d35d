/* Sealing what a case says: content keys, their wraps, fixed sizes (proto/CASES.md sections 3, 4).
 *
 * Pure apart from randomness; any thread after sign_init. Secrets are the caller's to wipe. */
#ifndef ZHIBAO_CASE_CASE_SEAL_H
#define ZHIBAO_CASE_CASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proof/receipt.h"

enum {
    CASE_SEALING_X25519_XCHACHA20 = 1, /* enum CaseSealing */
    CASE_KEY_BYTES = 32,               /* content keys, and both halves of encryption keys */
    CASE_WRAP_BYTES = 80,
    CASE_NONCE_BYTES = 24,
    CASE_TAG_BYTES = 16,
    CASE_PLAIN_MAX = 131072 - 1,
    CASE_REPLY_PLAIN = 2048,
    CASE_REPLY_BYTES = CASE_REPLY_PLAIN + 48,
    CASE_MAILBOX = 99, /* number within the district of the mailbox that reports come from */
};

enum case_part { CASE_PART_CONTENT = 1, CASE_PART_REPORTER = 2, CASE_PART_PIECE = 3 };

/* Where a sealed part belongs; it opens nowhere else. */
struct case_context {
    uint64_t district;
    struct record_id case_id, record;
    enum case_part part;
};

struct case_secret {
    uint8_t bytes[CASE_KEY_BYTES];
};
struct case_public {
    uint8_t bytes[CASE_KEY_BYTES];
};

void case_key_generate(struct case_public *out_public, struct case_secret *out_secret);
struct case_public case_public_of(const struct case_secret *secret);
struct key_id case_key_id(uint8_t sealing, const struct case_public *key);

/* Bytes of ciphertext for so many bytes of plain text: one of four sizes; 0 past CASE_PLAIN_MAX. */
size_t case_sealed_size(size_t plain_size);
bool case_sealed_size_good(size_t size);

/* Seals under a fresh content key. `out_ciphertext` has room for case_sealed_size(plain_size).
 * STATUS_LIMIT. */
struct case_sealed {
    uint8_t nonce[CASE_NONCE_BYTES];
    struct hash commitment;
    uint8_t *ciphertext; /* the caller's buffer */
    size_t size;
};
MUST_CHECK enum status case_seal(const struct case_context *context, const void *plain,
                                 size_t plain_size, uint8_t *out_ciphertext,
                                 struct case_secret *out_key, struct case_sealed *out_sealed);

/* `out_plain` has room for sealed->size. STATUS_MISMATCH for another key, context or content. */
MUST_CHECK enum status case_open(const struct case_context *context, const struct case_secret *key,
                                 const struct case_sealed *sealed, uint8_t *out_plain,
                                 size_t *out_size);

/* A piece of an attachment (CASES.md section 4.1): its key follows from the content key of the
 * record that names it and from its own id, so whoever opens the one opens the other. The context's
 * record is the piece, its part CASE_PART_PIECE. As case_seal and case_open. */
MUST_CHECK enum status case_piece_seal(const struct case_context *context,
                                       const struct case_secret *record_key, const void *plain,
                                       size_t plain_size, uint8_t *out_ciphertext,
                                       struct case_sealed *out_sealed);
MUST_CHECK enum status case_piece_open(const struct case_context *context,
                                       const struct case_secret *record_key,
                                       const struct case_sealed *sealed, uint8_t *out_plain,
                                       size_t *out_size);

/* The content key for one recipient, and back. STATUS_INVALID for a public key that is none;
 * STATUS_MISMATCH for what was not wrapped for this secret. */
MUST_CHECK enum status case_wrap(const struct case_secret *key, const struct case_public *recipient,
                                 uint8_t out_wrapped[CASE_WRAP_BYTES]);
MUST_CHECK enum status case_unwrap(const uint8_t wrapped[CASE_WRAP_BYTES],
                                   const struct case_secret *recipient,
                                   struct case_secret *out_key);

/* What the reporter is told, for the key of the report's reply_public. At most
 * CASE_REPLY_PLAIN - 1 bytes, else STATUS_LIMIT. `out_plain` has room for CASE_REPLY_PLAIN. */
MUST_CHECK enum status case_reply_seal(const struct case_public *reporter, const void *plain,
                                       size_t plain_size, uint8_t out_sealed[CASE_REPLY_BYTES]);
MUST_CHECK enum status case_reply_open(const struct case_secret *reporter,
                                       const uint8_t sealed[CASE_REPLY_BYTES],
                                       uint8_t out_plain[CASE_REPLY_PLAIN], size_t *out_size);

/* What follows from a reporter's code. */
enum { CASE_CODE_BYTES = 16, CASE_CODE_TEXT_BYTES = 34, CASE_LOOKUP_BYTES = 16 };
struct case_code {
    uint8_t bytes[CASE_CODE_BYTES];
};
struct case_code_keys {
    struct sign_public sign_public;
    struct sign_secret sign_secret;
    struct case_public reply_public;
    struct case_secret reply_secret;
    uint8_t lookup[CASE_LOOKUP_BYTES];
};
void case_code_keys(const struct case_code *code, struct case_code_keys *out_keys);

/* 27 characters in groups of four, "7ZPB-…". Returns text. */
char *case_code_text(const struct case_code *code, char text[CASE_CODE_TEXT_BYTES]);

/* Either case, with or without dashes and blanks; O and I, L are read as 0 and 1. STATUS_INVALID
 * for anything else, a wrong check character among it. */
MUST_CHECK enum status case_code_parse(const char *text, struct case_code *out_code);

#endif
