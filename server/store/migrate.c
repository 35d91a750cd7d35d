#include "server/store/migrate.h"

#include <inttypes.h>

#include "base/log.h"

/* Made from sql/ at build time. */
extern const char sql_roles[];
extern const char sql_0001_init[];
extern const char sql_0002_views[];
extern const char sql_0003_privileges[];

static const struct migration {
    int version;
    const char *name;
    const char *sql;
} migrations[] = {
    {1, "0001_init.sql",       sql_0001_init      },
    {2, "0002_views.sql",      sql_0002_views     },
    {3, "0003_privileges.sql", sql_0003_privileges},
};

enum {
    MIGRATION_COUNT = sizeof migrations / sizeof *migrations,
    ADVISORY_CLASS = 0x7a62, /* "zb", with the chain's lock in ingest_store.c */
    ADVISORY_NUMBER = 0,
    ARENA_BYTES = 16 * 1024,
};

int migrate_newest(void)
{
    return migrations[MIGRATION_COUNT - 1].version;
}

/* One number, or -1 and STATUS_DATABASE. */
static enum status number_of(struct db *db, const char *sql, int64_t *out_number)
{
    PGresult *result = NULL;
    enum status status = db_run(db, sql, NULL, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 1)
        *out_number = db_int(result, 0, 0);
    else
        status = STATUS_DATABASE;
    PQclear(result);
    return status;
}

static enum status version_of(struct db *db, int64_t *out_version)
{
    int64_t exists = 0;
    enum status status = number_of(
        db, "select (pg_catalog.to_regclass('zhibao.schema_version') is not null)::int", &exists);
    if (status != STATUS_OK)
        return status;
    if (exists == 0) {
        *out_version = 0;
        return STATUS_OK;
    }
    return number_of(db, "select coalesce(max(version), 0) from zhibao.schema_version",
                     out_version);
}

/* Whether the connection's user may become all three roles. */
static enum status roles_granted(struct db *db, bool *out_granted)
{
    int64_t count = 0;
    enum status status = number_of(db,
                                   "select count(*) from pg_catalog.pg_roles where rolname in"
                                   " ('zhibao_owner', 'zhibao_ingest', 'zhibao_query')"
                                   " and pg_catalog.pg_has_role(current_user, oid, 'member')",
                                   &count);
    if (status == STATUS_OK)
        *out_granted = count == 3;
    return status;
}

/* Identifiers cannot be parameters: quoted by PostgreSQL itself. */
static enum status roles_grant(struct db *db, struct arena *arena, const char *login)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_text(&params, login);
    enum status status =
        db_run(db,
               "select pg_catalog.format('grant zhibao_owner, zhibao_ingest, zhibao_query to %I;"
               " grant create on database %I to zhibao_owner',"
               " coalesce($1::text, current_user::text), pg_catalog.current_database())",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    status = db_script(db, "the grants of sql/roles.sql", db_text(result, 0, 0));
    PQclear(result);
    return status;
}

enum status migrate_roles(struct db *db, const char *login)
{
    bool granted = false;
    enum status status = STATUS_OK;
    if (login == NULL)
        status = roles_granted(db, &granted);
    if (status != STATUS_OK || granted)
        return status;
    struct arena *arena = arena_create(ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    status = db_script(db, "sql/roles.sql", sql_roles);
    if (status == STATUS_OK)
        status = roles_grant(db, arena, login);
    if (status != STATUS_OK)
        log_error("could not set up the database roles: an administrator of the database has to "
                  "run sql/roles.sql and the grants named in it");
    arena_destroy(&arena);
    return status;
}

/* One migration and its version row, or nothing. */
static enum status migration_apply(struct db *db, struct arena *arena,
                                   const struct migration *migration)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, migration->version);
    enum status status = db_exec(db, "begin", NULL);
    if (status == STATUS_OK)
        status = db_script(db, migration->name, migration->sql);
    if (status == STATUS_OK)
        status =
            db_exec(db, "insert into zhibao.schema_version (version) values ($1::int)", &params);
    if (status == STATUS_OK)
        status = db_exec(db, "commit", NULL);
    else if (db_usable(db) && db_exec(db, "rollback", NULL) != STATUS_OK)
        log_warning("could not roll back %s", migration->name);
    if (status == STATUS_OK)
        log_info("database schema migrated version=%d file=%s", migration->version,
                 migration->name);
    return status;
}

static enum status newer(int64_t version)
{
    log_error("could not use the database: its schema version %" PRId64
              " is newer than version %d of this zhibaod; install a newer zhibaod",
              version, migrate_newest());
    return STATUS_MISMATCH;
}

static enum status migrations_apply(struct db *db, struct arena *arena)
{
    int64_t version = 0;
    enum status status = version_of(db, &version);
    if (status == STATUS_OK && version > migrate_newest())
        status = newer(version);
    for (int i = 0; i < MIGRATION_COUNT && status == STATUS_OK; i++)
        if (migrations[i].version > version)
            status = migration_apply(db, arena, &migrations[i]);
    return status;
}

enum status migrate_run(const char *conninfo)
{
    struct db *login = NULL; /* makes roles, holds the lock while the owner migrates */
    struct db *owner = NULL;
    struct arena *arena = arena_create(ARENA_BYTES);
    struct db_params params;
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    db_params_init(&params, arena);
    db_add_int(&params, ADVISORY_CLASS);
    db_add_int(&params, ADVISORY_NUMBER);
    enum status status = db_open(conninfo, DB_LOGIN, &login);
    if (status == STATUS_OK)
        status = db_exec(login, "select pg_catalog.pg_advisory_lock($1::int, $2::int)", &params);
    if (status == STATUS_OK)
        status = migrate_roles(login, NULL);
    if (status == STATUS_OK)
        status = db_open(conninfo, DB_OWNER, &owner);
    if (status == STATUS_OK)
        status = migrations_apply(owner, arena);
    db_close(&owner);
    db_close(&login);
    arena_destroy(&arena);
    return status;
}

enum status migrate_check(const char *conninfo)
{
    struct db *db = NULL;
    int64_t version = 0;
    enum status status = db_open(conninfo, DB_LOGIN, &db);
    if (status == STATUS_OK)
        status = version_of(db, &version);
    db_close(&db);
    if (status != STATUS_OK)
        return status;
    if (version > migrate_newest())
        return newer(version);
    if (version < migrate_newest()) {
        log_error("could not use the database: its schema version %" PRId64
                  " is older than version %d of this zhibaod; run `zhibaod migrate`",
                  version, migrate_newest());
        return STATUS_MISMATCH;
    }
    return STATUS_OK;
}
