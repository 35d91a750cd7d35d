/* The accounts' file, for accounts.c and factor.c. */
#ifndef ZHIBAO_WEB_ACCOUNTS_PRIVATE_H
#define ZHIBAO_WEB_ACCOUNTS_PRIVATE_H

#include <sodium.h>
#include <sqlite3.h>

#include "web/accounts.h"

struct accounts {
    sqlite3 *database;
    char decoy[crypto_pwhash_STRBYTES]; /* hashed against for names that do not exist */
};

/* NULL after logging why. */
sqlite3_stmt *accounts_prepare(struct accounts *accounts, const char *sql);

/* Runs a statement that gives no rows, and ends it. STATUS_CONFLICT, STATUS_DATABASE. */
MUST_CHECK enum status accounts_run(struct accounts *accounts, sqlite3_stmt *statement,
                                    const char *what);

/* STATUS_LIMIT while the account rests after failures, with how long; STATUS_NOT_FOUND. */
MUST_CHECK enum status accounts_rest(struct accounts *accounts, const char *name, int64_t now_us,
                                     uint32_t *out_wait_s);

/* One more failure in a row: from LOCK_AFTER on the account rests. */
MUST_CHECK enum status accounts_count_failure(struct accounts *accounts, const char *name,
                                              int64_t now_us);
MUST_CHECK enum status accounts_forgive(struct accounts *accounts, const char *name);

#endif
