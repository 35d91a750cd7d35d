#include "yearbook/xlsx.h"

#include <stdio.h>
#include <string.h>
#include <xlsxwriter.h>

enum { DECIMALS_MAX = 6, SHEETS_MAX = 32, HEADER_BYTES = 250, WIDTH = 110 };

struct sheet {
    const char *name;
    lxw_worksheet *worksheet;
    lxw_row_t row;           /* the next free one */
    const struct grid *last; /* whose header stands last */
};

struct book_writer {
    const struct document *document;
    lxw_workbook *workbook;
    lxw_format *title, *warning, *head, *caption, *text, *prose, *number[DECIMALS_MAX + 1];
    size_t sheet_count;
    struct sheet sheets[SHEETS_MAX];
};

static lxw_format *format_new(struct book_writer *writer, double size, bool bold)
{
    lxw_format *format = workbook_add_format(writer->workbook);
    format_set_font_name(format, "宋体");
    format_set_font_size(format, size);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (bold)
        format_set_bold(format);
    return format;
}

static void formats_make(struct book_writer *writer)
{
    static const char *const places[DECIMALS_MAX + 1] = {"0",      "0.0",     "0.00",    "0.000",
                                                         "0.0000", "0.00000", "0.000000"};
    writer->title = format_new(writer, 16, true);
    writer->warning = format_new(writer, 12, true);
    format_set_font_color(writer->warning, 0xb3261e);
    writer->caption = format_new(writer, 11, true);
    writer->head = format_new(writer, 10, true);
    format_set_bg_color(writer->head, 0xe8edf4);
    format_set_text_wrap(writer->head);
    format_set_border(writer->head, LXW_BORDER_THIN);
    writer->text = format_new(writer, 10, false);
    format_set_text_wrap(writer->text);
    format_set_border(writer->text, LXW_BORDER_HAIR);
    writer->prose = format_new(writer, 10.5, false);
    format_set_text_wrap(writer->prose);
    for (size_t i = 0; i <= DECIMALS_MAX; i++) {
        writer->number[i] = format_new(writer, 10, false);
        format_set_num_format(writer->number[i], places[i]);
        format_set_border(writer->number[i], LXW_BORDER_HAIR);
    }
}

/* The header of printed pages; an ampersand there begins a code. */
static void page_set(const struct book_writer *writer, lxw_worksheet *worksheet)
{
    char header[HEADER_BYTES + 64];
    size_t used = 0;
    used += (size_t)snprintf(header, sizeof header, "&L&9");
    for (const char *at = writer->document->running; *at != '\0' && used < HEADER_BYTES - 60;
         at++) {
        if (*at == '&')
            header[used++] = '&';
        header[used++] = *at;
    }
    snprintf(header + used, sizeof header - used, "%s",
             !writer->document->demonstration ? ""
             : writer->document->english      ? "&R&KB3261EDEMONSTRATION DATA"
                                              : "&R&KB3261E演示数据");
    worksheet_set_header(worksheet, header);
    worksheet_set_footer(worksheet, "&C&P / &N");
    worksheet_set_landscape(worksheet);
    worksheet_set_paper(worksheet, 9); /* A4 */
    worksheet_fit_to_pages(worksheet, 1, 0);
}

/* The sheet of that name, made when it is new; NULL when there is no more room. */
static struct sheet *sheet_of(struct book_writer *writer, const char *name)
{
    for (size_t i = 0; i < writer->sheet_count; i++)
        if (strcmp(writer->sheets[i].name, name) == 0)
            return &writer->sheets[i];
    if (writer->sheet_count == SHEETS_MAX)
        return NULL;
    struct sheet *sheet = &writer->sheets[writer->sheet_count];
    *sheet = (struct sheet){.name = name};
    sheet->worksheet = workbook_add_worksheet(writer->workbook, name);
    if (sheet->worksheet == NULL)
        return NULL;
    writer->sheet_count++;
    page_set(writer, sheet->worksheet);
    return sheet;
}

static bool same_columns(const struct grid *left, const struct grid *right)
{
    if (left == NULL || left->column_count != right->column_count)
        return false;
    for (size_t i = 0; i < left->column_count; i++)
        if (strcmp(left->columns[i].head, right->columns[i].head) != 0)
            return false;
    return true;
}

