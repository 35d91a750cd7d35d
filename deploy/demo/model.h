/* The rules that figures are made by: the rows of model.csv, fitted to one plan.
 *
 * deploy/demo/README.md documents the columns. Where the plan prints a figure for 2020, the rule of
 * that indicator starts from it. Immutable once loaded; any thread. */
#ifndef ZHIBAO_DEMO_MODEL_H
#define ZHIBAO_DEMO_MODEL_H

#include "demo/people.h"

enum rule_kind {
    RULE_SHARE,    /* `level` percent of `of`, never more than it */
    RULE_MULTIPLE, /* the same without that limit */
    RULE_MEAN,     /* `level` for each of `of` */
    RULE_AMOUNT,   /* `level` itself */
    RULE_YESNO,    /* yes in `level` percent of the units; a yes stays one */
    RULE_CENTRE,   /* staff of a township's one health institution */
    RULE_PEOPLE,   /* resident children by sex and age */
    RULE_BIRTHS,   /* live births by sex and area */
    RULE_DEATHS,   /* `level` percent of live births, by sex and area */
};

enum rule_area { RULE_ANYWHERE, RULE_URBAN, RULE_RURAL };

enum rule_base { BASE_NONE, BASE_ELEMENT, BASE_ALL, BASE_RURAL, BASE_BIRTHS, BASE_AGED };

enum { RULE_SCALE = 1000000 }; /* levels are whole millionths */

struct demo_rule {
    size_t element;
    const char *stratum; /* "" fits every stratum without a rule of its own */
    enum rule_area area;
    enum rule_kind kind;
    enum rule_base base;
    size_t of;               /* BASE_ELEMENT */
    int first_age, last_age; /* BASE_AGED */
    enum sex sex;            /* BASE_AGED; SEXES: both */
    size_t at_most, needs;   /* elements or PLAN_NONE */
    int64_t level_2020, level_2025;
    bool anchored;         /* level_2020 is a figure that the plan prints */
    int64_t spread, noise; /* per mille: lasting between units, and from year to year */
    int64_t weak;          /* taken off the level of one unit in each district */
    int64_t not_applicable, not_collected; /* per mille of units; of units and years */
};

struct demo_model {
    size_t count;
    struct demo_rule *rules; /* in the arena of demo_model_load */
};

/* Reads model.csv and starts it from the plan's facts of 2020. STATUS_OK, STATUS_E_PLAN_INVALID
 * with every problem found, or STATUS_NO_MEMORY. */
MUST_CHECK enum status demo_model_load(const struct plan *plan, const uint8_t *bytes, size_t size,
                                       struct arena *arena, struct problems *problems,
                                       struct demo_model *out_model);

/* The rule of an element in a stratum and area: an exact stratum before "", an area of its own
 * before anywhere. NULL when there is none. */
const struct demo_rule *demo_model_rule(const struct demo_model *model, size_t element,
                                        const char *stratum, enum rule_area area);

/* Millionths of a decimal number with at most six decimals; false for anything else. */
bool decimal_read(const char *text, int64_t *out_millionths);

#endif
