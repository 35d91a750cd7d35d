#include "export/xlsx.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "export/writer.h"

enum { PATH_MAX_BYTES = 512, COPY_BYTES = 64 * 1024, TEXT_WIDTH = 14, NAME_WIDTH = 28 };

struct workbook {
    lxw_workbook *book;
    lxw_worksheet *rows, *notes;
    lxw_format *head, *quiet;
    char directory[PATH_MAX_BYTES], path[PATH_MAX_BYTES + 16];
    bool full; /* more rows than a sheet has */
};

static void remove_files(const struct workbook *workbook)
{
    unlink(workbook->path);
    rmdir(workbook->directory);
}

static bool make_place(struct workbook *workbook)
{
    const char *base = getenv("TMPDIR");
    snprintf(workbook->directory, sizeof workbook->directory, "%.400s/zhibao-xlsx-XXXXXX",
             base == NULL || base[0] == '\0' ? "/tmp" : base);
    if (mkdtemp(workbook->directory) == NULL)
        return false;
    snprintf(workbook->path, sizeof workbook->path, "%s/export.xlsx", workbook->directory);
    return true;
}

static bool is_shown(const struct export_writer *writer, const struct export_column *column)
{
    return (column->what & writer->head.what) != 0;
}

/* The same rows give the same bytes: the time of creation is the message's. */
static void set_properties(const struct export_writer *writer, struct workbook *workbook)
{
    lxw_doc_properties properties;
    int year = 2000, month = 1, day = 1;
    memset(&properties, 0, sizeof properties);
    if (sscanf(writer->head.prepared, "%4d-%2d-%2d", &year, &month, &day) == 3) {
        struct tm when = {
            .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = 12};
        properties.created = timegm(&when);
    }
    workbook_set_properties(workbook->book, &properties);
}

static void begin(struct export_writer *writer)
{
    struct workbook *workbook = writer->own;
    lxw_col_t at = 0;
    for (const struct export_column *column = export_columns; column->id != NULL; column++) {
        if (!is_shown(writer, column))
            continue;
        bool name = strstr(column->id, "name") != NULL;
        worksheet_set_column(workbook->rows, at, at, name ? NAME_WIDTH : TEXT_WIDTH, NULL);
        worksheet_write_string(workbook->rows, 0, at,
                               writer->head.english ? column->en : column->zh, workbook->head);
        at++;
    }
    worksheet_freeze_panes(workbook->rows, 1, 0);
}

/* Texts are written as texts: a name that looks like a formula is none. */
static void row_write(struct export_writer *writer, const struct export_row *row)
{
    struct workbook *workbook = writer->own;
    struct export_cell cell;
    lxw_col_t at = 0;
    lxw_row_t line = (lxw_row_t)writer->rows + 1;
    if (line >= LXW_ROW_MAX) {
        workbook->full = true;
        return;
    }
    for (const struct export_column *column = export_columns; column->id != NULL; column++) {
        if (!is_shown(writer, column))
            continue;
        writer_fill(column->fill, row, &cell);
        if (cell.kind == CELL_TEXT)
            worksheet_write_string(workbook->rows, line, at, cell.text, NULL);
        else if (cell.kind == CELL_NUMBER)
            worksheet_write_number(workbook->rows, line, at, cell.number, NULL);
        at++;
    }
}

static void write_notes(struct export_writer *writer)
{
    struct workbook *workbook = writer->own;
    lxw_row_t line = 0;
    bool english = writer->head.english;
    worksheet_set_column(workbook->notes, 0, 0, NAME_WIDTH, NULL);
    worksheet_set_column(workbook->notes, 1, 1, 3 * NAME_WIDTH, NULL);
    worksheet_write_string(workbook->notes, line, 0, english ? "prepared" : "导出时间", NULL);
    worksheet_write_string(workbook->notes, line++, 1, writer->head.prepared, NULL);
    if (writer->demonstration)
        worksheet_write_string(workbook->notes, line++, 0,
                               english ? "演示数据: made-up figures (column demonstration = 1)"
                                       : "含演示数据（“演示数据”列为1的行）",
                               workbook->head);
    line++;
    worksheet_write_string(workbook->notes, line, 0, english ? "column" : "列", workbook->head);
    worksheet_write_string(workbook->notes, line++, 1,
                           english ? "name in csv and json" : "在 csv、json 中的名称",
                           workbook->head);
    for (const struct export_column *column = export_columns; column->id != NULL; column++)
        if (is_shown(writer, column)) {
            worksheet_write_string(workbook->notes, line, 0, english ? column->en : column->zh,
                                   NULL);
            worksheet_write_string(workbook->notes, line++, 1, column->id, NULL);
        }
    line++;
    worksheet_write_string(workbook->notes, line++, 0, english ? "SDMX code" : "SDMX 代码",
                           workbook->head);
    for (const struct fixed_code *code = fixed_codes; code->list != NULL; code++) {
        char text[CELL_TEXT_BYTES];
        snprintf(text, sizeof text, "%s %s", code->list, code->id);
        worksheet_write_string(workbook->notes, line, 0, text, NULL);
        worksheet_write_string(workbook->notes, line++, 1, english ? code->en : code->zh, NULL);
    }
}

static void copy_out(struct export_writer *writer, const char *path)
{
    uint8_t bytes[COPY_BYTES];
    size_t size = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        writer->sink->status = STATUS_IO;
        return;
    }
    while ((size = fread(bytes, 1, sizeof bytes, file)) > 0)
        sink_bytes(writer->sink, bytes, size);
    if (ferror(file) && writer->sink->status == STATUS_OK)
        writer->sink->status = STATUS_IO;
    fclose(file);
}

static void end(struct export_writer *writer)
{
    struct workbook *workbook = writer->own;
    write_notes(writer);
    lxw_error error = workbook_close(workbook->book);
    workbook->book = NULL;
    if (workbook->full)
        writer->sink->status = STATUS_LIMIT;
    else if (error != LXW_NO_ERROR)
        writer->sink->status = STATUS_IO;
    else
        copy_out(writer, workbook->path);
}

static void drop(struct export_writer *writer)
{
    struct workbook *workbook = writer->own;
    if (workbook == NULL)
        return;
    if (workbook->book != NULL) {
        lxw_error error = workbook_close(workbook->book); /* the only way to free one */
        (void)error;
    }
    remove_files(workbook);
    free(workbook);
    writer->own = NULL;
}

static const struct writer_kind writer_xlsx = {begin, row_write, end, drop, false};

struct export_writer *xlsx_begin(const struct export_head *head, struct sink *sink)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = NULL};
    struct workbook *workbook = calloc(1, sizeof *workbook);
    if (workbook == NULL || !make_place(workbook)) {
        free(workbook);
        return NULL;
    }
    options.tmpdir = workbook->directory;
    workbook->book = workbook_new_opt(workbook->path, &options);
    struct export_writer *writer = writer_create(&writer_xlsx, head, sink, workbook);
    if (workbook->book == NULL || writer == NULL) {
        if (writer == NULL) {
            remove_files(workbook);
            free(workbook);
        }
        export_drop(&writer);
        return NULL;
    }
    bool english = head->english;
    workbook->rows = workbook_add_worksheet(workbook->book, head->what == EXPORT_RESULTS
                                                                ? (english ? "results" : "汇总结果")
                                                                : (english ? "reports" : "填报数"));
    workbook->notes = workbook_add_worksheet(workbook->book, english ? "notes" : "说明");
    workbook->head = workbook_add_format(workbook->book);
    format_set_bold(workbook->head);
    set_properties(writer, workbook);
    begin(writer);
    return writer;
}
