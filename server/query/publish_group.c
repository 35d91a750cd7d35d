/* A place and the places just below it as one system of sums (assess/suppress.h). */
#include <math.h>

#include "server/query/publish.h"

struct drafting {
    const struct publish_group *group;
    const struct family *family;
    struct arena *arena;
    struct suppress_system system;
    struct suppress_cell *cells; /* figures by member, then what bonds leave, by member */
    struct suppress_sum *sums;
    size_t *parts;
    size_t part_count;
};

static size_t figure_cell(const struct drafting *drafting, size_t member, size_t figure)
{
    return member * drafting->family->figure_count + figure;
}

static size_t remainder_cell(const struct drafting *drafting, size_t member, size_t bond)
{
    return drafting->group->count * drafting->family->figure_count +
           member * drafting->family->bond_count + bond;
}

static enum status draft_begin(struct drafting *drafting)
{
    size_t members = drafting->group->count;
    size_t figures = drafting->family->figure_count, bonds = drafting->family->bond_count;
    size_t cells = members * (figures + bonds);
    size_t sums = figures + bonds + members * bonds;
    size_t parts = cells + members * bonds * (figures + 1);
    drafting->cells = arena_array(drafting->arena, cells + 1, sizeof *drafting->cells);
    drafting->sums = arena_array(drafting->arena, sums + 1, sizeof *drafting->sums);
    drafting->parts = arena_array(drafting->arena, parts + 1, sizeof *drafting->parts);
    drafting->system =
        (struct suppress_system){drafting->cells, cells, drafting->sums, 0, drafting->parts};
    return drafting->cells == NULL || drafting->sums == NULL || drafting->parts == NULL
               ? STATUS_NO_MEMORY
               : STATUS_OK;
}

/* Those with the event and those without it. What has no value is 0 and known to be so. */
static enum status cell_fill(const struct pull *pull, const struct figure *figure,
                             struct suppress_cell *cell)
{
    struct indicator_value value;
    bool printed = false;
    enum status status =
        pull_value(pull, figure->indicator, figure->stratum, pull->period, &value, &printed);
    if (status != STATUS_OK)
        return status;
    *cell = (struct suppress_cell){.fixed = value.presence != PRESENCE_VALUE || printed};
    if (value.presence != PRESENCE_VALUE)
        return STATUS_OK;
    cell->counts[0] = (uint64_t)fmax(0, value.has_fraction ? value.numerator : value.value);
    cell->counts[1] =
        value.has_fraction ? (uint64_t)fmax(0, value.denominator - value.numerator) : 0;
    return STATUS_OK;
}

static enum status figures_fill(struct drafting *drafting)
{
    const struct publish_group *group = drafting->group;
    enum status status = STATUS_OK;
    for (size_t member = 0; member < group->count; member++)
        for (size_t i = 0; i < drafting->family->figure_count && status == STATUS_OK; i++) {
            const struct figure *figure = &drafting->family->figures[i];
            struct suppress_cell *cell = &drafting->cells[figure_cell(drafting, member, i)];
            status = cell_fill(&group->members[member], figure, cell);
            if (member > 0 || group->alone)
                continue;
            cell->fixed = true;
            cell->hidden = figure->hidden;
        }
    return status;
}

static struct suppress_sum *sum_begin(struct drafting *drafting, size_t total)
{
    struct suppress_sum *sum = &drafting->sums[drafting->system.sum_count];
    *sum = (struct suppress_sum){.total = total, .first = drafting->part_count};
    return sum;
}

static void sum_part(struct drafting *drafting, struct suppress_sum *sum, size_t cell)
{
    drafting->parts[sum->first + sum->count++] = cell;
}

static void sum_end(struct drafting *drafting, const struct suppress_sum *sum)
{
    if (sum->count == 0)
        return;
    drafting->part_count += sum->count;
    drafting->system.sum_count++;
}

