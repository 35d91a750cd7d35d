#include "assess/transform.h"

#include <math.h>

static const double percent_offset = 0.005; /* of the bound: half a point of a hundred */
static const double permille_share = 0.1;   /* of the mean distance from the nearer bound */
static const double exponent_max = 700;     /* e^700 is still a double */

static double bounded_offset(enum assess_kind kind, const struct assess_point *points, size_t count)
{
    double bound = assess_upper(kind), distance = 0;
    for (size_t i = 0; i < count; i++)
        distance += fmin(points[i].value, bound - points[i].value) / (double)count;
    double share = permille_share * distance;
    if (kind == ASSESS_PERCENT || share <= 0)
        return percent_offset * bound;
    return fmin(percent_offset * bound, share);
}

/* 0 unless there are zeros. A series of nothing but zeros without counts gets 1: any will do. */
static double zero_offset(enum assess_kind kind, const struct assess_point *points, size_t count)
{
    double least = INFINITY, denominators = 0;
    bool zeros = false, counts = true;
    for (size_t i = 0; i < count; i++) {
        zeros = zeros || points[i].value <= 0;
        counts = counts && assess_has_counts(&points[i]);
        if (points[i].value > 0)
            least = fmin(least, points[i].value);
        if (counts)
            denominators += points[i].denominator / (double)count;
    }
    if (!zeros)
        return 0;
    if (counts && kind != ASSESS_COUNT)
        return 0.5 * assess_factor(kind) / denominators;
    return isfinite(least) ? least / 2 : 1;
}

static bool is_multiplicative(const struct assess_point *points, size_t count)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        least = fmin(least, points[i].value);
        most = fmax(most, points[i].value);
    }
    return least > 0 && most >= 2 * least;
}

struct transform transform_choose(enum assess_kind kind, const struct assess_point *points,
                                  size_t count)
{
    struct transform result = {.lower = assess_lower(kind), .upper = assess_upper(kind)};
    switch (kind) {
    case ASSESS_PERCENT:
    case ASSESS_PERMILLE:
        result.form = TRANSFORM_LOGIT;
        result.bound = result.upper;
        result.offset = bounded_offset(kind, points, count);
        break;
    case ASSESS_PER_1000:
    case ASSESS_PER_10000:
    case ASSESS_PER_100000:
    case ASSESS_COUNT:
        result.form = TRANSFORM_LOG;
        result.offset = zero_offset(kind, points, count);
        break;
    case ASSESS_GROSS_PERCENT: result.form = TRANSFORM_LINEAR; break;
    case ASSESS_MEASURE:
        result.form = is_multiplicative(points, count) ? TRANSFORM_LOG : TRANSFORM_LINEAR;
        break;
    }
    return result;
}

double transform_forward(const struct transform *transform, double value)
{
    double y = fmin(fmax(value, transform->lower), transform->upper);
    switch (transform->form) {
    case TRANSFORM_LOG: return log(fmax(y + transform->offset, 1e-300));
    case TRANSFORM_LOGIT:
        return log((y + transform->offset) / (transform->bound - y + transform->offset));
    default: return y;
    }
}

double transform_back(const struct transform *transform, double z)
{
    double e = exp(fmin(fmax(z, -exponent_max), exponent_max)), y = z;
    double c = transform->offset;
    if (transform->form == TRANSFORM_LOG)
        y = e - c > 1e-12 * c ? e - c : 0;
    if (transform->form == TRANSFORM_LOGIT)
        y = (transform->bound + c) * (e / (1 + e)) - c / (1 + e);
    return fmin(fmax(y, transform->lower), transform->upper);
}

double transform_spread(const struct transform *transform, double value, double half)
{
    if (!(half > 0))
        return 0;
    double high = transform_forward(transform, value + half);
    double low = transform_forward(transform, value - half);
    /* below a positive figure's own size the logarithm has no lower side to measure */
    if (transform->form == TRANSFORM_LOG && value - half + transform->offset <= 0)
        return high - transform_forward(transform, value);
    return (high - low) / 2;
}
