/* What the files of the .xlsx reader share: the workbook while it is read. Used by these only. */
#ifndef ZHIBAO_SHEET_XLSX_PARTS_H
#define ZHIBAO_SHEET_XLSX_PARTS_H

#include "base/arena.h"
#include "sheet/package.h"
#include "sheet/xlsx.h"

/* Text that grows piece by piece, at most XLSX_TEXT_MAX bytes; more sets `over`. */
struct gathered {
    char *bytes;
    size_t size, room;
    bool over;
};

struct merged {
    uint32_t first_row, last_row, first_column, last_column;
};

struct xlsx_sheet {
    const char *name, *relation;
    struct xlsx_cell *cells;
    size_t cell_count, cell_room;
    struct merged *merged;
    size_t merged_count, merged_room;
};

/* Kinds of number formats, by the index of a cell's style. */
enum number_look { LOOK_PLAIN, LOOK_DATE, LOOK_PERCENT };

struct xlsx {
    struct arena *arena;
    struct xlsx_sheet sheets[XLSX_SHEETS_MAX];
    size_t sheet_count;
    bool linked; /* refers to other files */

    const char **strings; /* shared ones; in the arena */
    size_t string_count, string_room;
    uint8_t *looks; /* enum number_look, one a style */
    size_t look_count, look_room;
    size_t cells_left, merged_left;
};

/* Makes room for one more item; false without memory. */
bool items_grow(void **items, size_t count, size_t *room, size_t size);

/* False without memory. */
bool gathered_add(struct gathered *gathered, const char *text, size_t size);
void gather_clear(struct gathered *gathered);

/* A copy in the workbook's arena with _x000D_ and the like as the character meant; NULL without
 * memory. */
const char *gather_keep(struct xlsx *workbook, const struct gathered *gathered);

/* The three parts with figures in them. */
enum xlsx_fault strings_read(struct package *package, const char *part, struct xlsx *workbook);
enum xlsx_fault styles_read(struct package *package, const char *part, struct xlsx *workbook);
enum xlsx_fault cells_read(struct package *package, const char *part, struct xlsx *workbook,
                           struct xlsx_sheet *sheet);

/* How a number format with this code shows: 'yyyy"年"m"月"', '0.0%'. */
enum number_look format_look(const char *code);

#endif
