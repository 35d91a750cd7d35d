/* One connection to PostgreSQL, used by the thread that opened it.
 *
 * SQL lives in server/store/ only; every statement has parameters and schema-qualified names.
 * Results are libpq's; the caller clears them. Failures are decided by SQLSTATE and logged once. */
#ifndef ZHIBAO_SERVER_STORE_DB_H
#define ZHIBAO_SERVER_STORE_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

struct db;

enum db_role {
    DB_LOGIN,  /* whoever conninfo names: making roles and databases */
    DB_OWNER,  /* migrations */
    DB_INGEST, /* the writer: INSERT, and the few tables that change; durable commits enforced */
    DB_QUERY,  /* SELECT, sessions read-only, statements end after DB_QUERY_TIMEOUT_MS */
    DB_ASKED,  /* DB_QUERY for somebody who asks: sees no row of any district until scope_set */
};

/* Of which districts a session of DB_ASKED sees rows: those from `first` to `last`, and `others`.
 * See server/store/scope.h. */
enum { DB_SCOPE_OTHERS = 64 };
struct db_scope {
    bool told; /* to the session */
    int64_t first, last;
    size_t other_count;
    int64_t others[DB_SCOPE_OTHERS];
};

enum { DB_QUERY_TIMEOUT_MS = 5000 };

/* Connects with connect_timeout, keepalives, search_path pg_catalog, the role set by SET ROLE,
 * time zone UTC, and target_session_attrs=read-write for all but DB_QUERY. STATUS_DATABASE, logged;
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status db_open(const char *conninfo, enum db_role role, struct db **out_db);
void db_close(struct db **db);

/* Closes *db, if it is open, and opens it anew. Of failures that follow one another only the first
 * is logged, and then the recovery: *failing is whether the last one failed. */
MUST_CHECK enum status db_reopen(const char *conninfo, enum db_role role, bool *failing,
                                 struct db **db);

/* Opens *db, or opens it anew when its connection broke. After a failure it is not tried again for
 * DB_RETRY_MS; STATUS_E_UNAVAILABLE meanwhile and when it fails. A caller's retry begins as 0. */
enum { DB_RETRY_MS = 500 };
struct db_retry {
    int64_t at_ms; /* monotonic: not before */
    bool failing;
};
MUST_CHECK enum status db_ready(const char *conninfo, enum db_role role, struct db_retry *retry,
                                struct db **db);

/* What the session was told; not `told` when it is new. */
struct db_scope *db_scope(struct db *db);

/* False once the connection is broken; db_reset tries again (STATUS_DATABASE while it fails; only
 * the first failure and the recovery are logged). */
bool db_usable(const struct db *db);
MUST_CHECK enum status db_reset(struct db *db);

/* Parameters of one statement, at most DB_PARAMS_MAX, allocated in an arena. Each travels with its
 * type: int bigint, bytes bytea, bool boolean, double float8, arrays of these; text and null are
 * untyped, PostgreSQL infers what the statement needs. */
enum { DB_PARAMS_MAX = 40 };
struct db_params {
    struct arena *arena;
    int count;
    const char *values[DB_PARAMS_MAX];
    int lengths[DB_PARAMS_MAX];
    int formats[DB_PARAMS_MAX]; /* 0 text, 1 binary */
    Oid types[DB_PARAMS_MAX];   /* 0: inferred */
    bool failed;                /* an allocation failed: db_run answers STATUS_NO_MEMORY */
};
void db_params_init(struct db_params *params, struct arena *arena);
void db_add_int(struct db_params *params, int64_t number);
void db_add_text(struct db_params *params, const char *text);                /* NULL: SQL null */
void db_add_bytes(struct db_params *params, const void *bytes, size_t size); /* bytea, binary */
void db_add_bool(struct db_params *params, bool flag);
void db_add_double(struct db_params *params, double number);
void db_add_null(struct db_params *params);
/* bigint[], text[] and bytea[] in binary form. */
void db_add_ints(struct db_params *params, const int64_t *numbers, size_t count);
void db_add_texts(struct db_params *params, const char *const *texts, size_t count);
struct db_bytes {
    const void *bytes;
    size_t size;
};
void db_add_bytes_array(struct db_params *params, const struct db_bytes *items, size_t count);

/* Runs `sql` (one statement, prepared on first use, re-prepared after a reset) and gives its result
 * in binary format. STATUS_OK for both rows and commands; STATUS_CONFLICT for a unique violation
 * (23505, not logged); STATUS_DATABASE else. `params` may be NULL. */
MUST_CHECK enum status db_run(struct db *db, const char *sql, const struct db_params *params,
                              PGresult **out_result);

/* The same for statements whose result does not matter. */
MUST_CHECK enum status db_exec(struct db *db, const char *sql, const struct db_params *params);

/* Runs a script of statements without parameters, as one transaction of its own unless one is open
 * or the script begins one. For migrations: `name` and the failing line go to the log. */
MUST_CHECK enum status db_script(struct db *db, const char *name, const char *sql);

/* SQLSTATE of the last failure ("40001"), "" after success or when the connection broke. */
const char *db_sqlstate(const struct db *db);

/* Fields of a binary result; NULL is 0 or "". Integers of 2, 4 and 8 bytes, float8. */
int64_t db_int(const PGresult *result, int row, int column);
double db_double(const PGresult *result, int row, int column);
bool db_bool(const PGresult *result, int row, int column);
const char *db_text(const PGresult *result, int row, int column); /* valid until PQclear */
const uint8_t *db_bytes(const PGresult *result, int row, int column, size_t *out_size);

/* Copies a bytea of exactly `size` bytes; false, with nothing copied, for any other and for NULL.
 */
bool db_fixed(const PGresult *result, int row, int column, void *out_bytes, size_t size);

/* Every row of a result as one element of `size` bytes in the arena, made by `read`; clears the
 * result. STATUS_NO_MEMORY, or what `read` says of the first row that it cannot take. */
typedef enum status (*db_row_reader)(const PGresult *result, int row, struct arena *arena,
                                     void *out_element);
MUST_CHECK enum status db_rows(PGresult *result, struct arena *arena, size_t size,
                               db_row_reader read, void **out_rows, size_t *out_count);

/* The libpq connection, for COPY and pipelines in server/store only. */
PGconn *db_connection(struct db *db);

#endif
