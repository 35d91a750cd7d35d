#include "web/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "lib/files.h"
#include "web/accounts_private.h"
#include "web/factor.h"

/* Argon2id beyond the scrypt that the browser has already done: enough that a stolen file gives no
 * logins cheaply, little enough that a morning's rush does not queue up. */
enum { HASH_MEMORY = 32 * 1024 * 1024, HASH_PASSES = 2, SQL_US = 1000000 };

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;"
    "CREATE TABLE IF NOT EXISTS site(one INTEGER PRIMARY KEY CHECK (one = 1),"
    " server_public BLOB NOT NULL, enrol_endpoint TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS account(name TEXT PRIMARY KEY COLLATE NOCASE, unit INTEGER NOT "
    "NULL,"
    " unit_name TEXT NOT NULL, role TEXT NOT NULL, verifier TEXT NOT NULL, salt BLOB NOT NULL,"
    " bundle BLOB NOT NULL, endpoint TEXT NOT NULL, server_public BLOB NOT NULL,"
    " transport_public BLOB NOT NULL, transport_secret BLOB NOT NULL, prepared INTEGER NOT NULL,"
    " enrol_endpoint TEXT NOT NULL, enrol BLOB NOT NULL, failures INTEGER NOT NULL DEFAULT 0,"
    " locked_until_us INTEGER NOT NULL DEFAULT 0,"
    " created_us INTEGER NOT NULL DEFAULT (unixepoch() * 1000000)) STRICT;"
    "CREATE TABLE IF NOT EXISTS factor(name TEXT PRIMARY KEY COLLATE NOCASE, sealed BLOB NOT NULL,"
    " codes BLOB NOT NULL, last_step INTEGER NOT NULL, in_force INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS closed_account(name TEXT PRIMARY KEY COLLATE NOCASE) STRICT;"
    "CREATE TABLE IF NOT EXISTS token(id INTEGER PRIMARY KEY, account TEXT NOT NULL COLLATE NOCASE,"
    " hash BLOB NOT NULL UNIQUE, label TEXT NOT NULL, published INTEGER NOT NULL,"
    " created_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, used_us INTEGER NOT NULL DEFAULT 0,"
    " revoked_us INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX IF NOT EXISTS token_account ON token(account);";

#define ACCOUNT_COLUMNS                                                                      \
    "name, unit, unit_name, role, salt, bundle, endpoint, server_public, transport_public, " \
    "transport_secret, prepared, enrol_endpoint, enrol"

static enum status failed(struct accounts *accounts, const char *what)
{
    log_error("could not %s: %s", what, sqlite3_errmsg(accounts->database));
    return STATUS_DATABASE;
}

static bool hash_secret(const uint8_t secret[ACCOUNT_SECRET_BYTES],
                        char out[crypto_pwhash_STRBYTES])
{
    return crypto_pwhash_str(out, (const char *)secret, ACCOUNT_SECRET_BYTES, HASH_PASSES,
                             HASH_MEMORY) == 0;
}

enum status accounts_open(const char *directory, struct accounts **out_accounts)
{
    char path[PATH_BYTES];
    uint8_t nobody[ACCOUNT_SECRET_BYTES];
    enum status status = path_join(directory, "accounts.db", path);
    if (status != STATUS_OK)
        return status;
    struct accounts *accounts = calloc(1, sizeof *accounts);
    if (accounts == NULL)
        return STATUS_NO_MEMORY;
    mode_t mask = umask(0077);
    randombytes_buf(nobody, sizeof nobody);
    if (sqlite3_open(path, &accounts->database) != SQLITE_OK ||
        sqlite3_exec(accounts->database, schema, NULL, NULL, NULL) != SQLITE_OK)
        status = failed(accounts, "open the accounts");
    else if (!hash_secret(nobody, accounts->decoy))
        status = STATUS_NO_MEMORY;
    umask(mask);
    if (status != STATUS_OK) {
        accounts_close(&accounts);
        return status;
    }
    sqlite3_busy_timeout(accounts->database, 2000);
    *out_accounts = accounts;
    return STATUS_OK;
}

