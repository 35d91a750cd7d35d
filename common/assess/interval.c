#include "assess/interval.h"

#include <assert.h>
#include <math.h>

#include "assess/distribution.h"

const double interval_z80 = 1.2815515655446004;

enum { N_LEAST = 4, N_MOST = 10 };

/* Fitted by tests/stats/derive_constants.py to the training half of the areas. */
struct multiplier {
    double a, b, c, d;
};
static const struct multiplier quiet[] = {
    [INTERVAL_ALONE] = {0.42, 0.24, 0.72, 0.07},
    [INTERVAL_PANEL] = {0.48, 0.28, 0.45, 0.00},
};
static const struct multiplier trending[] = {
    [INTERVAL_ALONE] = {0.79, 0.52, 1.37, 0.31},
    [INTERVAL_PANEL] = {0.49, 0.27, 1.29, 0.17},
};

static const double slope_doubt = 2; /* see README: chosen, not fitted */
static const double freedom_per_figure = 0.4, freedom_panel = 4;

/* 90% quantiles of Student's t with 0.4 n degrees of freedom, n = 4..10, and how many times as
 * large the 97.5% ones are. The last, n = 10, has the panel's 4 degrees. */
static const double t90[] = {2.11196518, 1.88561808, 1.75470790, 1.66983168,
                             1.61050019, 1.56675784, 1.53320627};
static const double ratio95[] = {2.61237519, 2.28182619, 2.09921224, 1.98522446,
                                 1.90799663, 1.85251681, 1.81087513};

static size_t clamp(size_t n)
{
    assert(n >= N_LEAST);
    return n > N_MOST ? N_MOST : n;
}

/* Where a mode's shape is in the tables above. */
static size_t shape(enum interval_mode mode, size_t n)
{
    return (mode == INTERVAL_PANEL ? N_MOST : clamp(n)) - N_LEAST;
}

static double multiplier(const struct multiplier *m, size_t n, int years)
{
    double x = 4 / ((double)n - 1) - 1;
    return exp(m->a + m->b * x + (m->c + m->d * x) * log(years));
}

double interval_half80(enum interval_mode mode, double scale, double weight, double slope, size_t n,
                       int years)
{
    assert(years >= 1);
    n = clamp(n);
    double still = multiplier(&quiet[mode], n, years);
    double moving = multiplier(&trending[mode], n, years);
    double drift = scale * weight * moving;
    if (mode == INTERVAL_ALONE)
        drift = fmin(drift, scale * weight * still + slope_doubt * fabs(slope) * years);
    return scale * (1 - weight) * still + drift;
}

double interval_freedom(enum interval_mode mode, size_t n)
{
    return mode == INTERVAL_PANEL ? freedom_panel : freedom_per_figure * (double)clamp(n);
}

double interval_ratio95(enum interval_mode mode, size_t n)
{
    return ratio95[shape(mode, n)];
}

double interval_share(enum interval_mode mode, size_t n, double half80, double size)
{
    if (size <= 0)
        return 0;
    double x = size / half80 * t90[shape(mode, n)];
    return 2 * student_cdf(x, interval_freedom(mode, n)) - 1;
}
