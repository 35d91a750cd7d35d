#include "web/tokens.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "web/accounts_private.h"

#define PREFIX "zbt_"

enum { LISTED_MAX = 100 };

static enum status failed(struct sqlite3 *database, const char *what)
{
    log_error("could not %s: %s", what, sqlite3_errmsg(database));
    return STATUS_DATABASE;
}

/* NULL after a log line. */
static sqlite3_stmt *prepare(struct sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        failed(database, "prepare a question about tokens");
    return statement;
}

bool token_may_be_exact(const char *role)
{
    return strcmp(role, "statistics") == 0 || strcmp(role, "office") == 0;
}

bool token_hash(const char *text, uint8_t out_hash[TOKEN_HASH_BYTES])
{
    uint8_t bytes[TOKEN_BYTES];
    size_t size = 0;
    if (strncmp(text, PREFIX, strlen(PREFIX)) != 0 || strlen(text) != TOKEN_TEXT_BYTES - 1 ||
        base64url_decode(text + strlen(PREFIX), bytes, sizeof bytes, &size) != STATUS_OK ||
        size != sizeof bytes)
        return false;
    crypto_hash_sha256(out_hash, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return true;
}

static enum status check_room(struct sqlite3 *database, const char *name, int64_t now_us)
{
    sqlite3_stmt *statement = prepare(database, "SELECT count(*) FROM token WHERE account = ?1 AND"
                                                " revoked_us = 0 AND expires_us > ?2");
    if (statement == NULL)
        return STATUS_DATABASE;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, now_us);
    bool read = sqlite3_step(statement) == SQLITE_ROW;
    bool room = read && sqlite3_column_int64(statement, 0) < TOKENS_PER_ACCOUNT;
    sqlite3_finalize(statement);
    return !read ? failed(database, "count tokens") : room ? STATUS_OK : STATUS_LIMIT;
}

enum status tokens_create(struct accounts *accounts, const char *name, const struct token *wish,
                          int64_t now_us, char out_text[TOKEN_TEXT_BYTES], int64_t *out_id)
{
    uint8_t bytes[TOKEN_BYTES], hash[TOKEN_HASH_BYTES];
    char text[TOKEN_TEXT_BYTES];
    struct sqlite3 *database = accounts->database;
    enum status status = check_room(database, name, now_us);
    if (status != STATUS_OK)
        return status;
    random_bytes(bytes, sizeof bytes);
    char *encoded = base64url_encode(bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    if (encoded == NULL)
        return STATUS_NO_MEMORY;
    snprintf(text, sizeof text, PREFIX "%s", encoded);
    free(encoded);
    if (!token_hash(text, hash))
        return STATUS_INVALID;
    sqlite3_stmt *statement =
        prepare(database, "INSERT INTO token(account, hash, label, published, created_us,"
                          " expires_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    if (statement == NULL)
        return STATUS_DATABASE;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 2, hash, sizeof hash, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, wish->label, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 4, wish->published);
    sqlite3_bind_int64(statement, 5, now_us);
    sqlite3_bind_int64(statement, 6, wish->expires_us);
    status = sqlite3_step(statement) == SQLITE_DONE ? STATUS_OK : failed(database, "store a token");
    sqlite3_finalize(statement);
    if (status == STATUS_OK) {
        memcpy(out_text, text, sizeof text);
        *out_id = sqlite3_last_insert_rowid(database);
    }
    return status;
}

#define TOKEN_COLUMNS "id, label, published, created_us, expires_us, used_us, revoked_us"

static void take_token(sqlite3_stmt *statement, struct token *out)
{
    const unsigned char *label = sqlite3_column_text(statement, 1);
    *out = (struct token){.id = sqlite3_column_int64(statement, 0),
                          .published = sqlite3_column_int(statement, 2) != 0,
                          .created_us = sqlite3_column_int64(statement, 3),
                          .expires_us = sqlite3_column_int64(statement, 4),
                          .used_us = sqlite3_column_int64(statement, 5),
                          .revoked_us = sqlite3_column_int64(statement, 6)};
    snprintf(out->label, sizeof out->label, "%s", label == NULL ? "" : (const char *)label);
}

enum status tokens_list(struct accounts *accounts, const char *name, struct token *out_tokens,
                        size_t room, size_t *out_count)
{
    struct sqlite3 *database = accounts->database;
    sqlite3_stmt *statement =
        prepare(database,
                "SELECT " TOKEN_COLUMNS " FROM token WHERE account = ?1 ORDER BY id DESC LIMIT ?2");
    if (statement == NULL)
        return STATUS_DATABASE;
    size_t count = 0;
    int result = SQLITE_ROW;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, room > LISTED_MAX ? LISTED_MAX : (sqlite3_int64)room);
    while (count < room && (result = sqlite3_step(statement)) == SQLITE_ROW)
        take_token(statement, &out_tokens[count++]);
    sqlite3_finalize(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return failed(database, "list tokens");
    *out_count = count;
    return STATUS_OK;
}

enum status tokens_revoke(struct accounts *accounts, const char *name, int64_t id, int64_t now_us)
{
    struct sqlite3 *database = accounts->database;
    sqlite3_stmt *statement = prepare(database, "UPDATE token SET revoked_us = ?3 WHERE id = ?2 AND"
                                                " account = ?1 AND revoked_us = 0");
    if (statement == NULL)
        return STATUS_DATABASE;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, id);
    sqlite3_bind_int64(statement, 3, now_us);
    int result = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (result != SQLITE_DONE)
        return failed(database, "revoke a token");
    return sqlite3_changes(database) == 1 ? STATUS_OK : STATUS_NOT_FOUND;
}

/* Once a minute is enough to know that a token is in use. */
static void note_use(struct sqlite3 *database, int64_t id, int64_t now_us)
{
    sqlite3_stmt *statement = prepare(
        database, "UPDATE token SET used_us = ?2 WHERE id = ?1 AND used_us < ?2 - 60000000");
    if (statement == NULL)
        return;
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, now_us);
    if (sqlite3_step(statement) != SQLITE_DONE)
        failed(database, "note a token's use");
    sqlite3_finalize(statement);
}

enum status tokens_find(struct accounts *accounts, const uint8_t hash[TOKEN_HASH_BYTES],
                        int64_t now_us, struct token *out_token, struct account *out_account)
{
    char name[ACCOUNT_NAME_BYTES] = "";
    struct sqlite3 *database = accounts->database;
    sqlite3_stmt *statement =
        prepare(database, "SELECT " TOKEN_COLUMNS ", account FROM token WHERE hash = ?1 AND"
                          " revoked_us = 0 AND expires_us > ?2 AND NOT EXISTS"
                          " (SELECT 1 FROM closed_account c WHERE c.name = account)");
    if (statement == NULL)
        return STATUS_DATABASE;
    sqlite3_bind_blob(statement, 1, hash, TOKEN_HASH_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, now_us);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        take_token(statement, out_token);
        snprintf(name, sizeof name, "%s", (const char *)sqlite3_column_text(statement, 7));
    }
    sqlite3_finalize(statement);
    if (result != SQLITE_ROW)
        return result == SQLITE_DONE ? STATUS_NOT_FOUND : failed(database, "look up a token");
    enum status status = accounts_find(accounts, name, out_account);
    if (status != STATUS_OK)
        return status;
    out_token->published = out_token->published || !token_may_be_exact(out_account->role);
    note_use(database, out_token->id, now_us);
    return STATUS_OK;
}
