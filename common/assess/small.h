/* Statistics for small numbers of children and of events. Pure; any thread.
 *
 * Sources: Wilson 1927 (proportions); Breslow & Day 1987, vol. 2, p. 69 for Byar's approximation,
 * as PHEindicatormethods uses it (rates, 10 events and more); Garwood 1936 (exact Poisson, below
 * 10); Przyborowski & Wilenski 1940 (two periods); Marshall 1991 (global empirical Bayes).
 * Reference values from R in tests/stats/reference.csv. */
#ifndef ZHIBAO_ASSESS_SMALL_H
#define ZHIBAO_ASSESS_SMALL_H

#include <stdbool.h>
#include <stddef.h>

#include "assess/series.h"
#include "base/status.h"

struct limits {
    double low, high;
};

/* 1.959964: the normal quantile of a central 95%. */
extern const double small_z95;

/* Wilson's interval of events/total, a share 0..1; `z` the normal quantile (small_z95). total > 0,
 * 0 <= events <= total. */
struct limits small_wilson(double events, double total, double z);

/* Central interval of a Poisson mean given `events` >= 0; Byar's from 10 events, exact below. */
struct limits small_poisson95(double events);
struct limits small_byar(double events, double z);
struct limits small_garwood95(double events);

/* 95% interval of a point's value in the unit of its kind: Wilson for percent and permille, Poisson
 * for other rates. Both NAN without counts, and for counts and measures. */
struct limits small_interval(enum assess_kind kind, const struct assess_point *point);

/* The rate of the years pooled: factor * sum of numerators / sum of denominators; never a mean of
 * yearly rates. NAN when a point has no counts or `count` is 0. */
double small_pooled(enum assess_kind kind, const struct assess_point *points, size_t count);

/* Two-sided p-value that two periods, d1 events of b1 and d2 of b2, have one rate: exact binomial
 * (twice the smaller tail) for fewer than 20 events together, else
 * z = (d2 - Np) / sqrt(Np(1-p)), p = b2/(b1+b2). b1, b2 > 0. 1 without events. */
double small_two_periods(double d1, double b1, double d2, double b2);

/* The same of two proportions (successes of trials), by the pooled z test; for a rate above one
 * half the failures are the events that small_two_periods compares. */
double small_change(enum assess_kind kind, const struct assess_point *before,
                    const struct assess_point *after);

/* Marshall's smoothed rates of `count` areas, for maps: out_rates[i] = m + A/(A + m/b_i) (r_i - m),
 * m = sum d / sum b, A = max(0, sum b (r-m)^2 / sum b - m / mean b). `events` >= 0, `bases` > 0, in
 * the same unit as r = events/bases. Nothing for count 0; all m when no event is known. */
void small_empirical_bayes(const double *events, const double *bases, size_t count,
                           double *out_rates);

#endif
