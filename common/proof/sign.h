/* Signing and verifying with a named algorithm, and key ids.
 *
 * Algorithm numbers are `enum Algorithm` of proto/record.proto. Only Ed25519 (RFC 8032, libsodium)
 * today; callers keep the number beside every signature so that others can follow.
 * Pure apart from randomness; any thread after sign_init. */
#ifndef ZHIBAO_PROOF_SIGN_H
#define ZHIBAO_PROOF_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    SIGN_ED25519 = 1,
    SIGN_PUBLIC_BYTES = 32,
    SIGN_SECRET_BYTES = 64,
    SIGN_SIGNATURE_BYTES = 64,
    KEY_ID_BYTES = 16,
    HASH_BYTES = 32,
};

struct key_id {
    uint8_t bytes[KEY_ID_BYTES];
};

struct hash {
    uint8_t bytes[HASH_BYTES];
};

struct sign_public {
    uint8_t algorithm;
    uint8_t bytes[SIGN_PUBLIC_BYTES];
};

struct sign_secret {
    uint8_t algorithm;
    uint8_t bytes[SIGN_SECRET_BYTES];
};

struct signature {
    uint8_t bytes[SIGN_SIGNATURE_BYTES];
};

/* Once per process before anything else here. */
MUST_CHECK enum status sign_init(void);

/* A fresh key pair. */
void sign_generate(struct sign_public *out_public, struct sign_secret *out_secret);

/* The public half of a secret key. */
void sign_public_of(const struct sign_secret *secret, struct sign_public *out_public);

/* First 16 bytes of SHA-256("zhibao/keyid/v1" || 0x00 || algorithm || public key). */
struct key_id sign_key_id(const struct sign_public *key);

/* Signs domain || 0x00 || bytes. `domain` is one of the tags of PROTOCOL.md section 4.2. */
struct signature sign_bytes(const struct sign_secret *secret, const char *domain, const void *bytes,
                            size_t size);

/* STATUS_OK, STATUS_E_ALGORITHM, or STATUS_E_SIGNATURE. `signature_size` other than 64 fails. */
MUST_CHECK enum status sign_verify(const struct sign_public *key, const char *domain,
                                   const void *bytes, size_t size, const uint8_t *signature,
                                   size_t signature_size);

/* SHA-256 of one or two pieces (`second` may be NULL with size 0). */
struct hash hash_bytes(const void *bytes, size_t size);
struct hash hash_two(const void *first, size_t first_size, const void *second, size_t second_size);

#endif
