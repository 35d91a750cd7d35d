/* What a target asks of a value, worked out before the value is looked at. Used by attain.c only.
 * Pure; any thread. */
#ifndef ZHIBAO_STATS_ATTAIN_RULE_H
#define ZHIBAO_STATS_ATTAIN_RULE_H

#include "stats/attain.h"

enum { FIGURE_BYTES = 64, NOTE_BYTES = 160 };

/* What a value is compared with, and how that is said. */
struct attain_rule {
    enum target_operator op;
    double bound, tolerance;
    const char *sign;
    char figure[FIGURE_BYTES]; /* the bound without its unit: as the plan prints it, or resolved */
    char note_zh[NOTE_BYTES];  /* where the bound is from; "" when the plan prints it */
    char note_en[NOTE_BYTES];
};

struct judge {
    const struct plan *plan;
    const struct target *target;
    const struct indicator *indicator;
    const struct indicator_value *value;
    const struct judge_context *context;
    const char *unit_zh, *unit_en;
    char due_zh[FIGURE_BYTES], due_en[FIGURE_BYTES];
    struct attain_rule rule;
    struct judgement *result;
};

/* printf into a sentence that ends at a whole character when it is too long. */
void attain_say(char out[ATTAIN_WHY_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fills judge->rule and the result's bound; false, with the reason said, when the target cannot be
 * judged whatever the value. */
bool attain_rule_make(struct judge *judge);

bool attain_meets(const struct attain_rule *rule, double value);

/* A rise cannot go past a natural limit already reached, nor a fall. */
bool attain_at_limit(const struct judge *judge, double value);

/* Prints `value` with the indicator's decimals, or with as many more as it takes to show on which
 * side of the bound it lies: 5.004 against <= 5.00 is not printed as 5.00. */
void attain_print(const struct judge *judge, double value, char out[FIGURE_BYTES]);

#endif
