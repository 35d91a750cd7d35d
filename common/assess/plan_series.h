/* A plan's indicators and targets as common/assess judges them. Pure; any thread. */
#ifndef ZHIBAO_ASSESS_PLAN_SERIES_H
#define ZHIBAO_ASSESS_PLAN_SERIES_H

#include "assess/series.h"
#include "assess/small.h"

/* By the catalogue's unit; per cent without an upper bound is gross. Counts of people and things
 * are counts, all else (hours, money, indexes, yes/no) a measure. */
enum assess_kind plan_series_kind(const struct indicator *indicator);

/* Whether the indicator's value is a ratio of counts with the kind's factor. */
bool plan_series_counted(const struct plan *plan, const struct indicator *indicator);

/* Whether, besides, chance has a say in it: what is counted are people or cases to whom something
 * happens. Schools, classes, beds and places are all there are, and so are doctors: rates per 1,000
 * and more of which more is wanted are supply, not events. */
bool plan_series_chance(const struct plan *plan, const struct indicator *indicator);

/* The 95% interval of one unit's own counts of an indicator, also of one that is judged unit by
 * unit, in its unit of measure; NAN where chance has no say or the counts are not known. */
struct limits plan_series_unit_limits(const struct plan *plan, const struct indicator *indicator,
                                      double numerator, double denominator);

/* Whether it is about deaths: such an indicator is never ranked or alarmed for townships. */
bool plan_series_mortality(const struct plan *plan, const struct indicator *indicator);

/* A point with its counts where chance has a say in them; NAN else. */
struct assess_point plan_series_point(const struct plan *plan, const struct indicator *indicator,
                                      int year, double value, double numerator, double denominator);

/* The target, not qualitative. `base` is the figure of its base year, NAN when not known. One
 * without a year is due in the plan's last, a yearly one the year after the last figure. Borrows
 * the target's texts. */
struct assess_target plan_series_target(const struct plan *plan, const struct target *target,
                                        double base);

#endif
