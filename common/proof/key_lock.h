/* Key files under a passphrase (PROTOCOL.md section 27): argon2id and secretbox of libsodium.
 *
 *   ZBE1 | passes (4) | memory in KiB (4) | salt (16) | nonce (24) | size (4) | box (size + 16)
 *
 * Integers big-endian. The key is argon2id13(passphrase, salt, passes, memory); the box holds the
 * file as it was before. Whoever alters a byte, the parameters included, makes it unreadable. */
#ifndef ZHIBAO_PROOF_KEY_LOCK_H
#define ZHIBAO_PROOF_KEY_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    KEY_LOCK_HEAD = 56,
    KEY_LOCK_EXTRA = KEY_LOCK_HEAD + 16, /* longer than what is inside */
    KEY_LOCK_PLAIN_MAX = 16 * 1024,
    KEY_LOCK_SALT_BYTES = 16,
};

/* The files of one directory share a salt, so that the slow step is done once for all. */
struct key_lock {
    uint32_t passes, memory_kib;
    uint8_t salt[KEY_LOCK_SALT_BYTES];
    uint8_t key[32];
    bool ready; /* false: nothing derived yet */
};

/* A fresh salt and today's cost (3 passes over 64 MiB: a fifth of a second). STATUS_NO_MEMORY. */
MUST_CHECK enum status key_lock_make(struct key_lock *lock, const char *passphrase);
void key_lock_wipe(struct key_lock *lock);

/* Whether a file is one of these: by its first four bytes. */
bool key_lock_is(const uint8_t *bytes, size_t size);

/* `out` has room for size + KEY_LOCK_EXTRA. */
void key_lock_seal(const struct key_lock *lock, const uint8_t *plain, size_t size, uint8_t *out);

/* Derives the key unless `lock` has it already. `out` has room for size - KEY_LOCK_EXTRA.
 * STATUS_E_KEY_FILE for a file that is cut short or asks for an absurd cost, STATUS_E_PASSPHRASE
 * for another passphrase or altered bytes, STATUS_NO_MEMORY. */
MUST_CHECK enum status key_lock_open(struct key_lock *lock, const char *passphrase,
                                     const uint8_t *bytes, size_t size, uint8_t *out,
                                     size_t *out_size);

#endif