void accounts_close(struct accounts **accounts)
{
    if (accounts == NULL || *accounts == NULL)
        return;
    sqlite3_close((*accounts)->database);
    free(*accounts);
    *accounts = NULL;
}

sqlite3_stmt *accounts_prepare(struct accounts *accounts, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(accounts->database, sql, -1, &statement, NULL) != SQLITE_OK)
        log_error("could not prepare: %s", sqlite3_errmsg(accounts->database));
    return statement;
}

enum status accounts_run(struct accounts *accounts, sqlite3_stmt *statement, const char *what)
{
    int result = sqlite3_step(statement);
    enum status status = result == SQLITE_DONE                  ? STATUS_OK
                         : (result & 0xff) == SQLITE_CONSTRAINT ? STATUS_CONFLICT
                                                                : failed(accounts, what);
    sqlite3_finalize(statement);
    return status;
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static void bind_bytes(sqlite3_stmt *statement, int index, const void *bytes, size_t size)
{
    sqlite3_bind_blob64(statement, index, size == 0 ? (const void *)"" : bytes, size,
                        SQLITE_STATIC);
}

static void take_text(sqlite3_stmt *statement, int column, char *out, size_t capacity)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    snprintf(out, capacity, "%s", text == NULL ? "" : (const char *)text);
}

static size_t take_bytes(sqlite3_stmt *statement, int column, uint8_t *out, size_t capacity)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    size_t size = (size_t)sqlite3_column_bytes(statement, column);
    size = size > capacity ? capacity : size;
    if (size > 0)
        memcpy(out, bytes, size);
    return size;
}

enum status accounts_site(struct accounts *accounts, struct site *out_site)
{
    memset(out_site, 0, sizeof *out_site);
    sqlite3_stmt *statement =
        accounts_prepare(accounts, "SELECT server_public, enrol_endpoint FROM site");
    if (sqlite3_step(statement) == SQLITE_ROW) {
        take_bytes(statement, 0, out_site->server_public, POOL_KEY_BYTES);
        take_text(statement, 1, out_site->enrol_endpoint, sizeof out_site->enrol_endpoint);
    }
    sqlite3_finalize(statement);
    return STATUS_OK;
}

enum status accounts_set_site(struct accounts *accounts, const struct site *site)
{
    sqlite3_stmt *statement = accounts_prepare(
        accounts, "INSERT OR REPLACE INTO site(one, server_public, enrol_endpoint) VALUES(1,?,?)");
    bind_bytes(statement, 1, site->server_public, POOL_KEY_BYTES);
    bind_text(statement, 2, site->enrol_endpoint);
    return accounts_run(accounts, statement, "store the site");
}

static void take_account(sqlite3_stmt *statement, struct account *out)
{
    memset(out, 0, sizeof *out);
    take_text(statement, 0, out->name, sizeof out->name);
    out->unit = (uint64_t)sqlite3_column_int64(statement, 1);
    take_text(statement, 2, out->unit_name, sizeof out->unit_name);
    take_text(statement, 3, out->role, sizeof out->role);
    take_bytes(statement, 4, out->salt, sizeof out->salt);
    out->bundle_size = take_bytes(statement, 5, out->bundle, sizeof out->bundle);
    take_text(statement, 6, out->peer.endpoint, sizeof out->peer.endpoint);
    take_bytes(statement, 7, out->peer.server_public, POOL_KEY_BYTES);
    take_bytes(statement, 8, out->peer.transport_public, POOL_KEY_BYTES);
    take_bytes(statement, 9, out->peer.transport_secret, POOL_KEY_BYTES);
    out->prepared = sqlite3_column_int(statement, 10) != 0;
    take_text(statement, 11, out->enrol_endpoint, sizeof out->enrol_endpoint);
    out->enrol_size = take_bytes(statement, 12, out->enrol, sizeof out->enrol);
}

