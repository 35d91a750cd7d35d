/* What a published system tells by counts being no less than 0. Used by suppress.c only. Pure; any
 * thread. */
#ifndef ZHIBAO_ASSESS_SUPPRESS_BOUNDS_H
#define ZHIBAO_ASSESS_SUPPRESS_BOUNDS_H

#include "assess/suppress.h"

/* The first cell, small on `side` and not printed, that can be but one thing: how little and how
 * much each cell can be is worked out sum by sum until nothing changes. SIZE_MAX when there is
 * none. False without memory. */
bool suppress_bound(const struct suppress_system *system, size_t side, size_t *out_told);

#endif
