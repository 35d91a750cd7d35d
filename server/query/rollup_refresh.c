/* Brings the townships of a roll-up up to date. */
#include <stdlib.h>

#include "plan/form_check.h"
#include "server/query/rollup_held.h"

enum {
    SCRATCH_BYTES = 256 * 1024 * 1024, /* of one piece; pieces are cut to PIECE_BYTES */
    PIECE_BYTES = 24 * 1024 * 1024,
    TALLY_COPIES = 2, /* in the book, and sorted */
    TOGETHER_LEAST = 4,
};

/* Once: the townships of the plan's units, and who owes what. */
static enum status rollup_prepare(struct rollup *rollup)
{
    const struct plan *plan = rollup->plan;
    for (size_t i = 0; i < plan->unit_count && !rollup->prepared; i++) {
        if (rollup_township(rollup,
                            place_ancestor(unit_place(plan->units[i].id), PLACE_TOWNSHIP)) == NULL)
            return STATUS_NO_MEMORY;
        for (size_t form = 0; form < plan->form_count; form++)
            if (plan_unit_owes_in(plan, &plan->units[i], &plan->forms[form], rollup->history,
                                  rollup->period))
                rollup->flags[i * plan->form_count + form] = PULL_OWES;
    }
    rollup->prepared = true;
    return STATUS_OK;
}

/* What has changed since the last look is not fresh any more. The marks are read first: what comes
 * between them and the figures is looked at again next time. */
static enum status changes_note(const struct pull *pull, const struct report_scope *scope,
                                struct rollup *rollup)
{
    struct query *query = pull->query;
    struct chain_marks now;
    uint64_t *places = NULL;
    size_t count = 0;
    enum status status = query_marks(query->db, query->arena, &now);
    if (status == STATUS_OK && rollup->marks.count > 0)
        status =
            query_changes(query->db, query->arena, scope, &rollup->marks, &now, &places, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct held_township *township = rollup_township(rollup, places[i]);
        if (township == NULL)
            return STATUS_NO_MEMORY;
        township->fresh = false;
    }
    if (status == STATUS_OK)
        rollup->marks = now;
    return status;
}

struct refreshing {
    const struct pull *pull;
    const struct report_scope *scope;
    const struct rolled *rolled;
    struct rollup *rollup;
    struct arena *scratch;
    size_t unit_bytes; /* of memory that a unit's figures take */
};

/* The numbers of the plan's units at a place and below, or of its own only. */
static void units_find(const struct plan *plan, uint64_t place, bool alone, size_t *out_first,
                       size_t *out_end)
{
    struct report_scope scope = {.place = place, .alone = alone};
    struct unit_span span = unit_span_of_scope(&scope);
    size_t bounds[2];
    for (int k = 0; k < 2; k++) {
        uint64_t wanted = k == 0 ? (uint64_t)span.first_unit : (uint64_t)span.last_unit + 1;
        size_t first = 0, end = plan->unit_count;
        while (first < end) {
            size_t middle = first + (end - first) / 2;
            if (plan->units[middle].id < wanted)
                first = middle + 1;
            else
                end = middle;
        }
        bounds[k] = first;
    }
    *out_first = bounds[0];
    *out_end = bounds[1];
}

static void flags_take(struct refreshing *refreshing, const struct pull *piece)
{
    const struct plan *plan = piece->plan;
    size_t first = 0, end = 0;
    units_find(plan, piece->place, piece->alone, &first, &end);
    for (size_t i = first * plan->form_count; i < end * plan->form_count; i++)
        refreshing->rollup->flags[i] =
            (uint8_t)((refreshing->rollup->flags[i] & PULL_OWES) | piece->flags[i]);
}

static enum status element_note(const struct plan *plan, struct held_township *township,
                                const struct tally *tally)
{
    const struct cell *cell = form_cell(&plan->forms[tally->form], tally->cell);
    if (township->elements == NULL)
        township->elements = calloc(plan->element_count / 8 + 1, 1);
    if (township->elements == NULL)
        return STATUS_NO_MEMORY;
    if (cell != NULL)
        township->elements[cell->element / 8] |= (uint8_t)(1 << (cell->element % 8));
    return STATUS_OK;
}

/* What of a piece's year is demonstration data. */
static enum status demonstration_take(struct rollup *rollup, const struct pull_year *year,
                                      bool asked)
{
    const struct consolidation_input *input = &year->input;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < input->expectation_count; i++) {
        if (!input->expectations[i].demonstration)
            continue;
        struct held_township *township =
            rollup_township(rollup, place_ancestor(input->expectations[i].group, PLACE_TOWNSHIP));
        if (township == NULL)
            return STATUS_NO_MEMORY;
        township->demonstration |= held_year_bit(rollup->plan, year->period);
    }
    for (size_t i = 0; asked && i < input->tally_count && status == STATUS_OK; i++) {
        if (!input->tallies[i].demonstration)
            continue;
        struct held_township *township =
            rollup_township(rollup, place_ancestor(input->tallies[i].group, PLACE_TOWNSHIP));
        status = township == NULL ? STATUS_NO_MEMORY
                                  : element_note(rollup->plan, township, &input->tallies[i]);
    }
    return status;
}

