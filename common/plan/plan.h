/* A plan and the catalogue it uses, as loaded from the CSV files of deploy/plans (see its README).
 *
 * A `struct plan` is immutable once loaded and may be read by any thread; plan_destroy frees it.
 * Every string is NUL-terminated UTF-8 owned by the plan; empty cells are "" and never NULL.
 * Arrays are in file order. Cross-references are resolved to indexes at load time. Pure, no I/O:
 * callers bring the files' bytes. */
#ifndef ZHIBAO_PLAN_PLAN_H
#define ZHIBAO_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/unit_id.h"
#include "plan/problems.h"

struct arena;

#define PLAN_NONE SIZE_MAX /* "no such index" */

struct department {
    const char *code;
    unsigned number; /* 1-99, the unit's number at its place */
    const char *name_zh, *name_en;
};

enum element_type { ELEMENT_COUNT, ELEMENT_AMOUNT, ELEMENT_YESNO };

struct element {
    const char *code, *name_zh, *name_en, *unit, *note_zh;
    enum element_type type;
    unsigned decimals;
    bool has_min, has_max;
    double min, max;
};

enum indicator_kind {
    INDICATOR_RATIO,
    INDICATOR_COUNT,
    INDICATOR_MEAN,
    INDICATOR_MEASURE,
    INDICATOR_SHARE_OF_UNITS,
    INDICATOR_EACH_UNIT,
    INDICATOR_EXISTENCE,
};

enum polarity { POLARITY_HIGHER, POLARITY_LOWER, POLARITY_HOLD, POLARITY_NEAR };

/* One element of a sum, e.g. "-households_tap_water{area=rural}". */
struct term {
    size_t element;      /* index into plan->elements */
    const char *stratum; /* "" or tags "key=value" joined by ';' */
    int sign;            /* +1 or -1 */
};

struct expression {
    size_t count;
    const struct term *terms;
};

struct indicator {
    const char *code, *name_zh, *name_en, *domain, *unit, *strata, *related, *sdmx, *note_zh;
    enum indicator_kind kind;
    enum polarity polarity;
    struct expression numerator, denominator; /* denominator.count 0: none */
    double factor;
    bool has_lower, has_upper;
    double lower, upper;
    unsigned decimals;
    const char *owner; /* department code, "village" or "township" */
    bool owner_proposed;
};

enum target_operator {
    TARGET_AT_MOST,       /* <= */
    TARGET_AT_LEAST,      /* >= */
    TARGET_BELOW,         /* <  */
    TARGET_ABOVE,         /* >  */
    TARGET_EQUAL,         /* =  */
    TARGET_ABOUT,         /* ~  */
    TARGET_KEEP_AT_LEAST, /* maintain>= */
    TARGET_KEEP_AT_MOST,  /* maintain<= */
    TARGET_FALL_PERCENT,  /* decrease_by_pct */
    TARGET_FALL_POINTS,   /* decrease_by_points_per_year */
    TARGET_INCREASE,
    TARGET_DECREASE,
    TARGET_QUALITATIVE,
};

enum year_basis { YEAR_EXPLICIT, YEAR_IMPLIED, YEAR_ANNUAL, YEAR_NONE };

enum target_scope {
    SCOPE_LOCAL,
    SCOPE_PROVINCIAL,
    SCOPE_NATIONAL,
    SCOPE_EACH_TOWNSHIP,
    SCOPE_EACH_INSTITUTION,
    SCOPE_EACH_CHILD,
    SCOPE_EACH_SITE,
};

struct target {
    const char *code;
    size_t indicator; /* or PLAN_NONE: nothing in the catalogue measures it */
    const char *stratum;
    enum target_operator op;
    const char *op_text; /* as in the file */
    bool has_value;
    double value;
    const char *value_text; /* as the plan prints it: "3.0" */
    bool has_year;
    int year;
    const char *year_text;
    enum year_basis year_basis;
    enum target_scope scope;
    bool has_base_year, has_base_value, has_tolerance;
    int base_year;
    double base_value, tolerance;
    double weight; /* in the realisation (实现程度); 1 where the plan states none */
    const char *base_value_text;
    const char *section, *quote, *note;
    int source_row;
};

