#include "assess/suppress.h"

#include <stdlib.h>
#include <string.h>

#include "assess/suppress_bounds.h"
#include "assess/suppress_solve.h"

/* What a reader of all that is printed can work out, of each side of each cell. */
struct settling {
    const struct suppress_system *system;
    bool *known;    /* by cell and side: printed or told */
    size_t *teller; /* by cell and side: the sum that told it, SIZE_MAX for none */
    bool *tried;    /* by sum: while looking for something to hide */
    bool *spent;    /* by sum: nothing more can be hidden where it tells by its ends */
    bool *nil;      /* by cell and side: a printed total of 0 tells that it is 0 */
};

static bool is_few(uint64_t count)
{
    return count > 0 && count < SUPPRESS_BELOW;
}

bool suppress_is_small(const uint64_t counts[SUPPRESS_SIDES])
{
    return is_few(counts[0]) || is_few(counts[1]);
}

static bool is_printed(const struct suppress_cell *cell)
{
    return !cell->implied && !cell->hidden;
}

static size_t at_side(size_t cell, size_t side)
{
    return cell * SUPPRESS_SIDES + side;
}

/* The parts of a sum, and behind them its total. */
static size_t term(const struct suppress_system *system, const struct suppress_sum *sum, size_t at)
{
    return at < sum->count ? system->parts[sum->first + at] : sum->total;
}

/* Whether the terms that are not known, of a sum whose total is, can be but one thing: all 0 where
 * nothing is left for them; all 1 or all the most where they are all small and at that end of what
 * they can add up to. */
static bool is_cornered(const struct settling *settling, size_t number, size_t side)
{
    const struct suppress_system *system = settling->system;
    const struct suppress_sum *sum = &system->sums[number];
    uint64_t added = 0, missing = 0, small = 0;
    for (size_t i = 0; i < sum->count; i++) {
        size_t at = term(system, sum, i);
        uint64_t count = system->cells[at].counts[side];
        if (settling->known[at_side(at, side)])
            continue;
        missing++;
        added += count;
        small += is_few(count);
    }
    bool end = added == missing || added == missing * (SUPPRESS_BELOW - 1);
    return added == 0 || (!settling->spent[number] && small == missing && end);
}

/* Lets one sum tell what it can of one side; whether it told anything. */
static bool tell(struct settling *settling, size_t number, size_t side)
{
    const struct suppress_system *system = settling->system;
    const struct suppress_sum *sum = &system->sums[number];
    size_t unknown = 0;
    bool all = settling->known[at_side(sum->total, side)];
    for (size_t i = 0; i <= sum->count; i++)
        unknown += !settling->known[at_side(term(system, sum, i), side)];
    if (unknown == 0 || (unknown > 1 && !(all && is_cornered(settling, number, side))))
        return false;
    for (size_t i = 0; i <= sum->count; i++) {
        size_t at = at_side(term(system, sum, i), side);
        if (settling->known[at])
            continue;
        settling->known[at] = true;
        settling->teller[at] = number;
    }
    return true;
}

static void work_out(struct settling *settling)
{
    const struct suppress_system *system = settling->system;
    for (size_t i = 0; i < system->cell_count; i++)
        for (size_t side = 0; side < SUPPRESS_SIDES; side++) {
            settling->known[at_side(i, side)] = is_printed(&system->cells[i]);
            settling->teller[at_side(i, side)] = SIZE_MAX;
        }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < system->sum_count * SUPPRESS_SIDES; i++)
            changed = tell(settling, i / SUPPRESS_SIDES, i % SUPPRESS_SIDES) || changed;
    }
}

static bool is_better(const struct suppress_cell *cell, const struct suppress_cell *than)
{
    uint64_t mine = cell->counts[0], other = than->counts[0];
    return other == 0 || (mine != 0 && mine < other);
}

/* The smallest printed term that is not 0, any other where only zeros are left, the total last. To
 * leave out what is known to be 0 would hide nothing. */
