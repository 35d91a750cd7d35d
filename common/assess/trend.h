/* Where a series stands, which way it goes, and how far it strays from that: everything a forecast
 * is made of. Pure; any thread.
 *
 * On the transformed scale z (transform.h), over at most the last TREND_WINDOW figures:
 *
 *   b   median of all pairwise slopes (Theil 1950, Sen 1968), z a year
 *   d_i (z_i - z_{i-1} - b dt) / sqrt(dt), the yearly departures; m their median size
 *   s^2 max(1.4826 m, 1.2533 mean min(|d_i|, 3m))^2 + r^2: a robust scale. Departures are cut off
 *       at 3m so that one disaster does not hide a steady trend; r is the error of rounding, the
 *       last digit printed / sqrt(12)
 *   w   (b^2 / (b^2 + 4 s^2/(n-1)))^2, 0..1: how far the slope is believed. The first factor
 *       shrinks the slope by signal to noise (as James & Stein 1961 do a mean); the second, the
 *       same again, because a slope that is hard to see is also less likely to last
 *   S   the mean over lags of 1, 2 and 3 years of mean |z_i - z_{i-lag} - w b dt| sqrt(lag/dt),
 *       with r^2 added in quadrature: how far figures stray from the believed slope
 *
 * Where counts stand behind the last figure, the chance of its number of events is parted from S:
 * `noise` is its standard error on z (delta method, half an event added) times sqrt(1 + 1/years in
 * the level), for a figure to come and for the level it starts from; S loses (1.13 standard
 * errors)^2, what two such figures differ by on average, but keeps a quarter. Where fewer than 20
 * events (or non-events) stand behind it, its level is the pooled rate of up to three years. */
#ifndef ZHIBAO_ASSESS_TREND_H
#define ZHIBAO_ASSESS_TREND_H

#include "assess/transform.h"

enum { TREND_LEAST = 4, TREND_WINDOW = 10 };

struct trend {
    size_t n; /* figures used, 2..TREND_WINDOW */
    int first_year, last_year;
    struct transform transform;
    double level;  /* z in last_year */
    double slope;  /* w b: the believed slope, z a year */
    double weight; /* w */
    double scale;  /* S, >= 0 */
    double noise;  /* standard error of chance on z, 0 without counts */
    int pooled;    /* years pooled into the level; 0 when it is the last figure's own */
};

/* The trend of `count` >= 2 points in ascending years, of which the last TREND_WINDOW are used.
 * Fewer than TREND_LEAST give a trend too, which no forecast may rest on. */
struct trend trend_fit(enum assess_kind kind, const struct assess_point *points, size_t count);

/* The pace that people are shown: median of pairwise slopes of the same figures as they are, in
 * their unit a year. count >= 2. */
double trend_pace(const struct assess_point *points, size_t count);

/* The median of `count` >= 1 numbers, which it sorts. */
double trend_median(double *values, size_t count);

#endif
