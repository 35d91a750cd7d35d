/* The private cluster through creation, kills and adoption; migrations on an empty database; the
 * SQL tests beside this file; parameters and results. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "server/store/cluster_files.h"
#include "server/store/migrate.h"
#include "store_fixture.h"

static struct store_fixture fixture;

static void start(void)
{
    store_fixture_all(&fixture);
}

static void end(void)
{
    store_fixture_end(&fixture);
}

/* Lets cluster_watch do its chore until the postmaster is another than `killed` and answers. */
static void watch_until_restarted(int killed)
{
    int64_t until = clock_monotonic_ms() + 30000;
    while (clock_monotonic_ms() < until) {
        cluster_watch(fixture.cluster);
        int now = store_fixture_postmaster(&fixture);
        if (now != 0 && now != killed && PQping(fixture.conninfo) == PQPING_OK)
            return;
        usleep(100 * 1000);
    }
    cr_assert_fail("PostgreSQL was not restarted");
}

Test(cluster, is_created_restarted_and_adopted, .fini = end)
{
    struct stat found;
    char path[OPTION_PATH_BYTES + 32];
    store_fixture_enter(&fixture);

    /* what a killed initdb leaves is thrown away */
    snprintf(path, sizeof path, "%s/pg.new", fixture.data);
    cr_assert_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/pg.new/PG_VERSION", fixture.data);
    FILE *left_over = fopen(path, "w");
    cr_assert_not_null(left_over);
    fclose(left_over);
    store_fixture_start(&fixture);
    store_fixture_migrate(&fixture);
    snprintf(path, sizeof path, "%s/run", fixture.data);
    cr_assert_eq(stat(path, &found), 0);
    cr_expect_eq(found.st_mode & 0777, 0700);

    struct db *db = store_fixture_open(&fixture, DB_LOGIN);
    cr_expect_eq(store_fixture_number(
                     db, "select (pg_catalog.current_setting('data_checksums') = 'on')::int"
                         " + (pg_catalog.current_setting('fsync') = 'on')::int"
                         " + (pg_catalog.current_setting('listen_addresses') = '')::int"
                         " + (pg_catalog.current_setting('server_encoding') = 'UTF8')::int"),
                 4);
    db_close(&db);

    /* a killed postmaster comes back, and connections with it */
    db = store_fixture_open(&fixture, DB_QUERY);
    int killed = store_fixture_postmaster(&fixture);
    cr_assert_eq(kill(killed, SIGKILL), 0);
    watch_until_restarted(killed);
    cr_expect_neq(db_exec(db, "select 1", NULL), STATUS_OK);
    cr_expect_not(db_usable(db));
    cr_assert_eq(db_reset(db), STATUS_OK);
    cr_expect_eq(store_fixture_number(db, "select 1"), 1);
    db_close(&db);

    /* one that runs is adopted */
    struct cluster *second = NULL;
    int running = store_fixture_postmaster(&fixture);
    cr_assert_eq(cluster_start(fixture.data, "", NULL, &second), STATUS_OK);
    cr_expect_eq(store_fixture_postmaster(&fixture), running);

    /* a pid file that names some other process does not keep it from starting */
    cluster_stop(&second);
    cr_expect_eq(store_fixture_postmaster(&fixture), 0);
    snprintf(path, sizeof path, "%s/pg/postmaster.pid", fixture.data);
    FILE *stale = fopen(path, "w");
    cr_assert_not_null(stale);
    fprintf(stale, "%d\n%s/pg\n1\n5432\n%s/run\n\n", (int)getppid(), fixture.data, fixture.data);
    fclose(stale);
    cr_assert_eq(cluster_start(fixture.data, "", NULL, &second), STATUS_OK);
    cr_expect_eq(migrate_check(fixture.conninfo), STATUS_OK);
    cluster_stop(&second);
}

/* What sql/distribution.sql forbids, each broken on purpose. */
Test(store, can_be_distributed_by_district, .init = start, .fini = end)
{
    static const char *const broken[] = {
        "create table zhibao.unheard_of (district bigint not null)",
        "alter table zhibao.report drop constraint report_pkey;"
        "alter table zhibao.report alter district drop not null",
        "create unique index on zhibao.report_event (unit, id)",
        "alter table zhibao.document_upload add unique (sha256);"
        "alter table zhibao.report add foreign key (payload_sha256)"
        " references zhibao.document_upload (sha256)",
        "create trigger t before delete on zhibao.report"
        " for each row execute function zhibao.document_chunk_stays()",
        "alter table zhibao.duty add column number int generated always as identity",
    };
    struct db *db = store_fixture_open(&fixture, DB_OWNER);
    store_fixture_run_file(db, "../../sql/distribution.sql");
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        store_fixture_file_fails(db, "../../sql/distribution.sql", broken[i]);
    db_close(&db);
}