static void header_write(struct book_writer *writer, struct sheet *sheet, const struct grid *grid)
{
    unsigned total = 0;
    bool first = sheet->last == NULL;
    for (size_t i = 0; i < grid->column_count; i++)
        total += grid->columns[i].width;
    for (size_t i = 0; i < grid->column_count; i++) {
        lxw_col_t column = (lxw_col_t)i;
        if (first)
            worksheet_set_column(
                sheet->worksheet, column, column,
                (double)WIDTH * grid->columns[i].width / (total == 0 ? 1 : total) + 2, NULL);
        worksheet_write_string(sheet->worksheet, sheet->row, column, grid->columns[i].head,
                               writer->head);
    }
    if (first) {
        worksheet_repeat_rows(sheet->worksheet, sheet->row, sheet->row);
        worksheet_freeze_panes(sheet->worksheet, sheet->row + 1, 0);
    }
    sheet->row++;
    sheet->last = grid;
}

static void cell_write(struct book_writer *writer, struct sheet *sheet, lxw_col_t column,
                       const struct grid_cell *cell)
{
    unsigned decimals = cell->decimals < DECIMALS_MAX ? cell->decimals : DECIMALS_MAX;
    if (cell->is_number)
        worksheet_write_number(sheet->worksheet, sheet->row, column, cell->value,
                               writer->number[decimals]);
    else
        worksheet_write_string(sheet->worksheet, sheet->row, column, cell->text, writer->text);
}

static void grid_write(struct book_writer *writer, const struct grid *grid)
{
    struct sheet *sheet = grid->sheet == NULL ? NULL : sheet_of(writer, grid->sheet);
    if (sheet == NULL)
        return;
    bool same = same_columns(sheet->last, grid);
    bool first = sheet->last == NULL;
    if (first)
        header_write(writer, sheet, grid);
    worksheet_write_string(sheet->worksheet, sheet->row++, 0, grid->caption, writer->caption);
    if (!same && !first)
        header_write(writer, sheet, grid);
    for (size_t row = 0; row < grid->row_count; row++) {
        for (size_t i = 0; i < grid->column_count; i++)
            cell_write(writer, sheet, (lxw_col_t)i, &grid->cells[row * grid->column_count + i]);
        sheet->row++;
    }
}

static void cover_write(struct book_writer *writer)
{
    const struct document *document = writer->document;
    struct sheet *sheet = sheet_of(writer, document->english ? "Cover" : "封面");
    if (sheet == NULL)
        return;
    worksheet_set_column(sheet->worksheet, 0, 0, WIDTH, NULL);
    sheet->row = 2;
    worksheet_write_string(sheet->worksheet, sheet->row++, 0, document->subtitle, writer->caption);
    worksheet_write_string(sheet->worksheet, sheet->row++, 0, document->title, writer->title);
    if (document->demonstration)
        worksheet_write_string(sheet->worksheet, sheet->row++, 0,
                               document->english
                                   ? "DEMONSTRATION DATA: made-up figures, not to be quoted"
                                   : "演示数据：数字为虚构，不得引用",
                               writer->warning);
    for (size_t i = 0; i < document->cover_count; i++)
        worksheet_write_string(sheet->worksheet, sheet->row++, 0, document->cover[i],
                               writer->prose);
}

/* The text in a sheet of its own, at the end. */
static void prose_write(struct book_writer *writer)
{
    const struct document *document = writer->document;
    struct sheet *sheet = sheet_of(writer, document->english ? "Text" : "文字说明");
    if (sheet == NULL)
        return;
    worksheet_set_column(sheet->worksheet, 0, 0, WIDTH, NULL);
    for (size_t i = 0; i < document->chapter_count; i++) {
        const struct chapter *chapter = &document->chapters[i];
        worksheet_write_string(sheet->worksheet, sheet->row++, 0, chapter->title, writer->caption);
        for (size_t k = 0; k < chapter->block_count; k++) {
            const struct block *block = &chapter->blocks[k];
            if (block->text[0] != '\0')
                worksheet_write_string(sheet->worksheet, sheet->row++, 0, block->text,
                                       block->kind == BLOCK_HEADING ? writer->head : writer->prose);
        }
    }
}

enum status xlsx_write(const struct document *document, const char *path)
{
    struct book_writer writer = {.document = document};
    lxw_doc_properties properties = {.title = (char *)document->title,
                                     .author = (char *)document->author,
                                     .created = (time_t)(document->time_us / 1000000)};
    writer.workbook = workbook_new(path);
    if (writer.workbook == NULL)
        return STATUS_NO_MEMORY;
    if (properties.created == 0)
        properties.created = 1; /* 0 would be the clock's */
    workbook_set_properties(writer.workbook, &properties);
    formats_make(&writer);
    cover_write(&writer);
    for (size_t i = 0; i < document->chapter_count; i++)
        for (size_t k = 0; k < document->chapters[i].block_count; k++)
            if (document->chapters[i].blocks[k].kind == BLOCK_GRID)
                grid_write(&writer, document->chapters[i].blocks[k].grid);
    prose_write(&writer);
    return workbook_close(writer.workbook) == LXW_NO_ERROR ? STATUS_OK : STATUS_IO;
}
