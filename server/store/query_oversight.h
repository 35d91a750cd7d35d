/* What an administrator looks after: health, keys, what was stored. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_OVERSIGHT_H
#define ZHIBAO_SERVER_STORE_QUERY_OVERSIGHT_H

#include "oversight.pb-c.h"
#include "server/store/db.h"

/* Adds what the database knows to `reply`, whose now_us is set: of units from `first` to `last`,
 * of batches, signatures, notices, uploads and outages. */
MUST_CHECK enum status query_health(struct db *db, struct arena *arena, uint64_t first,
                                    uint64_t last, Zhibao__HealthReply *reply);

/* Keys of units from `first` to `last`, by unit and key, behind the first `skip`; status "": any.
 * At most `limit`, in the arena. */
MUST_CHECK enum status query_keys(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                                  const char *status, int64_t skip, size_t limit,
                                  Zhibao__KeyRow ***out_rows, size_t *out_count);

/* Which records; 0 and NULL: any. */
struct event_filter {
    int64_t first_unit, last_unit, first_district, last_district;
    uint64_t unit; /* author or subject */
    int kind;
    int64_t from_us, to_us;
    const uint8_t *first_id, *last_id; /* 16 bytes each: within them */
    int64_t batch, leaf;               /* before this one; batch 0: from the newest */
};

/* At most `limit`, newest first. In the arena. */
MUST_CHECK enum status query_events(struct db *db, struct arena *arena,
                                    const struct event_filter *filter, size_t limit,
                                    Zhibao__EventRow ***out_rows, size_t *out_count);

/* The import of the plan that is in force. STATUS_NOT_FOUND. */
struct plan_in_force {
    uint8_t *payload; /* a serialised PlanImport, in the arena */
    size_t payload_size;
    uint64_t unit;
    uint8_t *id; /* 16 bytes */
    int64_t received_us;
};
MUST_CHECK enum status query_plan_in_force(struct db *db, struct arena *arena, const char *plan,
                                           struct plan_in_force *out_plan);

#endif
