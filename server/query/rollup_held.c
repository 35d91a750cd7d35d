#include "server/query/rollup_held.h"

#include <stdlib.h>
#include <string.h>

enum { ROLLUPS_MAX = 16 };

struct rollups {
    pthread_mutex_t lock;
    uint64_t turn;
    bool check;
    struct rollup *items[ROLLUPS_MAX];
};

bool rollups_check(const struct rollups *rollups)
{
    return rollups->check;
}

struct rollups *rollups_create(bool check)
{
    struct rollups *rollups = calloc(1, sizeof *rollups);
    if (rollups == NULL)
        return NULL;
    rollups->check = check;
    pthread_mutex_init(&rollups->lock, NULL);
    return rollups;
}

void held_clear(struct held_township *township)
{
    for (size_t i = 0; i < township->count; i++)
        for (enum part_pairing as = PART_EACH; as < PART_PAIRINGS; as++)
            free((void *)(uintptr_t)township->parts[i].part.groups[as]);
    free(township->parts);
    free(township->elements);
    *township = (struct held_township){.place = township->place};
}

static void rollup_destroy(struct rollup **rollup)
{
    if (*rollup == NULL)
        return;
    for (size_t i = 0; i < (*rollup)->count; i++)
        held_clear(&(*rollup)->townships[i]);
    free((*rollup)->townships);
    free((*rollup)->flags);
    pthread_mutex_destroy(&(*rollup)->lock);
    free(*rollup);
    *rollup = NULL;
}

void rollups_destroy(struct rollups **rollups)
{
    if (*rollups == NULL)
        return;
    for (size_t i = 0; i < ROLLUPS_MAX; i++)
        rollup_destroy(&(*rollups)->items[i]);
    pthread_mutex_destroy(&(*rollups)->lock);
    free(*rollups);
    *rollups = NULL;
}

static bool is_of(const struct rollup *rollup, const struct pull *pull,
                  const struct place_history *history)
{
    return rollup->plan == pull->plan && rollup->history == history &&
           rollup->period == pull->period && rollup->analysis == pull->analysis;
}

/* Where a new one goes: an empty place, or that of the one used longest ago by nobody now. */
static struct rollup **place_find(struct rollups *rollups)
{
    struct rollup **oldest = NULL;
    for (size_t i = 0; i < ROLLUPS_MAX; i++) {
        struct rollup **item = &rollups->items[i];
        if (*item == NULL)
            return item;
        if ((*item)->users == 0 && (oldest == NULL || (*item)->used < (*oldest)->used))
            oldest = item;
    }
    return oldest;
}

static struct rollup *rollup_create(const struct pull *pull, const struct place_history *history)
{
    const struct plan *plan = pull->plan;
    struct rollup *rollup = calloc(1, sizeof *rollup);
    if (rollup == NULL)
        return NULL;
    pthread_mutex_init(&rollup->lock, NULL);
    rollup->plan = plan;
    rollup->history = history;
    rollup->period = pull->period;
    rollup->analysis = pull->analysis;
    rollup->flags = calloc(plan->unit_count * plan->form_count + 1, sizeof *rollup->flags);
    if (rollup->flags == NULL)
        rollup_destroy(&rollup);
    return rollup;
}

struct rollup *rollups_take(struct rollups *rollups, const struct pull *pull)
{
    const struct place_history *history = registry_places(pull->query->registry);
    struct rollup *found = NULL;
    pthread_mutex_lock(&rollups->lock);
    for (size_t i = 0; i < ROLLUPS_MAX && found == NULL; i++)
        if (rollups->items[i] != NULL && is_of(rollups->items[i], pull, history))
            found = rollups->items[i];
    struct rollup **place = found == NULL ? place_find(rollups) : NULL;
    if (place != NULL) {
        rollup_destroy(place);
        *place = found = rollup_create(pull, history);
    }
    if (found != NULL) {
        found->users++;
        found->used = ++rollups->turn;
    }
    pthread_mutex_unlock(&rollups->lock);
    if (found != NULL)
        pthread_mutex_lock(&found->lock);
    return found;
}

void rollups_give(struct rollups *rollups, struct rollup *rollup)
{
    pthread_mutex_unlock(&rollup->lock);
    pthread_mutex_lock(&rollups->lock);
    rollup->users--;
    pthread_mutex_unlock(&rollups->lock);
}

/* The first township at or behind a place. */
static size_t lower_bound(const struct rollup *rollup, uint64_t place)
{
    size_t first = 0, end = rollup->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (rollup->townships[middle].place < place)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

struct held_township *rollup_township(struct rollup *rollup, uint64_t place)
{
    size_t at = lower_bound(rollup, place);
    if (at < rollup->count && rollup->townships[at].place == place)
        return &rollup->townships[at];
    if (rollup->count == rollup->room) {
        size_t room = rollup->room == 0 ? 64 : 2 * rollup->room;
        struct held_township *grown = reallocarray(rollup->townships, room, sizeof *grown);
        if (grown == NULL)
            return NULL;
        rollup->townships = grown;
        rollup->room = room;
    }
    memmove(&rollup->townships[at + 1], &rollup->townships[at],
            (rollup->count - at) * sizeof *rollup->townships);
    rollup->count++;
    rollup->townships[at] = (struct held_township){.place = place};
    return &rollup->townships[at];
}

void rollup_span(const struct rollup *rollup, uint64_t first, uint64_t last, size_t *out_first,
                 size_t *out_end)
{
    *out_first = lower_bound(rollup, first);
    *out_end = lower_bound(rollup, last + 1);
}

/* The groups copied, out of the request's arena. */
static bool groups_keep(struct consolidation_part *part, enum part_pairing as)
{
    size_t size = part->group_count[as] * sizeof(struct group_value);
    struct group_value *kept = size == 0 ? NULL : malloc(size);
    if (size != 0 && kept == NULL)
        return false;
    if (size != 0)
        memcpy(kept, part->groups[as], size);
    part->groups[as] = kept;
    return true;
}

enum status held_add(struct held_township *township, int period, size_t pair,
                     const struct consolidation_part *part)
{
    if (township->count == township->room) {
        size_t room = township->room == 0 ? 16 : 2 * township->room;
        struct held_part *grown = reallocarray(township->parts, room, sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        township->parts = grown;
        township->room = room;
    }
    struct held_part *held = &township->parts[township->count];
    *held = (struct held_part){.period = period, .pair = (uint32_t)pair, .part = *part};
    if (!groups_keep(&held->part, PART_EACH))
        return STATUS_NO_MEMORY;
    if (!groups_keep(&held->part, PART_WHOLE)) {
        free((void *)(uintptr_t)held->part.groups[PART_EACH]);
        return STATUS_NO_MEMORY;
    }
    township->count++;
    return STATUS_OK;
}
