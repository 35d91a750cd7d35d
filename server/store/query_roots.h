/* Signed roots in order. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_ROOTS_H
#define ZHIBAO_SERVER_STORE_QUERY_ROOTS_H

#include "proof/root.h"
#include "server/store/db.h"

struct root_row {
    uint8_t bytes[ROOT_BYTES];
};

/* At most `limit` of the batches after that number, and the number of the newest (0: none). */
MUST_CHECK enum status query_roots(struct db *db, struct arena *arena, int64_t after, size_t limit,
                                   struct root_row **out_rows, size_t *out_count,
                                   uint64_t *out_latest);

#endif
