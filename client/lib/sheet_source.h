/* A table that people filled in, from a CSV file or from a sheet of a workbook: what its forms and
 * its history have in common. Owned by one thread. */
#ifndef ZHIBAO_LIB_SHEET_SOURCE_H
#define ZHIBAO_LIB_SHEET_SOURCE_H

#include "lib/form_mark.h"
#include "plan/problems.h"
#include "sheet/xlsx.h"
#include "text/csv.h"

enum { SOURCE_HEADER_ROWS = 40 }; /* how far down a header and a mark are looked for */

struct sheet_source {
    struct xlsx *workbook; /* NULL: the file is CSV */
    size_t sheet;          /* the one that was chosen */
    const char *name;      /* its name; NULL for CSV */
    struct table *table;   /* line n is the sheet's row n, field n its column n */
};

/* A CSV file's table is there at once; of a workbook a sheet has to be chosen. STATUS_OK, or a code
 * after a problem was noted, or STATUS_NO_MEMORY. source_close frees in any case. */
MUST_CHECK enum status source_open(struct sheet_source *source, const uint8_t *bytes, size_t size,
                                   struct problems *problems);
void source_close(struct sheet_source *source);

/* Visible sheets; 1 for CSV. */
size_t source_sheets(const struct sheet_source *source);

/* STATUS_E_EMPTY for a sheet that holds nothing; STATUS_LIMIT; STATUS_NO_MEMORY. */
MUST_CHECK enum status source_choose(struct sheet_source *source, size_t sheet);

/* The first column that is called so in row `row`, whatever blanks and line breaks stand in its
 * name; SIZE_MAX. */
size_t source_column(const struct table *table, size_t row, const char *zh, const char *en);

/* The mark near the top (form_mark.h), and its row; false when there is none. */
bool source_mark(const struct table *table, struct form_mark *out_mark, size_t *out_row);

/* Whether a cell says something that need not be guessed; else why not. A `figure` may not be
 * merged with other rows. */
bool source_readable(const struct sheet_source *source, size_t row, size_t column, bool figure,
                     const char **out_zh, const char **out_en);

#endif
