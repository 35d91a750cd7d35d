#include "lib/outbox_sqlite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "lib/files.h"
#include "lib/outbox_schema.h"

/* A refused report after which a later one of the same form and period was stored. */
#define SUPERSEDED                                                                          \
    "state = 2 AND kind = 1 AND EXISTS (SELECT 1 FROM record AS later WHERE later.kind = 1" \
    " AND later.form = record.form AND later.period = record.period"                        \
    " AND later.unit = record.unit AND later.state = 3 AND later.sequence > record.sequence)"
#define ITEM_COLUMNS                                                                        \
    "sequence, kind, unit, id, payload_sha256, state, form, period, revision, created_us, " \
    "tried_us, settled_us, attempts, record, receipt, refusal, error, stream, "             \
    "discarded_us, " SUPERSEDED

static const char *const queries[QUERY_END] = {
    [QUERY_PUT] =
        "INSERT INTO record(kind, unit, id, payload_sha256, state, stream, form, period, revision,"
        " created_us, record) VALUES(?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT(kind, unit, id) DO NOTHING",
    [QUERY_SAME] = "SELECT record = ?4 FROM record WHERE kind = ?1 AND unit = ?2 AND id = ?3",
    /* The only transitions: into receipted from anywhere, into refused from waiting. */
    [QUERY_RECEIPTED] = "UPDATE record SET settled_us = iif(state = 3, settled_us, ?3), state = 3,"
                        " receipt = coalesce(receipt, ?2) WHERE sequence = ?1",
    [QUERY_REFUSED] = "UPDATE record SET settled_us = iif(state = 1, ?4, settled_us),"
                      " state = max(state, 2), refusal = ?2, error = ?3 WHERE sequence = ?1",
    [QUERY_TRIED] = "UPDATE record SET attempts = attempts + 1, tried_us = ?2"
                    " WHERE sequence = ?1 AND state = 1",
    [QUERY_TROUBLED] = "UPDATE record SET error = ?2 WHERE sequence = ?1 AND state = 1",
    [QUERY_NEXT] = "SELECT " ITEM_COLUMNS " FROM record INDEXED BY record_waiting"
                   " WHERE state = 1 AND sequence > ?1 AND NOT EXISTS (SELECT 1 FROM held"
                   "  WHERE held.sequence = record.sequence AND until_ms > ?2)"
                   " AND (stream = '' OR NOT EXISTS (SELECT 1 FROM record AS e WHERE e.state = 1"
                   "  AND e.stream = record.stream AND e.sequence < record.sequence))"
                   " ORDER BY sequence LIMIT 1",
    [QUERY_HOLD] = "INSERT OR REPLACE INTO held(sequence, until_ms) VALUES(?1, ?2)",
    [QUERY_RELEASE] = "DELETE FROM held",
    [QUERY_UNHOLD] = "DELETE FROM held WHERE sequence = ?1",
    [QUERY_HELD_UNTIL] = "SELECT min(until_ms) FROM held JOIN record USING(sequence)"
                         " WHERE record.state = 1",
    [QUERY_ITEM] = "SELECT " ITEM_COLUMNS " FROM record WHERE sequence = ?1",
    /* Written out for each state: a partial index needs a constant. */
    [QUERY_LIST_WAITING] = "SELECT " ITEM_COLUMNS " FROM record WHERE state = 1 ORDER BY sequence",
    [QUERY_LIST_REFUSED] = "SELECT " ITEM_COLUMNS " FROM record WHERE state = 2 ORDER BY sequence",
    [QUERY_LIST_RECEIPTED] =
        "SELECT " ITEM_COLUMNS " FROM record WHERE state = 3 ORDER BY sequence",
    [QUERY_WAITING_KIND] = "SELECT " ITEM_COLUMNS " FROM record INDEXED BY record_waiting"
                           " WHERE state = 1 AND kind = ?1 ORDER BY sequence",
    [QUERY_WAITING_AFTER] = "SELECT " ITEM_COLUMNS " FROM record INDEXED BY record_waiting"
                            " WHERE state = 1 AND sequence > ?1 ORDER BY sequence LIMIT 1",
    /* Another version of the same payload; the one before is kept. */
    [QUERY_KEEP_FORMER] = "INSERT INTO former(sequence, record) SELECT sequence, record FROM record"
                          " WHERE sequence = ?1",
    [QUERY_REPLACE] = "UPDATE record SET record = ?2 WHERE sequence = ?1",
    [QUERY_FORMER] = "SELECT record FROM former WHERE sequence = ?1 ORDER BY number DESC",
    [QUERY_FIND] = "SELECT " ITEM_COLUMNS " FROM record"
                   " WHERE substr(lower(hex(id)), 1, length(?1)) = lower(?1) ORDER BY sequence",
    [QUERY_BY_ID] = "SELECT " ITEM_COLUMNS " FROM record WHERE kind = ?1 AND unit = ?2 AND id = ?3",
    /* A carrier's outbox holds reports of others too: only the unit's own are meant. */
    [QUERY_NEWEST] = "SELECT " ITEM_COLUMNS " FROM record WHERE kind = 1 AND form = ?1"
                     " AND period = ?2 AND unit = ?3 AND state <> 2 ORDER BY revision DESC, "
                     "sequence DESC LIMIT 1",
    [QUERY_COUNT_WAITING] = "SELECT count(*) FROM record WHERE state = 1",
    [QUERY_COUNT_REFUSED] = "SELECT count(*) FROM record WHERE state = 2 AND discarded_us = 0",
    [QUERY_DISCARD] = "UPDATE record SET discarded_us = iif(discarded_us = 0, ?2, discarded_us)"
                      " WHERE sequence = ?1 AND state = 2",
    [QUERY_COUNT_RECEIPTED] = "SELECT count(*) FROM record WHERE state = 3",
    [QUERY_NOTE_GET] = "SELECT value, set_us FROM note WHERE name = ?1",
    [QUERY_NOTE_SET] = "INSERT OR REPLACE INTO note(name, value, set_us) VALUES(?1, ?2, ?3)",
};

