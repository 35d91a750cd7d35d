/* What the watch thread asks of the database, and the notice of an alarm. */
#ifndef ZHIBAO_SERVER_STORE_WATCH_STORE_H
#define ZHIBAO_SERVER_STORE_WATCH_STORE_H

#include "server/store/db.h"

struct watch_state {
    int64_t batch, batch_us; /* the latest; 0: none */
    int64_t unchecked, database_bytes;
    int64_t notices_waiting, notices_given_up, notices_oldest_us;
    int64_t silent;      /* units with a key, heard of, but not since silent_us */
    int64_t silent_unit; /* one of them, the longest silent; 0: none */
    int64_t now_us;      /* the database server's clock */
};

MUST_CHECK enum status watch_read(struct db *db, struct arena *arena, int64_t silent_us,
                                  struct watch_state *out_state);

/* Into the queue of notices, for every administrator with an address. Twice at one batch is once.
 */
MUST_CHECK enum status watch_tell(struct db *db, struct arena *arena, const char *alarm, int number,
                                  int64_t now_us);

#endif
