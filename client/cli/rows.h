/* Rows printed as an aligned table (East Asian wide characters take two columns), CSV (RFC 4180, a
 * header row, no BOM) or JSON (an array of objects). One thread. */
#ifndef ZHIBAO_CLI_ROWS_H
#define ZHIBAO_CLI_ROWS_H

#include <stdio.h>

#include "cli/command.h"

enum column_type {
    COLUMN_TEXT,
    COLUMN_NUMBER,
    COLUMN_FLAG,
    COLUMN_LIST,    /* texts joined by blanks: in JSON an array */
    COLUMN_NUMBERS, /* whole numbers joined by commas: likewise */
};

struct row_column {
    const char *key; /* in CSV and JSON, the same in both languages */
    const char *zh, *en;
    enum column_type type; /* a number or flag ("1", "") is one in JSON too; "" is null */
};

enum { ROW_COLUMNS_MAX = 56 };

struct rows;

/* Rows of these columns; NULL without memory. `columns` must outlive them. */
struct rows *rows_create(const struct context *context, const struct row_column *columns,
                         size_t count);
void rows_destroy(struct rows **rows);

/* A text that lives as long as the rows; "" when memory is short. */
const char *rows_printf(struct rows *rows, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same piece by piece: print to what begin gives (NULL without memory), then end. */
struct rows_text {
    FILE *out;
    char *bytes;
    size_t size;
};
FILE *rows_text_begin(struct rows_text *text);
const char *rows_text_end(struct rows *rows, struct rows_text *text);

/* Adds a row of as many texts as there are columns (NULL: ""), which are copied. */
void rows_add(struct rows *rows, const char *const *cells);

size_t rows_count(const struct rows *rows);

/* Prints all rows. A table without rows prints nothing. False without memory. */
bool rows_print(const struct rows *rows);

/* Columns that a text takes on a terminal. */
size_t text_width(const char *text);

#endif
