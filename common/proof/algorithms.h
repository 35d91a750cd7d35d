/* The algorithms of signatures by number and name: Ed25519, and SM2 with SM3 for what an aggregator
 * signs where the deployment asks for it. sign.h does the signing for all of them. Any thread. */
#ifndef ZHIBAO_PROOF_ALGORITHMS_H
#define ZHIBAO_PROOF_ALGORITHMS_H

#include "proof/sign.h"

enum { SIGN_SM2 = 2 };

/* A fresh key pair. STATUS_E_ALGORITHM, STATUS_IO. */
MUST_CHECK enum status sign_generate_with(uint8_t algorithm, struct sign_public *out_public,
                                          struct sign_secret *out_secret);

/* The pair of 32 secret bytes: Ed25519's seed, SM2's d. STATUS_E_ALGORITHM, STATUS_INVALID,
 * STATUS_IO.
 */
MUST_CHECK enum status sign_pair(uint8_t algorithm, const uint8_t seed[32],
                                 struct sign_public *out_public, struct sign_secret *out_secret);

/* "ed25519", "sm2"; NULL for a number that is none, 0 for a name that is none. */
const char *sign_algorithm_name(uint8_t algorithm);
uint8_t sign_algorithm_parse(const char *name);

#endif
