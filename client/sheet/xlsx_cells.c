/* The cells of one sheet. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sheet/xlsx_parts.h"

enum { COLUMNS_END = 16384, ROWS_END = 1048576, NUMBER_BYTES = 64 };

enum where { NOWHERE, IN_VALUE, IN_FORMULA, IN_INLINE };

struct cells_reading {
    struct xlsx *workbook;
    struct xlsx_sheet *sheet;
    uint32_t row, column; /* where the next row and cell without a place of their own are */
    char type[12];
    uint32_t style;
    enum where where;
    unsigned phonetic;
    bool in_cell, has_formula, has_value, linked;
    struct gathered value;
};

/* "AB12" as column and row from 0; false for anything else. */
static bool read_place(const char *text, uint32_t *out_row, uint32_t *out_column)
{
    uint32_t column = 0, row = 0;
    size_t letters = 0;
    for (; (text[letters] >= 'A' && text[letters] <= 'Z') ||
           (text[letters] >= 'a' && text[letters] <= 'z');
         letters++) {
        if (letters == 3)
            return false;
        column = column * 26 + (uint32_t)((text[letters] & 0x1F));
    }
    if (column == 0 || column > COLUMNS_END || !attribute_number(text + letters, ROWS_END, &row) ||
        row == 0)
        return false;
    *out_row = row - 1;
    *out_column = column - 1;
    return true;
}

static void begin_row(struct package *package, struct cells_reading *reading,
                      const char *const *attributes)
{
    uint32_t number = 0;
    const char *text = attribute(attributes, "r");
    reading->column = 0;
    if (text == NULL)
        return;
    if (!attribute_number(text, ROWS_END, &number) || number <= reading->row)
        package_fail(package, XLSX_DAMAGED); /* rows ascend, or cells would be overwritten */
    else
        reading->row = number - 1;
}

static void begin_cell(struct package *package, struct cells_reading *reading,
                       const char *const *attributes)
{
    const char *place = attribute(attributes, "r"), *type = attribute(attributes, "t");
    uint32_t row = reading->row, column = reading->column;
    if (place != NULL &&
        (!read_place(place, &row, &column) || row != reading->row || column < reading->column)) {
        package_fail(package, XLSX_DAMAGED);
        return;
    }
    if (column >= COLUMNS_END) {
        package_fail(package, XLSX_DAMAGED);
        return;
    }
    reading->column = column;
    snprintf(reading->type, sizeof reading->type, "%s", type == NULL ? "n" : type);
    reading->style = 0;
    (void)attribute_number(attribute(attributes, "s"), UINT32_MAX, &reading->style);
    reading->in_cell = true;
    reading->has_formula = reading->has_value = reading->linked = false;
    gather_clear(&reading->value);
}

static void begin_merged(struct package *package, struct cells_reading *reading, const char *range)
{
    struct xlsx_sheet *sheet = reading->sheet;
    struct merged merged;
    char first[XLSX_PLACE_BYTES];
    const char *colon = range == NULL ? NULL : strchr(range, ':');
    if (colon == NULL || (size_t)(colon - range) >= sizeof first)
        return;
    snprintf(first, sizeof first, "%.*s", (int)(colon - range), range);
    if (!read_place(first, &merged.first_row, &merged.first_column) ||
        !read_place(colon + 1, &merged.last_row, &merged.last_column))
        return;
    if (reading->workbook->merged_left == 0)
        package_fail(package, XLSX_TOO_LARGE);
    else if (!items_grow((void **)&sheet->merged, sheet->merged_count, &sheet->merged_room,
                         sizeof merged))
        package_fail(package, XLSX_MEMORY);
    else
        sheet->merged[sheet->merged_count++] = merged;
    reading->workbook->merged_left -= reading->workbook->merged_left > 0;
}

static void begin(struct package *package, void *context, const char *name,
                  const char *const *attributes)
{
    struct cells_reading *reading = context;
    if (strcmp(name, "c") == 0)
        begin_cell(package, reading, attributes);
    else if (strcmp(name, "row") == 0)
        begin_row(package, reading, attributes);
    else if (strcmp(name, "mergeCell") == 0)
        begin_merged(package, reading, attribute(attributes, "ref"));
    else if (!reading->in_cell)
        return;
    else if (strcmp(name, "v") == 0)
        reading->where = IN_VALUE;
    else if (strcmp(name, "f") == 0)
        reading->where = IN_FORMULA, reading->has_formula = true;
    else if (strcmp(name, "rPh") == 0)
        reading->phonetic++;
    else if (strcmp(name, "t") == 0 && reading->phonetic == 0)
        reading->where = IN_INLINE;
}

/* How many of these characters a text ends with. */
static size_t ending(const char *text, char character)
{
    size_t length = strlen(text), count = 0;
    while (count < length && text[length - 1 - count] == character)
        count++;
    return count;
}

