/* What all sums of a published system tell when they are taken together. Used by suppress.c only.
 * Pure; any thread. */
#ifndef ZHIBAO_ASSESS_SUPPRESS_SOLVE_H
#define ZHIBAO_ASSESS_SUPPRESS_SOLVE_H

#include "assess/suppress.h"

/* The first cell, small and not printed, that has only one solution (Gauss and Jordan's elimination
 * over the cells that are not printed); SIZE_MAX when there is none. False without memory, or when
 * the system is too large for it. */
bool suppress_solve(const struct suppress_system *system, size_t *out_told);

#endif
