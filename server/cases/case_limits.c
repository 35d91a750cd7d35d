#include "server/cases/case_limits.h"

#include <stdlib.h>

#include "case/case_flood.h"
#include "server/trust/lookup.h"

/* One row a registered key, unit or district that ever reported: no more than the registry has. */
struct key_row {
    struct key_id key;
    struct case_flood counter;
};
struct place_row {
    uint64_t number; /* a unit's or a district's */
    struct case_flood counter;
};

struct case_limits {
    struct lookup keys, units, districts;
};

struct case_limits *case_limits_create(void)
{
    struct case_limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL)
        return NULL;
    lookup_init(&limits->keys, sizeof(struct key_row), sizeof(struct key_id));
    lookup_init(&limits->units, sizeof(struct place_row), sizeof(uint64_t));
    lookup_init(&limits->districts, sizeof(struct place_row), sizeof(uint64_t));
    return limits;
}

void case_limits_destroy(struct case_limits **limits)
{
    if (limits == NULL || *limits == NULL)
        return;
    lookup_clear(&(*limits)->keys);
    lookup_clear(&(*limits)->units);
    lookup_clear(&(*limits)->districts);
    free(*limits);
    *limits = NULL;
}

enum status case_limits_take(struct case_limits *limits, const struct key_id *key, uint64_t unit,
                             uint64_t district, bool emergency, int64_t now_us)
{
    if (limits == NULL)
        return STATUS_OK;
    if (lookup_reserve(&limits->keys, 1) != STATUS_OK ||
        lookup_reserve(&limits->units, 1) != STATUS_OK ||
        lookup_reserve(&limits->districts, 1) != STATUS_OK)
        return STATUS_NO_MEMORY;
    struct key_row *by_key = lookup_put(&limits->keys, key);
    struct place_row *by_unit = lookup_put(&limits->units, &unit);
    struct place_row *by_district = lookup_put(&limits->districts, &district);
    struct case_flood *const counters[CASE_FLOOD_OF] = {
        [CASE_FLOOD_KEY] = &by_key->counter,
        [CASE_FLOOD_UNIT] = &by_unit->counter,
        [CASE_FLOOD_DISTRICT] = &by_district->counter,
    };
    return case_flood_take(counters, emergency, now_us) ? STATUS_OK : STATUS_E_CASE_FLOOD;
}