enum status accounts_find(struct accounts *accounts, const char *name, struct account *out_account)
{
    sqlite3_stmt *statement =
        accounts_prepare(accounts, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE name = ?");
    bind_text(statement, 1, name);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        take_account(statement, out_account);
    sqlite3_finalize(statement);
    return result == SQLITE_ROW    ? STATUS_OK
           : result == SQLITE_DONE ? STATUS_NOT_FOUND
                                   : failed(accounts, "look up an account");
}

/* Whether there is room and the name is free, or held by the same unanswered enrolment. */
static enum status check_free(struct accounts *accounts, const struct account *account)
{
    struct account *known = malloc(sizeof *known);
    if (known == NULL)
        return STATUS_NO_MEMORY;
    enum status status = accounts_find(accounts, account->name, known);
    if (status == STATUS_NOT_FOUND) {
        sqlite3_stmt *statement = accounts_prepare(accounts, "SELECT count(*) FROM account");
        bool room = sqlite3_step(statement) == SQLITE_ROW &&
                    sqlite3_column_int64(statement, 0) < ACCOUNTS_MAX;
        sqlite3_finalize(statement);
        status = room ? STATUS_OK : STATUS_LIMIT;
    } else if (status == STATUS_OK &&
               (!known->prepared || memcmp(known->peer.transport_public,
                                           account->peer.transport_public, POOL_KEY_BYTES) != 0)) {
        status = STATUS_CONFLICT;
    }
    sodium_memzero(known, sizeof *known);
    free(known);
    return status;
}

enum status accounts_add(struct accounts *accounts, const struct account *account,
                         const uint8_t secret[ACCOUNT_SECRET_BYTES])
{
    char verifier[crypto_pwhash_STRBYTES];
    enum status status = check_free(accounts, account);
    if (status != STATUS_OK)
        return status;
    if (!hash_secret(secret, verifier))
        return STATUS_NO_MEMORY;
    sqlite3_stmt *statement = accounts_prepare(
        accounts, "INSERT OR REPLACE INTO account(" ACCOUNT_COLUMNS
                  ", verifier) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)");
    bind_text(statement, 1, account->name);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)account->unit);
    bind_text(statement, 3, account->unit_name);
    bind_text(statement, 4, account->role);
    bind_bytes(statement, 5, account->salt, sizeof account->salt);
    bind_bytes(statement, 6, account->bundle, account->bundle_size);
    bind_text(statement, 7, account->peer.endpoint);
    bind_bytes(statement, 8, account->peer.server_public, POOL_KEY_BYTES);
    bind_bytes(statement, 9, account->peer.transport_public, POOL_KEY_BYTES);
    bind_bytes(statement, 10, account->peer.transport_secret, POOL_KEY_BYTES);
    sqlite3_bind_int(statement, 11, account->prepared);
    bind_text(statement, 12, account->enrol_endpoint);
    bind_bytes(statement, 13, account->enrol, account->enrol_size);
    bind_text(statement, 14, verifier);
    return accounts_run(accounts, statement, "store an account");
}

enum status accounts_activate(struct accounts *accounts, const struct account *account)
{
    sqlite3_stmt *statement = accounts_prepare(
        accounts, "UPDATE account SET prepared = 0, unit_name = ?2, role = ?3, endpoint = ?4,"
                  " enrol = x'', enrol_endpoint = '' WHERE name = ?1");
    bind_text(statement, 1, account->name);
    bind_text(statement, 2, account->unit_name);
    bind_text(statement, 3, account->role);
    bind_text(statement, 4, account->peer.endpoint);
    return accounts_run(accounts, statement, "store an enrolment");
}

enum status accounts_forget(struct accounts *accounts, const char *name)
{
    sqlite3_stmt *statement =
        accounts_prepare(accounts, "DELETE FROM account WHERE name = ?1 AND prepared = 1");
    bind_text(statement, 1, name);
    return accounts_run(accounts, statement, "forget an account");
}

struct standing {
    char verifier[crypto_pwhash_STRBYTES];
    int64_t failures, locked_us;
};

static bool find_standing(struct accounts *accounts, const char *name, struct standing *out)
{
    sqlite3_stmt *statement = accounts_prepare(
        accounts, "SELECT verifier, failures, locked_until_us FROM account WHERE name = ?");
    bind_text(statement, 1, name);
    bool known = sqlite3_step(statement) == SQLITE_ROW;
    if (known) {
        take_text(statement, 0, out->verifier, sizeof out->verifier);
        out->failures = sqlite3_column_int64(statement, 1);
        out->locked_us = sqlite3_column_int64(statement, 2);
    }
    sqlite3_finalize(statement);
    return known;
}