/* A number as a spreadsheet shows it in a wide cell: 15 significant digits, no exponent. */
static const char *plain_number(struct xlsx *workbook, const char *text)
{
    char *end = NULL, shown[NUMBER_BYTES];
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        return arena_string(workbook->arena, text);
    snprintf(shown, sizeof shown, "%.15g", value);
    if (strchr(shown, 'e') == NULL)
        return arena_string(workbook->arena, shown);
    if (fabs(value) < 1) {
        int decimals = 14 - (int)floor(log10(fabs(value)));
        snprintf(shown, sizeof shown, "%.*f", decimals < 40 ? decimals : 40, value);
        shown[strlen(shown) - ending(shown, '0')] = '\0';
        return arena_string(workbook->arena, shown);
    }
    return arena_printf(workbook->arena, "%.0f", value);
}

static const char *shared(const struct cells_reading *reading, enum xlsx_kind *kind)
{
    const struct xlsx *workbook = reading->workbook;
    uint32_t index = 0;
    if (!attribute_number(reading->value.bytes, UINT32_MAX, &index) ||
        index >= workbook->string_count)
        return NULL;
    if (workbook->strings[index] == NULL)
        *kind = XLSX_TOO_LONG;
    return workbook->strings[index] == NULL ? "" : workbook->strings[index];
}

static enum xlsx_kind number_kind(const struct cells_reading *reading)
{
    const struct xlsx *workbook = reading->workbook;
    uint8_t look =
        reading->style < workbook->look_count ? workbook->looks[reading->style] : LOOK_PLAIN;
    return look == LOOK_DATE ? XLSX_DATE : look == LOOK_PERCENT ? XLSX_PERCENT : XLSX_NUMBER;
}

/* What the cell that was read says; NULL when the file contradicts itself or memory is short. */
static const char *cell_text(const struct cells_reading *reading, enum xlsx_kind *kind)
{
    struct xlsx *workbook = reading->workbook;
    const char *type = reading->type;
    *kind = XLSX_TEXT;
    if (reading->value.over) {
        *kind = XLSX_TOO_LONG;
        return "";
    }
    if (strcmp(type, "s") == 0)
        return shared(reading, kind);
    if (strcmp(type, "b") == 0)
        return reading->value.bytes[0] == '1' ? "true" : "false";
    if (strcmp(type, "d") == 0)
        *kind = XLSX_DATE;
    else if (strcmp(type, "n") == 0)
        *kind = number_kind(reading);
    return *kind == XLSX_TEXT || *kind == XLSX_DATE ? gather_keep(workbook, &reading->value)
                                                    : plain_number(workbook, reading->value.bytes);
}

static void keep_cell(struct package *package, struct cells_reading *reading)
{
    struct xlsx *workbook = reading->workbook;
    struct xlsx_sheet *sheet = reading->sheet;
    struct xlsx_cell cell = {.row = reading->row, .column = reading->column, .text = ""};
    bool filled = reading->value.size > 0 || reading->value.over;
    if (filled)
        cell.text = cell_text(reading, &cell.kind);
    else if (reading->has_formula && strcmp(reading->type, "str") != 0)
        cell.kind = XLSX_UNCALCULATED;
    else
        return;
    if (reading->linked && cell.kind != XLSX_UNCALCULATED)
        cell.kind = XLSX_LINKED;
    if (workbook->cells_left == 0 || cell.row >= XLSX_ROWS_MAX || arena_exhausted(workbook->arena))
        package_fail(package, XLSX_TOO_LARGE);
    else if (cell.text == NULL)
        package_fail(package, XLSX_DAMAGED);
    else if (!items_grow((void **)&sheet->cells, sheet->cell_count, &sheet->cell_room, sizeof cell))
        package_fail(package, XLSX_MEMORY);
    else
        sheet->cells[sheet->cell_count++] = cell;
    workbook->cells_left -= workbook->cells_left > 0;
}

static void end(struct package *package, void *context, const char *name)
{
    struct cells_reading *reading = context;
    if (strcmp(name, "row") == 0) {
        reading->row++;
    } else if (strcmp(name, "c") == 0) {
        if (reading->in_cell)
            keep_cell(package, reading);
        reading->in_cell = false;
        reading->column++;
    } else if (strcmp(name, "rPh") == 0) {
        reading->phonetic -= reading->phonetic > 0;
    } else if (strcmp(name, "v") == 0 || strcmp(name, "f") == 0 || strcmp(name, "t") == 0) {
        reading->where = NOWHERE;
    }
}

static void text(struct package *package, void *context, const char *bytes, size_t size)
{
    struct cells_reading *reading = context;
    if (reading->where == IN_FORMULA)
        reading->linked = reading->linked || reading->workbook->linked;
    else if (reading->where != NOWHERE && !gathered_add(&reading->value, bytes, size))
        package_fail(package, XLSX_MEMORY);
}

enum xlsx_fault cells_read(struct package *package, const char *part, struct xlsx *workbook,
                           struct xlsx_sheet *sheet)
{
    static const struct part_handlers handlers = {begin, end, text};
    struct cells_reading reading = {.workbook = workbook, .sheet = sheet};
    enum xlsx_fault fault = package_read(package, part, &handlers, &reading);
    free(reading.value.bytes);
    return fault;
}
