#include "yearbook/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/words.h"
#include "text/utf8.h"

enum { LONG_NUMBER = 8 }; /* characters, from which on it is set smaller */

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

struct document *document_create(struct arena *arena, bool english)
{
    struct document *document = arena_alloc(arena, sizeof *document);
    if (document == NULL)
        return NULL;
    document->arena = arena;
    document->english = english;
    document->title = document->subtitle = document->running = document->author = "";
    return document;
}

/* Bytes of the UTF-8 character at `text`, 0 for none. */
static size_t character(const char *text)
{
    for (size_t length = 1; length <= 4; length++) {
        if (strnlen(text, length) == length && utf8_valid((const uint8_t *)text, length))
            return length;
    }
    return 0;
}

const char *document_text(struct document *document, const char *text)
{
    size_t size = strlen(text), used = 0;
    char *copy = document->failed ? NULL : arena_alloc(document->arena, 3 * size + 1);
    document->failed = document->failed || copy == NULL;
    if (copy == NULL)
        return "";
    while (*text != '\0') {
        size_t length = character(text);
        bool control = (unsigned char)*text < 0x20 || *text == 0x7f;
        const char *from = length == 0 ? replacement : control ? " " : text;
        size_t count = length == 0 ? sizeof replacement - 1 : length;
        memcpy(copy + used, from, count);
        used += count;
        text += length == 0 ? 1 : length;
    }
    copy[used] = '\0';
    return copy;
}

const char *document_printf(struct document *document, const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        document->failed = true;
        return "";
    }
    const char *copy = document_text(document, text);
    free(text);
    return copy;
}

/* Room for one more in an array; NULL when memory is short. */
static void *grown(struct document *document, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room || document->failed)
        return document->failed ? NULL : items;
    size_t wanted = *room == 0 ? 16 : *room * 2;
    void *copy = arena_array(document->arena, wanted, size);
    document->failed = copy == NULL;
    if (copy == NULL)
        return NULL;
    if (count > 0)
        memcpy(copy, items, count * size);
    *room = wanted;
    return copy;
}

void document_cover(struct document *document, const char *line)
{
    if (document->cover_count < COVER_LINES_MAX)
        document->cover[document->cover_count++] = document_text(document, line);
}

void document_chapter(struct document *document, const char *title)
{
    struct chapter *chapters = grown(document, document->chapters, document->chapter_count,
                                     &document->chapter_room, sizeof *chapters);
    if (chapters == NULL)
        return;
    document->chapters = chapters;
    chapters[document->chapter_count++] = (struct chapter){.title = document_text(document, title)};
    document->grid_number = 0;
}

static void block_add(struct document *document, struct block block)
{
    if (document->chapter_count == 0 || document->failed)
        return;
    struct chapter *chapter = &document->chapters[document->chapter_count - 1];
    struct block *blocks =
        grown(document, chapter->blocks, chapter->block_count, &chapter->room, sizeof *blocks);
    if (blocks == NULL)
        return;
    chapter->blocks = blocks;
    blocks[chapter->block_count++] = block;
}

void document_heading(struct document *document, const char *text)
{
    block_add(document, (struct block){BLOCK_HEADING, .text = document_text(document, text)});
}

void document_paragraph(struct document *document, const char *text)
{
    block_add(document, (struct block){BLOCK_PARAGRAPH, .text = document_text(document, text)});
}

void document_item(struct document *document, const char *text)
{
    block_add(document, (struct block){BLOCK_ITEM, .text = document_text(document, text)});
}

void document_note(struct document *document, const char *text)
{
    block_add(document, (struct block){BLOCK_NOTE, .text = document_text(document, text)});
}

void document_charts(struct document *document, const struct chart *charts, size_t count)
{
    if (count > 0)
        block_add(document,
                  (struct block){BLOCK_CHARTS, .text = "", .chart_count = count, .charts = charts});
}

struct grid *document_grid(struct document *document, const char *sheet, const char *caption,
                           const struct grid_column *columns, size_t count)
{
    struct grid *grid = document->failed ? NULL : arena_alloc(document->arena, sizeof *grid);
    document->failed = document->failed || grid == NULL;
    if (grid == NULL) {
        document->spare = (struct grid){.caption = ""};
        return &document->spare;
    }
    document->grid_number++;
    grid->caption =
        document_printf(document, document->english ? "Table %zu-%zu  %s" : "表%zu-%zu　%s",
                        document->chapter_count, document->grid_number, caption);
    grid->sheet = sheet == NULL ? NULL : document_text(document, sheet);
    grid->column_count = count < GRID_COLUMNS_MAX ? count : GRID_COLUMNS_MAX;
    for (size_t i = 0; i < grid->column_count; i++) {
        grid->columns[i] = columns[i];
        grid->columns[i].head = document_text(document, columns[i].head);
    }
    block_add(document, (struct block){BLOCK_GRID, .text = "", .grid = grid});
    return grid;
}

void grid_row(struct document *document, struct grid *grid)
{
    struct grid_cell *cells = grid->column_count == 0
                                  ? NULL
                                  : grown(document, grid->cells, grid->row_count, &grid->room,
                                          grid->column_count * sizeof *cells);
    grid->filled = grid->column_count;
    if (cells == NULL)
        return;
    grid->cells = cells;
    for (size_t i = 0; i < grid->column_count; i++)
        cells[grid->row_count * grid->column_count + i] =
            (struct grid_cell){.text = "", .class = ""};
    grid->row_count++;
    grid->filled = 0;
}

static void cell_add(struct grid *grid, struct grid_cell cell)
{
    if (grid->filled < grid->column_count)
        grid->cells[(grid->row_count - 1) * grid->column_count + grid->filled++] = cell;
}

void grid_text(struct document *document, struct grid *grid, const char *text, const char *class)
{
    cell_add(grid, (struct grid_cell){.text = document_text(document, text), .class = class});
}

void grid_number(struct document *document, struct grid *grid, double value, unsigned decimals)
{
    char text[64];
    number_text(value, decimals, text);
    cell_add(grid, (struct grid_cell){.text = document_text(document, text),
                                      .class = strlen(text) >= LONG_NUMBER ? "long" : "",
                                      .is_number = true,
                                      .value = value,
                                      .decimals = decimals});
}

void grid_count(struct document *document, struct grid *grid, uint64_t count)
{
    grid_number(document, grid, (double)count, 0);
}