static size_t choose(const struct settling *settling, const struct suppress_sum *sum, size_t side)
{
    const struct suppress_system *system = settling->system;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i <= sum->count; i++) {
        size_t at = term(system, sum, i);
        const struct suppress_cell *cell = &system->cells[at];
        if (!is_printed(cell) || cell->fixed || settling->nil[at_side(at, side)] ||
            (i == sum->count && best != SIZE_MAX))
            continue;
        if (best == SIZE_MAX || is_better(cell, &system->cells[best]))
            best = at;
    }
    return best;
}

/* Hides a term of the sum, or of a sum that told one of its terms. */
static bool hide_for(struct settling *settling, size_t number, size_t side)
{
    const struct suppress_system *system = settling->system;
    const struct suppress_sum *sum = &system->sums[number];
    if (settling->tried[number])
        return false;
    settling->tried[number] = true;
    size_t chosen = choose(settling, sum, side);
    if (chosen != SIZE_MAX) {
        system->cells[chosen].hidden = true;
        return true;
    }
    for (size_t i = 0; i < (sum->count + 1) * SUPPRESS_SIDES; i++) {
        size_t at = at_side(term(system, sum, i / SUPPRESS_SIDES), i % SUPPRESS_SIDES);
        size_t teller = settling->teller[at];
        if (teller != SIZE_MAX && teller != number && hide_for(settling, teller, side))
            return true;
    }
    return false;
}

/* What must not be told: small numbers, and whatever else was left out but for its zeros. */
static bool is_secret(const struct suppress_cell *cell, size_t side)
{
    return cell->implied ? suppress_is_small(cell->counts) && cell->counts[side] > 0
                         : cell->hidden && cell->counts[side] > 0;
}

/* Hides one more cell if anything is told that must not be; whether it did. */
static bool hide_one(struct settling *settling)
{
    const struct suppress_system *system = settling->system;
    for (size_t i = 0; i < system->cell_count * SUPPRESS_SIDES; i++) {
        size_t teller = settling->teller[i];
        if (teller == SIZE_MAX ||
            !is_secret(&system->cells[i / SUPPRESS_SIDES], i % SUPPRESS_SIDES))
            continue;
        memset(settling->tried, 0, system->sum_count * sizeof *settling->tried);
        if (hide_for(settling, teller, i % SUPPRESS_SIDES))
            return true;
        bool first = !settling->spent[teller];
        settling->spent[teller] = true;
        if (first)
            return true;
    }
    return false;
}

static bool has_term(const struct suppress_system *system, const struct suppress_sum *sum,
                     size_t cell)
{
    for (size_t i = 0; i <= sum->count; i++)
        if (term(system, sum, i) == cell)
            return true;
    return false;
}

/* Hides the smallest printed term of a sum that holds the cell, or of any sum. */
static bool hide_near(const struct settling *settling, size_t cell, size_t side)
{
    const struct suppress_system *system = settling->system;
    for (int pass = 0; pass < 2; pass++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < system->sum_count; i++) {
            size_t chosen = pass == 0 && !has_term(system, &system->sums[i], cell)
                                ? SIZE_MAX
                                : choose(settling, &system->sums[i], side);
            if (chosen != SIZE_MAX &&
                (best == SIZE_MAX || is_better(&system->cells[chosen], &system->cells[best])))
                best = chosen;
        }
        if (best == SIZE_MAX)
            continue;
        system->cells[best].hidden = true;
        return true;
    }
    return false;
}

/* Hides everything that may be, of a system too large to be solved. */
static void hide_all(const struct suppress_system *system)
{
    for (size_t i = 0; i < system->cell_count; i++)
        if (!system->cells[i].fixed && !system->cells[i].implied)
            system->cells[i].hidden = true;
}

/* What all sums tell together, of one side after the other. */
static bool solve(const struct settling *settling, size_t *out_told, size_t *out_side)
{
    *out_told = SIZE_MAX;
    for (size_t side = 0; side < SUPPRESS_SIDES && *out_told == SIZE_MAX; side++) {
        *out_side = side;
        if (!suppress_solve(settling->system, settling->known, side, out_told) ||
            (*out_told == SIZE_MAX && !suppress_bound(settling->system, side, out_told)))
            return false;
    }
    return true;
}

