#include "store_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proof/sign.h"
#include "server/files.h"
#include "server/home.h"
#include "server/store/cluster_files.h"
#include "server/store/migrate.h"

enum { SCRIPT_BYTES = 64 * 1024 };

void store_fixture_enter(struct store_fixture *fixture)
{
    char made[] = "/tmp/zhibao-store-XXXXXX";
    memset(fixture, 0, sizeof *fixture);
    cr_assert_eq(sign_init(), STATUS_OK);
    cr_assert_not_null(mkdtemp(made));
    snprintf(fixture->data, sizeof fixture->data, "%s", made);
    cr_assert_eq(home_enter(fixture->data, "nobody"), STATUS_OK);
}

void store_fixture_start(struct store_fixture *fixture)
{
    cr_assert_eq(cluster_start(fixture->data, "", NULL, &fixture->cluster), STATUS_OK);
    cr_assert_eq(cluster_conninfo(fixture->data, fixture->conninfo), STATUS_OK);
    cr_assert_eq(
        cluster_conninfo_for(fixture->data, CLUSTER_SUPERUSER, "zhibao", fixture->admin_conninfo),
        STATUS_OK);
}

void store_fixture_migrate(struct store_fixture *fixture)
{
    cr_assert_eq(migrate_run(fixture->conninfo), STATUS_OK);
}

void store_fixture_all(struct store_fixture *fixture)
{
    store_fixture_enter(fixture);
    store_fixture_start(fixture);
    store_fixture_migrate(fixture);
}

struct db *store_fixture_open(const struct store_fixture *fixture, enum db_role role)
{
    struct db *db = NULL;
    const char *conninfo = role == DB_LOGIN ? fixture->admin_conninfo : fixture->conninfo;
    cr_assert_eq(db_open(conninfo, role, &db), STATUS_OK);
    return db;
}

int64_t store_fixture_number(struct db *db, const char *sql)
{
    PGresult *result = NULL;
    cr_assert_eq(db_run(db, sql, NULL, &result), STATUS_OK, "%s", sql);
    int64_t number = db_int(result, 0, 0);
    PQclear(result);
    return number;
}

void store_fixture_end(struct store_fixture *fixture)
{
    cluster_stop(&fixture->cluster);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(cluster_remove_tree(fixture->data), STATUS_OK);
}

int store_fixture_postmaster(const struct store_fixture *fixture)
{
    char path[OPTION_PATH_BYTES + 32];
    char text[1024];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/pg/postmaster.pid", fixture->data);
    return file_load(path, text, sizeof text - 1, &size) == STATUS_OK ? atoi(text) : 0;
}

void store_fixture_run(struct db *db, const char *sql)
{
    cr_assert_eq(db_script(db, "a statement of the test", sql), STATUS_OK, "%s", sql);
}

/* In a transaction of its own, after `before` unless NULL; rolled back. */
static enum status run_file(struct db *db, const char *name, const char *before)
{
    char path[512];
    char *script = malloc(SCRIPT_BYTES + 1);
    size_t size = 0;
    cr_assert_not_null(script);
    snprintf(path, sizeof path, "%s/%s", ZHIBAO_SQL_TESTS, name);
    cr_assert_eq(file_load(path, script, SCRIPT_BYTES, &size), STATUS_OK, "%s", path);
    store_fixture_run(db, "begin");
    if (before != NULL)
        store_fixture_run(db, before);
    enum status status = db_script(db, name, script);
    store_fixture_run(db, "rollback");
    free(script);
    return status;
}

void store_fixture_run_file(struct db *db, const char *name)
{
    cr_assert_eq(run_file(db, name, NULL), STATUS_OK, "%s failed: see the log line above", name);
}

void store_fixture_file_fails(struct db *db, const char *name, const char *before)
{
    cr_expect_eq(run_file(db, name, before), STATUS_DATABASE, "%s passes after: %s", name, before);
}
