/* The soft checks of one report: figures under suspicion, each of which needs an explanation.
 *
 * What is compared, with thresholds from checks.csv (soft_rules.h):
 *   relation  the soft rows of checks.csv, and indicators of which one is never above the other
 *   change    |this - last| > percent of last, >= least, and >= z * sqrt(this + last): the
 * two-period count test with equal populations (a Poisson count's standard error) outlier   with
 * enough years before: |this - median| >= least and > mads * s, where s is 1.4826 times the median
 * absolute deviation, but at least sqrt(median) for counts and a tenth of the median for amounts
 * (Hampel's rule; Countdown 2030 uses 5) villages  a township's figure against the sum of its
 * accepted village reports Every cell is asked about once, for the first reason in this order.
 * Pure; any thread. */
#ifndef ZHIBAO_PLAN_SOFT_CHECK_H
#define ZHIBAO_PLAN_SOFT_CHECK_H

#include "plan/form_check.h"

enum { SOFT_YEARS_MAX = 5 }; /* years before that are looked at */

struct soft_year {
    int period;
    struct observations observations; /* the unit's newest report of that year */
};

/* What a cell's villages add up to. */
struct village_sum {
    uint32_t cell; /* of the township form: the first of the figure's own cells */
    double sum;
    uint32_t reports, missing; /* accepted village reports, and villages without one */
};

struct soft_input {
    int period;
    struct observations observations;
    size_t year_count;             /* at most SOFT_YEARS_MAX */
    const struct soft_year *years; /* before `period`, the newest first, each once */
    size_t sum_count;
    const struct village_sum *sums;
    size_t explained_count;
    const uint32_t *explained; /* cells that have an explanation: not asked about */
};

/* What the report tells by itself, and what it takes its unit's history or its villages to see. */
enum { SOFT_BY_ITSELF = 1, SOFT_BY_OTHERS = 2, SOFT_ALL = 3 };

/* Adds one problem a cell (E_EXPLAIN_...), none for cells that `problems` asks about already.
 * STATUS_OK, or the first code added. The report has passed form_check. */
MUST_CHECK enum status soft_check(const struct plan *plan, const struct form *form,
                                  const struct soft_input *input, int parts,
                                  struct problems *problems);

/* Whether a code asks for an explanation or says that one given is none: 200 to 209. */
bool soft_code(enum status code);

/* Whether the form has rules that need earlier years, or village sums. */
bool soft_needs_years(const struct form *form);
bool soft_needs_villages(const struct form *form);

/* The sums that a township form's rules need, from the totals of the village form (`totals` with a
 * value where a village gave one). Writes at most `room`; returns how many. */
size_t soft_village_sums(const struct form *form, const struct observations *totals,
                         uint32_t reports, uint32_t missing, struct village_sum *out_sums,
                         size_t room);

#endif
