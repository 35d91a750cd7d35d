#include "server/store/migrate.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "proof/sign.h"

/* Made from sql/ at build time. */
extern const char sql_roles[];
extern const char sql_0001_init[];
extern const char sql_0002_indexes[];
extern const char sql_0003_privileges[];
extern const char sql_0004_views_applied[];
extern const char sql_0005_documents[];
extern const char sql_0006_chain[];
extern const char sql_0007_places[];
extern const char sql_0008_explanations[];
extern const char sql_0009_calendar[];
extern const char sql_0010_uplink[];
extern const char sql_0011_sign_off[];
extern const char sql_0012_tasks[];
extern const char sql_0013_corrections[];
extern const char sql_0014_notify[];
extern const char sql_0015_found[];
extern const char sql_0016_cases[];
extern const char sql_0017_case_notices[];
extern const char sql_0018_case_pieces[];
extern const char sql_0019_distributable[];
extern const char sql_0020_key_pending[];
extern const char sql_0021_comments[];
extern const char sql_0022_plan_years[];
extern const char sql_0023_register[];
extern const char sql_0024_case_key_ends[];
extern const char sql_0025_key_rotation[];
extern const char sql_0026_case_flood[];
extern const char sql_0027_auditor[];
extern const char sql_0028_escalations[];
extern const char sql_reset[];
extern const char sql_chain_state[];
extern const char sql_documents[];
extern const char sql_comments[];
extern const char sql_tasks[];
extern const char sql_notices[];
extern const char sql_places[];
extern const char sql_figures[];
extern const char sql_calendar[];
extern const char sql_scope[];
extern const char sql_privileges[];

static const struct migration {
    int version;
    const char *name;
    const char *sql;
} migrations[] = {
    {1,  "0001_init.sql",          sql_0001_init         },
    {2,  "0002_indexes.sql",       sql_0002_indexes      },
    {3,  "0003_privileges.sql",    sql_0003_privileges   },
    {4,  "0004_views_applied.sql", sql_0004_views_applied},
    {5,  "0005_documents.sql",     sql_0005_documents    },
    {6,  "0006_chain.sql",         sql_0006_chain        },
    {7,  "0007_places.sql",        sql_0007_places       },
    {8,  "0008_explanations.sql",  sql_0008_explanations },
    {9,  "0009_calendar.sql",      sql_0009_calendar     },
    {10, "0010_uplink.sql",        sql_0010_uplink       },
    {11, "0011_sign_off.sql",      sql_0011_sign_off     },
    {12, "0012_tasks.sql",         sql_0012_tasks        },
    {13, "0013_corrections.sql",   sql_0013_corrections  },
    {14, "0014_notify.sql",        sql_0014_notify       },
    {15, "0015_found.sql",         sql_0015_found        },
    {16, "0016_cases.sql",         sql_0016_cases        },
    {17, "0017_case_notices.sql",  sql_0017_case_notices },
    {18, "0018_case_pieces.sql",   sql_0018_case_pieces  },
    {19, "0019_distributable.sql", sql_0019_distributable},
    {20, "0020_key_pending.sql",   sql_0020_key_pending  },
    {21, "0021_comments.sql",      sql_0021_comments     },
    {22, "0022_plan_years.sql",    sql_0022_plan_years   },
    {23, "0023_register.sql",      sql_0023_register     },
    {24, "0024_case_key_ends.sql", sql_0024_case_key_ends},
    {25, "0025_key_rotation.sql",  sql_0025_key_rotation },
    {26, "0026_case_flood.sql",    sql_0026_case_flood   },
    {27, "0027_auditor.sql",       sql_0027_auditor      },
    {28, "0028_escalations.sql",   sql_0028_escalations  },
};

