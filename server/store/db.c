#include "server/store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"

enum {
    FORMAT_BINARY = 1,
    STATEMENT_SLOTS = 1024,
    STATEMENTS_MAX = 700, /* beyond that they run unprepared */
    STATEMENT_NAME = 24,
    SQL_LOGGED_BYTES = 80,
};

/* A statement prepared on the present connection. The types are part of its identity: the same
 * text with a null here and a number there is two statements. */
struct statement {
    char *sql;
    int count;
    Oid types[DB_PARAMS_MAX];
    char name[STATEMENT_NAME];
};

struct db {
    PGconn *connection;
    enum db_role role;
    bool lost; /* logged already */
    char sqlstate[6];
    size_t statement_count;
    struct statement *statements[STATEMENT_SLOTS];
    struct db_scope scope; /* of the present session */
};

/* What every session of a role starts with. search_path first: nothing may resolve elsewhere. */
static const char *session_sql(enum db_role role)
{
    switch (role) {
    case DB_LOGIN: return "set search_path = pg_catalog";
    case DB_OWNER: return "set search_path = pg_catalog; set role zhibao_owner";
    case DB_INGEST:
        /* a receipt says stored: whatever the server's default is, commits wait for the disk */
        return "set search_path = pg_catalog; set role zhibao_ingest;"
               "select set_config('synchronous_commit', 'on', false)"
               " where current_setting('synchronous_commit') in ('off', 'local')";
    case DB_QUERY:
        return "set search_path = pg_catalog; set role zhibao_query;"
               "set zhibao.district_first = '0'; set zhibao.district_last = '999999999999';"
               "set default_transaction_read_only = on; set statement_timeout = 5000;"
               "set idle_in_transaction_session_timeout = 60000";
    case DB_ASKED:
        return "set search_path = pg_catalog; set role zhibao_query;"
               "set default_transaction_read_only = on; set statement_timeout = 5000;"
               "set idle_in_transaction_session_timeout = 60000";
    }
    return "";
}

/* The server's own words without DETAIL, which may quote a row. */
static const char *error_text(const struct db *db, const PGresult *result)
{
    const char *text = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return text != NULL ? text : PQerrorMessage(db->connection);
}

static const char *sqlstate_of(const PGresult *result)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == NULL ? "" : state;
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    log_debug("database notice: %s", text == NULL ? "" : text);
}

static void statements_forget(struct db *db)
{
    for (size_t i = 0; i < STATEMENT_SLOTS; i++) {
        if (db->statements[i] != NULL)
            free(db->statements[i]->sql);
        free(db->statements[i]);
        db->statements[i] = NULL;
    }
    db->statement_count = 0;
}

static enum status session_start(struct db *db)
{
    if (PQstatus(db->connection) != CONNECTION_OK)
        return STATUS_DATABASE;
    PQsetNoticeReceiver(db->connection, ignore_notice, NULL);
    db->scope.told = false;
    PGresult *result = PQexec(db->connection, session_sql(db->role));
    ExecStatusType answer = PQresultStatus(result);
    bool done = answer == PGRES_COMMAND_OK || answer == PGRES_TUPLES_OK;
    if (!done && !db->lost)
        log_error("could not begin a database session: %s sqlstate=%s", error_text(db, result),
                  sqlstate_of(result));
    PQclear(result);
    return done ? STATUS_OK : STATUS_DATABASE;
}

/* Defaults come before conninfo, which may override them; the rest comes after and wins. */
static PGconn *connection_open(const char *conninfo, enum db_role role)
{
    const char *attributes = role == DB_QUERY || role == DB_ASKED ? "any" : "read-write";
    const char *const keywords[] = {"connect_timeout",
                                    "keepalives_idle",
                                    "keepalives_interval",
                                    "keepalives_count",
                                    "tcp_user_timeout",
                                    "fallback_application_name",
                                    "dbname",
                                    "target_session_attrs",
                                    "client_encoding",
                                    "options",
                                    NULL};
    const char *const values[] = {
        "5",       "30",     "10",       "3",    "30000",
        "zhibaod", conninfo, attributes, "UTF8", "-c timezone=UTC -c datestyle=ISO",
        NULL};
    return PQconnectdbParams(keywords, values, 1);
}