/* A figure that the plan (or a named publication) prints. */
struct fact {
    size_t indicator;
    const char *stratum;
    int year;
    double value;
    const char *value_text, *quote, *section, *source;
    int source_row;
};

/* From which year on an indicator's figures mean something else: a series breaks there. The version
 * holds until the indicator's next row. */
struct definition {
    size_t indicator;
    int from_year;
    const char *aspect; /* "definition", "denominator" or "source" */
    const char *text_zh, *text_en;
};

/* One of several figures that are meant to be the same count; whoever's form has its elements
 * reports it. Rows of a count stand together. */
struct same_count {
    const char *count, *name_zh, *name_en;
    struct expression figure;
    const char *figure_text; /* as in the file */
};

struct cell {
    uint32_t number;
    size_t element;
    const char *stratum;
    bool required;
};

struct form_rules;

enum { FORM_CELLS_MAX = 1024 };

struct form {
    const char *code; /* "village", "health" */
    uint32_t version;
    const char *reporter; /* "village", "township" or a department code */
    const char *title_zh, *title_en, *number, *authority_zh, *opens, *due, *due_township,
        *valid_until;
    const char
        *sign_off; /* "filler;reviewer;principal" when the unit's people sign; "": they do not */
    bool idle;     /* nobody here reports it: see plan_load.c */
    size_t cell_count;
    const struct cell *cells;       /* ascending by number, at most FORM_CELLS_MAX */
    const struct form_rules *rules; /* made by plan_load for form_check; see form_rules.h */
};

enum check_operator {
    CHECK_AT_MOST,
    CHECK_AT_LEAST,
    CHECK_EQUAL,
    CHECK_BELOW,
    CHECK_CHANGE, /* from here on: soft_rules.h */
    CHECK_OUTLIER,
    CHECK_VILLAGES,
    CHECK_ORDER, /* made from indicators' `related`, never a row of checks.csv */
};

struct check {
    const char *code, *level; /* "village", "township" or a department code; soft rules: or "*" */
    struct expression left, right; /* of no terms in soft rules */
    enum check_operator op;
    const char *left_text, *op_text, *right_text;
    bool soft;
    const char *text_zh, *text_en;
};

struct duty {
    const char *code, *reporter, *receiver, *what, *form, *frequency, *due, *section, *quote,
        *basis;
    int source_row;
};

struct place {
    uint64_t code;
    const char *name_zh;
    enum place_level level; /* as the file says; checked against the code */
    uint64_t parent;
    const char *valid_from, *valid_to;
};

enum unit_role {
    ROLE_VILLAGE,
    ROLE_TOWNSHIP,
    ROLE_DEPARTMENT,
    ROLE_STATISTICS,
    ROLE_OFFICE,
    ROLE_ADMIN,
    ROLE_AUDITOR, /* sees what the administrator sees and changes nothing */
};

struct unit {
    uint64_t id; /* unit_make(place, number) */
    enum unit_role role;
    size_t department; /* PLAN_NONE for villages and townships */
    const char *name_zh, *name_en;
    uint64_t district; /* home district: the place at district level, or the unit's own above it */
};

