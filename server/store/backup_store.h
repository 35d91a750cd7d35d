/* What a backup asks of the database, and how PostgreSQL's own programs reach it. Main thread. */
#ifndef ZHIBAO_SERVER_STORE_BACKUP_STORE_H
#define ZHIBAO_SERVER_STORE_BACKUP_STORE_H

#include "server/store/db.h"

struct backup_state {
    int postgres;  /* server_version_num, 150008 */
    int schema;    /* schema_version */
    int64_t batch; /* the latest, 0 without one */
};

MUST_CHECK enum status backup_state_read(struct db *db, struct backup_state *out_state);

/* Whether there is no schema `zhibao` yet. */
MUST_CHECK enum status backup_database_empty(struct db *db, bool *out_empty);

/* Puts the parts of `conninfo` into this process's environment (PGHOST, PGPASSWORD, ...), where
 * programs that it starts find them: others see their arguments. STATUS_INVALID, STATUS_NO_MEMORY.
 */
MUST_CHECK enum status backup_environment(const char *conninfo);

#endif
