#include "assess/suppress_bounds.h"

#include <math.h>
#include <stdlib.h>

enum { PASSES_MAX = 200 }; /* each but narrows what is known already */

struct bounds {
    const struct suppress_system *system;
    double *least, *most; /* by cell */
    bool changed;
};

static void narrow(struct bounds *bounds, size_t cell, double least, double most)
{
    bounds->changed = bounds->changed || least > bounds->least[cell] || most < bounds->most[cell];
    bounds->least[cell] = fmax(bounds->least[cell], least);
    bounds->most[cell] = fmin(bounds->most[cell], most);
}

/* What the parts say of their total, and the total less the other parts of each. */
static void look_at(struct bounds *bounds, const struct suppress_sum *sum)
{
    const size_t *parts = bounds->system->parts + sum->first;
    double least = 0, most = 0;
    size_t open = 0; /* parts without an upper bound */
    for (size_t i = 0; i < sum->count; i++) {
        least += bounds->least[parts[i]];
        open += isinf(bounds->most[parts[i]]) != 0;
        most += isinf(bounds->most[parts[i]]) ? 0 : bounds->most[parts[i]];
    }
    narrow(bounds, sum->total, least, open > 0 ? INFINITY : most);
    for (size_t i = 0; i < sum->count; i++) {
        double own_least = bounds->least[parts[i]], own_most = bounds->most[parts[i]];
        bool others_open = open > (isinf(own_most) ? 1U : 0U);
        double others_most = isinf(own_most) ? most : most - own_most;
        double low = others_open ? 0 : bounds->least[sum->total] - others_most;
        narrow(bounds, parts[i], low, bounds->most[sum->total] - (least - own_least));
        least += bounds->least[parts[i]] - own_least;
        open -= isinf(own_most) && !isinf(bounds->most[parts[i]]) ? 1U : 0U;
        most = others_most + (isinf(bounds->most[parts[i]]) ? 0 : bounds->most[parts[i]]);
    }
}

static size_t find_told(const struct bounds *bounds, size_t side)
{
    const struct suppress_system *system = bounds->system;
    for (size_t i = 0; i < system->cell_count; i++) {
        const struct suppress_cell *cell = &system->cells[i];
        uint64_t count = cell->counts[side];
        if ((cell->hidden || cell->implied) && count > 0 && count < SUPPRESS_BELOW &&
            bounds->most[i] - bounds->least[i] < 0.5)
            return i;
    }
    return SIZE_MAX;
}

bool suppress_bound(const struct suppress_system *system, size_t side, size_t *out_told)
{
    struct bounds bounds = {.system = system};
    bounds.least = calloc(system->cell_count + 1, sizeof *bounds.least);
    bounds.most = calloc(system->cell_count + 1, sizeof *bounds.most);
    bool able = bounds.least != NULL && bounds.most != NULL;
    for (size_t i = 0; able && i < system->cell_count; i++) {
        const struct suppress_cell *cell = &system->cells[i];
        bool unknown = cell->hidden || cell->implied;
        bounds.least[i] = unknown ? 0 : (double)cell->counts[side];
        bounds.most[i] = unknown ? INFINITY : bounds.least[i];
    }
    for (int pass = 0; able && pass < PASSES_MAX && (pass == 0 || bounds.changed); pass++) {
        bounds.changed = false;
        for (size_t i = 0; i < system->sum_count; i++)
            look_at(&bounds, &system->sums[i]);
    }
    if (able)
        *out_told = find_told(&bounds, side);
    free(bounds.least);
    free(bounds.most);
    return able;
}