/* What the parts of a bond leave of its whole at one member. False: they are no parts of it. */
static bool remainder_of(const struct drafting *drafting, size_t member, const struct bond *bond,
                         uint64_t out_left[SUPPRESS_SIDES])
{
    const struct suppress_cell *whole =
        &drafting->cells[figure_cell(drafting, member, bond->whole)];
    uint64_t added[SUPPRESS_SIDES] = {0};
    for (size_t i = 0; i < bond->count; i++)
        for (size_t side = 0; side < SUPPRESS_SIDES; side++)
            added[side] +=
                drafting->cells[figure_cell(drafting, member, bond->parts[i])].counts[side];
    bool one_sided = bond->counted_alike || bond->same;
    bool fits = added[0] <= whole->counts[0] && (one_sided || added[1] <= whole->counts[1]);
    if (bond->counted_alike)
        fits = fits && added[0] + added[1] == whole->counts[0] + whole->counts[1];
    if (bond->same)
        fits = added[0] == whole->counts[0];
    out_left[0] = fits ? whole->counts[0] - added[0] : 0;
    out_left[1] = fits && !one_sided ? whole->counts[1] - added[1] : 0;
    return fits;
}

/* One bond of one member as a sum; its remainder, if any, is implied. */
static void bond_draft(struct drafting *drafting, size_t member, size_t number)
{
    const struct bond *bond = &drafting->family->bonds[number];
    struct suppress_cell *left = &drafting->cells[remainder_cell(drafting, member, number)];
    left->fixed = left->implied = true;
    if (!remainder_of(drafting, member, bond, left->counts))
        return;
    struct suppress_sum *sum = sum_begin(drafting, figure_cell(drafting, member, bond->whole));
    for (size_t i = 0; i < bond->count; i++)
        sum_part(drafting, sum, figure_cell(drafting, member, bond->parts[i]));
    if (left->counts[0] > 0 || left->counts[1] > 0)
        sum_part(drafting, sum, remainder_cell(drafting, member, number));
    sum_end(drafting, sum);
}

/* A figure, or a remainder, of the places below adds up to that of the place itself. */
static void across_draft(struct drafting *drafting, size_t first, size_t step)
{
    uint64_t added[SUPPRESS_SIDES] = {0};
    struct suppress_sum *sum = sum_begin(drafting, first);
    for (size_t member = 1; member < drafting->group->count; member++) {
        const struct suppress_cell *cell = &drafting->cells[first + member * step];
        added[0] += cell->counts[0];
        added[1] += cell->counts[1];
        if (cell->counts[0] > 0 || cell->counts[1] > 0)
            sum_part(drafting, sum, first + member * step);
    }
    const struct suppress_cell *whole = &drafting->cells[first];
    if (added[0] == whole->counts[0] && added[1] == whole->counts[1])
        sum_end(drafting, sum);
}

enum status publish_settle(const struct publish_group *group, struct family *family)
{
    struct drafting drafting = {
        .group = group, .family = family, .arena = group->members[0].query->arena};
    enum status status = draft_begin(&drafting);
    if (status == STATUS_OK)
        status = figures_fill(&drafting);
    if (status != STATUS_OK)
        return status;
    for (size_t member = 0; member < group->count; member++)
        for (size_t i = 0; i < family->bond_count; i++)
            bond_draft(&drafting, member, i);
    for (size_t i = 0; i < family->figure_count; i++)
        across_draft(&drafting, figure_cell(&drafting, 0, i), family->figure_count);
    for (size_t i = 0; i < family->bond_count; i++)
        across_draft(&drafting, remainder_cell(&drafting, 0, i), family->bond_count);
    if (!suppress_settle(&drafting.system))
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < family->figure_count; i++) {
        struct figure *figure = &family->figures[i];
        figure->hidden = drafting.cells[figure_cell(&drafting, group->kept, i)].hidden;
        bool watched = group->hidden != NULL && figure->indicator == group->watched &&
                       figure->stratum[0] == '\0';
        for (size_t member = 0; watched && member < group->count; member++)
            group->hidden[member] = drafting.cells[figure_cell(&drafting, member, i)].hidden;
    }
    return STATUS_OK;
}