/* Nobody is counted below a total of 0. */
static void find_nil(struct settling *settling)
{
    const struct suppress_system *system = settling->system;
    for (size_t i = 0; i < system->sum_count * SUPPRESS_SIDES; i++) {
        const struct suppress_sum *sum = &system->sums[i / SUPPRESS_SIDES];
        const struct suppress_cell *total = &system->cells[sum->total];
        size_t side = i % SUPPRESS_SIDES;
        for (size_t k = 0; is_printed(total) && total->counts[side] == 0 && k < sum->count; k++)
            settling->nil[at_side(system->parts[sum->first + k], side)] = true;
    }
}

/* First what one sum after the other tells, then what they tell together. */
static void settle(struct settling *settling)
{
    size_t told = SIZE_MAX, side = 0;
    bool again = true;
    while (again) {
        do
            work_out(settling);
        while (hide_one(settling));
        bool able = solve(settling, &told, &side);
        if (!able)
            hide_all(settling->system);
        again = able && told != SIZE_MAX && hide_near(settling, told, side);
    }
}

bool suppress_settle(const struct suppress_system *system)
{
    struct settling settling = {.system = system};
    settling.known = calloc(at_side(system->cell_count + 1, 0), sizeof *settling.known);
    settling.teller = calloc(at_side(system->cell_count + 1, 0), sizeof *settling.teller);
    settling.tried = calloc(system->sum_count + 1, sizeof *settling.tried);
    settling.spent = calloc(system->sum_count + 1, sizeof *settling.spent);
    settling.nil = calloc(at_side(system->cell_count + 1, 0), sizeof *settling.nil);
    bool room = settling.known != NULL && settling.teller != NULL && settling.tried != NULL &&
                settling.spent != NULL && settling.nil != NULL;
    for (size_t i = 0; i < system->cell_count; i++) {
        struct suppress_cell *cell = &system->cells[i];
        if (!cell->fixed)
            cell->hidden = !room || (!cell->implied && suppress_is_small(cell->counts));
    }
    if (room) {
        find_nil(&settling);
        settle(&settling);
    }
    free(settling.known);
    free(settling.teller);
    free(settling.tried);
    free(settling.spent);
    free(settling.nil);
    return room;
}

/* The cells of a table, then the totals of its rows and of its columns. */
bool suppress_table(const uint64_t *cells, size_t rows, size_t columns, bool *out_hidden)
{
    size_t inner = rows * columns, lines = rows + columns;
    struct suppress_cell *all = calloc(inner + lines + 1, sizeof *all);
    struct suppress_sum *sums = calloc(lines + 1, sizeof *sums);
    size_t *parts = calloc(2 * inner + 1, sizeof *parts);
    struct suppress_system system = {all, inner + lines, sums, 0, parts};
    size_t used = 0;
    bool settled = all != NULL && sums != NULL && parts != NULL;
    for (size_t i = 0; settled && i < inner; i++)
        all[i].counts[0] = cells[i];
    for (size_t line = 0; settled && line < lines; line++) {
        bool row = line < rows;
        size_t count = row ? columns : rows;
        struct suppress_sum *sum = &sums[system.sum_count];
        *sum = (struct suppress_sum){.total = inner + line, .first = used, .count = count};
        all[sum->total].fixed = true;
        for (size_t i = 0; i < count; i++) {
            size_t at = row ? line * columns + i : i * columns + line - rows;
            parts[used++] = at;
            all[sum->total].counts[0] += cells[at];
        }
        system.sum_count += count > 1;
    }
    settled = settled && suppress_settle(&system);
    for (size_t i = 0; i < inner; i++)
        out_hidden[i] = !settled || all[i].hidden;
    free(all);
    free(sums);
    free(parts);
    return settled;
}
