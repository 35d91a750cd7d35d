#include "web/factor.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "web/accounts_private.h"

enum {
    SEALED_BYTES = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + TOTP_SECRET_BYTES,
    CODE_HASH_BYTES = 16,
    CODE_RANDOM_BYTES = 7, /* 56 bits, of which ten base32 digits are 50 */
    CODE_DIGITS = 10,
    SECOND_US = 1000000,
};

struct factor {
    uint8_t secret[TOTP_SECRET_BYTES];
    uint8_t codes[FACTOR_CODES][CODE_HASH_BYTES]; /* zeros: used */
    uint64_t last_step;
    bool in_force;
};

bool factor_is_offered(const char *role)
{
    static const char *const roles[] = {"statistics", "office", "admin", "administrator"};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(role, roles[i]) == 0)
            return true;
    return false;
}

static enum status load(struct accounts *accounts, const char *name, const uint8_t *key,
                        struct factor *out)
{
    enum status status = STATUS_NOT_FOUND;
    sqlite3_stmt *statement = accounts_prepare(
        accounts, "SELECT sealed, codes, last_step, in_force FROM factor WHERE name = ?");
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        const uint8_t *sealed = sqlite3_column_blob(statement, 0);
        const void *codes = sqlite3_column_blob(statement, 1);
        bool whole = sealed != NULL && sqlite3_column_bytes(statement, 0) == SEALED_BYTES &&
                     codes != NULL && sqlite3_column_bytes(statement, 1) == sizeof out->codes;
        status = whole && (key == NULL ||
                           crypto_secretbox_open_easy(
                               out->secret, sealed + crypto_secretbox_NONCEBYTES,
                               SEALED_BYTES - crypto_secretbox_NONCEBYTES, sealed, key) == 0)
                     ? STATUS_OK
                     : STATUS_DATABASE;
        if (whole)
            memcpy(out->codes, codes, sizeof out->codes);
        out->last_step = (uint64_t)sqlite3_column_int64(statement, 2);
        out->in_force = sqlite3_column_int(statement, 3) != 0;
    }
    sqlite3_finalize(statement);
    return status;
}

static enum status store(struct accounts *accounts, const char *name, const uint8_t *key,
                         const struct factor *factor)
{
    uint8_t sealed[SEALED_BYTES];
    randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, factor->secret,
                          sizeof factor->secret, sealed, key);
    sqlite3_stmt *statement = accounts_prepare(
        accounts, "INSERT OR REPLACE INTO factor(name, sealed, codes, last_step, in_force)"
                  " VALUES(?1, ?2, ?3, ?4, ?5)");
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 2, sealed, sizeof sealed, SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 3, factor->codes, sizeof factor->codes, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)factor->last_step);
    sqlite3_bind_int(statement, 5, factor->in_force);
    return accounts_run(accounts, statement, "store a second factor");
}

enum status factor_find(struct accounts *accounts, const char *name, unsigned *out_codes_left)
{
    struct factor factor = {0};
    enum status status = load(accounts, name, NULL, &factor);
    if (status == STATUS_OK && !factor.in_force)
        status = STATUS_NOT_FOUND;
    if (status != STATUS_OK)
        return status;
    *out_codes_left = 0;
    for (size_t i = 0; i < FACTOR_CODES; i++)
        *out_codes_left += !sodium_is_zero(factor.codes[i], CODE_HASH_BYTES);
    return STATUS_OK;
}

enum status factor_begin(struct accounts *accounts, const char *name,
                         const uint8_t key[FACTOR_KEY_BYTES], uint8_t out_secret[TOTP_SECRET_BYTES])
{
    struct factor factor = {0};
    unsigned left = 0;
    enum status status = factor_find(accounts, name, &left);
    if (status != STATUS_NOT_FOUND)
        return status == STATUS_OK ? STATUS_CONFLICT : status;
    randombytes_buf(factor.secret, sizeof factor.secret);
    status = store(accounts, name, key, &factor);
    if (status == STATUS_OK)
        memcpy(out_secret, factor.secret, sizeof factor.secret);
    sodium_memzero(&factor, sizeof factor);
    return status;
}

