/* Small cells left out of whatever is published, so that no total gives one away. Pure; any thread.
 *
 * A count of 1 to 4 is suppressed (0 is published: it names no child). Then, in every row and every
 * column whose total is printed, another cell is suppressed too while only one is missing, or while
 * the missing ones are given away because they add up to as little or as much as small counts can.
 * The smallest cell that is not 0 goes first. The rule is that of the CDC and of UKHSA; the search
 * is greedy and may suppress more than the least possible. */
#ifndef ZHIBAO_ASSESS_SUPPRESS_H
#define ZHIBAO_ASSESS_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUPPRESS_BELOW = 5 };

/* `cells` holds rows * columns counts, row by row, without totals; out_hidden, of the same size, is
 * set to whether each is left out. Totals of rows and of columns are taken to be printed where
 * there is more than one cell to add up. */
void suppress_table(const uint64_t *cells, size_t rows, size_t columns, bool *out_hidden);

#endif
