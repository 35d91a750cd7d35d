/* What the level above said of the consolidations reported to it. */
#ifndef ZHIBAO_SERVER_STORE_UPLINK_STORE_H
#define ZHIBAO_SERVER_STORE_UPLINK_STORE_H

#include "place.pb-c.h"
#include "server/store/db.h"

/* The number of the latest batch, by which the uplink knows that something was stored. */
MUST_CHECK enum status uplink_store_batch(struct db *db, int64_t *out_batch);

MUST_CHECK enum status uplink_store_put(struct db *db, struct arena *arena,
                                        const Zhibao__UplinkRow *row);

/* All rows, ascending by form and year, in the arena. */
MUST_CHECK enum status uplink_store_list(struct db *db, struct arena *arena,
                                         Zhibao__UplinkRow ***out_rows, size_t *out_count);

#endif
