/* A secret in shares, any `least` of which give it back and fewer tell nothing: Shamir's scheme
 * over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1, each byte by itself (PROTOCOL.md
 * section 27). For the server's keys, kept by several people: the secret is its CURVE secret (32)
 * and the seed of its signing key (32).
 *
 * A share is text: "ZBS1-" and base64url without padding of version 1 (1), ceremony (8, random),
 * least (1), count (1), x (1), key id of the signing key (16), y (64), and the first 4 bytes of
 * SHA-256 of all before. Any thread; who has them wipes them. */
#ifndef ZHIBAO_PROOF_SHARES_H
#define ZHIBAO_PROOF_SHARES_H

#include "proof/sign.h"

enum {
    SHARE_SECRET_BYTES = 64,
    SHARE_COUNT_MAX = 20,
    SHARE_TEXT_BYTES = 144, /* with its NUL */
};

struct share {
    uint8_t ceremony[8];
    uint8_t least, count, x;
    struct key_id key;
    uint8_t y[SHARE_SECRET_BYTES];
};

/* `count` shares, of which `least` are needed: 2 <= least <= count <= SHARE_COUNT_MAX, else
 * STATUS_E_RANGE. */
MUST_CHECK enum status shares_split(const uint8_t secret[SHARE_SECRET_BYTES],
                                    const struct key_id *key, unsigned least, unsigned count,
                                    struct share *out_shares);

/* Takes the first as many as are needed. STATUS_NOT_FOUND for fewer, STATUS_CONFLICT when they are
 * not of one ceremony or one is there twice. That it is the secret shows by the key id alone: the
 * caller compares. */
MUST_CHECK enum status shares_join(const struct share *shares, size_t count,
                                   uint8_t out_secret[SHARE_SECRET_BYTES]);

void share_text(const struct share *share, char out[SHARE_TEXT_BYTES]);

/* Blanks around it are ignored. STATUS_INVALID when it is no share, or damaged. */
MUST_CHECK enum status share_parse(const char *text, struct share *out_share);

#endif
