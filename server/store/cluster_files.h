/* The files of the private cluster: where they are, its settings, whether a postmaster owns them.
 * Used by cluster.c only; main thread. */
#ifndef ZHIBAO_SERVER_STORE_CLUSTER_FILES_H
#define ZHIBAO_SERVER_STORE_CLUSTER_FILES_H

#include <stdbool.h>
#include <sys/types.h>

#include "server/store/cluster.h"

#define CLUSTER_SUPERUSER "postgres"

enum { CLUSTER_PATH_BYTES = 640, CLUSTER_MAJOR_MIN = 15 };

struct cluster_paths {
    char data[CLUSTER_PATH_BYTES]; /* DIR, without symbolic links */
    char pg[CLUSTER_PATH_BYTES];
    char fresh[CLUSTER_PATH_BYTES]; /* DIR/pg.new, while initdb works */
    char run[CLUSTER_PATH_BYTES];
    char log[CLUSTER_PATH_BYTES];
    char start_log[CLUSTER_PATH_BYTES];
    char bin[CLUSTER_PATH_BYTES]; /* where initdb, pg_ctl and postgres are */
    int major;                    /* of these programs */
};

/* Fills in all of it. `pg_bin` "": pg_config --bindir, else the newest in /usr/lib/postgresql.
 * STATUS_NOT_FOUND without PostgreSQL 15 or newer, STATUS_IO, STATUS_LIMIT; logged. */
MUST_CHECK enum status cluster_find(const char *data, const char *pg_bin,
                                    struct cluster_paths *out_paths);

/* STATUS_MISMATCH, logged, when DIR/pg was made by another major version. */
MUST_CHECK enum status cluster_check_version(const struct cluster_paths *paths);

MUST_CHECK enum status cluster_make_directories(const struct cluster_paths *paths);
bool cluster_exists(const struct cluster_paths *paths);

/* Removes what a killed initdb left, nothing if it left nothing. STATUS_IO, logged. */
MUST_CHECK enum status cluster_remove_tree(const char *path);

/* Adds the two include lines to a fresh postgresql.conf. */
MUST_CHECK enum status cluster_include_settings(const struct cluster_paths *paths);
MUST_CHECK enum status cluster_rename(const struct cluster_paths *paths);

/* Rewrites DIR/pg/zhibao.conf; what an administrator changes belongs in DIR/pg/local.conf. */
MUST_CHECK enum status cluster_write_settings(const struct cluster_paths *paths);

/* The live postmaster of DIR/pg, or 0. A process that merely reuses its number does not count. */
pid_t cluster_postmaster(const struct cluster_paths *paths);

/* Removes postmaster.pid when it names a process that is not our postmaster: a reused number or
 * one that nobody reaps would keep PostgreSQL from starting. Left-over backends are still found by
 * PostgreSQL itself through the shared memory that belongs to DIR/pg. */
void cluster_clear_stale_pid(const struct cluster_paths *paths);

MUST_CHECK enum status cluster_conninfo_for(const char *data, const char *user,
                                            const char *database, char out[CLUSTER_CONNINFO_BYTES]);

#endif
