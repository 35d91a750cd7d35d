/* What every command stands on: the data directory, the server's keys and a database to connect to.
 * Main thread. */
#ifndef ZHIBAO_SERVER_SITE_H
#define ZHIBAO_SERVER_SITE_H

#include "server/home.h"
#include "server/store/cluster.h"
#include "server/trust/server_keys.h"

struct site {
    struct home *home;
    struct cluster *cluster; /* NULL with a database of the administrator's own */
    struct server_keys keys;
    char conninfo[CLUSTER_CONNINFO_BYTES];
};

/* Enters the data directory (see home_enter), locks it, loads or makes the keys, starts the private
 * cluster when options->database is "". STATUS_CONFLICT when another zhibaod has the directory, not
 * logged; other failures are. The caller closes the site in any case. */
MUST_CHECK enum status site_open(struct options *options, struct site *site);

/* The same without lock and cluster, for use beside a running zhibaod. */
MUST_CHECK enum status site_visit(struct options *options, struct site *site);

/* A private database is migrated, another one has to be up to date already. Logged. */
MUST_CHECK enum status site_schema(const struct site *site);

/* The database, ready for use by one command: of the running zhibaod (which may still be starting),
 * of one's own server, or a private one that is started for this command only. The caller closes
 * the site in any case. */
MUST_CHECK enum status site_join(struct options *options, struct site *site);

/* The same whatever the schema's version, which stays as it is: for backups. */
MUST_CHECK enum status site_join_as_is(struct options *options, struct site *site);

/* Stops the cluster, gives up the lock, wipes the keys. */
void site_close(struct site *site);

#endif
