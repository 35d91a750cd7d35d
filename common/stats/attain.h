/* An indicator's value against a plan's target, as the text says it. Pure; any thread. */
#ifndef ZHIBAO_STATS_ATTAIN_H
#define ZHIBAO_STATS_ATTAIN_H

#include "stats/consolidate.h"

/* Values of enum Attainment in proto/query.proto. */
enum attainment {
    ATTAINMENT_MET = 1,
    ATTAINMENT_NOT_MET = 2,
    ATTAINMENT_NO_DATA = 3,
    ATTAINMENT_NOT_JUDGEABLE = 4,
    ATTAINMENT_MET_UNCERTAIN = 5, /* by the figure; the 95% interval of its counts crosses */
};

enum { ATTAIN_WHY_BYTES = 384 };

struct judgement {
    enum attainment attainment;
    bool has_bound;
    double bound; /* compared with, in the indicator's unit, relative targets resolved */
    bool has_interval;
    double low95, high95; /* what chance makes of the counts behind the value (assess/small.h) */
    size_t failing_count;
    uint64_t *failing; /* groups that fail an each_township target; in the arena */
    uint32_t missing;  /* met where it is asked of all, though so many units gave no figure */
    char why_zh[ATTAIN_WHY_BYTES], why_en[ATTAIN_WHY_BYTES];
};

/* Judges one value against one target of the same indicator and stratum.
 *
 * Bounds are inclusive for <= >= = and maintain; strict for < and >. ~ takes the target's
 * tolerance, and without one says so and takes half a unit of the last digit that the plan prints;
 * where the indicator has a direction, beyond the bound on its good side is met too.
 * decrease_by_pct: base * (1 - value/100). decrease_by_points_per_year: base - value * (year - base
 * year), year being the period judged, at most the target's own. increase and decrease are strict
 * and compare with the base value that the target prints, else with `previous`, else with `base`; a
 * natural limit already reached is met. Unrounded values are compared, with a relative slack of
 * 1e-9 for binary fractions. A target whose year lies ahead is judged against its value all the
 * same, and why_* name the year.
 *
 * A met figure of a ratio of people or cases (plan_series_chance) is MET_UNCERTAIN when its 95%
 * interval holds values that miss the bound; never where the bound is the natural limit, nor for =
 * : what is counted is counted. Officially it is met (达标 follows the figure).
 *
 * Scope each_township, and every target of an each_unit indicator (so each_institution and
 * each_site): every group must meet it, groups to which it does not apply left out; NO_DATA when
 * some have no value and none fails, NOT_JUDGEABLE when only a figure for the whole is known, or
 * only means of several units that meet it, MET_UNCERTAIN when all meet it and the interval of one
 * group's own counts holds values that do not. A target of all (the natural limit: 100%, no case at
 * all; every group) that is met while units owe their figures stays met, as the figures say;
 * `missing` and the sentence tell how many. Qualitative targets, and falls without a known base,
 * are NOT_JUDGEABLE. why_zh and why_en always hold a sentence.
 *
 * `base` is the indicator's value in the target's base year, from facts.csv or an earlier period;
 * `previous` the value a year earlier. STATUS_OK or STATUS_NO_MEMORY. */
struct judge_context {
    int period;
    bool has_base;
    double base;
    bool has_previous;
    double previous;
};
MUST_CHECK enum status judge(const struct plan *plan, const struct target *target,
                             const struct indicator_value *value,
                             const struct judge_context *context, struct arena *arena,
                             struct judgement *out_judgement);

/* +1 when the target asks for more, -1 for less, 0 when to be equal or near. */
int target_direction(const struct plan *plan, const struct target *target);

/* Whether a target of a level asks for less than there was: it is judged as written and flagged. */
bool target_is_looser(const struct plan *plan, const struct target *target, double bound,
                      double base);

/* Of simultaneous targets (urban and rural) the worst decides: not met, no data, not judgeable, met
 * but uncertain, met. */
enum attainment attainment_worse(enum attainment left, enum attainment right);

/* The target that decides an indicator's attainment in `period`: the nearest due local (or each_*)
 * one, i.e. smallest year >= period, else the latest; PLAN_NONE when it has none. */
size_t deciding_target(const struct plan *plan, size_t indicator, const char *stratum, int period);

#endif
