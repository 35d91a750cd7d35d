/* Preloaded into zhibaod: kills it (SIGKILL) at a point that a statement of its own names, so that
 * a test can stop it between any two things that it does to the database, without it knowing of
 * tests.
 *
 * KILL_QUERY: part of the statement's text; it is killed just before it runs that, or with
 * KILL_AFTER just after. With KILL_ARM only in a connection that ran one with this text before. */
#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

enum { NAME_BYTES = 32 };

/* Of this thread's connection: what the statements are called that were asked for. */
static _Thread_local struct {
    char query[NAME_BYTES], arm[NAME_BYTES];
    bool armed;
} asked;

static bool is_asked(const char *sql, const char *variable)
{
    const char *part = getenv(variable);
    return part != NULL && strstr(sql, part) != NULL;
}

typedef PGresult *prepare_function(PGconn *, const char *, const char *, int, const Oid *);
typedef PGresult *exec_function(PGconn *, const char *, int, const char *const *, const int *,
                                const int *, int);

PGresult *PQprepare(PGconn *conn, const char *stmtName, const char *query, int nParams,
                    const Oid *paramTypes)
{
    if (is_asked(query, "KILL_QUERY"))
        snprintf(asked.query, sizeof asked.query, "%s", stmtName);
    if (is_asked(query, "KILL_ARM"))
        snprintf(asked.arm, sizeof asked.arm, "%s", stmtName);
    prepare_function *real = (prepare_function *)dlsym(RTLD_NEXT, "PQprepare");
    return real(conn, stmtName, query, nParams, paramTypes);
}

PGresult *PQexecPrepared(PGconn *conn, const char *stmtName, int nParams,
                         const char *const *paramValues, const int *paramLengths,
                         const int *paramFormats, int resultFormat)
{
    exec_function *real = (exec_function *)dlsym(RTLD_NEXT, "PQexecPrepared");
    bool here = strcmp(asked.query, stmtName) == 0 && (asked.armed || getenv("KILL_ARM") == NULL);
    if (here && getenv("KILL_AFTER") == NULL)
        kill(getpid(), SIGKILL);
    PGresult *result =
        real(conn, stmtName, nParams, paramValues, paramLengths, paramFormats, resultFormat);
    if (here)
        kill(getpid(), SIGKILL);
    asked.armed = asked.armed || strcmp(asked.arm, stmtName) == 0;
    return result;
}
