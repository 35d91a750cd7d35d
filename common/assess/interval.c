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

/* By 1 / degrees of freedom, from the normal's 0 to 1 in steps of a twentieth: the 90% quantiles of
 * Student's t, and how many times as large the 97.5% ones are (SciPy). */
enum { SHAPES = 20 };
static const double shape_t90[SHAPES + 1] = {
    1.281552, 1.325341, 1.372184, 1.422290, 1.475884, 1.533206, 1.594517,
    1.660097, 1.730251, 1.805307, 1.885618, 1.971567, 2.063563, 2.162047,
    2.267495, 2.380413, 2.501350, 2.630892, 2.769669, 2.918357, 3.077684,
};
static const double shape_ratio95[SHAPES + 1] = {
    1.529368, 1.573907, 1.623791, 1.679548, 1.741723, 1.810875, 1.887574,
    1.972407, 2.065975, 2.168900, 2.281826, 2.405424, 2.540395, 2.687479,
    2.847454, 3.021150, 3.209447, 3.413287, 3.633677, 3.871694, 4.128496,
};

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

double interval_share_learned(double ratio, double half80, double size)
{
    size_t at = 0;
    if (size <= 0)
        return 0;
    while (at + 1 < SHAPES && shape_ratio95[at + 1] < ratio)
        at++;
    ratio = fmin(fmax(ratio, shape_ratio95[0]), shape_ratio95[SHAPES]);
    double part = (ratio - shape_ratio95[at]) / (shape_ratio95[at + 1] - shape_ratio95[at]);
    double t = shape_t90[at] + part * (shape_t90[at + 1] - shape_t90[at]);
    double freedom = SHAPES / fmax((double)at + part, 1e-6);
    return 2 * student_cdf(size / half80 * t, freedom) - 1;
}

double interval_share(enum interval_mode mode, size_t n, double half80, double size)
{
    if (size <= 0)
        return 0;
    double x = size / half80 * t90[shape(mode, n)];
    return 2 * student_cdf(x, interval_freedom(mode, n)) - 1;
}
