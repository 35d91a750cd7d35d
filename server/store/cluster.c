#include "server/store/cluster.h"

#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/store/cluster_files.h"
#include "server/store/db.h"
#include "server/store/migrate.h"
#include "server/store/process.h"

enum {
    POLL_MS = 100,
    TOOL_MS = 120 * 1000, /* initdb on a slow disk */
    FIRST_DELAY_MS = 200,
    LONGEST_DELAY_MS = 5 * 1000,
    SETTLE_MS = 300,     /* after a start, before looking for its pid file */
    LAUNCH_MS = 5000,    /* the longest that one takes to appear */
    DEAD_MS = 60 * 1000, /* without a postmaster: it cannot start */
    FAST_MS = 60 * 1000, /* its last checkpoint on a slow disk */
    HASTY_MS = 10 * 1000,
    OUTPUT_BYTES = 1500,
};

struct cluster {
    struct cluster_paths paths;
    char conninfo[CLUSTER_CONNINFO_BYTES]; /* the superuser's */
    bool down;                             /* logged */
    int64_t next_try_ms;
    int delay_ms;
    int64_t launched_ms; /* by us, and not seen to run since; 0: no */
};

/* Runs one of PostgreSQL's programs; a failure is logged with what it printed. */
static enum status tool_run(const struct cluster *cluster, const char *tool,
                            const char *const *arguments, bool quiet)
{
    enum { ARGUMENTS_MAX = 16 };
    char path[CLUSTER_PATH_BYTES + 32];
    char output[OUTPUT_BYTES];
    const char *argv[ARGUMENTS_MAX] = {path};
    int code = 0;
    snprintf(path, sizeof path, "%s/%s", cluster->paths.bin, tool);
    for (size_t i = 0; arguments[i] != NULL && i + 2 < ARGUMENTS_MAX; i++)
        argv[i + 1] = arguments[i];
    enum status status = process_run(argv, TOOL_MS, output, sizeof output, &code);
    if (status == STATUS_OK && code == 0)
        return STATUS_OK;
    if (!quiet)
        log_error("could not run %s: %s exit=%d output=\"%s\"", tool,
                  status == STATUS_OK ? "it failed" : status_en(status), code, output);
    return status == STATUS_OK ? STATUS_DATABASE : status;
}

/* Initialises beside the final name and renames, so that DIR/pg is whole or absent. */
static enum status cluster_init(const struct cluster *cluster)
{
    const char *const arguments[] = {"-D",
                                     cluster->paths.fresh,
                                     "-k",
                                     "-E",
                                     "UTF8",
                                     "--locale=C.UTF-8",
                                     "--auth-local=trust",
                                     "--auth-host=reject",
                                     "-U",
                                     CLUSTER_SUPERUSER,
                                     "--no-instructions",
                                     NULL};
    log_info("creating a private PostgreSQL cluster path=%s", cluster->paths.pg);
    enum status status = cluster_remove_tree(cluster->paths.fresh);
    if (status == STATUS_OK)
        status = tool_run(cluster, "initdb", arguments, false);
    if (status == STATUS_OK)
        status = cluster_include_settings(&cluster->paths);
    if (status == STATUS_OK)
        status = cluster_rename(&cluster->paths);
    return status;
}

/* Lets pg_ctl launch the postmaster and does not wait for it to answer. */
static enum status cluster_launch(struct cluster *cluster, bool quiet)
{
    const char *const arguments[] = {
        "start", "-W", "-s", "-D", cluster->paths.pg, "-l", cluster->paths.start_log, NULL};
    cluster_clear_stale_pid(&cluster->paths);
    cluster->launched_ms = clock_monotonic_ms();
    return tool_run(cluster, "pg_ctl", arguments, quiet);
}

/* Until the server answers, however long its recovery takes; a postmaster that dies meanwhile is
 * launched again: after a SIGKILL the first ones fail while old backends hold the shared memory. */
static enum status cluster_wait(struct cluster *cluster, bool (*give_up)(void))
{
    int64_t seen_ms = clock_monotonic_ms();
    while (PQping(cluster->conninfo) != PQPING_OK) {
        if (give_up != NULL && give_up())
            return STATUS_CANCELLED;
        cluster_watch(cluster);
        if (cluster_postmaster(&cluster->paths) > 0)
            seen_ms = clock_monotonic_ms();
        if (clock_monotonic_ms() - seen_ms > DEAD_MS) {
            log_error("could not start PostgreSQL: see %s", cluster->paths.log);
            return STATUS_DATABASE;
        }
        poll(NULL, 0, POLL_MS);
    }
    return STATUS_OK;
}

/* Role and database for the rest of zhibaod, which never connects as superuser again. */
static enum status cluster_prepare(const struct cluster *cluster)
{
    struct db *db = NULL;
    PGresult *result = NULL;
    enum status status = db_open(cluster->conninfo, DB_LOGIN, &db);
    if (status == STATUS_OK)
        status = db_run(db,
                        "select exists (select from pg_catalog.pg_roles where rolname = 'zhibao'),"
                        " exists (select from pg_catalog.pg_database where datname = 'zhibao')",
                        NULL, &result);
    if (status == STATUS_OK && !db_bool(result, 0, 0))
        status = db_exec(db, "create role zhibao login", NULL);
    if (status == STATUS_OK) /* repeated: a newer zhibaod may ask more of the roles */
        status = migrate_roles(db, "zhibao");
    if (status == STATUS_OK && !db_bool(result, 0, 1))
        status = db_exec(db, "create database zhibao owner zhibao_owner", NULL);
    PQclear(result);
    db_close(&db);
    return status;
}

