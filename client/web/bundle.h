/* A user's keys as the browser keeps them: a small JSON text under the passphrase. The browser
 * makes and opens bundles (pages/lib/keys.js); here is only what `zhibao-web import` needs to make
 * one from a home.
 *
 * scrypt(passphrase in UTF-8, salt, N = 2^15, r = 8, p = 1) gives 64 bytes: the first 32 are the
 * bundle's key, the last 32 what one logs in with. The bundle is a nonce of 24 bytes and the
 * XSalsa20-Poly1305 box (NaCl secretbox) of {"v":1,"unit","sign","encrypt","pins"}: the Ed25519
 * seed, the X25519 secret and the pinned server keys in base64. Pure; any thread. */
#ifndef ZHIBAO_WEB_BUNDLE_H
#define ZHIBAO_WEB_BUNDLE_H

#include "lib/home.h"
#include "web/accounts.h"

enum { BUNDLE_KEY_BYTES = 32 };

/* STATUS_NO_MEMORY. */
MUST_CHECK enum status bundle_derive(const char *passphrase, const uint8_t salt[ACCOUNT_SALT_BYTES],
                                     uint8_t out_key[BUNDLE_KEY_BYTES],
                                     uint8_t out_secret[ACCOUNT_SECRET_BYTES]);

/* Seals the home's keys and pins into account->bundle. STATUS_LIMIT, STATUS_NO_MEMORY. */
MUST_CHECK enum status bundle_seal(const struct home *home, const uint8_t key[BUNDLE_KEY_BYTES],
                                   struct account *account);

#endif
