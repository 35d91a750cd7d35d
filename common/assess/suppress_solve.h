/* What all sums of a published system tell when they are taken together. Used by suppress.c only.
 * Pure; any thread. */
#ifndef ZHIBAO_ASSESS_SUPPRESS_SOLVE_H
#define ZHIBAO_ASSESS_SUPPRESS_SOLVE_H

#include "assess/suppress.h"

/* The first cell, small and not known, that has only one solution (Gauss and Jordan's elimination
 * over the cells that are not known); SIZE_MAX when there is none. `known`, by cell and side, says
 * what readers know of `side`; NULL: of either side what is printed. False without memory, or when
 * the system is too large for it. */
bool suppress_solve(const struct suppress_system *system, const bool *known, size_t side,
                    size_t *out_told);

#endif
