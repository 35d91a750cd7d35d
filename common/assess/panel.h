/* What the series of one indicator in many areas teach about each other: their usual stray and
 * weight, and how far forecasts made from their own earlier figures were off. Pure; any thread may
 * read a panel that is made.
 *
 * A panel needs PANEL_LEAST series that can be forecast. Every member's past is gone through: from
 * each origin with 4 or more figures before it (at most 10 used), each later figure up to 15 years
 * ahead is forecast, and |error| / half80 kept by horizon. Where PANEL_LEAST areas gave a horizon
 * errors, the 80% quantile of theirs - the member judged left out - says how many times as wide as
 * shipped its intervals ought to be. Areas share good and bad years, so that what counts is how
 * many years that rests on: the multiplier is quantile^(k/(k+8)), k the distinct years forecast.
 * How much wider than that the 95% interval is, and with it the shape that probabilities take, is
 * learned in the same way from their 95% quantile over their 80% one.
 * Horizons up to twice the longest learned one borrow its multiplier; others have 1. */
#ifndef ZHIBAO_ASSESS_PANEL_H
#define ZHIBAO_ASSESS_PANEL_H

#include "assess/interval.h"
#include "assess/trend.h"
#include "base/status.h"

enum { PANEL_LEAST = 50, PANEL_HORIZONS = 15 };

struct panel;

/* Learns from `count` series, which are borrowed for the call; `count_points[i]` of series i's
 * points are used (what was known at the time). STATUS_NOT_FOUND when fewer than PANEL_LEAST have
 * TREND_LEAST points; STATUS_NO_MEMORY. The caller owns the panel. */
MUST_CHECK enum status panel_learn(const struct assess_series *const *members,
                                   const size_t *count_points, size_t count,
                                   struct panel **out_panel);
void panel_destroy(struct panel **panel);

/* Series that it was learned from. */
size_t panel_size(const struct panel *panel);

/* Medians over the members, half of what judges each of them. */
double panel_scale(const struct panel *panel);
double panel_weight(const struct panel *panel);

/* What the shipped half-widths of `member` are to be multiplied with, `years` >= 1 ahead; > 0. */
double panel_multiplier(const struct panel *panel, int years, size_t member);

/* How many times as wide as the 80% interval its 95% one is: the shipped ratio (4 degrees of
 * freedom) drawn by k/(k+8) to that of the other members' errors. */
double panel_ratio95(const struct panel *panel, int years, size_t member);

#endif