static bool is_resting(const struct standing *standing, int64_t now_us, uint32_t *out_wait_s)
{
    if (standing->failures < LOCK_AFTER || standing->locked_us <= now_us)
        return false;
    *out_wait_s = (uint32_t)((standing->locked_us - now_us) / SQL_US + 1);
    return true;
}

enum status accounts_rest(struct accounts *accounts, const char *name, int64_t now_us,
                          uint32_t *out_wait_s)
{
    struct standing standing = {0};
    if (!find_standing(accounts, name, &standing))
        return STATUS_NOT_FOUND;
    return is_resting(&standing, now_us, out_wait_s) ? STATUS_LIMIT : STATUS_OK;
}

enum status accounts_count_failure(struct accounts *accounts, const char *name, int64_t now_us)
{
    struct standing standing = {0};
    int64_t rest_s = 0;
    if (!find_standing(accounts, name, &standing))
        return STATUS_NOT_FOUND;
    if (standing.failures + 1 >= LOCK_AFTER) {
        int64_t doublings = standing.failures + 1 - LOCK_AFTER;
        rest_s = doublings > 5 ? LOCK_MOST_S : (int64_t)LOCK_FIRST_S << doublings;
        rest_s = rest_s > LOCK_MOST_S ? LOCK_MOST_S : rest_s;
    }
    sqlite3_stmt *statement =
        accounts_prepare(accounts, "UPDATE account SET failures = failures + 1,"
                                   " locked_until_us = ?2 WHERE name = ?1");
    bind_text(statement, 1, name);
    sqlite3_bind_int64(statement, 2, now_us + rest_s * SQL_US);
    return accounts_run(accounts, statement, "count a failed login");
}

enum status accounts_forgive(struct accounts *accounts, const char *name)
{
    sqlite3_stmt *statement = accounts_prepare(
        accounts, "UPDATE account SET failures = 0, locked_until_us = 0 WHERE name = ?");
    bind_text(statement, 1, name);
    return accounts_run(accounts, statement, "note a login");
}

enum status accounts_verify(struct accounts *accounts, const char *name,
                            const uint8_t secret[ACCOUNT_SECRET_BYTES], int64_t now_us,
                            uint32_t *out_wait_s)
{
    struct standing standing = {0};
    memcpy(standing.verifier, accounts->decoy, sizeof standing.verifier);
    bool known = find_standing(accounts, name, &standing);
    if (known && is_resting(&standing, now_us, out_wait_s))
        return STATUS_LIMIT;
    bool right = crypto_pwhash_str_verify(standing.verifier, (const char *)secret,
                                          ACCOUNT_SECRET_BYTES) == 0;
    if (known && right)
        return STATUS_OK;
    enum status status = known ? accounts_count_failure(accounts, name, now_us) : STATUS_OK;
    return status == STATUS_OK ? STATUS_NOT_FOUND : status;
}

static bool is_closed(struct accounts *accounts, const char *name)
{
    sqlite3_stmt *statement =
        accounts_prepare(accounts, "SELECT 1 FROM closed_account WHERE name = ?");
    bind_text(statement, 1, name);
    bool closed = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    return closed;
}

enum status accounts_login(struct accounts *accounts, const char *name,
                           const uint8_t secret[ACCOUNT_SECRET_BYTES],
                           const struct second_factor *second, int64_t now_us,
                           struct account *out_account, uint32_t *out_wait_s)
{
    enum status status = accounts_verify(accounts, name, secret, now_us, out_wait_s);
    if (status != STATUS_OK)
        return status;
    if (is_closed(accounts, name)) /* told only to who knows the passphrase */
        return STATUS_E_FORBIDDEN;
    status = factor_check(accounts, name, second, now_us);
    if (status == STATUS_MISMATCH) {
        status = accounts_count_failure(accounts, name, now_us);
        return status == STATUS_OK ? STATUS_MISMATCH : status;
    }
    if (status == STATUS_OK)
        status = accounts_forgive(accounts, name);
    return status == STATUS_OK ? accounts_find(accounts, name, out_account) : status;
}
