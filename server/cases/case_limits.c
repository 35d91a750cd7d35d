#include "server/cases/case_limits.h"

#include <stdlib.h>

#include "case/case_flood.h"
#include "server/trust/lookup.h"

enum { CHANGES_MAX = 1 << 16, FOUND_MAX = 64 };

/* One row a registered key, unit or district that ever reported: no more than the registry has. */
struct key_row {
    struct key_id key;
    struct case_flood counter;
};
struct place_row {
    uint64_t number; /* a unit's or a district's */
    struct case_flood counter;
    int64_t told_us; /* a district's: when it was last found; 0: never */
};

/* The counters of one report as they were before it; rows keep their number. */
struct change {
    size_t row[CASE_FLOOD_OF];
    struct case_flood before[CASE_FLOOD_OF];
};

struct case_limits {
    struct lookup keys, units, districts;
    struct change *changes;
    size_t change_count, change_room;
    size_t found[FOUND_MAX]; /* rows of districts */
    int64_t found_before_us[FOUND_MAX];
    size_t found_count, found_taken;
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
    free((*limits)->changes);
    free(*limits);
    *limits = NULL;
}

static struct case_flood *counter_of(struct case_limits *limits, int of, size_t row)
{
    if (of == CASE_FLOOD_KEY)
        return &((struct key_row *)lookup_row(&limits->keys, row))->counter;
    struct lookup *places = of == CASE_FLOOD_UNIT ? &limits->units : &limits->districts;
    return &((struct place_row *)lookup_row(places, row))->counter;
}

static enum status reserve(struct case_limits *limits)
{
    if (lookup_reserve(&limits->keys, 1) != STATUS_OK ||
        lookup_reserve(&limits->units, 1) != STATUS_OK ||
        lookup_reserve(&limits->districts, 1) != STATUS_OK)
        return STATUS_NO_MEMORY;
    if (limits->change_count < limits->change_room)
        return STATUS_OK;
    size_t room = limits->change_room == 0 ? 64 : 2 * limits->change_room;
    struct change *changes =
        room > CHANGES_MAX ? NULL : realloc(limits->changes, room * sizeof *changes);
    if (changes == NULL)
        return STATUS_NO_MEMORY;
    limits->changes = changes;
    limits->change_room = room;
    return STATUS_OK;
}

/* Told once an hour; a clock that was set back tells nothing twice. */
static void note_found(struct case_limits *limits, size_t row, int64_t now_us)
{
    struct place_row *district = lookup_row(&limits->districts, row);
    if (limits->found_count == FOUND_MAX ||
        (district->told_us != 0 && now_us - district->told_us < CASE_FLOOD_TOLD_US))
        return;
    limits->found_before_us[limits->found_count] = district->told_us;
    limits->found[limits->found_count++] = row;
    district->told_us = now_us;
}

enum status case_limits_take(struct case_limits *limits, const struct key_id *key, uint64_t unit,
                             uint64_t district, bool emergency, int64_t now_us)
{
    if (limits == NULL)
        return STATUS_OK;
    enum status status = reserve(limits);
    if (status != STATUS_OK)
        return status;
    struct change change = {
        .row = {[CASE_FLOOD_KEY] = lookup_number(&limits->keys, lookup_put(&limits->keys, key)),
                [CASE_FLOOD_UNIT] =
                    lookup_number(&limits->units, lookup_put(&limits->units, &unit)),
                [CASE_FLOOD_DISTRICT] =
                    lookup_number(&limits->districts, lookup_put(&limits->districts, &district))}
    };
    struct case_flood *counters[CASE_FLOOD_OF];
    for (int of = 0; of < CASE_FLOOD_OF; of++) {
        counters[of] = counter_of(limits, of, change.row[of]);
        change.before[of] = *counters[of];
    }
    if (!case_flood_take(counters, emergency, now_us)) {
        note_found(limits, change.row[CASE_FLOOD_DISTRICT], now_us);
        return STATUS_E_CASE_FLOOD;
    }
    limits->changes[limits->change_count++] = change;
    return STATUS_OK;
}

size_t case_limits_mark(const struct case_limits *limits)
{
    return limits == NULL ? 0 : limits->change_count;
}

void case_limits_undo(struct case_limits *limits, size_t mark)
{
    if (limits == NULL)
        return;
    while (limits->change_count > mark) {
        const struct change *change = &limits->changes[--limits->change_count];
        for (int of = 0; of < CASE_FLOOD_OF; of++)
            *counter_of(limits, of, change->row[of]) = change->before[of];
    }
}

void case_limits_roll_back(struct case_limits *limits)
{
    if (limits == NULL)
        return;
    case_limits_undo(limits, 0);
    while (limits->found_count > 0) {
        size_t at = --limits->found_count;
        struct place_row *district = lookup_row(&limits->districts, limits->found[at]);
        district->told_us = limits->found_before_us[at];
    }
    limits->found_taken = 0;
}

void case_limits_settle(struct case_limits *limits)
{
    if (limits != NULL)
        limits->change_count = limits->found_count = limits->found_taken = 0;
}

bool case_limits_found(struct case_limits *limits, uint64_t *out_district)
{
    if (limits == NULL || limits->found_taken == limits->found_count)
        return false;
    *out_district =
        ((struct place_row *)lookup_row(&limits->districts, limits->found[limits->found_taken++]))
            ->number;
    return true;
}
