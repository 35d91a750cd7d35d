/* Places on a day and their changes. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_PLACES_H
#define ZHIBAO_SERVER_STORE_QUERY_PLACES_H

#include "place.pb-c.h"
#include "server/store/db.h"

/* The places of a subtree from `first` on, ascending by code and start, at most `limit`: those in
 * force on `day` ("2026-07-01", "": today in China), or with `history` all there ever were. As
 * messages, in the arena. */
MUST_CHECK enum status query_places(struct db *db, struct arena *arena, uint64_t first,
                                    uint64_t last, const char *day, bool history, size_t limit,
                                    Zhibao__PlaceRow ***out_rows, size_t *out_count);

/* Every change that names one of the places, oldest first. */
MUST_CHECK enum status query_place_events(struct db *db, struct arena *arena,
                                          const uint64_t *places, size_t place_count,
                                          Zhibao__PlaceEvent ***out_events, size_t *out_count);

#endif
