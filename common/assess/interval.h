/* How far off a forecast may be: the share of forecasts of this kind that were off by less. Pure;
 * any thread.
 *
 *   half80 = S (1-W) kN + S W kS        half the 80% interval on z; alone, the second term is at
 *                                       most S W kN + 2 |slope| h
 *   kN = exp(a + b x + (c + d x) ln h)  for series without a believed slope (kS: with one)
 *   x  = 4/(n-1) - 1,  n figures 4..10, h years ahead
 *
 * S and W are the series' own stray and weight ("alone"), or half its own and half its panel's
 * median ("panel", panel.h). Errors follow Student's t scaled to that half80, with 0.4 n degrees of
 * freedom alone (few figures: an uncertain scale) and 4 in a panel, or as many as its own errors
 * ask for (panel.h). The eight constants of each mode were fitted to half of the areas of a
 * public panel by tests/stats/derive_constants.py, which tells how; README.md has what they give on
 * the other half. */
#ifndef ZHIBAO_ASSESS_INTERVAL_H
#define ZHIBAO_ASSESS_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>

/* 1.2816: the normal quantile of a central 80%. Where counts are known, half80 becomes
 * hypot(half80, 1.2816 noise): see trend.h. */
extern const double interval_z80;

enum interval_mode { INTERVAL_ALONE, INTERVAL_PANEL };

/* half80 on z, >= 0. `n` at least 4 (10 is taken for more), `years` ahead at least 1; `slope` is
 * the believed one, z a year: what may be wrong with it adds at most twice what it foretells. */
double interval_half80(enum interval_mode mode, double scale, double weight, double slope, size_t n,
                       int years);

/* Degrees of freedom of the errors' shape. */
double interval_freedom(enum interval_mode mode, size_t n);

/* What half80 is multiplied with for the half-width of the central 95%. */
double interval_ratio95(enum interval_mode mode, size_t n);

/* Share of errors e with |e| <= size, where half80 > 0. */
double interval_share(enum interval_mode mode, size_t n, double half80, double size);

/* The same of errors whose central 95% is `ratio` times as wide as their 80%, as a panel has
 * learned: Student's t with the degrees of freedom, 1 and more, that have that ratio (1.53 for a
 * normal to 4.13; what lies beyond is taken at the end). */
double interval_share_learned(double ratio, double half80, double size);

#endif
