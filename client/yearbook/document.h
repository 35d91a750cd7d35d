/* A report as chapters of paragraphs, tables and charts, whatever it is written to: HTML (html.h),
 * from which PDF and DOCX are made (office.h), or XLSX (xlsx.h).
 *
 * Everything lives in the arena it was created with; texts that come in are copied, with control
 * characters and what is no UTF-8 replaced, so that writers need only escape. When memory is short
 * the document notes it (`failed`) and further calls do nothing. One thread. */
#ifndef ZHIBAO_YEARBOOK_DOCUMENT_H
#define ZHIBAO_YEARBOOK_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "yearbook/chart.h"

enum { GRID_COLUMNS_MAX = 24, COVER_LINES_MAX = 8 };

struct grid_column {
    const char *head;
    unsigned width; /* relative to the others */
    bool number;    /* aligned to the right */
};

struct grid_cell {
    const char *text;  /* as people read it; "" */
    const char *class; /* a constant: "met", "not_met" ...; "" */
    bool is_number;
    double value; /* when it is one: unrounded */
    unsigned decimals;
};

/* A table. `sheet` NULL: only in the text, not in a workbook. */
struct grid {
    const char *caption, *sheet;
    size_t column_count, row_count, room, filled; /* filled: cells of the last row */
    struct grid_column columns[GRID_COLUMNS_MAX];
    struct grid_cell *cells; /* row by row */
};

enum block_kind {
    BLOCK_HEADING,
    BLOCK_PARAGRAPH,
    BLOCK_ITEM,
    BLOCK_NOTE,
    BLOCK_GRID,
    BLOCK_CHARTS
};

struct block {
    enum block_kind kind;
    const char *text;
    struct grid *grid;
    size_t chart_count;
    const struct chart *charts;
};

struct chapter {
    const char *title;
    size_t block_count, room;
    struct block *blocks;
};

struct document {
    struct arena *arena;
    bool english, failed;
    bool demonstration;           /* made-up figures: said on the cover and on every page */
    const char *title, *subtitle; /* of the cover */
    const char *running;          /* in every page's header */
    const char *author;
    int64_t time_us; /* what the file says of when it was made: of the figures, never the clock's */
    size_t cover_count;
    const char *cover[COVER_LINES_MAX];
    size_t chapter_count, chapter_room;
    struct chapter *chapters;
    size_t grid_number; /* tables in the chapter so far */
    struct grid spare;  /* what a failed grid_begin gives */
};

struct document *document_create(struct arena *arena, bool english);

/* A text of the document; "" when memory is short. */
const char *document_printf(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *document_text(struct document *document, const char *text);

void document_cover(struct document *document, const char *line);
void document_chapter(struct document *document, const char *title);
void document_heading(struct document *document, const char *text);
void document_paragraph(struct document *document, const char *text);
void document_item(struct document *document, const char *text);
void document_note(struct document *document, const char *text);

/* Charts side by side; borrowed, without those that have nothing to show. */
void document_charts(struct document *document, const struct chart *charts, size_t count);

/* A table in the chapter, numbered; never NULL. Columns are copied, their texts too. */
struct grid *document_grid(struct document *document, const char *sheet, const char *caption,
                           const struct grid_column *columns, size_t count);

/* A row, and its cells from left to right; cells beyond the columns are dropped. */
void grid_row(struct document *document, struct grid *grid);
void grid_text(struct document *document, struct grid *grid, const char *text, const char *class);
void grid_number(struct document *document, struct grid *grid, double value, unsigned decimals);
void grid_count(struct document *document, struct grid *grid, uint64_t count);

#endif
