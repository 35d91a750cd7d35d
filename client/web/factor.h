/* The second factor of an account: one-time passwords (totp.h) and ten recovery codes, each good
 * once. In the accounts' file, the secret sealed under a key of the gateway's, the codes as hashes.
 * Used by the desk's thread.
 *
 * Wrong codes count as wrong passphrases do: the account rests (accounts.h). */
#ifndef ZHIBAO_WEB_FACTOR_H
#define ZHIBAO_WEB_FACTOR_H

#include "web/accounts.h"
#include "web/totp.h"

enum {
    FACTOR_KEY_BYTES = 32,
    FACTOR_CODES = 10,
    FACTOR_CODE_BYTES = 12,    /* "abcde-fghij" and a NUL: 50 bits */
    FACTOR_CODE_TEXT_MAX = 32, /* what a person may type */
};

/* What is typed as a second factor, and the key that the stored one is sealed under. An empty code:
 * none. */
struct second_factor {
    const char *code;
    const uint8_t *key;
};

/* Whether this role may have one. */
bool factor_is_offered(const char *role);

/* Whether the account has one (STATUS_OK, with how many recovery codes are left) or not
 * (STATUS_NOT_FOUND). */
MUST_CHECK enum status factor_find(struct accounts *accounts, const char *name,
                                   unsigned *out_codes_left);

/* A new secret, not in force before it is confirmed; replaces one that is not. STATUS_CONFLICT when
 * one is in force. */
MUST_CHECK enum status factor_begin(struct accounts *accounts, const char *name,
                                    const uint8_t key[FACTOR_KEY_BYTES],
                                    uint8_t out_secret[TOTP_SECRET_BYTES]);

/* Puts the begun one in force when `code` is its password; the recovery codes are told this once.
 * STATUS_MISMATCH; STATUS_LIMIT while the account rests; STATUS_NOT_FOUND when none was begun. */
MUST_CHECK enum status factor_confirm(struct accounts *accounts, const char *name,
                                      const struct second_factor *second, int64_t now_us,
                                      char out_codes[FACTOR_CODES][FACTOR_CODE_BYTES],
                                      uint32_t *out_wait_s);

/* STATUS_OK when the code is good, or none is needed; a recovery code is used up, a password is
 * good once. STATUS_INVALID: one is needed; STATUS_MISMATCH. Counts nothing: accounts_login does.
 */
MUST_CHECK enum status factor_check(struct accounts *accounts, const char *name,
                                    const struct second_factor *second, int64_t now_us);

/* Takes it away when the code is good; as factor_confirm. */
MUST_CHECK enum status factor_end(struct accounts *accounts, const char *name,
                                  const struct second_factor *second, int64_t now_us,
                                  uint32_t *out_wait_s);

/* Takes it away unasked: for whoever runs the gateway. STATUS_NOT_FOUND. */
MUST_CHECK enum status factor_remove(struct accounts *accounts, const char *name);

#endif
