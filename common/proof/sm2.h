/* SM2 signatures with SM3 (GB/T 32918.2, 32905) through OpenSSL, in the shape of this protocol.
 *
 * A public key is the 32-byte x of a point on the recommended curve whose y is even: a key pair
 * whose y is odd is not used (its negative is), so that public keys, secrets and signatures have
 * the sizes of Ed25519's. Secret: d (32) and x (32). Signature: r (32) and s (32), over the message
 * with the standard's default identity "1234567812345678". Any thread. */
#ifndef ZHIBAO_PROOF_SM2_H
#define ZHIBAO_PROOF_SM2_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { SM2_POINT_BYTES = 33 };

/* A fresh pair; STATUS_IO when OpenSSL cannot. */
MUST_CHECK enum status sm2_generate(uint8_t out_public[32], uint8_t out_secret[64]);

/* The pair of the scalar d, which is replaced by n - d when y is odd. STATUS_INVALID for 0 or one
 * that is too large. */
MUST_CHECK enum status sm2_pair(const uint8_t d[32], uint8_t out_public[32],
                                uint8_t out_secret[64]);

MUST_CHECK enum status sm2_sign(const uint8_t secret[64], const uint8_t *message, size_t size,
                                uint8_t out_signature[64]);

/* STATUS_OK or STATUS_E_SIGNATURE. By a compressed point (2 or 3, then x), or by x alone. */
MUST_CHECK enum status sm2_verify_point(const uint8_t point[SM2_POINT_BYTES],
                                        const uint8_t *message, size_t size,
                                        const uint8_t signature[64]);
MUST_CHECK enum status sm2_verify(const uint8_t public_x[32], const uint8_t *message, size_t size,
                                  const uint8_t signature[64]);

#endif
