/* Workbooks made by hand, part by part. */
#ifndef ZHIBAO_TESTS_XLSX_FIXTURE_H
#define ZHIBAO_TESTS_XLSX_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

struct made_part {
    const char *name; /* NULL ends a list */
    const char *text;
    size_t size; /* 0: strlen(text) */
};

/* A ZIP file of these parts, malloc'ed (caller frees). */
uint8_t *zip_make(const struct made_part *parts, size_t *out_size);

/* A workbook of one visible sheet: `rows` is what stands in its sheetData. NULL for what it does
 * without. `extra` are more of the workbook's relations. */
struct made_book {
    const char *rows, *after; /* after sheetData: mergeCells ... */
    const char *strings, *styles, *extra;
};
uint8_t *book_make(const struct made_book *book, size_t *out_size);

#endif
