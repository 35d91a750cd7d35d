#include "server/site.h"

#include <libpq-fe.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "proof/algorithms.h"
#include "server/backup/backup.h"
#include "server/signals.h"
#include "server/store/migrate.h"

enum { START_WAIT_MS = 30 * 1000, POLL_MS = 200 };

static bool stop_asked_now(void)
{
    return signals_stop_asked(0);
}

static enum status keys_load(const struct options *options, struct site *site)
{
    char directory[OPTION_PATH_BYTES + 8];
    snprintf(directory, sizeof directory, "%s/keys", options->data);
    return server_keys_load(directory, sign_algorithm_parse(options->sign_algorithm), &site->keys);
}

static enum status conninfo_set(const struct options *options, struct site *site)
{
    if (options->database[0] == '\0')
        return cluster_conninfo(options->data, site->conninfo);
    snprintf(site->conninfo, sizeof site->conninfo, "%s", options->database);
    return STATUS_OK;
}

/* Half of a history with its keys would sign a second one. */
static enum status home_enter_whole(struct options *options)
{
    char path[OPTION_PATH_BYTES + sizeof "/" BACKUP_UNFINISHED];
    enum status status = home_enter(options->data, options->user);
    if (status != STATUS_OK)
        return status;
    snprintf(path, sizeof path, "%s/" BACKUP_UNFINISHED, options->data);
    if (access(path, F_OK) != 0)
        return STATUS_OK;
    log_error("could not use the data directory: a restore into it did not come to its end; empty "
              "it and restore again path=%s",
              options->data);
    return STATUS_INVALID;
}

enum status site_open(struct options *options, struct site *site)
{
    memset(site, 0, sizeof *site);
    enum status status = home_enter_whole(options);
    if (status == STATUS_OK)
        status = home_lock(options->data, &site->home);
    if (status == STATUS_OK)
        status = home_write_pid(site->home);
    if (status == STATUS_OK)
        status = keys_load(options, site);
    if (status == STATUS_OK)
        status = conninfo_set(options, site);
    if (status == STATUS_OK && options->database[0] == '\0')
        status = cluster_start(options->data, options->pg_bin, stop_asked_now, &site->cluster);
    return status;
}

enum status site_visit(struct options *options, struct site *site)
{
    memset(site, 0, sizeof *site);
    enum status status = home_enter_whole(options);
    if (status == STATUS_OK)
        status = keys_load(options, site);
    return status == STATUS_OK ? conninfo_set(options, site) : status;
}

enum status site_schema(const struct site *site)
{
    return site->cluster != NULL ? migrate_run(site->conninfo) : migrate_check(site->conninfo);
}

/* Beside a zhibaod that may still be starting: until its database answers. */
static enum status wait_for_database(const struct site *site)
{
    int64_t until = clock_monotonic_ms() + START_WAIT_MS;
    while (PQping(site->conninfo) != PQPING_OK) {
        if (clock_monotonic_ms() > until) {
            log_error("could not reach the database of the running zhibaod");
            return STATUS_TIMEOUT;
        }
        if (signals_stop_asked(POLL_MS))
            return STATUS_CANCELLED;
    }
    return STATUS_OK;
}

static enum status join(struct options *options, struct site *site, bool as_is)
{
    if (options->database[0] == '\0') {
        enum status status = site_open(options, site);
        if (status == STATUS_OK)
            return as_is ? STATUS_OK : site_schema(site);
        site_close(site);
        if (status != STATUS_CONFLICT)
            return status;
    }
    enum status status = site_visit(options, site);
    if (status == STATUS_OK)
        status = wait_for_database(site);
    return status == STATUS_OK && !as_is ? migrate_check(site->conninfo) : status;
}

enum status site_join(struct options *options, struct site *site)
{
    return join(options, site, false);
}

enum status site_join_as_is(struct options *options, struct site *site)
{
    return join(options, site, true);
}

void site_close(struct site *site)
{
    cluster_stop(&site->cluster);
    data_home_close(&site->home);
    server_keys_wipe(&site->keys);
}
