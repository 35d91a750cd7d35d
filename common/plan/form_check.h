/* The hard checks of one report against its form: what is refused before it is stored.
 *
 * Pure; any thread. */
#ifndef ZHIBAO_PLAN_FORM_CHECK_H
#define ZHIBAO_PLAN_FORM_CHECK_H

#include "plan/plan.h"

/* Values of enum Presence in proto/record.proto. */
enum presence {
    PRESENCE_VALUE = 1,
    PRESENCE_NOT_APPLICABLE = 2,
    PRESENCE_NOT_COLLECTED = 3,
    PRESENCE_NOT_REPORTED = 4,
};

/* Parallel columns as they travel; borrowed. */
struct observations {
    size_t count;
    const uint32_t *cell;
    const uint32_t *presence;
    const double *value;
};

/* Checks cells (known, ascending), presence, finite, sign, range, decimals, yes/no, required
 * (a required cell needs a VALUE, or an explicit NOT_APPLICABLE or NOT_COLLECTED), numerator
 * not above denominator for every bounded ratio whose parts are both in the form (in each stratum
 * that has cells), both or neither of them reported (only an explicit NOT_APPLICABLE or
 * NOT_COLLECTED may stand alone), the parts of a total against it, and the hard rows of
 * checks.csv. A relation is checked when all of its cells have values. Each failure is one problem
 * that names the cell and says both figures. STATUS_OK or the first problem's code. `form` is one
 * of plan->forms of a loaded plan. */
MUST_CHECK enum status form_check(const struct plan *plan, const struct form *form,
                                  const struct observations *observations,
                                  struct problems *problems);

/* The soft relations of checks.csv, for a report that passed form_check: each failure is one
 * problem E_EXPLAIN_RELATION whose cell is the first of the row's left side. STATUS_OK or that.
 * Part of soft_check, which callers use. */
MUST_CHECK enum status form_check_relations(const struct plan *plan, const struct form *form,
                                            const struct observations *observations,
                                            struct problems *problems);

/* A cell for people: "第12项“常住户数”" and "cell 12 (Resident households)". */
enum { FORM_LABEL_BYTES = 112 };
void form_label(const struct plan *plan, const struct form *form, size_t index,
                char zh[FORM_LABEL_BYTES], char en[FORM_LABEL_BYTES]);

/* The value of one cell: false unless present as a VALUE. */
bool observation_value(const struct observations *observations, uint32_t cell, double *out_value);

#endif