static enum status open_or_say(const char *conninfo, enum db_role role, bool quiet,
                               struct db **out_db)
{
    struct db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return STATUS_NO_MEMORY;
    db->role = role;
    db->lost = quiet;
    db->connection = connection_open(conninfo, role);
    if (db->connection == NULL) {
        free(db);
        return STATUS_NO_MEMORY;
    }
    if (PQstatus(db->connection) != CONNECTION_OK && !quiet)
        log_error("could not connect to the database: %s", PQerrorMessage(db->connection));
    enum status status = session_start(db);
    if (status != STATUS_OK) {
        db_close(&db);
        return status;
    }
    db->lost = false;
    *out_db = db;
    return STATUS_OK;
}

enum status db_open(const char *conninfo, enum db_role role, struct db **out_db)
{
    return open_or_say(conninfo, role, false, out_db);
}

enum status db_reopen(const char *conninfo, enum db_role role, bool *failing, struct db **db)
{
    db_close(db);
    enum status status = open_or_say(conninfo, role, *failing, db);
    if (status == STATUS_OK && *failing)
        log_info("database connected again");
    *failing = status != STATUS_OK;
    return status;
}

void db_close(struct db **db)
{
    if (*db == NULL)
        return;
    statements_forget(*db);
    PQfinish((*db)->connection);
    free(*db);
    *db = NULL;
}

bool db_usable(const struct db *db)
{
    return PQstatus(db->connection) == CONNECTION_OK;
}

enum status db_reset(struct db *db)
{
    statements_forget(db);
    PQreset(db->connection);
    if (PQstatus(db->connection) != CONNECTION_OK && !db->lost)
        log_error("could not reconnect to the database: %s", PQerrorMessage(db->connection));
    enum status status = session_start(db);
    if (status == STATUS_OK && db->lost)
        log_info("database connected again");
    db->lost = status != STATUS_OK;
    return status;
}

struct db_scope *db_scope(struct db *db)
{
    return &db->scope;
}

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

PGconn *db_connection(struct db *db)
{
    return db->connection;
}

/* Decides and logs a failed result; clears it. */
static enum status result_failed(struct db *db, PGresult *result, const char *sql)
{
    enum status status = STATUS_DATABASE;
    snprintf(db->sqlstate, sizeof db->sqlstate, "%s", sqlstate_of(result));
    if (strcmp(db->sqlstate, "23505") == 0) {
        status = STATUS_CONFLICT;
    } else if (!db->lost) {
        log_error("could not run a statement: %s sqlstate=%s sql=\"%.*s\"", error_text(db, result),
                  db->sqlstate, SQL_LOGGED_BYTES, sql);
        db->lost = !db_usable(db);
    }
    PQclear(result);
    return status;
}

static size_t statement_hash(const char *sql, const struct db_params *params)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *sql != '\0'; sql++)
        hash = (hash ^ (uint8_t)*sql) * UINT64_C(1099511628211);
    for (int i = 0; i < params->count; i++)
        hash = (hash ^ params->types[i]) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot of this statement: its own, or the empty one where it belongs. */
static struct statement **statement_slot(struct db *db, const char *sql,
                                         const struct db_params *params)
{
    size_t slot = statement_hash(sql, params) % STATEMENT_SLOTS;
    size_t types = (size_t)params->count * sizeof *params->types;
    for (;; slot = (slot + 1) % STATEMENT_SLOTS) {
        const struct statement *known = db->statements[slot];
        if (known == NULL || (known->count == params->count && strcmp(known->sql, sql) == 0 &&
                              memcmp(known->types, params->types, types) == 0))
            return &db->statements[slot];
    }
}

