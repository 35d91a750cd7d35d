/* A filled-in form while it is read: shared by filled_form.c, which reads the rows, and
 * filled_check.c, which applies the form's rules to them. Used by these only. */
#ifndef ZHIBAO_LIB_FILLED_PARTS_H
#define ZHIBAO_LIB_FILLED_PARTS_H

#include "base/arena.h"
#include "lib/filled_form.h"

struct table;

enum column {
    COLUMN_CELL,
    COLUMN_ELEMENT,
    COLUMN_STRATUM,
    COLUMN_VALUE,
    COLUMN_EXPLANATION,
    COLUMNS
};

struct entry {
    size_t line; /* 0: the file does not have the cell */
    bool given;
    uint32_t presence;
    double value;
    const char *explanation; /* "" for none */
};

struct filled_form {
    struct arena *arena;
    const struct blank_form *blank;
    struct entry *entries; /* one for each cell of the form */
    struct observations observations;
    struct filled_explanation *explanations;
    size_t explanation_count, value_count;
};

struct filler {
    struct filled_form *filled;
    const struct form *form;
    struct table *table;
    struct problems *problems;
    size_t columns[COLUMNS]; /* SIZE_MAX: the file does not have it */
    enum status first;
    const struct filled_history *history;
};

/* Notes a problem at a line and column of the file. */
void filler_problem(struct filler *filler, enum status code, uint32_t cell, size_t line,
                    enum column column, const char *zh, const char *en);

/* The rules of the form, then the soft checks with their explanations, applied to the observations.
 * Problems are noted; STATUS_OK or STATUS_NO_MEMORY. */
MUST_CHECK enum status filler_check(struct filler *filler);

#endif
