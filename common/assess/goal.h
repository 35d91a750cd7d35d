/* What a target asks of a figure, its bound worked out: has it been met, how fast must it go, how
 * likely is it to be met when due. Pure; any thread.
 *
 *   <= >= < > maintain   the value itself; <= and >= and maintain include it
 *   =                    equal; a probability is that of coming within half of the last digit
 *   ~                    within half of the last digit that the plan prints; where the indicator
 *                        has a direction, beyond it on the good side is met too
 *   decrease_by_pct      at most base * (1 - value/100)
 *   decrease_by_points_per_year  at most base - value * (year - base year), along that path until
 *                        the target's year
 *   increase, decrease   more (less) than the base; without one, than the figure before. A natural
 *                        limit already reached is met.
 *
 * The base is the target's own base value, else the series' figure of the base year. Meeting is
 * decided by attain_meets (stats/attain_rule.h): unrounded, with a relative slack of 1e-9. */
#ifndef ZHIBAO_ASSESS_GOAL_H
#define ZHIBAO_ASSESS_GOAL_H

#include "assess/forecast.h"
#include "stats/attain_rule.h"

enum goal_problem { GOAL_JUDGEABLE, GOAL_NO_BASE, GOAL_NO_VALUE, GOAL_NO_PREVIOUS };

struct goal {
    enum goal_problem problem;
    const struct assess_target *target;
    struct attain_rule rule; /* op, bound and tolerance only */
    double probable;         /* tolerance that probabilities use: half a digit for = too */
    double base;             /* what the plan starts from; NAN where none is stated or known */
    double lower, upper;     /* natural bounds of the figures */
};

/* The target's bound as it stands in `year`. For increase and decrease without a base, `previous`
 * is what to compare with (NAN: unknown). */
struct goal goal_make(const struct assess_series *series, const struct assess_target *target,
                      int year, double previous);

/* Whether a figure meets a judgeable goal. */
bool goal_met(const struct goal *goal, double value);

/* Whether 95% interval [low, high] of a figure holds both values that meet it and that do not.
 * Never for a bound at the figures' natural limit (100%, none), beyond which no figure can be: all
 * counted is all there is. */
bool goal_crossed(const struct goal *goal, double low, double high);

/* Probability that the figure forecast meets it. */
double goal_probability(const struct goal *goal, const struct forecast *forecast);

/* The value nearest to `from` that meets it (its bound, or the near end of its tolerance). */
double goal_nearest(const struct goal *goal, double from);

/* Whether it asks for less than its own base already was: it is judged as written, and said to be.
 */
bool goal_is_looser(const struct goal *goal);

/* +1 when more is wanted, -1 when less, 0 when to stay near a value. */
int goal_direction(const struct goal *goal);

#endif