struct plan {
    const char *code, *name_zh, *name_en, *status, *source;
    uint64_t place;
    int first_year, last_year;
    /* A plan amended at mid-term: years before this one are judged by `earlier`, the version that
     * was imported before. 0: this version holds for all years. plan_load leaves `earlier` NULL;
     * its owner sets it, and keeps that version as long as this one. */
    int amended_from;
    const struct plan *earlier;
    size_t department_count, element_count, indicator_count, check_count;
    const struct department *departments;
    const struct element *elements;
    const struct indicator *indicators;
    const struct check *checks;
    size_t definition_count;
    const struct definition *definitions; /* ascending by year */
    size_t same_count_count;
    const struct same_count *same_counts;
    size_t place_count, unit_count, target_count, fact_count, form_count, duty_count;
    const struct place *places; /* ascending by code */
    const struct unit *units;   /* ascending by id; villages' and townships' own units included */
    const struct target *targets;
    const struct fact *facts;
    const struct form *forms;
    const struct duty *duties;
    struct arena *memory; /* holds all of the above, the plan itself included */
};

struct plan_file {
    const char *name; /* "targets.csv" or "catalogue/indicators.csv" */
    const uint8_t *bytes;
    size_t size;
};

/* The names of all files a plan needs: catalogue/departments.csv, catalogue/elements.csv,
 * catalogue/indicators.csv, catalogue/checks.csv, plan.csv, places.csv, units.csv, targets.csv,
 * facts.csv, forms.csv, cells.csv, duties.csv. NULL-terminated. */
extern const char *const plan_file_names[];

/* Files that a plan may have besides: definitions.csv and reconcile.csv, in the catalogue and of
 * its own. */
extern const char *const plan_optional_file_names[];

/* STATUS_OK and a plan the caller destroys, or STATUS_E_PLAN_INVALID with every problem found
 * (file, row, column) in `problems`, or STATUS_NO_MEMORY. */
MUST_CHECK enum status plan_load(const struct plan_file *files, size_t count,
                                 struct problems *problems, struct plan **out_plan);
void plan_destroy(struct plan **plan);

/* The version of the plan that holds for a year. */
const struct plan *plan_version(const struct plan *plan, int year);

/* Look-ups; NULL or PLAN_NONE when absent. Binary search where the array is sorted. */
const struct form *plan_form(const struct plan *plan, const char *code);
const struct form *plan_village_form(const struct plan *plan); /* the one that villages report */
const struct unit *plan_unit(const struct plan *plan, uint64_t id);
const struct place *plan_place(const struct plan *plan, uint64_t code);
size_t plan_indicator(const struct plan *plan, const char *code);
size_t plan_element(const struct plan *plan, const char *code);
const struct cell *form_cell(const struct form *form, uint32_t number);

/* Steps through an indicator's `related` list: "<=imr" says that it is never above imr, "~x" that
 * x has a similar name and is another indicator. *cursor begins at the list; false at its end. The
 * indicator is PLAN_NONE for a token that is neither or unknown. */
struct relation {
    size_t indicator;
    bool at_most; /* "<=" */
};
bool plan_related_next(const struct plan *plan, const char **cursor, struct relation *out_relation);

/* Whether `inner` names `outer` as what it is never above. */
bool plan_is_within(const struct plan *plan, size_t inner, size_t outer);

/* Whether this unit fills in this form: a village the village form, a township the township form,
 * a department the form whose reporter is its code, a district's statistics the form of "district"
 * where the district's villages do not report here themselves. Nobody an idle one. */
bool plan_unit_owes(const struct plan *plan, const struct unit *unit, const struct form *form);

/* Whether a district's aggregator fills in this form for the level above (PROTOCOL.md section 19):
 * sums over units, which no rule for one unit bounds. */
bool form_is_consolidation(const struct form *form);

/* Whether districts report their consolidations here. */
bool plan_consolidates(const struct plan *plan);

/* The same of one year's report: the unit's place must be there on 31 December of that year. A
 * history of NULL has no changes. */
struct place_history;
bool plan_unit_owes_in(const struct plan *plan, const struct unit *unit, const struct form *form,
                       const struct place_history *history, int year);

/* Whether a place of the plan is there on 31 December of that year; false for none of the plan's.
 */
bool plan_place_in_force(const struct plan *plan, uint64_t place,
                         const struct place_history *history, int year);

const char *role_text(enum unit_role role);

#endif
