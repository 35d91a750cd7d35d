/* A filled-in form while it is read: shared by filled_source.c, which finds its rows in a CSV file
 * or a workbook, filled_form.c, which reads them, filled_people.c, which reads the lines below, and
 * filled_check.c, which applies the form's rules. Used by these only. */
#ifndef ZHIBAO_LIB_FILLED_PARTS_H
#define ZHIBAO_LIB_FILLED_PARTS_H

#include "base/arena.h"
#include "lib/filled_form.h"
#include "lib/sheet_source.h"

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
    bool unread; /* what it says could not be understood; the problem was noted */
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
    struct filled_people people;
    bool lenient; /* keep what could be read, judge nothing */
};

struct filler {
    struct filled_form *filled;
    const struct form *form;
    struct sheet_source source;
    struct problems *problems;
    size_t header;           /* the table's row with the columns' names */
    size_t columns[COLUMNS]; /* SIZE_MAX: the file does not have it */
    enum status first;
    const struct filled_history *history;
};

/* Makes a table of the file. Problems are noted; the first one's code or STATUS_NO_MEMORY. */
MUST_CHECK enum status filler_open(struct filler *filler, const uint8_t *bytes, size_t size);
void filler_close(struct filler *filler);

/* Finds the header and its columns, and checks what the mark above it says (form_mark.h). Problems
 * are noted. */
void filler_columns(struct filler *filler);
void filler_mark(struct filler *filler);

/* Whether a workbook's cell says something that need not be guessed; else a problem was noted. */
bool filler_readable(struct filler *filler, uint32_t number, size_t row, enum column column);

/* Whether the row is one of the lines for names and dates; what it says is kept. */
bool filler_people(struct filler *filler, size_t row);

/* Notes a problem at a line and column of the file. */
void filler_problem(struct filler *filler, enum status code, uint32_t cell, size_t line,
                    enum column column, const char *zh, const char *en);

/* The rules of the form, then the soft checks with their explanations, applied to the observations.
 * Problems are noted; STATUS_OK or STATUS_NO_MEMORY. */
MUST_CHECK enum status filler_check(struct filler *filler);

#endif
