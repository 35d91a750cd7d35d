/* That who replaces a unit's keys holds the new signing key (PROTOCOL.md section 27).
 *
 * Signed by the new key under "zhibao/keyproof/v1": the id of the key that it replaces (16), the
 * algorithm (1), and the new signing (32), transport (32) and encryption (32) keys. Without it, a
 * unit could have the key of another registered as its own. Pure; any thread. */
#ifndef ZHIBAO_PROOF_KEY_PROOF_H
#define ZHIBAO_PROOF_KEY_PROOF_H

#include "proof/sign.h"

enum { KEY_OVERLAP_HOURS_MAX = 90 * 24 };

struct key_proof {
    struct key_id old;
    struct sign_public sign;
    uint8_t transport[32], encrypt[32];
};

struct signature key_proof_sign(const struct key_proof *proof, const struct sign_secret *fresh);

/* STATUS_OK, STATUS_E_SIGNATURE, STATUS_E_ALGORITHM. */
MUST_CHECK enum status key_proof_verify(const struct key_proof *proof, const uint8_t *signature,
                                        size_t signature_size);

#endif
