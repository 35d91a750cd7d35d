/* A workbook (.xlsx, .xlsm) as Excel, WPS, LibreOffice and their libraries write it: which sheets
 * it has, and what the cells of each hold.
 *
 * Read as it is, without calculating: of a formula the value that the program stored with it. What
 * would be guessing is marked instead (enum xlsx_kind). Macros, pictures and comments are not
 * looked at. Memory and time are bounded whatever the file holds (package.h). A workbook is
 * immutable, owned by the caller (xlsx_destroy); one thread at a time. */
#ifndef ZHIBAO_SHEET_XLSX_H
#define ZHIBAO_SHEET_XLSX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    XLSX_SHEETS_MAX = 64,
    XLSX_ROWS_MAX = 20000,     /* the last row that may hold something */
    XLSX_CELLS_MAX = 400000,   /* of all sheets, empty ones not counted */
    XLSX_MERGED_MAX = 10000,   /* of all sheets */
    XLSX_TEXT_MAX = 64 * 1024, /* bytes of one cell; Excel's limit is 32767 characters */
};

/* Why a file is no workbook that can be read. */
enum xlsx_fault {
    XLSX_GOOD,
    XLSX_MEMORY,
    XLSX_DAMAGED,   /* no ZIP file, cut short, or no XML */
    XLSX_ENCRYPTED, /* a password is needed */
    XLSX_TOO_LARGE,
    XLSX_ENTITIES, /* a document type, which no spreadsheet program writes */
    XLSX_BINARY,   /* .xlsb */
    XLSX_NO_SHEET, /* a ZIP file without a workbook, or a workbook without a visible sheet */
    XLSX_NO_PART,  /* a part that another one names is not there */
};

/* What to do about it; never NULL. */
const char *xlsx_fault_zh(enum xlsx_fault fault);
const char *xlsx_fault_en(enum xlsx_fault fault);

enum xlsx_kind {
    XLSX_TEXT,         /* also what an error cell shows: "#N/A" */
    XLSX_NUMBER,       /* as text with 15 significant digits, as spreadsheets show it */
    XLSX_DATE,         /* a number or text that shows as a date or time */
    XLSX_PERCENT,      /* a number that shows a hundredfold, with % */
    XLSX_UNCALCULATED, /* a formula without a stored value */
    XLSX_LINKED,       /* a formula, in a workbook that refers to other files */
    XLSX_TOO_LONG,     /* more text than XLSX_TEXT_MAX */
};

struct xlsx_cell {
    uint32_t row, column; /* from 0 */
    enum xlsx_kind kind;
    const char *text; /* UTF-8, not trimmed; "" for XLSX_UNCALCULATED and XLSX_TOO_LONG */
};

struct xlsx;

/* XLSX_GOOD and a workbook, or why not. Copies what it keeps of the bytes. */
enum xlsx_fault xlsx_read(const uint8_t *bytes, size_t size, struct xlsx **out_workbook);
void xlsx_destroy(struct xlsx **workbook);

/* Visible sheets, in the workbook's order; hidden ones are left out. */
size_t xlsx_sheets(const struct xlsx *workbook);
const char *xlsx_sheet_name(const struct xlsx *workbook, size_t sheet);

/* Cells that hold something, ascending by row and column. */
const struct xlsx_cell *xlsx_cells(const struct xlsx *workbook, size_t sheet, size_t *out_count);

/* The cell at a place; NULL when it is empty. */
const struct xlsx_cell *xlsx_find(const struct xlsx *workbook, size_t sheet, uint32_t row,
                                  uint32_t column);

/* Whether a cell is one of several rows that were merged into one. */
bool xlsx_is_merged(const struct xlsx *workbook, size_t sheet, uint32_t row, uint32_t column);

/* "F12" of a row and column from 0. Returns text. */
enum { XLSX_PLACE_BYTES = 16 };
char *xlsx_place(uint32_t row, uint32_t column, char text[XLSX_PLACE_BYTES]);

/* The sheet as CSV in UTF-8, malloc'ed (caller frees): line n is row n, field n is column n, blank
 * rows are blank lines and line breaks within a cell blanks. Cells of the kinds that would be
 * guessing are "?". Columns past `columns_max` are left out. NULL without memory. */
char *xlsx_as_csv(const struct xlsx *workbook, size_t sheet, uint32_t columns_max,
                  size_t *out_size);

#endif
