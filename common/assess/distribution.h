/* The few distributions that the formulas here need. Pure; any thread.
 *
 * Formulas: normal by erfc; Student's t by the incomplete beta function's continued fraction
 * (Abramowitz & Stegun 26.5.8, 26.7.1); the Poisson and binomial limits and sums by the same two
 * incomplete functions (A&S 6.5.31, 26.4.21). Absolute error below 1e-10, checked against R in
 * tests/stats/reference.csv. */
#ifndef ZHIBAO_ASSESS_DISTRIBUTION_H
#define ZHIBAO_ASSESS_DISTRIBUTION_H

/* P(X <= x) of the standard normal. */
double normal_cdf(double x);

/* P(X <= x) of Student's t; freedom > 0, not necessarily whole. */
double student_cdf(double x, double freedom);

/* The x with student_cdf(x) = p, for 0 < p < 1; by bisection, so not for inner loops. */
double student_quantile(double p, double freedom);

/* P(X <= events) of a Poisson variable of mean `mean` >= 0; events >= 0. */
double poisson_cdf(double events, double mean);

/* P(X <= successes) of a binomial variable, 0 <= successes <= trials, 0 < p < 1. */
double binomial_cdf(double successes, double trials, double p);

#endif
