#include "server/store/backup_store.h"

#include <stdlib.h>

enum status backup_state_read(struct db *db, struct backup_state *out_state)
{
    PGresult *result = NULL;
    enum status status =
        db_run(db,
               "select pg_catalog.current_setting('server_version_num')::int,"
               " (select coalesce(max(version), 0) from zhibao.schema_version),"
               " (select coalesce(max(number), 0)::bigint from zhibao.batch where chain = 1)",
               NULL, &result);
    if (status != STATUS_OK)
        return status;
    out_state->postgres = (int)db_int(result, 0, 0);
    out_state->schema = (int)db_int(result, 0, 1);
    out_state->batch = db_int(result, 0, 2);
    PQclear(result);
    return STATUS_OK;
}

enum status backup_database_empty(struct db *db, bool *out_empty)
{
    PGresult *result = NULL;
    enum status status =
        db_run(db, "select pg_catalog.to_regnamespace('zhibao') is null", NULL, &result);
    if (status != STATUS_OK)
        return status;
    *out_empty = db_bool(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

enum status backup_environment(const char *conninfo)
{
    PQconninfoOption *parts = PQconninfoParse(conninfo, NULL);
    if (parts == NULL)
        return STATUS_INVALID;
    enum status status = STATUS_OK;
    for (const PQconninfoOption *part = parts; part->keyword != NULL; part++)
        if (part->val != NULL && part->envvar != NULL && setenv(part->envvar, part->val, 1) != 0)
            status = STATUS_NO_MEMORY;
    PQconninfoFree(parts);
    return status;
}