/* Remembers and prepares a statement. */
static enum status statement_prepare(struct db *db, struct statement **slot, const char *sql,
                                     const struct db_params *params)
{
    struct statement *statement = calloc(1, sizeof *statement);
    char *text = strdup(sql);
    if (statement == NULL || text == NULL) {
        free(statement);
        free(text);
        return STATUS_NO_MEMORY;
    }
    statement->sql = text;
    statement->count = params->count;
    memcpy(statement->types, params->types, sizeof statement->types);
    snprintf(statement->name, sizeof statement->name, "s%zu", db->statement_count);
    PGresult *result =
        PQprepare(db->connection, statement->name, sql, params->count, params->types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        free(text);
        free(statement);
        return result_failed(db, result, sql);
    }
    PQclear(result);
    *slot = statement;
    db->statement_count++;
    return STATUS_OK;
}

enum status db_run(struct db *db, const char *sql, const struct db_params *params,
                   PGresult **out_result)
{
    static const struct db_params none = {0};
    if (params == NULL)
        params = &none;
    if (params->failed)
        return STATUS_NO_MEMORY;
    struct statement **slot = statement_slot(db, sql, params);
    PGresult *result = NULL;
    if (*slot == NULL && db->statement_count < STATEMENTS_MAX) {
        enum status status = statement_prepare(db, slot, sql, params);
        if (status != STATUS_OK)
            return status;
    }
    if (*slot == NULL)
        result = PQexecParams(db->connection, sql, params->count, params->types, params->values,
                              params->lengths, params->formats, FORMAT_BINARY);
    else
        result = PQexecPrepared(db->connection, (*slot)->name, params->count, params->values,
                                params->lengths, params->formats, FORMAT_BINARY);
    ExecStatusType answer = PQresultStatus(result);
    if (answer != PGRES_TUPLES_OK && answer != PGRES_COMMAND_OK)
        return result_failed(db, result, sql);
    db->sqlstate[0] = '\0';
    *out_result = result;
    return STATUS_OK;
}

enum status db_exec(struct db *db, const char *sql, const struct db_params *params)
{
    PGresult *result = NULL;
    enum status status = db_run(db, sql, params, &result);
    if (status == STATUS_OK)
        PQclear(result);
    return status;
}

/* The line of `sql` that holds character `position` (counted from 1, in UTF-8 characters). */
static int line_of(const char *sql, int position)
{
    int line = 1;
    for (; *sql != '\0' && position > 1; sql++) {
        line += *sql == '\n';
        position -= ((uint8_t)*sql & 0xc0) != 0x80;
    }
    return line;
}

enum status db_script(struct db *db, const char *name, const char *sql)
{
    PGresult *result = PQexec(db->connection, sql);
    ExecStatusType answer = PQresultStatus(result);
    bool done = answer == PGRES_TUPLES_OK || answer == PGRES_COMMAND_OK;
    db->sqlstate[0] = '\0';
    if (!done) {
        const char *place =
            result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
        snprintf(db->sqlstate, sizeof db->sqlstate, "%s", sqlstate_of(result));
        log_error("could not run %s: %s sqlstate=%s line=%d", name, error_text(db, result),
                  db->sqlstate, place == NULL ? 0 : line_of(sql, atoi(place)));
    }
    PQclear(result);
    return done ? STATUS_OK : STATUS_DATABASE;
}

enum status db_ready(const char *conninfo, enum db_role role, struct db_retry *retry,
                     struct db **db)
{
    if (*db != NULL && db_usable(*db))
        return STATUS_OK;
    if (clock_monotonic_ms() < retry->at_ms)
        return STATUS_E_UNAVAILABLE;
    if (db_reopen(conninfo, role, &retry->failing, db) == STATUS_OK)
        return STATUS_OK;
    retry->at_ms = clock_monotonic_ms() + DB_RETRY_MS;
    return STATUS_E_UNAVAILABLE;
}
