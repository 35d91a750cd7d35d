/* Whose rows a session of DB_ASKED sees, by the district that leads them: row-level security
 * (sql/views/scope.sql) beneath the checks of server/query, so that one that is forgotten there
 * shows nothing of another district. The query's thread. */
#ifndef ZHIBAO_SERVER_STORE_SCOPE_H
#define ZHIBAO_SERVER_STORE_SCOPE_H

#include "plan/place_history.h"
#include "server/store/db.h"

/* What a unit at `place` may be concerned with at all: the districts below it, or its own; the
 * places around it (a city's tasks, plans and locks); and districts that places have come from or
 * gone to, at most DB_SCOPE_OTHERS. `history` may be NULL. */
void scope_of_place(uint64_t place, const struct place_history *history, struct db_scope *out);

/* From the next statement on the session sees this. Nothing is sent when it does already; after a
 * failure it is told again. */
MUST_CHECK enum status scope_set(struct db *db, struct arena *arena, const struct db_scope *scope);

#endif
