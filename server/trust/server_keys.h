/* The aggregator's own keys: CURVE for transport, Ed25519 or SM2 for receipts.
 *
 * Hex files transport.key and sign.key in DIR/keys, mode 0600, made once and never overwritten,
 * plain or under a passphrase (proof/key_lock.h). Immutable after loading; any thread may read.
 * Secrets are wiped by server_keys_wipe. */
#ifndef ZHIBAO_SERVER_TRUST_SERVER_KEYS_H
#define ZHIBAO_SERVER_TRUST_SERVER_KEYS_H

#include <stdbool.h>

#include "proof/sign.h"

struct server_keys {
    uint8_t transport_public[32], transport_secret[32];
    struct sign_public sign_public;
    struct sign_secret sign_secret;
    struct key_id sign_id;
};

/* Loads them from `directory` (DIR/keys), making what is absent (fsynced before use), a signing key
 * for `algorithm` (0: Ed25519); one that is there for another is STATUS_INVALID. STATUS_IO;
 * STATUS_INVALID for a damaged file, which is named in the log and never replaced. */
MUST_CHECK enum status server_keys_load(const char *directory, uint8_t algorithm,
                                        struct server_keys *out_keys);

/* Puts the key files under a passphrase (proof/passphrase.h), or takes it away; each at once or not
 * at all, and a mixture loads. STATUS_NOT_FOUND when one is missing; other failures are logged, and
 * those of the passphrase returned. */
MUST_CHECK enum status server_keys_lock(const char *directory, bool lock);

/* The keys that these secrets give: what shares of them are made of (proof/shares.h). False when
 * the signing key's id is another than `wanted`, by whatever algorithm. */
bool server_keys_of_seeds(const uint8_t transport_secret[32], const uint8_t sign_seed[32],
                          const struct key_id *wanted, struct server_keys *out_keys);

/* Writes both files into `directory`, made when absent. STATUS_CONFLICT when one is there already:
 * then it changes nothing of what is there. */
MUST_CHECK enum status server_keys_store(const char *directory, const struct server_keys *keys);

void server_keys_wipe(struct server_keys *keys);

#endif
