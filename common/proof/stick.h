/* The file that travels on a memory stick, byte for byte (PROTOCOL.md section 13).
 *
 * A head in clear says what it is, for whom and from whom; the content is encrypted to the
 * addressee's X25519 key; the author's Ed25519 signature covers everything before it. Nothing here
 * knows what the content means. Pure apart from randomness; any thread after sign_init. */
#ifndef ZHIBAO_PROOF_STICK_H
#define ZHIBAO_PROOF_STICK_H

#include "proof/sign.h"

enum {
    STICK_RECORDS = 1,  /* an outbox on its way to a carrier */
    STICK_RECEIPTS = 2, /* what became of it, on the way back */
    STICK_HEAD_BYTES = 4 + 1 + 8 + 16 + 8 + 8,
    STICK_CHUNK_BYTES = 64 * 1024,
    STICK_CONTENT_MAX = 64 * 1024 * 1024,
    STICK_ENCRYPT_BYTES = 32, /* an X25519 key, either half */
};

struct stick_head {
    uint8_t what;         /* STICK_RECORDS or STICK_RECEIPTS */
    uint64_t to;          /* the unit that may open it */
    struct key_id to_key; /* its signing key's id: which of its homes */
    uint64_t from;        /* the author */
    size_t size;          /* bytes of content, at most STICK_CONTENT_MAX */
};

/* The whole file, malloc'ed (caller frees), around `head->size` bytes of content.
 * STATUS_LIMIT for too much content, STATUS_INVALID for a public key that cannot be sealed to,
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status stick_seal(const struct stick_head *head,
                                  const uint8_t to_public[STICK_ENCRYPT_BYTES],
                                  const struct sign_secret *author, const uint8_t *content,
                                  uint8_t **out_bytes, size_t *out_size);

/* The head and nothing else. STATUS_E_STICK_DAMAGED: not such a file, or bytes follow its end;
 * STATUS_E_STICK_TRUNCATED: it is shorter than its head says. */
MUST_CHECK enum status stick_head_read(const uint8_t *bytes, size_t size,
                                       struct stick_head *out_head);

/* The content, malloc'ed (caller frees), head.size bytes. As stick_head_read, and
 * STATUS_E_STICK_DAMAGED when it was changed or is sealed to another key. */
MUST_CHECK enum status stick_open(const uint8_t *bytes, size_t size,
                                  const uint8_t to_public[STICK_ENCRYPT_BYTES],
                                  const uint8_t to_secret[STICK_ENCRYPT_BYTES],
                                  uint8_t **out_content);

/* Whether `author` signed the whole file: STATUS_OK or STATUS_E_STICK_DAMAGED. */
MUST_CHECK enum status stick_verify(const uint8_t *bytes, size_t size,
                                    const struct sign_public *author);

#endif
