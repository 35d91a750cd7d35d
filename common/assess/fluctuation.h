/* "Large fluctuation" (波动较大): a change that three tests agree on. Pure; any thread.
 *
 * 1. the last figure lies outside the 95% interval of its forecast from the figures before it (of
 *    which 4 are needed);
 * 2. where both figures have counts, a two-period test of them gives p < 0.05 (small.h);
 * 3. the change exceeds a practical minimum: for percent a fifth of the distance to the nearer
 *    bound, at least half a point and at most two; two points for gross percent; a fifth of the
 *    distance to the nearer bound for permille; a fifth of the figure before for all other kinds.
 *
 * No official rule exists for the words; this one is ours, and printed with its numbers. */
#ifndef ZHIBAO_ASSESS_FLUCTUATION_H
#define ZHIBAO_ASSESS_FLUCTUATION_H

#include "assess/forecast.h"

enum fluctuation {
    FLUCTUATION_UNKNOWN, /* too few figures */
    FLUCTUATION_NONE,
    FLUCTUATION_ADVERSE,
    FLUCTUATION_FAVOURABLE,
    FLUCTUATION_LARGE, /* of an indicator without a good side */
};

struct fluctuation_finding {
    enum fluctuation kind;
    double from, to; /* the two last figures */
    int from_year;
    double low, high; /* where the last was expected, 95% */
    double p_counts;  /* NAN where there are no counts */
};

/* Judges the last of the first `count` points. `panel` and `member` as in forecast_make. */
struct fluctuation_finding fluctuation_judge(const struct assess_series *series, size_t count,
                                             const struct panel *panel, size_t member);

/* The practical minimum of a change from `before` to `after`, > 0 unless the figures are 0. */
double fluctuation_minimum(enum assess_kind kind, double before, double after);

#endif