/* Made anew, in this order, whenever one of them has changed. */
static const struct view_file {
    const char *name, *sql;
} view_files[] = {
    {"views/reset.sql",       sql_reset      },
    {"views/chain_state.sql", sql_chain_state},
    {"views/documents.sql",   sql_documents  },
    {"views/comments.sql",    sql_comments   },
    {"views/tasks.sql",       sql_tasks      },
    {"views/notices.sql",     sql_notices    },
    {"views/places.sql",      sql_places     },
    {"views/figures.sql",     sql_figures    },
    {"views/calendar.sql",    sql_calendar   },
    {"views/scope.sql",       sql_scope      },
    {"views/privileges.sql",  sql_privileges },
};

enum {
    MIGRATION_COUNT = sizeof migrations / sizeof *migrations,
    VIEW_FILE_COUNT = sizeof view_files / sizeof *view_files,
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

static struct hash views_fingerprint(void)
{
    struct hash each[VIEW_FILE_COUNT];
    for (int i = 0; i < VIEW_FILE_COUNT; i++)
        each[i] = hash_bytes(view_files[i].sql, strlen(view_files[i].sql));
    return hash_bytes(each, sizeof each);
}

/* Whether the views that are there are those of this binary. */
static enum status views_current(struct db *db, struct arena *arena, bool *out_current)
{
    struct hash fingerprint = views_fingerprint();
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_bytes(&params, fingerprint.bytes, sizeof fingerprint.bytes);
    enum status status =
        db_run(db, "select count(*) from zhibao.views_applied where sha256 = $1", &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_current = db_int(result, 0, 0) == 1;
    PQclear(result);
    return STATUS_OK;
}

static enum status views_run(struct db *db, struct arena *arena)
{
    struct hash fingerprint = views_fingerprint();
    struct db_params params;
    enum status status = STATUS_OK;
    db_params_init(&params, arena);
    db_add_bytes(&params, fingerprint.bytes, sizeof fingerprint.bytes);
    for (int i = 0; i < VIEW_FILE_COUNT && status == STATUS_OK; i++)
        status = db_script(db, view_files[i].name, view_files[i].sql);
    if (status == STATUS_OK)
        status = db_exec(db,
                         "insert into zhibao.views_applied (sha256) values ($1)"
                         " on conflict (one_row) do update"
                         " set sha256 = excluded.sha256, applied_at = now()",
                         &params);
    return status;
}

/* All views and functions, or none. */
static enum status views_apply(struct db *db, struct arena *arena)
{
    bool current = false;
    enum status status = views_current(db, arena, &current);
    if (status != STATUS_OK || current)
        return status;
    status = db_exec(db, "begin", NULL);
    if (status == STATUS_OK)
        status = views_run(db, arena);
    if (status == STATUS_OK)
        status = db_exec(db, "commit", NULL);
    else if (db_usable(db) && db_exec(db, "rollback", NULL) != STATUS_OK)
        log_warning("could not roll back the views");
    if (status == STATUS_OK)
        log_info("database views made files=%d", VIEW_FILE_COUNT);
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
    if (status == STATUS_OK)
        status = views_apply(db, arena);
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

static enum status older(int64_t version)
{
    log_error("could not use the database: its schema version %" PRId64
              " is older than version %d of this zhibaod, or its views are; run `zhibaod migrate`",
              version, migrate_newest());
    return STATUS_MISMATCH;
}

enum status migrate_check(const char *conninfo)
{
    struct db *db = NULL;
    int64_t version = 0;
    bool current = false;
    struct arena *arena = arena_create(ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = db_open(conninfo, DB_LOGIN, &db);
    if (status == STATUS_OK)
        status = version_of(db, &version);
    if (status == STATUS_OK && version > migrate_newest())
        status = newer(version);
    else if (status == STATUS_OK && version < migrate_newest())
        status = older(version);
    else if (status == STATUS_OK)
        status = views_current(db, arena, &current);
    if (status == STATUS_OK && !current)
        status = older(version);
    db_close(&db);
    arena_destroy(&arena);
    return status;
}
