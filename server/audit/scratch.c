#include "server/audit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "server/files.h"
#include "server/home.h"
#include "server/store/cluster_files.h"
#include "server/store/migrate.h"

enum { PATH_BYTES = OPTION_PATH_BYTES + 16 };

struct scratch {
    char path[PATH_BYTES];
    struct home *home; /* its lock */
    struct cluster *cluster;
    char conninfo[CLUSTER_CONNINFO_BYTES];
};

/* What an audit that was killed left behind may still run. */
static enum status leftover_remove(const struct scratch *scratch, const char *pg_bin)
{
    char pg[PATH_BYTES + 8];
    struct cluster *cluster = NULL;
    snprintf(pg, sizeof pg, "%s/pg", scratch->path);
    if (access(pg, F_OK) != 0)
        return STATUS_OK;
    enum status status = cluster_start(scratch->path, pg_bin, NULL, &cluster);
    cluster_stop(&cluster);
    return status == STATUS_OK ? cluster_remove_tree(pg) : status;
}

enum status scratch_open(const struct options *options, struct scratch **out_scratch)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL)
        return STATUS_NO_MEMORY;
    snprintf(scratch->path, sizeof scratch->path, "%s/audit", options->data);
    enum status status = directory_ensure(scratch->path);
    if (status == STATUS_OK)
        status = home_lock(scratch->path, &scratch->home);
    if (status == STATUS_CONFLICT)
        log_error("could not begin: another audit of this data directory is running");
    if (status == STATUS_OK)
        status = leftover_remove(scratch, options->pg_bin);
    if (status == STATUS_OK)
        status = cluster_start(scratch->path, options->pg_bin, NULL, &scratch->cluster);
    if (status == STATUS_OK)
        status = cluster_conninfo(scratch->path, scratch->conninfo);
    if (status == STATUS_OK)
        status = migrate_run(scratch->conninfo);
    if (status != STATUS_OK) {
        scratch_close(&scratch);
        return status;
    }
    *out_scratch = scratch;
    return STATUS_OK;
}

const char *scratch_conninfo(const struct scratch *scratch)
{
    return scratch->conninfo;
}

void scratch_close(struct scratch **scratch)
{
    if (*scratch == NULL)
        return;
    bool own = (*scratch)->home != NULL;
    cluster_stop(&(*scratch)->cluster);
    data_home_close(&(*scratch)->home);
    if (own && cluster_remove_tree((*scratch)->path) != STATUS_OK)
        log_warning("could not remove the audit's own files path=%s", (*scratch)->path);
    free(*scratch);
    *scratch = NULL;
}
