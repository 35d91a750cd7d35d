/* One indicator of one area over the years, and what a plan asks of it: the input of everything in
 * this folder.
 *
 * All structs are plain values that borrow their strings and arrays from the caller (assess_csv.h,
 * or the server's store). Pure; any thread. A double that holds NAN means "not known". */
#ifndef ZHIBAO_ASSESS_SERIES_H
#define ZHIBAO_ASSESS_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"

/* What a figure is, which decides its natural bounds and the scale it is forecast on. */
enum assess_kind {
    ASSESS_PERCENT,       /* 0-100 */
    ASSESS_GROSS_PERCENT, /* per cent that may pass 100, as gross enrolment does */
    ASSESS_PERMILLE,      /* 0-1000 */
    ASSESS_PER_1000,      /* events per 1,000; no upper bound */
    ASSESS_PER_10000,
    ASSESS_PER_100000,
    ASSESS_COUNT,   /* >= 0 */
    ASSESS_MEASURE, /* any number: hours, money */
};
enum { ASSESS_KINDS = 8 };

extern const char *const assess_kind_names[ASSESS_KINDS];           /* "percent" ... */
extern const char *const assess_polarity_names[4];                  /* by enum polarity */
extern const char *const assess_operator_names[TARGET_QUALITATIVE]; /* by enum target_operator */

struct assess_point {
    int year;
    double value;                  /* finite, within the kind's bounds */
    double numerator, denominator; /* both NAN, or numerator >= 0 and denominator > 0 */
};

struct assess_target {
    enum target_operator op; /* all but TARGET_QUALITATIVE */
    double value;            /* NAN for increase and decrease */
    const char *value_text;  /* as printed: its last digit is the tolerance of ~ and = */
    int year;                /* 0: none stated */
    int base_year;           /* 0: none stated */
    double base_value;       /* NAN: none stated */
    double tolerance;        /* of ~; 0: half of the last digit of value_text */
};

struct assess_series {
    const char *name, *stratum; /* stratum "" for the whole */
    const char *panel;          /* series of one indicator in many areas share it; "" for none */
    enum assess_kind kind;
    enum polarity polarity;
    size_t count;
    const struct assess_point *points; /* years strictly ascending */
    size_t target_count;
    const struct assess_target *targets;
    size_t break_count;
    const int *breaks; /* years, ascending, from which figures mean something else than before */
    int broken;        /* the break that assess_comparable cut at; 0: none */
    unsigned answered, expected; /* units behind the last figure, and that owe it; 0: not known */
};

/* The series without the figures before its last break that is not after `year` (0: ever): a
 * changed definition, denominator or source makes earlier figures another series. Borrows what
 * `series` borrows. */
struct assess_series assess_comparable(const struct assess_series *series, int year);

/* The factor of a rate (100, 100, 1000, 1000, 10000, 100000); 1 for counts and measures. */
double assess_factor(enum assess_kind kind);

/* The natural bounds; -INFINITY and INFINITY where there are none. */
double assess_lower(enum assess_kind kind);
double assess_upper(enum assess_kind kind);

/* Whether a point carries the counts behind its value. */
bool assess_has_counts(const struct assess_point *point);

/* Index of the point of `year`, or of the last one before it (`exact` false); SIZE_MAX for none. */
size_t assess_find(const struct assess_series *series, int year, bool exact);

#endif
