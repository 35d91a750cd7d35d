#include "lib/sheet_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/foreign.h"
#include "text/utf8.h"

/* Whether a header cell says `name`, whatever blanks and line breaks stand in it. */
static bool says(const char *text, const char *name)
{
    size_t size = strlen(text);
    while (size > 0) {
        uint32_t code = 0;
        size_t length = utf8_next(text, size, &code);
        if (length == 0)
            return false;
        if (!utf8_is_blank(code)) {
            if (strncmp(text, name, length) != 0)
                return false;
            name += length;
        }
        text += length;
        size -= length;
    }
    return *name == '\0';
}

size_t source_column(const struct table *table, size_t row, const char *zh, const char *en)
{
    for (size_t i = 0; i < table_columns(table, row); i++)
        if (says(table_cell(table, row, i), zh))
            return i;
    for (size_t i = 0; i < table_columns(table, row); i++)
        if (says(table_cell(table, row, i), en))
            return i;
    return SIZE_MAX;
}

bool source_mark(const struct table *table, struct form_mark *out_mark, size_t *out_row)
{
    for (size_t row = 0; row < table_rows(table) && row < SOURCE_HEADER_ROWS; row++)
        for (size_t i = 0; i < table_columns(table, row); i++)
            if (form_mark_read(table_cell(table, row, i), out_mark)) {
                *out_row = row;
                return true;
            }
    return false;
}

static enum status open_workbook(struct sheet_source *source, const uint8_t *bytes, size_t size,
                                 struct problems *problems)
{
    enum xlsx_fault fault = xlsx_read(bytes, size, &source->workbook);
    if (fault == XLSX_GOOD)
        return STATUS_OK;
    if (fault == XLSX_MEMORY)
        return STATUS_NO_MEMORY;
    problems_add(problems, STATUS_E_SHEET, 0, "0:", xlsx_fault_zh(fault), xlsx_fault_en(fault));
    return STATUS_E_SHEET;
}

static enum status open_csv(struct sheet_source *source, const uint8_t *bytes, size_t size,
                            struct problems *problems)
{
    size_t line = 1;
    enum status status = table_read(bytes, size, &line, &source->table);
    if (status == STATUS_NO_MEMORY || status == STATUS_OK)
        return status;
    char field[PROBLEM_FIELD_BYTES];
    snprintf(field, sizeof field, "%zu:", status == STATUS_E_MALFORMED ? line : 0);
    const struct foreign_file *foreign = foreign_file(bytes, size);
    bool quote = status == STATUS_E_MALFORMED;
    problems_add(problems, status, 0, field,
                 foreign != NULL ? foreign->zh
                 : quote         ? "引号没有结束"
                                 : NULL,
                 foreign != NULL ? foreign->en
                 : quote         ? "a quoted text does not end"
                                 : NULL);
    return status;
}

enum status source_open(struct sheet_source *source, const uint8_t *bytes, size_t size,
                        struct problems *problems)
{
    *source = (struct sheet_source){0};
    return foreign_is_workbook(bytes, size) ? open_workbook(source, bytes, size, problems)
                                            : open_csv(source, bytes, size, problems);
}

void source_close(struct sheet_source *source)
{
    table_destroy(&source->table);
    xlsx_destroy(&source->workbook);
}

size_t source_sheets(const struct sheet_source *source)
{
    return source->workbook == NULL ? 1 : xlsx_sheets(source->workbook);
}

enum status source_choose(struct sheet_source *source, size_t sheet)
{
    size_t size = 0, line = 0;
    if (source->workbook == NULL)
        return STATUS_OK;
    table_destroy(&source->table);
    source->sheet = sheet;
    source->name = xlsx_sheet_name(source->workbook, sheet);
    char *csv = xlsx_as_csv(source->workbook, sheet, TABLE_COLUMNS_MAX, &size);
    if (csv == NULL)
        return STATUS_NO_MEMORY;
    enum status status = table_read((const uint8_t *)csv, size, &line, &source->table);
    free(csv);
    return status;
}

static const struct {
    const char *zh, *en;
} kinds[] = {
    [XLSX_DATE] =
        {"单元格是日期或时间，不是数值：请把格式改为“常规”，重新填数",
                     "the cell is a date or time, not a figure: set its format to General and type the "
         "figure again"                                                                                                                                          },
    [XLSX_PERCENT] = {"单元格是百分比格式，看不出是12还是0.12：请把格式改为“常规”，重新填数",
                     "the cell is formatted as a percentage, which may mean 12 or 0.12: set its "
                      "format to General and type the figure again"                                                                                              },
    [XLSX_UNCALCULATED] =
        {"单元格是公式，文件里没有它的结果：请用Excel或WPS打开、保存一次，或改填数值",
                     "the cell is a formula and the file does not hold its result: open and "
         "save it in Excel or WPS, or type the figure"                                                                                                           },
    [XLSX_LINKED] = {"公式所在的工作簿引用了别的文件，结果不可靠：请改填数值",
                     "the cell is a formula of a workbook that refers to other files: type the "
                     "figure itself"                                                                                                                             },
    [XLSX_TOO_LONG] = {"单元格的文字过长",                                                                                    "the cell's text is too long"},
};

bool source_readable(const struct sheet_source *source, size_t row, size_t column, bool figure,
                     const char **out_zh, const char **out_en)
{
    if (source->workbook == NULL || column == SIZE_MAX)
        return true;
    uint32_t line = (uint32_t)table_line(source->table, row) - 1;
    const struct xlsx_cell *cell =
        xlsx_find(source->workbook, source->sheet, line, (uint32_t)column);
    if (cell != NULL && cell->kind != XLSX_TEXT && cell->kind != XLSX_NUMBER) {
        *out_zh = kinds[cell->kind].zh;
        *out_en = kinds[cell->kind].en;
        return false;
    }
    if (!figure || !xlsx_is_merged(source->workbook, source->sheet, line, (uint32_t)column))
        return true;
    *out_zh = "单元格与上下行合并了，分不清是哪一项的数：请取消合并，逐项填写";
    *out_en =
        "the cell is merged with other rows, so that it is not clear whose figure it is: unmerge "
        "and fill in each row";
    return false;
}
