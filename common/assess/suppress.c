#include "assess/suppress.h"

/* One row or column: `count` cells, `step` apart. */
struct line {
    const uint64_t *cells;
    bool *hidden;
    size_t count, step;
};

/* Whether a printed total gives away what is hidden in a line. */
static bool tells(const struct line *line)
{
    uint64_t sum = 0, small = 0, missing = 0;
    for (size_t i = 0; i < line->count; i++) {
        size_t at = i * line->step;
        if (!line->hidden[at])
            continue;
        missing++;
        sum += line->cells[at];
        small += line->cells[at] < SUPPRESS_BELOW;
    }
    if (missing == 0)
        return false;
    /* all small ones, known to be 1..4 each, and at one end of what they can add up to */
    bool ends = small == missing && (sum == missing || sum == missing * (SUPPRESS_BELOW - 1));
    return missing == 1 || ends;
}

/* Hides the smallest shown cell that is not 0, or any where only zeros are left. */
static bool hide_another(const struct line *line)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < line->count; i++) {
        size_t at = i * line->step;
        if (line->hidden[at])
            continue;
        bool better = best == SIZE_MAX || line->cells[best] == 0 ||
                      (line->cells[at] != 0 && line->cells[at] < line->cells[best]);
        best = better ? at : best;
    }
    if (best == SIZE_MAX)
        return false;
    line->hidden[best] = true;
    return true;
}

static bool settle(const struct line *line)
{
    bool changed = false;
    while (line->count > 1 && tells(line) && hide_another(line))
        changed = true;
    return changed;
}

void suppress_table(const uint64_t *cells, size_t rows, size_t columns, bool *out_hidden)
{
    for (size_t i = 0; i < rows * columns; i++)
        out_hidden[i] = cells[i] > 0 && cells[i] < SUPPRESS_BELOW;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t row = 0; row < rows; row++) {
            struct line line = {cells + row * columns, out_hidden + row * columns, columns, 1};
            changed = settle(&line) || changed;
        }
        for (size_t column = 0; column < columns; column++) {
            struct line line = {cells + column, out_hidden + column, rows, columns};
            changed = settle(&line) || changed;
        }
    }
}
