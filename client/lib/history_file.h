/* Figures of earlier years from a spreadsheet (CSV or .xlsx), whatever its shape:
 *
 *   long   a column 年份|year beside 数值|value
 *   wide   a column for each year: 2016, 2016年; 2016年说明 or "2016 explanation" for its reasons
 *   sheet  a form (数值|value) whose mark or, in a workbook, whose sheet's name says the year
 *
 * Rows are named as in a form: 项号|cell, or 数据元|element with 分组|stratum; 单位|unit says whose
 * they are where a township has those of its villages. All visible sheets are read. Blank cells are
 * no rows. Owned by one thread. */
#ifndef ZHIBAO_LIB_HISTORY_FILE_H
#define ZHIBAO_LIB_HISTORY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "plan/problems.h"

enum {
    HISTORY_FILE_MAX = 16 * 1024 * 1024,
    HISTORY_ROWS_MAX = 100000,
    HISTORY_PLACE_BYTES = 96,
};

/* One figure. Texts as the file has them, in the history's arena, "" for none. */
struct history_row {
    uint32_t year;
    uint64_t unit; /* 0: the file does not say */
    const char *cell, *element, *stratum, *value, *explanation;
    const char *place; /* "12:2016" in CSV, "表!F12" in a workbook */
    enum status fault; /* STATUS_OK, or why it cannot be read, with sentences */
    const char *fault_zh, *fault_en;
};

struct history {
    struct arena *arena;
    struct history_row *rows; /* in the order of the file */
    size_t count, room;
};

/* STATUS_OK; or a code after a problem was noted (no such table in it, too many rows); or
 * STATUS_NO_MEMORY. history_clear frees. */
MUST_CHECK enum status history_read(const uint8_t *bytes, size_t size, struct problems *problems,
                                    struct history *out_history);
void history_clear(struct history *history);

#endif
