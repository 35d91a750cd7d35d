#include "server/query/rollup.h"

#include <string.h>

#include "plan/stratum.h"
#include "server/analysis/peers.h"
#include "server/query/rollup_held.h"

struct listing {
    struct rolled *rolled;
    struct arena *arena;
};

/* A pull_add: notes a pair, once. */
static enum status pair_note(void *context, size_t indicator, const char *stratum)
{
    struct listing *listing = context;
    struct rolled *rolled = listing->rolled;
    for (size_t i = rolled->first[indicator]; i < rolled->pair_count; i++)
        if (stratum_equal(rolled->pairs[i].stratum, stratum))
            return STATUS_OK;
    if (rolled->pair_count == rolled->pair_room) {
        size_t room = rolled->pair_room == 0 ? 256 : 2 * rolled->pair_room;
        struct rolled_pair *grown = arena_array(listing->arena, room, sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        if (rolled->pair_count > 0)
            memcpy(grown, rolled->pairs, rolled->pair_count * sizeof *grown);
        rolled->pairs = grown;
        rolled->pair_room = room;
    }
    rolled->pairs[rolled->pair_count++] = (struct rolled_pair){indicator, stratum};
    return STATUS_OK;
}

/* Whatever a pull of this plan, year and kind may ask for; always in the same order. */
static enum status pairs_of(const struct pull *pull, size_t indicator, struct listing *listing)
{
    const struct plan *plan = pull->plan;
    enum status status = pair_note(listing, indicator, "");
    for (size_t i = 0; i < plan->target_count && status == STATUS_OK; i++)
        if (plan->targets[i].indicator == indicator)
            status = pair_note(listing, indicator, plan->targets[i].stratum);
    for (size_t i = 0; i < plan->fact_count && status == STATUS_OK; i++)
        if (plan->facts[i].indicator == indicator && plan->facts[i].year == pull->period)
            status = pair_note(listing, indicator, plan->facts[i].stratum);
    if (pull->analysis && status == STATUS_OK)
        status = pull_strata(pull, indicator, pair_note, listing);
    return status;
}

static enum status pairs_list(const struct pull *pull, struct rolled *rolled)
{
    struct listing listing = {rolled, pull->query->arena};
    enum status status = STATUS_OK;
    rolled->first =
        arena_array(pull->query->arena, pull->plan->indicator_count + 1, sizeof *rolled->first);
    if (rolled->first == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < pull->plan->indicator_count && status == STATUS_OK; i++) {
        rolled->first[i] = rolled->pair_count;
        status = pairs_of(pull, i, &listing);
    }
    rolled->first[pull->plan->indicator_count] = rolled->pair_count;
    return status;
}

/* Whose parts a pull adds up, by year and pair. */
struct bundle {
    size_t count;
    const struct consolidation_part **parts;
};

static size_t year_number(const struct rolled *rolled, int period)
{
    for (size_t i = 0; i < rolled->year_count; i++)
        if (rolled->years[i] == period)
            return i;
    return PULL_PERIODS_MAX;
}

/* Counts the parts of every bundle, or (with parts there) fills them. */
static void bundles_visit(const struct rollup *rollup, size_t first, size_t end,
                          const struct rolled *rolled, struct bundle *bundles, bool fill)
{
    for (size_t i = first; i < end; i++)
        for (size_t k = 0; k < rollup->townships[i].count; k++) {
            const struct held_part *held = &rollup->townships[i].parts[k];
            size_t year = year_number(rolled, held->period);
            if (year == PULL_PERIODS_MAX)
                continue;
            struct bundle *bundle = &bundles[year * rolled->pair_count + held->pair];
            if (fill)
                bundle->parts[bundle->count] = &held->part;
            bundle->count++;
        }
}

static enum status values_join(const struct pull *pull, const struct rollup *rollup, size_t first,
                               size_t end, struct rolled *rolled)
{
    struct arena *arena = pull->query->arena;
    size_t cells = rolled->year_count * rolled->pair_count;
    struct bundle *bundles = arena_array(arena, cells, sizeof *bundles);
    enum status status = STATUS_OK;
    rolled->values = arena_array(arena, cells, sizeof *rolled->values);
    if (bundles == NULL || rolled->values == NULL)
        return STATUS_NO_MEMORY;
    bundles_visit(rollup, first, end, rolled, bundles, false);
    for (size_t i = 0; i < cells; i++) {
        bundles[i].parts =
            arena_array(arena, bundles[i].count, sizeof(struct consolidation_part *));
        if (bundles[i].parts == NULL)
            return STATUS_NO_MEMORY;
        bundles[i].count = 0;
    }
    bundles_visit(rollup, first, end, rolled, bundles, true);
    for (size_t i = 0; i < cells && status == STATUS_OK; i++) {
        const struct rolled_pair *pair = &rolled->pairs[i % rolled->pair_count];
        status = consolidate_join(rolled->plan, pair->indicator, pair->stratum, bundles[i].parts,
                                  bundles[i].count, arena, &rolled->values[i]);
    }
    return status;
}

/* The values of the pull's place, and what goes with them. */
static enum status values_make(struct pull *pull, const struct rollup *rollup,
                               struct rolled *rolled)
{
    const struct plan *plan = rolled->plan;
    struct arena *arena = pull->query->arena;
    uint64_t first_place = 0, last_place = 0;
    uint32_t years = 0;
    size_t first = 0, end = 0, bytes = plan->unit_count * plan->form_count;
    place_range(pull->place, &first_place, &last_place);
    rollup_span(rollup, first_place, last_place, &first, &end);
    rolled->elements = arena_array(arena, plan->element_count / 8 + 1, 1);
    pull->flags = arena_array(arena, bytes, sizeof *pull->flags);
    if (rolled->elements == NULL || pull->flags == NULL)
        return STATUS_NO_MEMORY;
    memcpy(pull->flags, rollup->flags, bytes);
    for (size_t i = 0; i < pull->year_count; i++) {
        rolled->years[rolled->year_count++] = (int)pull->years[i].period;
        years |= held_year_bit(plan, pull->years[i].period);
    }
    for (size_t i = first; i < end; i++) {
        const struct held_township *township = &rollup->townships[i];
        pull->demonstration = pull->demonstration || (township->demonstration & years) != 0;
        for (size_t k = 0; township->elements != NULL && k <= plan->element_count / 8; k++)
            rolled->elements[k] |= township->elements[k];
    }
    return values_join(pull, rollup, first, end, rolled);
}

enum status rollup_gather(struct pull *pull)
{
    struct arena *arena = pull->query->arena;
    struct rolled *rolled = arena_alloc(arena, sizeof *rolled);
    if (pull->analysis)
        pull->peers = peers_create(arena);
    if (rolled == NULL || (pull->analysis && pull->peers == NULL))
        return STATUS_NO_MEMORY;
    rolled->plan = pull->plan;
    enum status status = pull_years_choose(pull);
    if (status == STATUS_OK)
        status = pairs_list(pull, rolled);
    if (status != STATUS_OK)
        return status;
    struct rollup *rollup = rollups_take(pull->query->rollups, pull);
    if (rollup == NULL)
        return STATUS_NO_MEMORY;
    status = rollup_refresh(pull, rolled, rollup);
    if (status == STATUS_OK)
        status = values_make(pull, rollup, rolled);
    rollups_give(pull->query->rollups, rollup);
    if (status == STATUS_OK)
        pull->rolled = rolled;
    return status;
}

enum status rolled_value(const struct rolled *rolled, size_t indicator, const char *stratum,
                         int period, struct indicator_value *out_value)
{
    size_t year = year_number(rolled, period);
    for (size_t i = rolled->first[indicator];
         year != PULL_PERIODS_MAX && i < rolled->first[indicator + 1]; i++)
        if (stratum_equal(rolled->pairs[i].stratum, stratum)) {
            *out_value = rolled->values[year * rolled->pair_count + i];
            out_value->stratum = stratum;
            return STATUS_OK;
        }
    return STATUS_NOT_FOUND;
}

bool rolled_demonstration(const struct rolled *rolled, const struct indicator *indicator)
{
    const struct expression *sides[] = {&indicator->numerator, &indicator->denominator};
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < sides[side]->count; i++) {
            size_t element = sides[side]->terms[i].element;
            if ((rolled->elements[element / 8] & 1 << element % 8) != 0)
                return true;
        }
    return false;
}
