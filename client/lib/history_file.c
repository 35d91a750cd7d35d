#include "lib/history_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/form_mark.h"
#include "lib/sheet_source.h"
#include "text/utf8.h"

enum {
    HISTORY_ARENA_BYTES = 96 * 1024 * 1024,
    YEARS_MAX = 64,
    YEAR_FIRST = 1990,
    YEAR_LAST = 2100
};

enum name {
    NAME_CELL,
    NAME_ELEMENT,
    NAME_STRATUM,
    NAME_UNIT,
    NAME_YEAR,
    NAME_VALUE,
    NAME_WHY,
    NAMES
};

static const char *const names[NAMES][2] = {
    [NAME_CELL] = {"项号",    "cell"       },
      [NAME_ELEMENT] = {"数据元", "element"    },
    [NAME_STRATUM] = {"分组",    "stratum"    },
      [NAME_UNIT] = {"单位",    "unit"       },
    [NAME_YEAR] = {"年份",    "year"       },
      [NAME_VALUE] = {"数值",    "value"      },
    [NAME_WHY] = {"说明",    "explanation"},
};

/* One column of figures, and where its year is from. */
struct year_column {
    uint32_t year; /* 0: each row says */
    size_t value, why;
};

struct layout {
    size_t header, columns[NAMES];
    struct year_column years[YEARS_MAX];
    size_t year_count;
};

struct reading {
    struct history *history;
    const struct sheet_source *source;
    struct layout layout;
    enum status status;
};

/* A year at the beginning of a text, half- or full-width, and what follows it; 0 for none. */
static uint32_t year_of(const char *text, const char **out_rest)
{
    uint32_t year = 0, code = 0;
    for (int digits = 0; digits < 4; digits++) {
        size_t length = utf8_next(text, strlen(text), &code);
        code = length == 0 ? 0 : utf8_half_width(code);
        if (code < '0' || code > '9')
            return 0;
        year = year * 10 + (code - '0');
        text += length;
    }
    if (strncmp(text, "年", strlen("年")) == 0)
        text += strlen("年");
    while (*text == ' ')
        text++;
    *out_rest = text;
    return year >= YEAR_FIRST && year <= YEAR_LAST ? year : 0;
}

static struct year_column *year_column(struct layout *layout, uint32_t year)
{
    for (size_t i = 0; i < layout->year_count; i++)
        if (layout->years[i].year == year)
            return &layout->years[i];
    if (layout->year_count == YEARS_MAX)
        return NULL;
    layout->years[layout->year_count] = (struct year_column){year, SIZE_MAX, SIZE_MAX};
    return &layout->years[layout->year_count++];
}

/* The years that stand in a header of the wide shape. */
static void find_years(const struct table *table, struct layout *layout)
{
    for (size_t i = 0; i < table_columns(table, layout->header); i++) {
        const char *rest = NULL, *text = table_cell(table, layout->header, i);
        uint32_t year = year_of(text, &rest);
        struct year_column *column = year == 0 ? NULL : year_column(layout, year);
        if (column == NULL)
            continue;
        bool why = strcmp(rest, names[NAME_WHY][0]) == 0 || strcmp(rest, names[NAME_WHY][1]) == 0;
        if (why)
            column->why = i;
        else if (rest[0] == '\0' || strcmp(rest, names[NAME_VALUE][0]) == 0)
            column->value = i;
    }
}

/* The year that a whole sheet is of: its mark's, or its name's. */
static uint32_t sheet_year(const struct sheet_source *source)
{
    struct form_mark mark;
    const char *rest = NULL;
    size_t row = 0;
    if (source_mark(source->table, &mark, &row) && mark.year != 0)
        return mark.year;
    return source->name == NULL ? 0 : year_of(source->name, &rest);
}

