/* One row of the CSV file of `zhibao assess`: the cells as numbers, each wrong one named. Used by
 * assess_csv.c only. One thread. */
#ifndef ZHIBAO_ASSESS_ASSESS_ROW_H
#define ZHIBAO_ASSESS_ASSESS_ROW_H

#include "assess/series.h"
#include "text/csv.h"

enum row_column {
    ROW_SERIES,
    ROW_KIND,
    ROW_POLARITY,
    ROW_YEAR,
    ROW_VALUE,
    ROW_NUMERATOR,
    ROW_DENOMINATOR,
    ROW_TARGET_OP,
    ROW_TARGET_VALUE,
    ROW_TARGET_YEAR,
    ROW_BASE_YEAR,
    ROW_BASE_VALUE,
    ROW_STRATUM,
    ROW_INDICATOR,
    ROW_AREA,
    ROW_UNIT,
    ROW_DEFINITION,
    ROW_COLUMNS,
};

extern const char *const row_column_names[ROW_COLUMNS];

enum { ROW_NOT_GIVEN = -1 };

struct assess_row {
    size_t line, order; /* of the file, from 1; of the rows, from 0 */
    const char *series, *stratum, *indicator, *unit, *definition;
    int kind, polarity; /* enum assess_kind, enum polarity, or ROW_NOT_GIVEN */
    int year;           /* 0: none */
    const char *value_text;
    struct assess_point point; /* value NAN: no figure in this row */
    bool has_target;
    struct assess_target target;
    bool flawed; /* its series is left out */
};

/* Where rows come from and where complaints go. */
struct row_source {
    const struct table *table;
    const char *file;
    size_t columns[ROW_COLUMNS]; /* SIZE_MAX: absent */
    struct problems *problems;
};

/* Complains about a column of a line; zh and en are printf formats of the same arguments. */
void row_complain(const struct row_source *source, size_t line, enum row_column column,
                  enum status code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 5, 7), format(printf, 6, 7)));

/* Reads row `index` of the table (1 is the first below the header). Strings are borrowed from it,
 * but for `series`, which the caller sets. */
void row_read(const struct row_source *source, size_t index, struct assess_row *out_row);

#endif
