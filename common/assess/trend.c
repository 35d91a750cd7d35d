#include "assess/trend.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { PAIRS_MAX = TREND_WINDOW * (TREND_WINDOW - 1) / 2, LAGS = 3, POOL_YEARS = 3 };

static const double noise_factor = 4;    /* see README: chosen between 1 and 16, not fitted */
static const double mad_to_sd = 1.4826;  /* for a normal: sd / median absolute deviation */
static const double mean_to_sd = 1.2533; /* for a normal: sd / mean absolute deviation */
static const double cut_off = 3;         /* medians beyond which a departure counts no more */
static const double few_events = 20;     /* fewer are unreliable: CDC, New York State */
static const double two_sample =
    1.1283791670955126;                  /* 2/sqrt(pi): E|difference| of two equal normals / sd */
static const double stray_kept = 0.25;   /* of S, whatever chance explains */
static const double digits_shown = 0.05; /* a figure is printed to two digits or more */

double trend_median(double *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double value = values[i];
        size_t at = i;
        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Median of all pairwise slopes of y over the points' years. */
static double pairwise_slope(const struct assess_point *points, const double *y, size_t n)
{
    double slopes[PAIRS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            /* cppcheck-suppress uninitvar ; the caller sets y[0] to y[n - 1] */
            slopes[count++] = (y[j] - y[i]) / (points[j].year - points[i].year);
    /* cppcheck-suppress uninitvar ; the first `count` are set above */
    return trend_median(slopes, count);
}

static bool is_multiple(double value, double unit)
{
    double times = value / unit;
    return fabs(times - nearbyint(times)) < 1e-6 * fmax(1, fabs(times));
}

/* The last digit printed: the largest power of ten that divides every figure and is at most a
 * twentieth of the largest (or of the largest distance from a bound, so that 2% and 98% are alike);
 * 0 when none of the first seven does. */
static double last_digit(enum assess_kind kind, const struct assess_point *points, size_t n)
{
    double most = 0, upper = assess_upper(kind);
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs(points[i].value));
        if (isfinite(upper))
            most = fmax(most, upper - points[i].value);
    }
    if (most <= 0)
        return 0;
    double unit = pow(10, floor(log10(digits_shown * most * (1 + 1e-9))));
    for (int tries = 0; tries < 7; tries++, unit /= 10) {
        bool all = true;
        for (size_t i = 0; i < n && all; i++)
            all = is_multiple(points[i].value, unit);
        if (all)
            return unit;
    }
    return 0;
}

static double departures_scale(const struct assess_point *points, const double *z, size_t n,
                               double b)
{
    double sizes[TREND_WINDOW], sorted[TREND_WINDOW], sum = 0;
    for (size_t i = 1; i < n; i++) {
        double years = points[i].year - points[i - 1].year;
        sizes[i - 1] = fabs(z[i] - z[i - 1] - b * years) / sqrt(years);
    }
    /* cppcheck-suppress uninitvar ; the first n - 1 are set above */
    memcpy(sorted, sizes, (n - 1) * sizeof *sorted);
    double middle = trend_median(sorted, n - 1);
    for (size_t i = 0; i < n - 1; i++)
        sum += fmin(sizes[i], cut_off * middle);
    return fmax(mad_to_sd * middle, mean_to_sd * sum / (double)(n - 1));
}

/* Mean departure from the believed slope over one, two and three steps. */
static double stray(const struct assess_point *points, const double *z, size_t n, double slope)
{
    double sum = 0;
    size_t lags = 0;
    for (size_t lag = 1; lag <= LAGS && lag < n; lag++, lags++) {
        double part = 0;
        for (size_t i = lag; i < n; i++) {
            double years = points[i].year - points[i - lag].year;
            part += fabs(z[i] - z[i - lag] - slope * years) * sqrt((double)lag / years);
        }
        sum += part / (double)(n - lag);
    }
    return sum / (double)lags;
}

static bool is_rate(enum assess_kind kind)
{
    return kind != ASSESS_COUNT && kind != ASSESS_MEASURE;
}