static enum status cluster_up(struct cluster *cluster, bool (*give_up)(void))
{
    enum status status = cluster_check_version(&cluster->paths);
    if (status == STATUS_OK)
        status = cluster_make_directories(&cluster->paths);
    if (status == STATUS_OK && !cluster_exists(&cluster->paths))
        status = cluster_init(cluster);
    if (status == STATUS_OK)
        status = cluster_write_settings(&cluster->paths);
    if (status != STATUS_OK)
        return status;
    if (cluster_postmaster(&cluster->paths) > 0)
        log_info("adopting the PostgreSQL that runs already pid=%d",
                 (int)cluster_postmaster(&cluster->paths));
    else
        status = cluster_launch(cluster, false);
    cluster->next_try_ms = clock_monotonic_ms() + SETTLE_MS;
    if (status == STATUS_OK)
        status = cluster_wait(cluster, give_up);
    if (status == STATUS_OK)
        status = cluster_prepare(cluster);
    return status;
}

enum status cluster_start(const char *data, const char *pg_bin, bool (*give_up)(void),
                          struct cluster **out_cluster)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    if (cluster == NULL)
        return STATUS_NO_MEMORY;
    cluster->delay_ms = FIRST_DELAY_MS;
    enum status status = cluster_find(data, pg_bin, &cluster->paths);
    if (status == STATUS_OK)
        status = cluster_conninfo_for(cluster->paths.data, CLUSTER_SUPERUSER, "postgres",
                                      cluster->conninfo);
    if (status == STATUS_OK)
        status = cluster_up(cluster, give_up);
    if (status != STATUS_OK) {
        cluster_stop(&cluster);
        return status;
    }
    log_info("PostgreSQL is running path=%s", cluster->paths.pg);
    *out_cluster = cluster;
    return STATUS_OK;
}

void cluster_watch(struct cluster *cluster)
{
    int64_t now = clock_monotonic_ms();
    if (cluster_postmaster(&cluster->paths) > 0) {
        cluster->launched_ms = 0;
        /* one that is just about to give up again is not yet back */
        if (cluster->down && PQping(cluster->conninfo) == PQPING_OK) {
            log_info("PostgreSQL was restarted");
            cluster->down = false;
            cluster->delay_ms = FIRST_DELAY_MS;
        }
        return;
    }
    if (now < cluster->next_try_ms)
        return;
    if (!cluster->down)
        log_error("PostgreSQL is not running: restarting it, see %s", cluster->paths.log);
    enum status status = cluster_launch(cluster, cluster->down);
    cluster->down = true;
    int settle = status == STATUS_OK ? SETTLE_MS : 0;
    cluster->next_try_ms = now + settle + cluster->delay_ms;
    cluster->delay_ms =
        cluster->delay_ms * 2 > LONGEST_DELAY_MS ? LONGEST_DELAY_MS : cluster->delay_ms * 2;
}

/* A postmaster that was launched a moment ago writes its pid file a little later; who does not
 * wait for it leaves it behind. */
static void launched_await(const struct cluster *cluster)
{
    while (cluster->launched_ms != 0 && cluster_postmaster(&cluster->paths) <= 0 &&
           clock_monotonic_ms() < cluster->launched_ms + LAUNCH_MS)
        poll(NULL, 0, POLL_MS);
}

/* Whether the postmaster ended within `wait_ms`. pg_ctl cannot tell: one that was killed meanwhile
 * leaves its pid file, and is our child (PR_SET_CHILD_SUBREAPER), there until it is waited for. */
static bool postmaster_end(const struct cluster_paths *paths, int signal_number, int wait_ms)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    pid_t pid = cluster_postmaster(paths);
    if (pid <= 0 || kill(pid, signal_number) != 0)
        return cluster_postmaster(paths) <= 0;
    while (cluster_postmaster(paths) == pid && clock_monotonic_ms() < until_ms) {
        poll(NULL, 0, POLL_MS);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
    return cluster_postmaster(paths) <= 0;
}

void cluster_stop(struct cluster **cluster)
{
    if (*cluster == NULL)
        return;
    const struct cluster_paths *paths = &(*cluster)->paths;
    launched_await(*cluster);
    if (!postmaster_end(paths, SIGINT, FAST_MS) && !postmaster_end(paths, SIGQUIT, HASTY_MS))
        log_error("could not stop PostgreSQL path=%s", paths->pg);
    free(*cluster);
    *cluster = NULL;
}

enum status cluster_conninfo(const char *data, char out[CLUSTER_CONNINFO_BYTES])
{
    return cluster_conninfo_for(data, "zhibao", "zhibao", out);
}
