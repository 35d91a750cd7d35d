/* A private cluster in a new temporary directory, for one test process. */
#ifndef ZHIBAO_TESTS_SQL_STORE_FIXTURE_H
#define ZHIBAO_TESTS_SQL_STORE_FIXTURE_H

#include "server/options.h"
#include "server/store/cluster.h"
#include "server/store/db.h"

struct store_fixture {
    char data[OPTION_PATH_BYTES];
    char conninfo[CLUSTER_CONNINFO_BYTES];       /* as zhibaod connects */
    char admin_conninfo[CLUSTER_CONNINFO_BYTES]; /* as superuser, same database */
    struct cluster *cluster;
};

/* Each asserts success. The process becomes `nobody` when it is root. */
void store_fixture_enter(struct store_fixture *fixture);
void store_fixture_start(struct store_fixture *fixture);
void store_fixture_migrate(struct store_fixture *fixture);
/* The three of them. */
void store_fixture_all(struct store_fixture *fixture);
void store_fixture_end(struct store_fixture *fixture);

/* The cluster's postmaster, 0 when there is no pid file. */
int store_fixture_postmaster(const struct store_fixture *fixture);

/* A connection; with DB_LOGIN as superuser. */
struct db *store_fixture_open(const struct store_fixture *fixture, enum db_role role);

/* The one number that `sql` gives. */
int64_t store_fixture_number(struct db *db, const char *sql);

/* Runs SQL without parameters and asserts that it succeeds. */
void store_fixture_run(struct db *db, const char *sql);

/* Runs the statements of tests/sql/NAME in one transaction that is rolled back; asserts success. */
void store_fixture_run_file(struct db *db, const char *name);

/* The same after the statement `before`, which has to make it fail. */
void store_fixture_file_fails(struct db *db, const char *name, const char *before);

#endif
