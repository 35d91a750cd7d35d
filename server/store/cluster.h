/* The private PostgreSQL cluster under DIR/pg, for those who have no database server of their own.
 *
 * Reached through a Unix socket in DIR/run (mode 0700) only; runs as the same user as zhibaod,
 * never as root. It survives a killed zhibaod and is adopted by the next one; a killed postmaster
 * is restarted by cluster_watch. All functions: the main thread. */
#ifndef ZHIBAO_SERVER_STORE_CLUSTER_H
#define ZHIBAO_SERVER_STORE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct cluster;

enum { CLUSTER_CONNINFO_BYTES = 1280 };

/* Creates the cluster when there is none (safe against being killed half-way), starts it or adopts
 * the one that runs, waits until it answers, and makes role and database `zhibao`. `pg_bin` ""
 * looks for PostgreSQL's programs. Waits as long as `give_up` (may be NULL) returns false.
 * STATUS_NOT_FOUND without PostgreSQL >= 15, STATUS_CANCELLED, STATUS_IO, STATUS_DATABASE; all
 * logged with what to do. The caller holds the data directory's lock. */
MUST_CHECK enum status cluster_start(const char *data, const char *pg_bin, bool (*give_up)(void),
                                     struct cluster **out_cluster);

/* One of main's chores: restarts a dead postmaster, backing off from 0.2 to 5 s. Never waits for
 * it to come up. */
void cluster_watch(struct cluster *cluster);

/* Stops PostgreSQL (fast, then immediate) and frees the handle. */
void cluster_stop(struct cluster **cluster);

/* How to connect to the cluster of `data`; also for others than the one who started it.
 * STATUS_LIMIT when the path is too long for a Unix socket. */
MUST_CHECK enum status cluster_conninfo(const char *data, char out[CLUSTER_CONNINFO_BYTES]);

#endif
