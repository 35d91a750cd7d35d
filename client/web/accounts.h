/* The gateway's accounts: a SQLite file of its own. Used by one thread, the desk's (desk.h).
 *
 * An account belongs to one unit. The gateway keeps the account's transport key, with which it asks
 * and carries; the signing and encryption keys are here only as a bundle that the browser encrypted
 * under the passphrase, and what the browser logs in with is derived from the passphrase beside the
 * bundle's key, so that nothing here opens the bundle. Of the login secret only an argon2id hash is
 * kept. */
#ifndef ZHIBAO_WEB_ACCOUNTS_H
#define ZHIBAO_WEB_ACCOUNTS_H

#include <stdbool.h>

#include "web/pool.h"

enum {
    ACCOUNT_NAME_BYTES = 65, /* with its NUL */
    ACCOUNT_SALT_BYTES = 16,
    ACCOUNT_SECRET_BYTES = 32,
    ACCOUNT_BUNDLE_MAX = 4096,
    ACCOUNT_RECORD_MAX = 4096,
    ACCOUNTS_MAX = 100000,
    LOCK_AFTER = 5, /* wrong passphrases in a row */
    LOCK_FIRST_S = 30,
    LOCK_MOST_S = 15 * 60, /* then the account rests this long, doubling */
};

struct accounts;

struct account {
    char name[ACCOUNT_NAME_BYTES];
    uint64_t unit;
    char unit_name[256], role[64];
    struct pool_peer peer;
    bool prepared; /* enrolment was sent, its answer never came */
    uint8_t salt[ACCOUNT_SALT_BYTES];
    uint8_t bundle[ACCOUNT_BUNDLE_MAX];
    size_t bundle_size;
    char enrol_endpoint[200];          /* while prepared */
    uint8_t enrol[ACCOUNT_RECORD_MAX]; /* the serialised Enrol, while prepared */
    size_t enrol_size;
};

/* Which aggregator this portal serves. Empty strings and zeros: not known yet. */
struct site {
    uint8_t server_public[POOL_KEY_BYTES];
    char enrol_endpoint[200];
};

/* Opens or creates DIRECTORY/accounts.db (0600). STATUS_DATABASE. */
MUST_CHECK enum status accounts_open(const char *directory, struct accounts **out_accounts);
void accounts_close(struct accounts **accounts);

MUST_CHECK enum status accounts_site(struct accounts *accounts, struct site *out_site);
MUST_CHECK enum status accounts_set_site(struct accounts *accounts, const struct site *site);

/* STATUS_NOT_FOUND. */
MUST_CHECK enum status accounts_find(struct accounts *accounts, const char *name,
                                     struct account *out_account);

/* Adds an account with the hash of `secret`. STATUS_CONFLICT when the name is taken by another
 * enrolment; the same one replaces what it had prepared. STATUS_LIMIT. */
MUST_CHECK enum status accounts_add(struct accounts *accounts, const struct account *account,
                                    const uint8_t secret[ACCOUNT_SECRET_BYTES]);

/* The enrolment went through: the account takes on what `account` says and is prepared no more. */
MUST_CHECK enum status accounts_activate(struct accounts *accounts, const struct account *account);

/* Forgets an account whose enrolment was refused. */
MUST_CHECK enum status accounts_forget(struct accounts *accounts, const char *name);

struct second_factor;

/* Whether `secret` is the account's. STATUS_OK; STATUS_NOT_FOUND for a wrong name or secret, which
 * look alike and take as long; STATUS_LIMIT while the account rests after too many
 * failures (*out_wait_s then says how long). */
MUST_CHECK enum status accounts_verify(struct accounts *accounts, const char *name,
                                       const uint8_t secret[ACCOUNT_SECRET_BYTES], int64_t now_us,
                                       uint32_t *out_wait_s);

/* The same, then the second factor of an account that has one (factor.h): STATUS_INVALID when it is
 * missing, STATUS_MISMATCH when it is wrong, which counts as a failure. Success ends the count.
 * STATUS_E_FORBIDDEN when an administrator closed the account. */
MUST_CHECK enum status accounts_login(struct accounts *accounts, const char *name,
                                      const uint8_t secret[ACCOUNT_SECRET_BYTES],
                                      const struct second_factor *second, int64_t now_us,
                                      struct account *out_account, uint32_t *out_wait_s);

#endif
