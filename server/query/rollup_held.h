/* How roll-ups are kept: for each plan, year and kind of pull its townships with their parts. Used
 * by rollup*.c only. */
#ifndef ZHIBAO_SERVER_QUERY_ROLLUP_HELD_H
#define ZHIBAO_SERVER_QUERY_ROLLUP_HELD_H

#include <pthread.h>

#include "server/query/rollup.h"
#include "server/store/query_changes.h"

/* An indicator in one stratum. */
struct rolled_pair {
    size_t indicator;
    const char *stratum;
};

struct rolled {
    const struct plan *plan;
    size_t pair_count, pair_room, year_count;
    struct rolled_pair *pairs; /* ascending by indicator */
    size_t *first;             /* of an indicator; one more than there are */
    int years[PULL_PERIODS_MAX];
    struct indicator_value *values; /* by year, then pair */
    uint8_t *elements;              /* bits: a demonstration report gave it a figure */
};

struct held_part {
    int period;
    uint32_t pair; /* of indicator and stratum, by its number among the plan's */
    struct consolidation_part part;
};

/* A township, or a place above it for figures of its own. */
struct held_township {
    uint64_t place;
    bool fresh;             /* nothing of it has changed since it was added up */
    uint32_t demonstration; /* bits of the years of the plan with a demonstration report */
    uint8_t *elements;      /* bits of the elements that one gave a figure to, in the year asked */
    size_t count, room;
    struct held_part *parts;
};

struct rollup {
    pthread_mutex_t lock; /* over what follows `used` */
    const struct plan *plan;
    const struct place_history *history;
    int period;
    bool analysis;
    int users; /* likewise of the list's */
    uint64_t used;
    bool prepared;
    struct chain_marks marks; /* up to which changes have been looked for */
    size_t count, room;
    struct held_township *townships; /* ascending by place */
    uint8_t *flags;                  /* PULL_*, by unit of the plan, then form */
};

/* The roll-up of a pull, locked; what was used longest ago makes room. NULL without memory. */
struct rollup *rollups_take(struct rollups *rollups, const struct pull *pull);
void rollups_give(struct rollups *rollups, struct rollup *rollup);

/* The township, added when it is not there; NULL without memory. Others move. */
struct held_township *rollup_township(struct rollup *rollup, uint64_t place);

/* The townships from `first` to `last`, by place: the number of the first and of the one behind. */
void rollup_span(const struct rollup *rollup, uint64_t first, uint64_t last, size_t *out_first,
                 size_t *out_end);

void held_clear(struct held_township *township);
MUST_CHECK enum status held_add(struct held_township *township, int period, size_t pair,
                                const struct consolidation_part *part);

/* rollup_refresh.c: looks what has changed, and adds up anew what of the pull's place is stale. */
MUST_CHECK enum status rollup_refresh(const struct pull *pull, const struct rolled *rolled,
                                      struct rollup *rollup);

static inline uint32_t held_year_bit(const struct plan *plan, int64_t period)
{
    return UINT32_C(1) << ((uint32_t)(period - plan->first_year) % 32);
}

#endif