/* Whether row `row` is the header of one of the three shapes. */
static bool is_header(const struct sheet_source *source, size_t row, struct layout *layout)
{
    const struct table *table = source->table;
    *layout = (struct layout){.header = row};
    for (size_t i = 0; i < NAMES; i++)
        layout->columns[i] = source_column(table, row, names[i][0], names[i][1]);
    if (layout->columns[NAME_CELL] == SIZE_MAX && layout->columns[NAME_ELEMENT] == SIZE_MAX)
        return false;
    if (layout->columns[NAME_VALUE] == SIZE_MAX) {
        find_years(table, layout);
        return layout->year_count > 0;
    }
    uint32_t year = layout->columns[NAME_YEAR] != SIZE_MAX ? 0 : sheet_year(source);
    layout->years[0] =
        (struct year_column){year, layout->columns[NAME_VALUE], layout->columns[NAME_WHY]};
    layout->year_count = 1;
    return year != 0 || layout->columns[NAME_YEAR] != SIZE_MAX;
}

static const char *text_at(const struct reading *reading, size_t row, size_t column)
{
    return column == SIZE_MAX ? "" : table_cell(reading->source->table, row, column);
}

static const char *keep(struct reading *reading, const char *text)
{
    const char *copy = text[0] == '\0' ? "" : arena_string(reading->history->arena, text);
    if (copy == NULL)
        reading->status = STATUS_LIMIT;
    return copy == NULL ? "" : copy;
}

static const char *place_of(struct reading *reading, size_t row, size_t column)
{
    char text[HISTORY_PLACE_BYTES], place[XLSX_PLACE_BYTES];
    const struct sheet_source *source = reading->source;
    size_t line = table_line(source->table, row);
    const char *header = table_cell(source->table, reading->layout.header, column);
    if (source->workbook != NULL)
        snprintf(text, sizeof text, "%.*s!%s", (int)utf8_cut(source->name, 60), source->name,
                 xlsx_place((uint32_t)line - 1, (uint32_t)column, place));
    else
        snprintf(text, sizeof text, "%zu:%.*s", line, (int)utf8_cut(header, 60), header);
    return keep(reading, text);
}

static void set_fault(struct history_row *row, enum status fault, const char *zh, const char *en)
{
    if (row->fault != STATUS_OK)
        return;
    row->fault = fault;
    row->fault_zh = zh;
    row->fault_en = en;
}

/* Whose and of which year a row is, where its own columns say. */
static void take_whose(struct reading *reading, size_t at, struct history_row *row)
{
    const char *unit = text_at(reading, at, reading->layout.columns[NAME_UNIT]), *rest = NULL;
    if (unit[0] != '\0' && unit_parse(unit, &row->unit) != STATUS_OK)
        set_fault(row, STATUS_E_UNIT_UNKNOWN, "“单位”列不是单位代码（12位，如450223102208）",
                  "the column \"unit\" does not hold a unit's code (12 digits, as 450223102208)");
    if (row->year == 0)
        row->year = year_of(text_at(reading, at, reading->layout.columns[NAME_YEAR]), &rest);
    if (row->year == 0)
        set_fault(row, STATUS_E_PERIOD, "“年份”列不是年份", "the column \"year\" holds no year");
}

