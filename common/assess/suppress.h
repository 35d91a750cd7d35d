/* Small figures left out of whatever is published, so that no total gives one away. Pure; any
 * thread.
 *
 * A figure that counts 1 to 4 children, or all but 1 to 4, is left out (0 is published: it names no
 * child). Others go with it until sums no longer tell it: every sum of which only one term is not
 * known tells that one, which may leave another sum with only one, and so on; a sum tells its
 * missing terms when they add up to as little or as much as small counts can, and when nothing is
 * left for them. Those counted and those not are worked out apart. Nothing that was left
 * out, and no small remainder that is only implied, may be told in this way. Nor
 * may any small figure follow from several sums together (suppress_solve.h). The smallest term that
 * is not 0 goes first. The rule is that of the CDC and of UKHSA; the search is greedy and may leave
 * out more than the least possible. */
#ifndef ZHIBAO_ASSESS_SUPPRESS_H
#define ZHIBAO_ASSESS_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUPPRESS_BELOW = 5, SUPPRESS_SIDES = 2 };

/* One figure: those it counts and those it does not (0 where there is no such other side). */
struct suppress_cell {
    uint64_t counts[SUPPRESS_SIDES];
    bool implied; /* never printed: what is left between figures that are */
    bool fixed;   /* whether it is printed was decided before: `hidden` says how */
    bool hidden;  /* out: left out */
};

/* parts[first] to parts[first + count - 1] add up to `total`; all are numbers of cells. */
struct suppress_sum {
    size_t total, first, count;
};

struct suppress_system {
    struct suppress_cell *cells;
    size_t cell_count;
    const struct suppress_sum *sums;
    size_t sum_count;
    const size_t *parts;
};

/* Whether a figure is too small to be published. */
bool suppress_is_small(const uint64_t counts[SUPPRESS_SIDES]);

/* Sets `hidden` of the cells. False when memory is out: then nothing may be published. */
bool suppress_settle(const struct suppress_system *system);

/* The same for a table: `cells` holds rows * columns counts, row by row, without totals;
 * out_hidden, of the same size, is set to whether each is left out. Totals of rows and of columns
 * are taken to be printed where there is more than one cell to add up. */
bool suppress_table(const uint64_t *cells, size_t rows, size_t columns, bool *out_hidden);

#endif