Test(store, migrations_privileges_and_views, .init = start, .fini = end)
{
    struct db *db = store_fixture_open(&fixture, DB_OWNER);
    cr_expect_eq(store_fixture_number(db, "select max(version) from zhibao.schema_version"),
                 migrate_newest());
    cr_expect_eq(store_fixture_number(db, "select count(*) from zhibao.schema_version"),
                 migrate_newest());
    store_fixture_migrate(&fixture); /* again: nothing to do */
    store_fixture_run_file(db, "views.sql");
    store_fixture_run_file(db, "plans.sql");
    store_fixture_file_fails(db, "plans.sql",
                             "set local enable_indexscan = off; set local enable_bitmapscan = off;"
                             " set local enable_indexonlyscan = off");
    db_close(&db);

    /* the login role itself is no superuser, and may become all three */
    cr_assert_eq(db_open(fixture.conninfo, DB_LOGIN, &db), STATUS_OK);
    cr_expect_eq(store_fixture_number(db, "select rolsuper::int from pg_catalog.pg_roles"
                                          " where rolname = current_user"),
                 0);
    store_fixture_run_file(db, "privileges.sql");
    db_close(&db);

    /* another schema version is refused, with nothing changed */
    db = store_fixture_open(&fixture, DB_OWNER);
    store_fixture_run(db, "insert into zhibao.schema_version (version) values (99)");
    cr_expect_eq(migrate_check(fixture.conninfo), STATUS_MISMATCH);
    cr_expect_eq(migrate_run(fixture.conninfo), STATUS_MISMATCH);
    store_fixture_run(db, "delete from zhibao.schema_version where version = 99");
    cr_expect_eq(migrate_check(fixture.conninfo), STATUS_OK);

    /* views of another binary are made anew, with what stands on them */
    store_fixture_run(db, "update zhibao.views_applied set sha256 = sha256('other')");
    store_fixture_run(db, "drop view zhibao.report_owed cascade");
    cr_expect_eq(migrate_check(fixture.conninfo), STATUS_MISMATCH);
    cr_expect_eq(migrate_run(fixture.conninfo), STATUS_OK);
    cr_expect_eq(migrate_check(fixture.conninfo), STATUS_OK);
    cr_expect_eq(store_fixture_number(db, "select count(received) from zhibao.report_owed"), 0);

    store_fixture_run(db, "delete from zhibao.schema_version where version > 2");
    cr_expect_eq(migrate_check(fixture.conninfo), STATUS_MISMATCH);
    db_close(&db);

    /* a migration that fails leaves nothing of itself: here the objects exist already */
    cr_expect_eq(migrate_check(fixture.conninfo), STATUS_MISMATCH);
    db = store_fixture_open(&fixture, DB_LOGIN);
    store_fixture_run(db, "create database other");
    store_fixture_run(db, "alter database other owner to zhibao_owner");
    db_close(&db);
    char other[CLUSTER_CONNINFO_BYTES + 32];
    snprintf(other, sizeof other, "host='%s/run' user=zhibao dbname=other", fixture.data);
    cr_assert_eq(db_open(other, DB_OWNER, &db), STATUS_OK);
    store_fixture_run(db, "create schema zhibao; create table zhibao.batch (a int)");
    cr_expect_eq(migrate_run(other), STATUS_DATABASE);
    cr_expect_eq(
        store_fixture_number(db, "select count(*) from pg_catalog.pg_class where relnamespace ="
                                 " 'zhibao'::regnamespace"),
        1);
    store_fixture_run(db, "drop schema zhibao cascade");
    cr_expect_eq(migrate_run(other), STATUS_OK);
    db_close(&db);
}

