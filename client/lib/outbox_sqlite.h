/* Inside the outbox: its SQLite handle and prepared statements. Used by outbox*.c only. */
#ifndef ZHIBAO_LIB_OUTBOX_SQLITE_H
#define ZHIBAO_LIB_OUTBOX_SQLITE_H

#include <sqlite3.h>

#include "lib/outbox.h"

enum query {
    QUERY_PUT,
    QUERY_SAME,
    QUERY_RECEIPTED,
    QUERY_REFUSED,
    QUERY_TRIED,
    QUERY_TROUBLED,
    QUERY_NEXT,
    QUERY_HOLD,
    QUERY_RELEASE,
    QUERY_UNHOLD,
    QUERY_HELD_UNTIL,
    QUERY_ITEM,
    QUERY_LIST_WAITING,
    QUERY_LIST_REFUSED,
    QUERY_LIST_RECEIPTED,
    QUERY_WAITING_KIND,
    QUERY_WAITING_AFTER,
    QUERY_KEEP_FORMER,
    QUERY_REPLACE,
    QUERY_FORMER,
    QUERY_FIND,
    QUERY_BY_ID,
    QUERY_NEWEST,
    QUERY_COUNT_WAITING,
    QUERY_COUNT_REFUSED,
    QUERY_COUNT_RECEIPTED,
    QUERY_DISCARD,
    QUERY_NOTE_GET,
    QUERY_NOTE_SET,
    QUERY_END,
};

struct outbox {
    sqlite3 *database;
    sqlite3_stmt *statements[QUERY_END];
    bool in_batch, counted;
    size_t waiting; /* records that wait, or more; valid when `counted` */
    char trouble[256];
};

/* Notes SQLite's last error behind `what`. STATUS_DATABASE or STATUS_NO_MEMORY. */
enum status outbox_failed(struct outbox *outbox, const char *what);

/* The statement, prepared once and reset; NULL when SQLite refuses. */
sqlite3_stmt *outbox_prepare(struct outbox *outbox, enum query query);

/* Runs a statement (may be NULL: failed) that gives no rows, and forgets what was bound. */
MUST_CHECK enum status outbox_run(struct outbox *outbox, sqlite3_stmt *statement);

/* Binds bytes that outlive the statement's run; size 0 is an empty blob, never NULL. */
void outbox_bind(sqlite3_stmt *statement, int index, const void *bytes, size_t size);

#endif
