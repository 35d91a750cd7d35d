/* The server signing keys that a home trusts, and nothing else does.
 *
 * A set of at most PINS_MAX public keys. The file pins.conf has one line for each:
 * `key = <key id, hex> <ed25519 or sm2> <public key, hex>`; '#' begins a comment. One thread at a
 * time. */
#ifndef ZHIBAO_LIB_PINS_H
#define ZHIBAO_LIB_PINS_H

#include "proof/sign.h"

enum { PINS_MAX = 64 };

struct pins;

/* An empty set; NULL without memory. */
struct pins *pins_create(void);
void pins_destroy(struct pins **pins);

/* Adds a key; one that is there already is no error. STATUS_LIMIT when full. */
MUST_CHECK enum status pins_add(struct pins *pins, const struct sign_public *key);

/* The pinned key of this id; NULL when it is not pinned. Lives until the set changes. */
const struct sign_public *pins_find(const struct pins *pins, const struct key_id *id);

size_t pins_count(const struct pins *pins);
const struct sign_public *pins_at(const struct pins *pins, size_t index);

/* STATUS_NOT_FOUND, STATUS_IO, or STATUS_INVALID for a line that is no key or whose id is not that
 * of its public key. */
MUST_CHECK enum status pins_read(const char *path, struct pins **out_pins);

/* Atomically, mode 0600, durable when it returns. */
MUST_CHECK enum status pins_write(const struct pins *pins, const char *path);

#endif