Test(store, parameters_and_results, .init = start, .fini = end)
{
    struct db *db = store_fixture_open(&fixture, DB_INGEST);
    struct arena *arena = arena_create(1 << 20);
    struct db_params params;
    PGresult *result = NULL;
    size_t size = 0;
    db_params_init(&params, arena);
    db_add_int(&params, -7);
    db_add_text(&params, "直报");
    db_add_bytes(&params, "\0\xff", 2);
    db_add_null(&params);
    db_add_bool(&params, true);
    db_add_double(&params, 2.5);
    db_add_ints(&params, (const int64_t[]){5, -6}, 2);
    db_add_ints(&params, NULL, 0);
    db_add_texts(&params, (const char *const[]){"a", ""}, 2);
    db_add_bytes_array(&params,
                       (const struct db_bytes[]){
                           {"x",  1},
                           {NULL, 0}
    },
                       2);
    db_add_text(&params, NULL);
    cr_assert_eq(db_run(db,
                        "select $1::bigint, $2::text, $3, $4::int, $5, $6,"
                        " ($7::bigint[])[2], pg_catalog.cardinality($8), ($9::text[])[1],"
                        " ($10::bytea[])[1], $11::text, $1::int, $1::smallint",
                        &params, &result),
                 STATUS_OK);
    cr_expect_eq(db_int(result, 0, 0), -7);
    cr_expect_str_eq(db_text(result, 0, 1), "直报");
    cr_expect_eq(db_bytes(result, 0, 2, &size)[1], 0xff);
    cr_expect_eq(size, 2);
    cr_expect(PQgetisnull(result, 0, 3));
    cr_expect_eq(db_int(result, 0, 3), 0);
    cr_expect(db_bool(result, 0, 4));
    cr_expect_eq(db_double(result, 0, 5), 2.5);
    cr_expect_eq(db_int(result, 0, 6), -6);
    cr_expect_eq(db_int(result, 0, 7), 0);
    cr_expect_str_eq(db_text(result, 0, 8), "a");
    cr_expect_eq(db_bytes(result, 0, 9, &size)[0], 'x');
    cr_expect_str_eq(db_text(result, 0, 10), "");
    cr_expect_eq(db_int(result, 0, 11), -7);
    cr_expect_eq(db_int(result, 0, 12), -7);
    PQclear(result);

    /* the same text with other types is another statement */
    for (int round = 0; round < 2; round++) {
        db_params_init(&params, arena);
        db_add_null(&params);
        cr_expect_eq(db_exec(db, "select pg_catalog.coalesce_test($1)", &params), STATUS_DATABASE);
        cr_expect_str_eq(db_sqlstate(db), "42883");
        cr_expect_eq(db_exec(db, "select $1::bigint", &params), STATUS_OK);
        db_params_init(&params, arena);
        db_add_int(&params, 3);
        cr_expect_eq(db_exec(db, "select $1::bigint", &params), STATUS_OK);
    }

    /* a unique violation is a conflict, and says so by SQLSTATE */
    const char *insert = "insert into zhibao.department values ('x', 5, 'x', 'x')";
    cr_expect_eq(db_exec(db, insert, NULL), STATUS_OK);
    cr_expect_eq(db_exec(db, insert, NULL), STATUS_CONFLICT);
    cr_expect_str_eq(db_sqlstate(db), "23505");

    /* a parameter that did not fit its arena fails the statement, not the process */
    struct arena *tiny = arena_create(64);
    db_params_init(&params, tiny);
    db_add_bytes(&params, db, 4096);
    cr_expect_eq(db_exec(db, "select $1", &params), STATUS_NO_MEMORY);
    arena_destroy(&tiny);
    db_close(&db);

    /* sessions are as promised */
    db = store_fixture_open(&fixture, DB_QUERY);
    cr_expect_eq(db_exec(db, "create temporary table t (a int)", NULL), STATUS_DATABASE);
    cr_expect_str_eq(db_sqlstate(db), "25006");
    cr_expect_eq(
        store_fixture_number(db, "select (pg_catalog.current_setting('search_path') = 'pg_catalog')"
                                 "::int + (pg_catalog.current_setting('timezone') = 'UTC')::int"
                                 " + (current_user = 'zhibao_query')::int"),
        3);
    int64_t began = clock_monotonic_ms();
    cr_expect_eq(db_exec(db, "select pg_catalog.pg_sleep(30)", NULL), STATUS_DATABASE);
    cr_expect_str_eq(db_sqlstate(db), "57014");
    cr_expect_lt(clock_monotonic_ms() - began, 2 * DB_QUERY_TIMEOUT_MS);
    db_close(&db);
    arena_destroy(&arena);
}
