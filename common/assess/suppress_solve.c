#include "assess/suppress_solve.h"

#include <math.h>
#include <stdlib.h>

static const double work_most = 2e8, nothing = 1e-9;

struct solving {
    const struct suppress_system *system;
    const bool *known;
    size_t side;
    size_t *column_of, *cell_of; /* of cells that are not printed */
    size_t columns, rows;
    double *matrix; /* row by row */
};

static bool is_unknown(const struct solving *solving, size_t cell)
{
    const struct suppress_cell *found = &solving->system->cells[cell];
    return solving->known == NULL ? found->implied || found->hidden
                                  : !solving->known[cell * SUPPRESS_SIDES + solving->side];
}

static void add_term(struct solving *solving, double *row, size_t cell, double times)
{
    if (is_unknown(solving, cell))
        row[solving->column_of[cell]] += times;
}

static void fill(struct solving *solving)
{
    const struct suppress_system *system = solving->system;
    for (size_t i = 0; i < system->sum_count; i++) {
        const struct suppress_sum *sum = &system->sums[i];
        double *row = &solving->matrix[solving->rows * solving->columns];
        bool any = false;
        add_term(solving, row, sum->total, -1);
        for (size_t k = 0; k < sum->count; k++)
            add_term(solving, row, system->parts[sum->first + k], 1);
        for (size_t k = 0; k < solving->columns && !any; k++)
            any = row[k] != 0;
        solving->rows += any;
    }
}

static void swap_rows(struct solving *solving, size_t left, size_t right)
{
    double *a = &solving->matrix[left * solving->columns];
    double *b = &solving->matrix[right * solving->columns];
    for (size_t k = 0; left != right && k < solving->columns; k++) {
        double held = a[k];
        a[k] = b[k];
        b[k] = held;
    }
}

/* To reduced rows; gives back their number. */
static size_t eliminate(struct solving *solving)
{
    size_t rank = 0, columns = solving->columns;
    double *m = solving->matrix;
    for (size_t column = 0; column < columns && rank < solving->rows; column++) {
        size_t pivot = rank;
        for (size_t i = rank; i < solving->rows; i++)
            if (fabs(m[i * columns + column]) > fabs(m[pivot * columns + column]))
                pivot = i;
        if (fabs(m[pivot * columns + column]) < nothing)
            continue;
        swap_rows(solving, rank, pivot);
        for (size_t i = 0; i < solving->rows; i++) {
            double times = m[i * columns + column] / m[rank * columns + column];
            if (i == rank || fabs(times) < nothing)
                continue;
            for (size_t k = column; k < columns; k++)
                m[i * columns + k] -= times * m[rank * columns + k];
        }
        rank++;
    }
    return rank;
}

static bool is_secret(const struct solving *solving, size_t cell)
{
    const uint64_t *counts = solving->system->cells[cell].counts;
    uint64_t count = counts[solving->side];
    return solving->known == NULL ? suppress_is_small(counts) : count > 0 && count < SUPPRESS_BELOW;
}

static size_t find_told(const struct solving *solving, size_t rank)
{
    for (size_t i = 0; i < rank; i++) {
        size_t terms = 0, last = 0;
        for (size_t k = 0; k < solving->columns && terms < 2; k++)
            if (fabs(solving->matrix[i * solving->columns + k]) > nothing) {
                terms++;
                last = solving->cell_of[k];
            }
        if (terms == 1 && is_secret(solving, last))
            return last;
    }
    return SIZE_MAX;
}

bool suppress_solve(const struct suppress_system *system, const bool *known, size_t side,
                    size_t *out_told)
{
    struct solving solving = {.system = system, .known = known, .side = side};
    solving.column_of = calloc(system->cell_count + 1, sizeof *solving.column_of);
    solving.cell_of = calloc(system->cell_count + 1, sizeof *solving.cell_of);
    bool able = solving.column_of != NULL && solving.cell_of != NULL;
    for (size_t i = 0; able && i < system->cell_count; i++)
        if (is_unknown(&solving, i)) {
            solving.column_of[i] = solving.columns;
            solving.cell_of[solving.columns++] = i;
        }
    double work = (double)solving.columns * (double)system->sum_count *
                  fmin((double)solving.columns, (double)system->sum_count);
    able = able && work <= work_most;
    if (able)
        solving.matrix = calloc(solving.columns * system->sum_count + 1, sizeof *solving.matrix);
    able = able && solving.matrix != NULL;
    if (able) {
        fill(&solving);
        *out_told = find_told(&solving, eliminate(&solving));
    }
    free(solving.column_of);
    free(solving.cell_of);
    free(solving.matrix);
    return able;
}