/* One year's parts of one pair. */
static enum status parts_take(struct refreshing *refreshing, const struct pull_year *year,
                              size_t pair)
{
    const struct rolled_pair *asked = &refreshing->rolled->pairs[pair];
    struct consolidation_part *parts = NULL;
    size_t count = 0;
    enum status status = consolidate_parts(&year->input, asked->indicator, asked->stratum,
                                           refreshing->scratch, &parts, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct held_township *township = rollup_township(refreshing->rollup, parts[i].place);
        status = township == NULL ? STATUS_NO_MEMORY
                                  : held_add(township, (int)year->period, pair, &parts[i]);
    }
    free(parts);
    return status;
}

static enum status piece_take(struct refreshing *refreshing, const struct pull *piece)
{
    enum status status = STATUS_OK;
    flags_take(refreshing, piece);
    for (size_t i = 0; i < piece->year_count && status == STATUS_OK; i++) {
        const struct pull_year *year = &piece->years[i];
        status = demonstration_take(refreshing->rollup, year, i == 0);
        for (size_t pair = 0; pair < refreshing->rolled->pair_count && status == STATUS_OK; pair++)
            status = parts_take(refreshing, year, pair);
    }
    return status;
}

/* Reads a place (with what is below it, or alone) and puts its townships' parts anew. */
static enum status piece_refresh(struct refreshing *refreshing, uint64_t place, bool alone)
{
    struct rollup *rollup = refreshing->rollup;
    arena_reset(refreshing->scratch);
    struct query query = *refreshing->pull->query;
    query.arena = refreshing->scratch;
    struct pull piece = {.query = &query,
                         .plan = rollup->plan,
                         .place = place,
                         .period = rollup->period,
                         .only = PLAN_NONE,
                         .analysis = rollup->analysis,
                         .districts = refreshing->scope->districts,
                         .district_count = refreshing->scope->district_count,
                         .alone = alone};
    uint64_t first_place = place, last_place = place;
    size_t first = 0, end = 0;
    if (!alone)
        place_range(place, &first_place, &last_place);
    enum status status = pull_gather(&piece);
    rollup_span(rollup, first_place, last_place, &first, &end);
    for (size_t i = first; i < end && status == STATUS_OK; i++)
        held_clear(&rollup->townships[i]);
    if (status == STATUS_OK)
        status = piece_take(refreshing, &piece);
    rollup_span(rollup, first_place, last_place, &first, &end);
    for (size_t i = first; i < end && status == STATUS_OK; i++)
        rollup->townships[i].fresh = true;
    return status;
}

/* Whether a place around stale townships is better read at once: half of what it holds is stale,
 * and it is not too large. */
static bool is_together(const struct refreshing *refreshing, uint64_t place)
{
    const struct rollup *rollup = refreshing->rollup;
    uint64_t first_place = 0, last_place = 0;
    size_t first = 0, end = 0, stale = 0, first_unit = 0, end_unit = 0;
    place_range(place, &first_place, &last_place);
    rollup_span(rollup, first_place, last_place, &first, &end);
    units_find(rollup->plan, place, false, &first_unit, &end_unit);
    for (size_t i = first; i < end; i++)
        stale += !rollup->townships[i].fresh;
    return (stale >= TOGETHER_LEAST || stale == end - first) && 2 * stale >= end - first &&
           (end_unit - first_unit) * refreshing->unit_bytes <= PIECE_BYTES;
}

/* Brings one stale township up to date, with as much around it as is better read at once. */
static enum status township_refresh(struct refreshing *refreshing, uint64_t place)
{
    for (enum place_level level = PLACE_NATION; level < PLACE_TOWNSHIP; level++) {
        uint64_t around = place_ancestor(place, level);
        if (place_level(around) == level &&
            place_contains(refreshing->rollup->plan->place, around) &&
            is_together(refreshing, around))
            return piece_refresh(refreshing, around, false);
    }
    return piece_refresh(refreshing, place, place_level(place) < PLACE_TOWNSHIP);
}

static enum status stale_refresh(struct refreshing *refreshing)
{
    const struct plan *plan = refreshing->pull->plan;
    uint64_t first_place = 0, last_place = 0;
    size_t first = 0, end = 0, cells = 1;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->form_count; i++)
        cells = plan->forms[i].cell_count > cells ? plan->forms[i].cell_count : cells;
    refreshing->unit_bytes =
        cells * TALLY_COPIES * sizeof(struct tally) * refreshing->pull->year_count;
    place_range(refreshing->pull->place, &first_place, &last_place);
    rollup_span(refreshing->rollup, first_place, last_place, &first, &end);
    for (size_t i = first; i < end && status == STATUS_OK; i++) {
        if (refreshing->rollup->townships[i].fresh)
            continue;
        status = township_refresh(refreshing, refreshing->rollup->townships[i].place);
        rollup_span(refreshing->rollup, first_place, last_place, &first, &end);
    }
    return status;
}

enum status rollup_refresh(const struct pull *pull, const struct rolled *rolled,
                           struct rollup *rollup)
{
    struct pull whole = *pull;
    whole.place = pull->plan->place;
    struct report_scope scope = {.place = whole.place};
    struct refreshing refreshing = {.pull = pull,
                                    .scope = &scope,
                                    .rolled = rolled,
                                    .rollup = rollup,
                                    .scratch = arena_create(SCRATCH_BYTES)};
    enum status status = refreshing.scratch == NULL ? STATUS_NO_MEMORY : rollup_prepare(rollup);
    if (status == STATUS_OK)
        status = pull_districts(&whole, &scope);
    if (status == STATUS_OK)
        status = changes_note(pull, &scope, rollup);
    if (status == STATUS_OK)
        status = stale_refresh(&refreshing);
    arena_destroy(&refreshing.scratch);
    return status;
}