enum status outbox_failed(struct outbox *outbox, const char *what)
{
    snprintf(outbox->trouble, sizeof outbox->trouble, "%s: %s", what,
             sqlite3_errmsg(outbox->database));
    enum status system = file_failure(sqlite3_system_errno(outbox->database));
    switch (sqlite3_errcode(outbox->database) & 0xff) {
    case SQLITE_NOMEM: return STATUS_NO_MEMORY;
    case SQLITE_FULL: return STATUS_FULL;
    case SQLITE_READONLY: return system == STATUS_DENIED ? STATUS_DENIED : STATUS_READ_ONLY;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: return system == STATUS_IO ? STATUS_DATABASE : system;
    default: return STATUS_DATABASE;
    }
}

sqlite3_stmt *outbox_prepare(struct outbox *outbox, enum query query)
{
    sqlite3_stmt **statement = &outbox->statements[query];
    if (*statement == NULL)
        sqlite3_prepare_v3(outbox->database, queries[query], -1, SQLITE_PREPARE_PERSISTENT,
                           statement, NULL);
    else
        sqlite3_reset(*statement);
    return *statement;
}

enum status outbox_run(struct outbox *outbox, sqlite3_stmt *statement)
{
    int result = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
    enum status status =
        result == SQLITE_DONE ? STATUS_OK : outbox_failed(outbox, "could not store");
    if (statement != NULL) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    return status;
}

void outbox_bind(sqlite3_stmt *statement, int index, const void *bytes, size_t size)
{
    sqlite3_bind_blob64(statement, index, size == 0 ? (const void *)"" : bytes, size,
                        SQLITE_STATIC);
}

static enum status execute(struct outbox *outbox, const char *sql, const char *what)
{
    return sqlite3_exec(outbox->database, sql, NULL, NULL, NULL) == SQLITE_OK
               ? STATUS_OK
               : outbox_failed(outbox, what);
}

static int64_t read_pragma(struct outbox *outbox, const char *pragma)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(outbox->database, pragma, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static enum status create_tables(struct outbox *outbox)
{
    int64_t version = read_pragma(outbox, "PRAGMA user_version");
    if (version == 0 ||
        (version == 1 && read_pragma(outbox, "PRAGMA application_id") == OUTBOX_APPLICATION)) {
        enum status status = outbox_begin(outbox);
        if (status == STATUS_OK && version == 0)
            status = execute(outbox, OUTBOX_SCHEMA, "could not create the outbox");
        if (status == STATUS_OK)
            status = execute(outbox, OUTBOX_UPGRADE_2, "could not upgrade the outbox");
        if (status == STATUS_OK)
            status = outbox_commit(outbox);
        outbox_rollback(outbox);
        if (status != STATUS_OK)
            return status;
    } else if (version != OUTBOX_VERSION ||
               read_pragma(outbox, "PRAGMA application_id") != OUTBOX_APPLICATION) {
        snprintf(outbox->trouble, sizeof outbox->trouble,
                 "not an outbox, or one of a newer zhibao (version %" PRId64 ")", version);
        return STATUS_DATABASE;
    }
    return execute(outbox, OUTBOX_TEMPORARY, "could not open the outbox");
}

enum status outbox_open(const char *path, struct outbox **out_outbox)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &outbox->database, flags, NULL) != SQLITE_OK)
        status = outbox_failed(outbox, "could not open the outbox");
    if (status == STATUS_OK)
        status = execute(outbox,
                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
                         "PRAGMA trusted_schema = OFF;",
                         "could not open the outbox");
    if (status == STATUS_OK) {
        sqlite3_busy_timeout(outbox->database, 2000);
        status = create_tables(outbox);
    }
    if (status != STATUS_OK) {
        log_error("could not open the outbox: %s path=\"%s\"", outbox->trouble, path);
        outbox_close(&outbox);
        return status;
    }
    *out_outbox = outbox;
    return STATUS_OK;
}

void outbox_close(struct outbox **outbox)
{
    if (outbox == NULL || *outbox == NULL)
        return;
    for (size_t i = 0; i < QUERY_END; i++)
        sqlite3_finalize((*outbox)->statements[i]);
    sqlite3_close((*outbox)->database);
    free(*outbox);
    *outbox = NULL;
}

const char *outbox_trouble(const struct outbox *outbox)
{
    return outbox->trouble;
}

enum status outbox_begin(struct outbox *outbox)
{
    enum status status = execute(outbox, "BEGIN IMMEDIATE", "could not begin");
    outbox->in_batch = status == STATUS_OK;
    return status;
}

enum status outbox_commit(struct outbox *outbox)
{
    enum status status = execute(outbox, "COMMIT", "could not store");
    if (status != STATUS_OK)
        outbox_rollback(outbox);
    outbox->in_batch = false;
    return status;
}

void outbox_rollback(struct outbox *outbox)
{
    if (outbox->in_batch && sqlite3_get_autocommit(outbox->database) == 0)
        sqlite3_exec(outbox->database, "ROLLBACK", NULL, NULL, NULL);
    outbox->in_batch = false;
}
