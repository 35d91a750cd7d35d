/* A form filled in with a spreadsheet, as CSV or as a workbook (.xlsx): from the file's bytes to
 * the columns of a report.
 *
 * The header may have a title and the like above it, among it a mark of the form, year and unit
 * (form_mark.h), which is then checked; below the figures there may be lines for names
 * ("填表人：张三"). Of a workbook the one visible sheet that is this form is read. Columns are
 * found by their header, Chinese or English: 项号|cell, 数据元|element, 分组|stratum, 名称|name,
 * 计量单位|unit, 数值|value, 说明|explanation. Needed are the value and the cell number (or else
 * the element and stratum). A value is a number as spreadsheets write it, 是/否 or yes/no for a
 * yes/no cell, empty or 未报送 (not reported), 不适用 (N/A), 未采集 (not collected). Any line
 * order. Every problem names its line and column: `field` is "line:column header", or in a workbook
 * "line:sheet!F12"; line 0 for a cell that the file does not have. Owned by one thread. */
#ifndef ZHIBAO_LIB_FILLED_FORM_H
#define ZHIBAO_LIB_FILLED_FORM_H

#include "lib/blank_form.h"
#include "plan/explanation.h"
#include "plan/soft_check.h"

enum { FILLED_FILE_MAX = 4 * 1024 * 1024, FILLED_TEXT_MAX = 2000 };

struct filled_form;

struct filled_explanation {
    uint32_t cell;
    const char *text; /* UTF-8, at most FILLED_TEXT_MAX bytes */
};

/* What the figures are compared with besides themselves, as far as it is known. */
struct filled_history {
    int period;        /* the year reported on; 0: not known */
    uint64_t unit;     /* whose report it is; 0: not known */
    size_t year_count; /* at most SOFT_YEARS_MAX, the newest first */
    const struct soft_year *years;
    size_t sum_count;
    const struct village_sum *sums;
    const struct boilerplate *boilerplate; /* NULL: the list that is built in */
    size_t said_count;
    const struct explanation_key *said; /* last year's explanations */
};

/* Reads and checks: cells and values one by one, then form_check, then the soft checks, each of
 * which needs an explanation of its cell that says something. `history` may be NULL. All problems
 * are found. STATUS_OK with *out_filled, or the first problem's code, or STATUS_NO_MEMORY. `blank`
 * must outlive the result. */
MUST_CHECK enum status filled_form_read(const struct blank_form *blank, const uint8_t *bytes,
                                        size_t size, const struct filled_history *history,
                                        struct problems *problems, struct filled_form **out_filled);

/* The same without the checks of cells against each other, and not all or nothing: cells that
 * cannot be read are problems and left out, the others are given. STATUS_OK though there may be
 * problems; else the file is no such form and nothing is given. */
MUST_CHECK enum status filled_form_import(const struct blank_form *blank, const uint8_t *bytes,
                                          size_t size, const struct filled_history *history,
                                          struct problems *problems,
                                          struct filled_form **out_filled);
void filled_form_destroy(struct filled_form **filled);

/* Cells in ascending order; cells without any entry are left out. */
const struct observations *filled_form_observations(const struct filled_form *filled);
const struct filled_explanation *filled_form_explanations(const struct filled_form *filled,
                                                          size_t *out_count);

/* Who the sheet says filled it in, looked at it and answers for it; "" when it does not. */
struct filled_people {
    const char *filler, *reviewer, *principal;
};
const struct filled_people *filled_form_people(const struct filled_form *filled);

/* How many cells hold a value, and how many of the form's do not. */
size_t filled_form_values(const struct filled_form *filled);

/* Where a problem is: line 0 for nowhere in the file, column "" for the whole line. */
struct filled_place {
    unsigned long line;
    const char *column; /* points into the problem */
};
struct filled_place filled_form_place(const struct problem *problem);

/* What a blank sheet says besides the form: whose and of which year it is. */
struct form_face {
    uint32_t year;                   /* 0: any */
    uint64_t unit;                   /* 0: anybody's */
    const char *unit_name;           /* "" */
    const struct observations *last; /* the year before; NULL: not known */
};

/* A file to be filled in: the mark, a header (Chinese or English) and one line a cell, UTF-8 with
 * BOM and CRLF for spreadsheets, malloc'ed (caller frees). NULL without memory. */
char *filled_form_template(const struct blank_form *blank, const struct form_face *face,
                           bool english, size_t *out_size);

/* A workbook to be filled in, a sheet a form: title, number, authority, validity, figures with what
 * may be entered, explanations, lines for names and the date. What is not to be filled in is
 * locked, without a password. Malloc'ed (caller frees). STATUS_NO_MEMORY, STATUS_IO when no
 * temporary file can be written. */
struct form_page {
    const struct blank_form *blank;
    struct form_face face;
};
MUST_CHECK enum status filled_form_workbook(const struct form_page *pages, size_t count,
                                            bool english, uint8_t **out_bytes, size_t *out_size);

/* The name of a cell for people: "常住儿童数：男 0-2岁". Returns `out`, which is cut at `size`. */
char *form_cell_name(const Zhibao__FormCell *cell, bool english, char *out, size_t size);

#endif
