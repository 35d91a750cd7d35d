#include "assess/distribution.h"

#include <math.h>

enum { STEPS_MAX = 500, HALVINGS = 200 };

static const double tiny = 1e-300, close_enough = 1e-14;

double normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

/* Lentz's evaluation of the continued fraction of the incomplete beta function. */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double result = d;
    for (int m = 1; m <= STEPS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double terms[2] = {even, odd}, change = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + terms[i] * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + terms[i] / c;
            c = fabs(c) < tiny ? tiny : c;
            change = d * c;
            result *= change;
        }
        if (fabs(change - 1) < close_enough)
            break;
    }
    return result;
}

/* The regularised incomplete beta function I_x(a, b). */
static double beta_share(double a, double b, double x)
{
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_cdf(double x, double freedom)
{
    if (isnan(x))
        return NAN;
    if (isinf(x))
        return x > 0 ? 1 : 0;
    double tail = 0.5 * beta_share(freedom / 2, 0.5, freedom / (freedom + x * x));
    return x > 0 ? 1 - tail : tail;
}

double student_quantile(double p, double freedom)
{
    double low = -1, high = 1;
    while (student_cdf(low, freedom) > p)
        low *= 2;
    while (student_cdf(high, freedom) < p)
        high *= 2;
    for (int i = 0; i < HALVINGS && high - low > 1e-13 * fmax(1, fabs(low)); i++) {
        double middle = (low + high) / 2;
        if (student_cdf(middle, freedom) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* The lower regularised incomplete gamma function P(a, x) by its series; for x < a + 1. */
static double gamma_series(double a, double x)
{
    double term = 1 / a, sum = term;
    for (int i = 1; i <= STEPS_MAX * 20 && fabs(term) > fabs(sum) * close_enough; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum * exp(a * log(x) - x - lgamma(a));
}

/* The upper one, Q(a, x), by its continued fraction; for x >= a + 1. */
static double gamma_fraction(double a, double x)
{
    double b = x + 1 - a, c = 1 / tiny, d = 1 / b, result = d;
    for (int i = 1; i <= STEPS_MAX * 20; i++) {
        double term = -i * (i - a);
        b += 2;
        d = term * d + b;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = b + term / c;
        c = fabs(c) < tiny ? tiny : c;
        result *= d * c;
        if (fabs(d * c - 1) < close_enough)
            break;
    }
    return result * exp(a * log(x) - x - lgamma(a));
}

double poisson_cdf(double events, double mean)
{
    double a = floor(events) + 1;
    if (mean <= 0)
        return 1;
    return mean < a + 1 ? 1 - gamma_series(a, mean) : gamma_fraction(a, mean);
}

double binomial_cdf(double successes, double trials, double p)
{
    double k = floor(successes);
    if (k >= trials)
        return 1;
    return beta_share(trials - k, k + 1, 1 - p);
}