/* The hash of a recovery code as it was typed: case, blanks and hyphens do not matter. */
static bool hash_code(const char *typed, const uint8_t *key, uint8_t out_hash[CODE_HASH_BYTES])
{
    char plain[CODE_DIGITS];
    size_t size = 0;
    for (const char *at = typed; *at != '\0'; at++) {
        char digit = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
        if (digit == '-' || digit == ' ')
            continue;
        if (size == sizeof plain)
            return false;
        plain[size++] = digit;
    }
    return size == sizeof plain &&
           crypto_generichash(out_hash, CODE_HASH_BYTES, (const uint8_t *)plain, size, key,
                              FACTOR_KEY_BYTES) == 0;
}

static bool use_code(struct factor *factor, const char *typed, const uint8_t *key)
{
    uint8_t hash[CODE_HASH_BYTES];
    if (!hash_code(typed, key, hash))
        return false;
    for (size_t i = 0; i < FACTOR_CODES; i++)
        if (sodium_memcmp(factor->codes[i], hash, sizeof hash) == 0) {
            sodium_memzero(factor->codes[i], sizeof hash);
            return true;
        }
    return false;
}

enum status factor_check(struct accounts *accounts, const char *name,
                         const struct second_factor *second, int64_t now_us)
{
    struct factor factor = {0};
    enum status status = load(accounts, name, second->key, &factor);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && !factor.in_force))
        status = STATUS_OK;
    else if (status == STATUS_OK && second->code[0] == '\0')
        status = STATUS_INVALID;
    else if (status == STATUS_OK &&
             !totp_is_good(factor.secret, second->code, now_us / SECOND_US, factor.last_step,
                           &factor.last_step) &&
             !use_code(&factor, second->code, second->key))
        status = STATUS_MISMATCH;
    else if (status == STATUS_OK)
        status = store(accounts, name, second->key, &factor);
    sodium_memzero(&factor, sizeof factor);
    return status;
}

static bool make_codes(struct factor *factor, const uint8_t *key,
                       char out_codes[FACTOR_CODES][FACTOR_CODE_BYTES])
{
    for (size_t i = 0; i < FACTOR_CODES; i++) {
        uint8_t bytes[CODE_RANDOM_BYTES];
        char digits[16];
        randombytes_buf(bytes, sizeof bytes);
        base32_encode(bytes, sizeof bytes, digits);
        for (char *at = digits; *at != '\0'; at++)
            *at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
        snprintf(out_codes[i], FACTOR_CODE_BYTES, "%.5s-%.5s", digits, digits + 5);
        if (!hash_code(out_codes[i], key, factor->codes[i]))
            return false;
    }
    return true;
}

enum status factor_confirm(struct accounts *accounts, const char *name,
                           const struct second_factor *second, int64_t now_us,
                           char out_codes[FACTOR_CODES][FACTOR_CODE_BYTES], uint32_t *out_wait_s)
{
    struct factor factor = {0};
    enum status status = accounts_rest(accounts, name, now_us, out_wait_s);
    if (status == STATUS_OK)
        status = load(accounts, name, second->key, &factor);
    if (status == STATUS_OK && factor.in_force)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK &&
        !totp_is_good(factor.secret, second->code, now_us / SECOND_US, 0, &factor.last_step)) {
        status = accounts_count_failure(accounts, name, now_us);
        status = status == STATUS_OK ? STATUS_MISMATCH : status;
    }
    factor.in_force = true;
    if (status == STATUS_OK)
        status = make_codes(&factor, second->key, out_codes)
                     ? store(accounts, name, second->key, &factor)
                     : STATUS_NO_MEMORY;
    sodium_memzero(&factor, sizeof factor);
    return status;
}

enum status factor_end(struct accounts *accounts, const char *name,
                       const struct second_factor *second, int64_t now_us, uint32_t *out_wait_s)
{
    enum status status = accounts_rest(accounts, name, now_us, out_wait_s);
    if (status == STATUS_OK)
        status = factor_check(accounts, name, second, now_us);
    if (status == STATUS_MISMATCH) {
        status = accounts_count_failure(accounts, name, now_us);
        return status == STATUS_OK ? STATUS_MISMATCH : status;
    }
    return status == STATUS_OK ? factor_remove(accounts, name) : status;
}

enum status factor_remove(struct accounts *accounts, const char *name)
{
    sqlite3_stmt *statement = accounts_prepare(accounts, "DELETE FROM factor WHERE name = ?");
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    enum status status = accounts_run(accounts, statement, "take away a second factor");
    return status == STATUS_OK && sqlite3_changes(accounts->database) == 0 ? STATUS_NOT_FOUND
                                                                           : status;
}
