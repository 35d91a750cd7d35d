/* Looking at a workbook that was read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sheet/xlsx_parts.h"

size_t xlsx_sheets(const struct xlsx *workbook)
{
    return workbook->sheet_count;
}

const char *xlsx_sheet_name(const struct xlsx *workbook, size_t sheet)
{
    return workbook->sheets[sheet].name;
}

const struct xlsx_cell *xlsx_cells(const struct xlsx *workbook, size_t sheet, size_t *out_count)
{
    *out_count = workbook->sheets[sheet].cell_count;
    return workbook->sheets[sheet].cells;
}

static int compare_places(const void *left, const void *right)
{
    const struct xlsx_cell *a = left, *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a->column == b->column ? 0 : a->column < b->column ? -1 : 1;
}

const struct xlsx_cell *xlsx_find(const struct xlsx *workbook, size_t sheet, uint32_t row,
                                  uint32_t column)
{
    const struct xlsx_sheet *found = &workbook->sheets[sheet];
    struct xlsx_cell wanted = {.row = row, .column = column};
    return found->cell_count == 0
               ? NULL
               : bsearch(&wanted, found->cells, found->cell_count, sizeof wanted, compare_places);
}

bool xlsx_is_merged(const struct xlsx *workbook, size_t sheet, uint32_t row, uint32_t column)
{
    const struct xlsx_sheet *found = &workbook->sheets[sheet];
    for (size_t i = 0; i < found->merged_count; i++) {
        const struct merged *merged = &found->merged[i];
        if (merged->first_row < merged->last_row && row >= merged->first_row &&
            row <= merged->last_row && column >= merged->first_column &&
            column <= merged->last_column)
            return true;
    }
    return false;
}

char *xlsx_place(uint32_t row, uint32_t column, char text[XLSX_PLACE_BYTES])
{
    char letters[8];
    size_t count = 0;
    for (uint32_t rest = column + 1; rest > 0 && count < sizeof letters; rest = (rest - 1) / 26)
        letters[count++] = (char)('A' + (rest - 1) % 26);
    size_t at = 0;
    while (count > 0)
        text[at++] = letters[--count];
    snprintf(text + at, XLSX_PLACE_BYTES - at, "%u", row + 1);
    return text;
}

static void put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text == '\r' || *text == '\n' ? ' ' : *text, out);
    }
    fputc('"', out);
}

char *xlsx_as_csv(const struct xlsx *workbook, size_t sheet, uint32_t columns_max, size_t *out_size)
{
    const struct xlsx_sheet *found = &workbook->sheets[sheet];
    char *bytes = NULL;
    uint32_t row = 0, column = 0;
    FILE *out = open_memstream(&bytes, out_size);
    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < found->cell_count; i++) {
        const struct xlsx_cell *cell = &found->cells[i];
        if (cell->column >= columns_max)
            continue;
        for (; row < cell->row; row++, column = 0)
            fputc('\n', out);
        for (; column < cell->column; column++)
            fputc(',', out);
        put_quoted(out, cell->kind == XLSX_TEXT || cell->kind == XLSX_NUMBER ? cell->text : "?");
    }
    fputc('\n', out);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(bytes);
        return NULL;
    }
    return bytes;
}
