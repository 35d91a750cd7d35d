/* What a form's figures are compared with beyond the report itself: the soft rules of checks.csv,
 * fitted to one form. Read from a plan (server) or from a FormSheet's checks (client) alike.
 *
 * Rows of checks.csv with these operators, `level` a reporter or `*` for every form:
 *   change    left  @count, @amount or an element; right e.g. "33% 10 z3": the figure differs from
 *             last year's by more than 33 %, by at least 10, and by 3 standard errors of a count
 *   outlier   left likewise; right e.g. "5mad 10 4y": farther than 5 scaled median absolute
 *             deviations and at least 10 from the median of the years before, of which 4 or more
 *   villages  left an element of the township form, right one of the village form: the figure
 *             differs from the sum of the township's accepted village reports; "2%" behind it
 *             allows that much
 * An element's own row goes before that of its type. Pure; any thread. */
#ifndef ZHIBAO_PLAN_SOFT_RULES_H
#define ZHIBAO_PLAN_SOFT_RULES_H

#include "base/arena.h"
#include "plan/form_rules.h"

struct soft_rule {
    const struct soft_rule *next;
    const struct check *check; /* op CHECK_CHANGE, _OUTLIER, _VILLAGES or _ORDER */
    size_t count;
    const uint16_t *cells; /* CHANGE, OUTLIER: indexes into form->cells, ascending */
    double percent, least, z, mads;
    unsigned years;
    struct quantity own;             /* VILLAGES: the township's figure */
    const struct form *village_form; /* VILLAGES: NULL where only the sum is known (client) */
    struct quantity villages;        /* VILLAGES: cells of the village form */
    struct quantity numerators[2];   /* ORDER: the first ratio is never above the second */
    struct quantity denominators[2];
};

/* Reads the thresholds of a change, outlier or villages row into the rule; false when there are
 * none or they are not understood. */
bool soft_thresholds_read(const struct check *check, struct soft_rule *rule);

/* The element that a villages row adds up; PLAN_NONE when the plan does not know it. */
size_t soft_village_element(const struct plan *plan, const struct check *check);

/* Whether `left` of a change or outlier row is well-formed for this plan. */
bool soft_left_valid(const struct plan *plan, const char *left);

/* The rules that these checks make for a form, in their order; NULL for none. *out_failed is set
 * without memory. Checks of other operators and those that do not fit the form are passed over. */
const struct soft_rule *soft_rules_create(const struct plan *plan, const struct form *form,
                                          const struct check *const *checks, size_t count,
                                          struct arena *arena, bool *out_failed);

#endif
