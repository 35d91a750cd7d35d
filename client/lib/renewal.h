/* New keys for a home that is enrolled already: its old key was revoked, or is to be replaced.
 *
 * Until the aggregator answers, the new keys and their enrolment record lie in keys/next and
 * nothing else changes. An answer that verifies is written there too, identity.conf last: from that
 * moment on the renewal is decided, and whoever opens the home next carries it to its end, from any
 * point where it was cut off:
 *
 *   1. one outbox transaction: what waits under the old key is signed anew   (renewal_resign)
 *   2. keys/retired-KEYID gets a copy of the old keys, whole or not at all   (renewal_install)
 *   3. keys/ and pins.conf, identity.conf get the new ones; signing.key, by which steps 1 and 2
 *      know the old key, last
 *   4. keys/next becomes keys/done, which is rubbish and is removed
 *
 * Every step done twice is the same as done once.
 *
 * A record signed anew keeps its payload, and with it its id. The aggregator tells records apart by
 * payload alone (PROTOCOL.md section 4.1): had it stored the first version before the key was
 * revoked, it answers the second with the first one's receipt. The first version is therefore kept
 * in the outbox, and takes its place again when such a receipt comes (settle_version).
 *
 * Used by client/lib only; the caller holds the home's lock. */
#ifndef ZHIBAO_LIB_RENEWAL_H
#define ZHIBAO_LIB_RENEWAL_H

#include "lib/home.h"
#include "lib/outbox.h"

/* Whether the home at `path` has a renewal that is decided and not at its end. */
bool renewal_decided(const char *path);

/* Steps 2 to 4. */
MUST_CHECK enum status renewal_install(const char *path);

/* Removes what step 4 may have left; nothing when there is none. */
void renewal_tidy(const char *path);

/* Step 1: signs what waits under the key `old` with `keys`, in one transaction. */
MUST_CHECK enum status renewal_resign(struct outbox *outbox, const struct key_id *old,
                                      const struct home_keys *keys, size_t *out_count);

#endif
