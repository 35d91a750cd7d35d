/* Reading tables as people's programs write them: RFC 4180 CSV in UTF-8 (with or without BOM) or
 * GB18030/GBK, CRLF or LF, comma or tab; and numbers as Excel and WPS write them.
 *
 * A table is owned by the caller (table_destroy); one thread at a time. No I/O except iconv. */
#ifndef ZHIBAO_TEXT_CSV_H
#define ZHIBAO_TEXT_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    TABLE_BYTES_MAX = 64 * 1024 * 1024,
    TABLE_ROWS_MAX = 1000000,
    TABLE_COLUMNS_MAX = 256,
};

struct table; /* row 0 is the header */

/* STATUS_E_EMPTY for nothing but blanks, STATUS_E_ENCODING when it is neither UTF-8 nor GB18030
 * or a file of another kind (foreign.h says which),
 * STATUS_E_MALFORMED for an unterminated quote (out_line says where), STATUS_LIMIT. */
MUST_CHECK enum status table_read(const uint8_t *bytes, size_t size, size_t *out_line,
                                  struct table **out_table);
void table_destroy(struct table **table);

size_t table_rows(const struct table *table); /* header included; blank lines dropped */
size_t table_columns(const struct table *table, size_t row);

/* Cell text, UTF-8, surrounding blanks removed; "" past the row's end. */
const char *table_cell(const struct table *table, size_t row, size_t column);

/* Line of the file where this row begins, from 1. */
size_t table_line(const struct table *table, size_t row);

/* Index of the header cell equal to `name`; SIZE_MAX when absent. */
size_t table_column(const struct table *table, const char *name);

/* A number as a tired person's spreadsheet gives it: full-width digits, thousands separators in
 * groups of three (half- or full-width), surrounding blanks, a trailing percent sign only with
 * `percent`. STATUS_E_NOT_NUMBER for anything ambiguous ("1,5", "12 3", "1e5", "#N/A"),
 * STATUS_E_NOT_FINITE for an overflow. */
MUST_CHECK enum status number_parse(const char *text, int percent, double *out_value);

#endif
