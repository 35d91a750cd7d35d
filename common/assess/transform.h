/* The scale on which a series is forecast: logit where both ends are bounds, logarithm where zero
 * is, straight where neither is. Pure; any thread.
 *
 *   percent, permille     z = ln((y + c) / (B - y + c)), B = 100 or 1000
 *   per_1000, per_10000,  z = ln(y + c), c = 0 unless the series holds zeros
 *   count
 *   gross_percent         z = y: growth slows towards 100, a logarithm would speed it up
 *   measure               z = ln y where all are positive and the greatest is at least twice the
 *                         least, else z = y
 *
 * c keeps the ends finite. percent: half a point. permille: half a point or a tenth of the mean
 * distance from the nearer bound, whichever is less, so that a death rate of 3 per mille is on a
 * logarithmic scale. Logarithms: half an event (factor / 2 denominators, the convention of
 * statistics.md 1.2) where counts are known, else half of the least positive figure.
 * Source: Theil-Sen on bounded series as ESCAP 2022; offsets as Cox & Snell 1989, 2.1.6. */
#ifndef ZHIBAO_ASSESS_TRANSFORM_H
#define ZHIBAO_ASSESS_TRANSFORM_H

#include "assess/series.h"

enum transform_form { TRANSFORM_LINEAR, TRANSFORM_LOG, TRANSFORM_LOGIT };

struct transform {
    enum transform_form form;
    double bound;        /* B of the logit */
    double offset;       /* c, in the unit of the figures */
    double lower, upper; /* bounds of the figures, possibly infinite */
};

/* The scale for count >= 1 points of a series, which are borrowed for the call. */
struct transform transform_choose(enum assess_kind kind, const struct assess_point *points,
                                  size_t count);

/* z of a figure; figures outside the bounds are taken at the bound. */
double transform_forward(const struct transform *transform, double value);

/* The figure of z, within the bounds. */
double transform_back(const struct transform *transform, double z);

/* Half the width on z of `half` on either side of a figure: what an error of that size amounts to.
 */
double transform_spread(const struct transform *transform, double value, double half);

#endif
