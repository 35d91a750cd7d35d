/* A form filled in with a spreadsheet, as CSV: from the file's bytes to the columns of a report.
 *
 * Columns are found by their header, Chinese or English: 项号|cell, 数据元|element, 分组|stratum,
 * 名称|name, 计量单位|unit, 数值|value, 说明|explanation. Needed are the value and the cell number
 * (or else the element and stratum). A value is a number as spreadsheets write it, 是/否 or yes/no
 * for a yes/no cell, empty or 未报送 (not reported), 不适用 (N/A), 未采集 (not collected). Any line
 * order. Every problem names its line and column: `field` is "line:column header", line 0 for a
 * cell that the file does not have. Owned by one thread. */
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
    int period;
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
void filled_form_destroy(struct filled_form **filled);

/* Cells in ascending order; cells without any entry are left out. */
const struct observations *filled_form_observations(const struct filled_form *filled);
const struct filled_explanation *filled_form_explanations(const struct filled_form *filled,
                                                          size_t *out_count);

/* How many cells hold a value, and how many of the form's do not. */
size_t filled_form_values(const struct filled_form *filled);

/* Where a problem is: line 0 for nowhere in the file, column "" for the whole line. */
struct filled_place {
    unsigned long line;
    const char *column; /* points into the problem */
};
struct filled_place filled_form_place(const struct problem *problem);

/* A file to be filled in: header (Chinese or English) and one line a cell, UTF-8 with BOM and CRLF
 * for spreadsheets, malloc'ed (caller frees). NULL without memory. */
char *filled_form_template(const struct blank_form *blank, bool english, size_t *out_size);

#endif
