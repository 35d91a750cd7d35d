#include "web/accounts_manage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "web/accounts_private.h"

static enum status failed(const struct accounts *accounts, const char *what)
{
    log_error("could not %s: %s", what, sqlite3_errmsg(accounts->database));
    return STATUS_DATABASE;
}

static void take_text(sqlite3_stmt *statement, int column, char *out, size_t capacity)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    snprintf(out, capacity, "%s", text == NULL ? "" : (const char *)text);
}

static void take_row(sqlite3_stmt *statement, struct account_row *row)
{
    memset(row, 0, sizeof *row);
    take_text(statement, 0, row->name, sizeof row->name);
    row->unit = (uint64_t)sqlite3_column_int64(statement, 1);
    take_text(statement, 2, row->unit_name, sizeof row->unit_name);
    take_text(statement, 3, row->role, sizeof row->role);
    row->prepared = sqlite3_column_int(statement, 4) != 0;
    row->failures = sqlite3_column_int64(statement, 5);
    row->locked_until_us = sqlite3_column_int64(statement, 6);
    row->created_us = sqlite3_column_int64(statement, 7);
    row->closed = sqlite3_column_int(statement, 8) != 0;
}

enum status accounts_list(struct accounts *accounts, uint64_t first, uint64_t last,
                          struct account_row **out_rows, size_t *out_count)
{
    struct account_row *rows = calloc(ACCOUNTS_LISTED_MAX, sizeof *rows);
    sqlite3_stmt *statement = NULL;
    size_t count = 0;
    int result;
    if (rows == NULL)
        return STATUS_NO_MEMORY;
    if (sqlite3_prepare_v2(accounts->database,
                           "SELECT name, unit, unit_name, role, prepared, failures,"
                           " locked_until_us, created_us, EXISTS (SELECT 1 FROM closed_account c"
                           "  WHERE c.name = account.name) FROM account"
                           " WHERE unit BETWEEN ?1 AND ?2 ORDER BY unit, name LIMIT ?3",
                           -1, &statement, NULL) != SQLITE_OK) {
        free(rows);
        return failed(accounts, "list the accounts");
    }
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)first);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)last);
    sqlite3_bind_int64(statement, 3, ACCOUNTS_LISTED_MAX);
    while ((result = sqlite3_step(statement)) == SQLITE_ROW && count < ACCOUNTS_LISTED_MAX)
        take_row(statement, &rows[count++]);
    sqlite3_finalize(statement);
    if (result != SQLITE_DONE) {
        free(rows);
        return failed(accounts, "list the accounts");
    }
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}

enum status accounts_do(struct accounts *accounts, enum account_deed deed, const char *name,
                        uint64_t first, uint64_t last)
{
#define IS_ONE " FROM account WHERE name = ?1 AND unit BETWEEN ?2 AND ?3"
    static const char *const statements[] = {
        [ACCOUNT_CLOSE] = "INSERT OR REPLACE INTO closed_account(name) SELECT name" IS_ONE,
        [ACCOUNT_OPEN] = "DELETE FROM closed_account WHERE name IN (SELECT name" IS_ONE ")",
        [ACCOUNT_FORGIVE] = "UPDATE account SET failures = 0, locked_until_us = 0"
                            " WHERE name = ?1 AND unit BETWEEN ?2 AND ?3",
        [ACCOUNT_REMOVE] = "DELETE" IS_ONE,
    };
#undef IS_ONE
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(accounts->database, statements[deed], -1, &statement, NULL) != SQLITE_OK)
        return failed(accounts, "change an account");
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)first);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)last);
    int result = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (result != SQLITE_DONE)
        return failed(accounts, "change an account");
    if (sqlite3_changes(accounts->database) == 0)
        return STATUS_NOT_FOUND;
    /* a name that is taken anew begins open, with one factor and without tokens */
    if (deed == ACCOUNT_REMOVE &&
        sqlite3_exec(accounts->database,
                     "DELETE FROM closed_account WHERE name NOT IN (SELECT name FROM account);"
                     "DELETE FROM factor WHERE name NOT IN (SELECT name FROM account);"
                     "DELETE FROM token WHERE account NOT IN (SELECT name FROM account)",
                     NULL, NULL, NULL) != SQLITE_OK)
        return failed(accounts, "remove an account");
    return STATUS_OK;
}
