#include "server/commands.h"

#include "server/site.h"
#include "server/store/migrate.h"

int command_migrate(struct options *options)
{
    struct site site;
    enum status status = site_open(options, &site);
    if (status == STATUS_CONFLICT)
        log_error("could not lock the data directory: another zhibaod is running on it");
    if (status == STATUS_OK)
        status = migrate_run(site.conninfo);
    if (status == STATUS_OK)
        printf("schema version %d\n", migrate_newest());
    site_close(&site);
    return status == STATUS_OK ? 0 : 1;
}
