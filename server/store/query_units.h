/* Units of a subtree with their keys. Query threads. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_UNITS_H
#define ZHIBAO_SERVER_STORE_QUERY_UNITS_H

#include "proof/sign.h"
#include "server/store/db.h"

enum { UNIT_KEYS_MAX = 64 };

struct unit_row {
    uint64_t unit, district;
    char *name_zh, *name_en, *role, *department;
    const char *key_status; /* the best of its keys': active, pending, revoked; none without keys */
    size_t key_count;       /* at most UNIT_KEYS_MAX: those not revoked, or else the revoked ones */
    struct key_id *keys;
};

/* At most `limit` from `first` to `last`, ascending by unit. In the arena. */
MUST_CHECK enum status query_units(struct db *db, struct arena *arena, uint64_t first,
                                   uint64_t last, size_t limit, struct unit_row **out_rows,
                                   size_t *out_count);

#endif