static void add_row(struct reading *reading, size_t at, const struct year_column *year)
{
    struct history *history = reading->history;
    const struct layout *layout = &reading->layout;
    const char *value = text_at(reading, at, year->value), *why = text_at(reading, at, year->why);
    const char *zh = NULL, *en = NULL;
    if (value[0] == '\0' && why[0] == '\0')
        return;
    if (history->count == HISTORY_ROWS_MAX) {
        reading->status = STATUS_LIMIT;
        return;
    }
    if (history->count == history->room) {
        size_t room = history->room == 0 ? 256 : history->room * 2;
        void *grown = reallocarray(history->rows, room, sizeof *history->rows);
        if (grown == NULL) {
            reading->status = STATUS_NO_MEMORY;
            return;
        }
        history->rows = grown;
        history->room = room;
    }
    struct history_row *row = &history->rows[history->count++];
    *row = (struct history_row){
        .year = year->year,
        .cell = keep(reading, text_at(reading, at, layout->columns[NAME_CELL])),
        .element = keep(reading, text_at(reading, at, layout->columns[NAME_ELEMENT])),
        .stratum = keep(reading, text_at(reading, at, layout->columns[NAME_STRATUM])),
        .value = keep(reading, value),
        .explanation = keep(reading, why),
        .place = place_of(reading, at, year->value)};
    take_whose(reading, at, row);
    if (!source_readable(reading->source, at, year->value, true, &zh, &en))
        set_fault(row, STATUS_E_SHEET_CELL, zh, en);
    if (strcmp(row->cell, "?") == 0 || strcmp(row->explanation, "?") == 0)
        set_fault(row, STATUS_E_SHEET_CELL, "这一行的项号或说明读不出",
                  "the row's cell number or explanation cannot be read");
}

/* Reads one sheet; false when it has none of the shapes. */
static bool read_sheet(struct reading *reading)
{
    const struct table *table = reading->source->table;
    size_t row = 0;
    while (row < table_rows(table) && row < SOURCE_HEADER_ROWS &&
           !is_header(reading->source, row, &reading->layout))
        row++;
    if (row == table_rows(table) || row == SOURCE_HEADER_ROWS)
        return false;
    for (row++; row < table_rows(table) && reading->status == STATUS_OK; row++) {
        if (text_at(reading, row, reading->layout.columns[NAME_CELL])[0] == '\0' &&
            text_at(reading, row, reading->layout.columns[NAME_ELEMENT])[0] == '\0')
            continue;
        for (size_t i = 0; i < reading->layout.year_count; i++)
            if (reading->layout.years[i].value != SIZE_MAX)
                add_row(reading, row, &reading->layout.years[i]);
    }
    return true;
}

static enum status read_sheets(struct sheet_source *source, struct problems *problems,
                               struct history *history)
{
    bool any = false;
    for (size_t i = 0; i < source_sheets(source); i++) {
        struct reading reading = {.history = history, .source = source, .status = STATUS_OK};
        enum status status = source_choose(source, i);
        if (status == STATUS_E_EMPTY)
            continue;
        if (status == STATUS_OK && read_sheet(&reading))
            any = true;
        status = status == STATUS_OK ? reading.status : status;
        if (status == STATUS_LIMIT)
            problems_addf(problems, STATUS_LIMIT, 0, "", "数据过多：一个文件最多%d个数，请分开导入",
                          "too many figures: a file has at most %d, import it in parts",
                          HISTORY_ROWS_MAX);
        if (status != STATUS_OK)
            return status;
    }
    if (any)
        return STATUS_OK;
    problems_add(
        problems, STATUS_E_HEADER, 0, "",
        "没有认出历年数据的表头：要有“项号”（或“数据元”、“分组”），以及“年份”和“数值”列，或每年"
        "一列（2016、2017年……），或以年份作工作表名",
        "no header of earlier years' figures: it has \"cell\" (or \"element\", \"stratum\") and "
        "columns \"year\" and \"value\", or a column a year (2016, 2017 ...), or sheets "
        "named by year");
    return STATUS_E_HEADER;
}

enum status history_read(const uint8_t *bytes, size_t size, struct problems *problems,
                         struct history *out_history)
{
    struct sheet_source source = {0};
    struct history history = {.arena = arena_create(HISTORY_ARENA_BYTES)};
    if (history.arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = source_open(&source, bytes, size, problems);
    if (status == STATUS_OK)
        status = read_sheets(&source, problems, &history);
    source_close(&source);
    if (status == STATUS_OK)
        *out_history = history;
    else
        history_clear(&history);
    return status;
}

void history_clear(struct history *history)
{
    free(history->rows);
    arena_destroy(&history->arena);
    *history = (struct history){0};
}
