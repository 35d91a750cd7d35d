/* What relates the cells of one form to each other, worked out once when a plan is loaded so that
 * checking a report compares numbers only. Used by form_check. Pure; any thread. */
#ifndef ZHIBAO_PLAN_FORM_RULES_H
#define ZHIBAO_PLAN_FORM_RULES_H

#include "base/arena.h"
#include "plan/plan.h"

/* A signed sum of cells, by index into form->cells. */
struct quantity {
    size_t count; /* 0: the form does not have it */
    const struct quantity_term {
        uint16_t cell;
        int8_t sign;
    } * terms;
};

enum rule_kind {
    RULE_BOUND,       /* left <= right * limit: an indicator's numerator and denominator */
    RULE_PAIR,        /* both or neither: a ratio needs numerator and denominator */
    RULE_PARTS,       /* left, the parts, <= right, the total */
    RULE_PARTS_EQUAL, /* the parts are everyone: left = right */
    RULE_CHECK,       /* a row of checks.csv */
};

struct rule {
    const struct rule *next;
    enum rule_kind kind;
    struct quantity left, right;
    double limit;
    const struct indicator *indicator; /* RULE_BOUND, RULE_PAIR */
    const struct check *check;         /* RULE_CHECK */
};

struct soft_rule;

struct form_rules {
    const struct rule *first;
    const struct soft_rule *soft; /* soft_rules.h */
};

/* NULL without memory. The plan's catalogue must be complete. */
const struct form_rules *form_rules_create(const struct plan *plan, const struct form *form,
                                           struct arena *arena);

#endif
