#include "assess/series.h"

#include <math.h>
#include <stdint.h>

const char *const assess_kind_names[ASSESS_KINDS] = {
    "percent",   "gross_percent", "permille", "per_1000",
    "per_10000", "per_100000",    "count",    "measure",
};

const char *const assess_polarity_names[4] = {"higher", "lower", "hold", "near"};

const char *const assess_operator_names[TARGET_QUALITATIVE] = {
    "<=",
    ">=",
    "<",
    ">",
    "=",
    "~",
    "maintain>=",
    "maintain<=",
    "decrease_by_pct",
    "decrease_by_points_per_year",
    "increase",
    "decrease",
};

double assess_factor(enum assess_kind kind)
{
    switch (kind) {
    case ASSESS_PERCENT:
    case ASSESS_GROSS_PERCENT: return 100;
    case ASSESS_PERMILLE:
    case ASSESS_PER_1000: return 1000;
    case ASSESS_PER_10000: return 10000;
    case ASSESS_PER_100000: return 100000;
    default: return 1;
    }
}

double assess_lower(enum assess_kind kind)
{
    return kind == ASSESS_MEASURE ? -INFINITY : 0;
}

double assess_upper(enum assess_kind kind)
{
    return kind == ASSESS_PERCENT ? 100 : kind == ASSESS_PERMILLE ? 1000 : INFINITY;
}

bool assess_has_counts(const struct assess_point *point)
{
    return isfinite(point->numerator) && isfinite(point->denominator) && point->denominator > 0;
}

size_t assess_find(const struct assess_series *series, int year, bool exact)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < series->count && series->points[i].year <= year; i++)
        found = i;
    if (found != SIZE_MAX && exact && series->points[found].year != year)
        return SIZE_MAX;
    return found;
}

struct assess_series assess_comparable(const struct assess_series *series, int year)
{
    struct assess_series view = *series;
    for (size_t i = 0; i < series->break_count; i++)
        if (year == 0 || series->breaks[i] <= year)
            view.broken = series->breaks[i];
    while (view.count > 0 && view.points->year < view.broken) {
        view.points++;
        view.count--;
    }
    if (view.count == series->count)
        view.broken = 0; /* nothing was cut off */
    return view;
}