static bool has_few(enum assess_kind kind, const struct assess_point *point)
{
    if (!assess_has_counts(point) || !is_rate(kind))
        return false;
    double rest = point->denominator - point->numerator;
    bool bounded = kind == ASSESS_PERCENT || kind == ASSESS_PERMILLE;
    return point->numerator < few_events || (bounded && rest < few_events);
}

/* Replaces the level by that of the pooled rate of the last three years, carried to the last year
 * along the slope. */
static void pool_level(struct trend *trend, enum assess_kind kind,
                       const struct assess_point *points, size_t n)
{
    double events = 0, bases = 0, years = 0;
    int used = 0;
    for (size_t i = n; i-- > 0 && points[i].year > trend->last_year - POOL_YEARS;) {
        if (!assess_has_counts(&points[i]))
            return;
        events += points[i].numerator;
        bases += points[i].denominator;
        years += points[i].denominator * (trend->last_year - points[i].year);
        used++;
    }
    if (used < 2)
        return;
    double rate = assess_factor(kind) * events / bases;
    trend->level = transform_forward(&trend->transform, rate) + trend->slope * years / bases;
    trend->pooled = used;
}

/* Standard error of the last figure on z, by the delta method with half an event added. */
static double standard_error(const struct trend *trend, enum assess_kind kind,
                             const struct assess_point *point)
{
    double events = point->numerator + 0.5;
    double rest = fmax(point->denominator - point->numerator, 0) + 0.5;
    switch (trend->transform.form) {
    case TRANSFORM_LOG: return sqrt(1 / events);
    case TRANSFORM_LOGIT: return sqrt(1 / events + 1 / rest);
    default: return assess_factor(kind) * sqrt(events) / point->denominator;
    }
}

/* Takes out of the stray what the chance of few events alone makes of it, which does not grow with
 * the years ahead; at least a quarter of the stray stays. */
static void part_noise(struct trend *trend, double error)
{
    double chance = two_sample * error, least = trend->scale * stray_kept;
    double rest = trend->scale * trend->scale - chance * chance;
    trend->noise = error * sqrt(1 + 1 / fmax(1, trend->pooled));
    trend->scale = sqrt(fmax(rest, least * least));
}

struct trend trend_fit(enum assess_kind kind, const struct assess_point *points, size_t count)
{
    assert(count >= 2);
    if (count > TREND_WINDOW) {
        points += count - TREND_WINDOW;
        count = TREND_WINDOW;
    }
    const struct assess_point *last = &points[count - 1];
    struct trend trend = {.n = count, .first_year = points[0].year, .last_year = last->year};
    double z[TREND_WINDOW];
    trend.transform = transform_choose(kind, points, count);
    for (size_t i = 0; i < count; i++)
        z[i] = transform_forward(&trend.transform, points[i].value);
    double rounding =
        transform_spread(&trend.transform, last->value, last_digit(kind, points, count) / sqrt(12));
    double b = pairwise_slope(points, z, count);
    double s = hypot(departures_scale(points, z, count, b), rounding);
    double ratio = b == 0 ? INFINITY : s / b; /* noise to signal, before squares could vanish */
    double believed = 1 / (1 + noise_factor * ratio * ratio / (double)(count - 1));
    trend.weight = believed * believed;
    trend.slope = trend.weight * b;
    trend.level = z[count - 1];
    trend.scale = hypot(stray(points, z, count, trend.slope), rounding);
    if (has_few(kind, last))
        pool_level(&trend, kind, points, count);
    if (is_rate(kind) && assess_has_counts(last))
        part_noise(&trend, standard_error(&trend, kind, last));
    return trend;
}

double trend_pace(const struct assess_point *points, size_t count)
{
    double y[TREND_WINDOW];
    size_t used = count > TREND_WINDOW ? TREND_WINDOW : count;
    assert(count >= 2);
    points += count - used;
    for (size_t i = 0; i < used; i++)
        y[i] = points[i].value;
    return pairwise_slope(points, y, used);
}
