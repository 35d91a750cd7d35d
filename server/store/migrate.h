/* The schema: roles, numbered migrations, and views, all embedded in the binary from sql/.
 *
 * Every migration runs in one transaction together with its schema_version row, so that a killed
 * run leaves the last whole version; an advisory lock keeps two runs apart. Views and functions
 * hold no data: they are dropped and made anew whenever their text has changed. Main thread. */
#ifndef ZHIBAO_SERVER_STORE_MIGRATE_H
#define ZHIBAO_SERVER_STORE_MIGRATE_H

#include "server/store/db.h"

/* The version that this binary works with. */
int migrate_newest(void);

/* Makes the three roles (sql/roles.sql) and lets `login` become them, on a connection that may
 * create roles. `login` NULL: the connection's own user, and nothing is done if it has them all.
 * STATUS_DATABASE with a log line that says what an administrator has to run. */
MUST_CHECK enum status migrate_roles(struct db *db, const char *login);

/* Brings the database to migrate_newest and its views to this binary's. STATUS_MISMATCH when it is
 * newer than that (logged), or STATUS_DATABASE. Data is never removed. */
MUST_CHECK enum status migrate_run(const char *conninfo);

/* STATUS_OK when the schema is the one this binary works with; STATUS_MISMATCH, logged with what
 * to do, when older or newer; STATUS_DATABASE. Changes nothing. */
MUST_CHECK enum status migrate_check(const char *conninfo);

#endif
