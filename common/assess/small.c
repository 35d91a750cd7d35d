#include "assess/small.h"

#include <math.h>

#include "assess/distribution.h"

const double small_z95 = 1.959963984540054;

enum { BYAR_LEAST = 10, NORMAL_LEAST = 20, HALVINGS = 100 };

struct limits small_wilson(double events, double total, double z)
{
    double share = events / total;
    double half = z * sqrt(z * z + 4 * events * (1 - share));
    double scale = 2 * (total + z * z);
    struct limits result = {(2 * events + z * z - half) / scale,
                            (2 * events + z * z + half) / scale};
    result.low = fmax(result.low, 0);
    result.high = fmin(result.high, 1);
    return result;
}

struct limits small_byar(double events, double z)
{
    double above = events + 1;
    double low = events <= 0 ? 0 : 1 - 1 / (9 * events) - z / (3 * sqrt(events));
    double high = 1 - 1 / (9 * above) + z / (3 * sqrt(above));
    return (struct limits){events * low * low * low, above * high * high * high};
}

/* The mean at which P(X <= events) is `share`. */
static double mean_where(double events, double share)
{
    double low = 0, high = events + 10;
    while (poisson_cdf(events, high) > share)
        high *= 2;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (poisson_cdf(events, middle) > share)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

struct limits small_garwood95(double events)
{
    double low = events <= 0 ? 0 : mean_where(events - 1, 0.975);
    return (struct limits){low, mean_where(events, 0.025)};
}

struct limits small_poisson95(double events)
{
    return events < BYAR_LEAST ? small_garwood95(events) : small_byar(events, small_z95);
}

struct limits small_interval(enum assess_kind kind, const struct assess_point *point)
{
    struct limits result = {NAN, NAN};
    double factor = assess_factor(kind);
    if (!assess_has_counts(point) || kind == ASSESS_COUNT || kind == ASSESS_MEASURE)
        return result;
    if ((kind == ASSESS_PERCENT || kind == ASSESS_PERMILLE) &&
        point->numerator <= point->denominator) {
        result = small_wilson(point->numerator, point->denominator, small_z95);
        return (struct limits){factor * result.low, factor * result.high};
    }
    result = small_poisson95(point->numerator);
    factor /= point->denominator;
    return (struct limits){factor * result.low, factor * result.high};
}

double small_pooled(enum assess_kind kind, const struct assess_point *points, size_t count)
{
    double events = 0, bases = 0;
    for (size_t i = 0; i < count; i++) {
        if (!assess_has_counts(&points[i]))
            return NAN;
        events += points[i].numerator;
        bases += points[i].denominator;
    }
    return count == 0 ? NAN : assess_factor(kind) * events / bases;
}

double small_two_periods(double d1, double b1, double d2, double b2)
{
    double total = d1 + d2, p = b2 / (b1 + b2);
    if (total <= 0)
        return 1;
    if (total < NORMAL_LEAST) {
        double below = binomial_cdf(d2, total, p);
        double above = d2 < 1 ? 1 : 1 - binomial_cdf(d2 - 1, total, p);
        return fmin(1, 2 * fmin(below, above));
    }
    double z = (d2 - total * p) / sqrt(total * p * (1 - p));
    return 2 * normal_cdf(-fabs(z));
}

double small_change(enum assess_kind kind, const struct assess_point *before,
                    const struct assess_point *after)
{
    double d1 = before->numerator, b1 = before->denominator;
    double d2 = after->numerator, b2 = after->denominator;
    bool bounded = kind == ASSESS_PERCENT || kind == ASSESS_PERMILLE;
    if (!bounded || d1 > b1 || d2 > b2)
        return small_two_periods(d1, b1, d2, b2);
    if (d1 + d2 > (b1 + b2) / 2) { /* the rarer outcome is what there are few of */
        d1 = b1 - d1;
        d2 = b2 - d2;
    }
    double share = (d1 + d2) / (b1 + b2);
    if (d1 + d2 < NORMAL_LEAST)
        return small_two_periods(d1, b1, d2, b2);
    double error = sqrt(share * (1 - share) * (1 / b1 + 1 / b2));
    return 2 * normal_cdf(-fabs(d2 / b2 - d1 / b1) / error);
}

void small_empirical_bayes(const double *events, const double *bases, size_t count,
                           double *out_rates)
{
    double all_events = 0, all_bases = 0, spread = 0;
    for (size_t i = 0; i < count; i++) {
        all_events += events[i];
        all_bases += bases[i];
    }
    double mean = all_events / all_bases;
    for (size_t i = 0; i < count; i++) {
        double away = events[i] / bases[i] - mean;
        spread += bases[i] * away * away;
    }
    double between = fmax(0, spread / all_bases - mean * (double)count / all_bases);
    for (size_t i = 0; i < count; i++) {
        double within = mean / bases[i];
        double kept = between + within > 0 ? between / (between + within) : 0;
        out_rates[i] = mean + kept * (events[i] / bases[i] - mean);
    }
}
