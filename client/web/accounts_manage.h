/* What an administrator does with the accounts of its units: sees them, closes and opens one, lets
 * a locked-out person try again, removes one. The desk's thread only, like accounts.h.
 *
 * A passphrase cannot be set anew: it opens the bundle, which nobody else can. Whoever forgot it
 * enrols again after the account is removed and its key revoked. */
#ifndef ZHIBAO_WEB_ACCOUNTS_MANAGE_H
#define ZHIBAO_WEB_ACCOUNTS_MANAGE_H

#include "web/accounts.h"

enum { ACCOUNTS_LISTED_MAX = 5000 };

struct account_row {
    char name[ACCOUNT_NAME_BYTES];
    uint64_t unit;
    char unit_name[256], role[64];
    bool prepared, closed;
    int64_t failures, locked_until_us, created_us;
};

/* Accounts of units from `first` to `last`, by unit and name, at most ACCOUNTS_LISTED_MAX;
 * malloc'ed, the caller frees. STATUS_DATABASE, STATUS_NO_MEMORY. */
MUST_CHECK enum status accounts_list(struct accounts *accounts, uint64_t first, uint64_t last,
                                     struct account_row **out_rows, size_t *out_count);

enum account_deed {
    ACCOUNT_CLOSE,   /* it logs in no more */
    ACCOUNT_OPEN,    /* again */
    ACCOUNT_FORGIVE, /* wrong passphrases are forgotten */
    ACCOUNT_REMOVE,  /* with its transport key and bundle */
};

/* STATUS_NOT_FOUND when there is no such account of a unit from `first` to `last`. */
MUST_CHECK enum status accounts_do(struct accounts *accounts, enum account_deed deed,
                                   const char *name, uint64_t first, uint64_t last);

#endif
