#include "text/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/foreign.h"
#include "text/utf8.h"

struct row {
    size_t first_cell, columns, line;
};

struct table {
    char *text; /* the decoded file; cells are unquoted and ended in place */
    char **cells;
    size_t cell_count, cell_room;
    struct row *rows;
    size_t row_count, row_room;
};

struct reader {
    struct table *table;
    char *at;
    char separator;
    size_t line;
};

enum ending { ENDS_CELL, ENDS_ROW, ENDS_FILE };

static enum status grow(void **items, size_t *room, size_t size)
{
    size_t wanted = *room == 0 ? 64 : *room * 2;
    void *grown = reallocarray(*items, wanted, size);
    if (grown == NULL)
        return STATUS_NO_MEMORY;
    *items = grown;
    *room = wanted;
    return STATUS_OK;
}

/* Removes surrounding blanks of [text, end) and ends it with a NUL at `end` or before. */
static char *trim(char *text, char *end)
{
    uint32_t code = 0;
    while (text < end) {
        size_t length = utf8_next(text, (size_t)(end - text), &code);
        if (length == 0 || !utf8_is_blank(code))
            break;
        text += length;
    }
    while (end > text) {
        char *last = end - 1;
        while (last > text && ((unsigned char)*last & 0xC0) == 0x80)
            last--;
        if (utf8_next(last, (size_t)(end - last), &code) == 0 || !utf8_is_blank(code))
            break;
        end = last;
    }
    *end = '\0';
    return text;
}

/* Bytes of the line break at `at`: "\n", "\r\n" or an old Macintosh's "\r"; 0 for none. */
static size_t line_break(const char *at)
{
    if (at[0] == '\r')
        return at[1] == '\n' ? 2 : 1;
    return at[0] == '\n' ? 1 : 0;
}

/* Moves a quoted text without its quotes to *out, which runs behind reader->at. */
static enum status take_quoted(struct reader *reader, char **out)
{
    reader->at++;
    for (;;) {
        if (*reader->at == '\0')
            return STATUS_E_MALFORMED;
        if (*reader->at == '"' && *++reader->at != '"')
            return STATUS_OK;
        size_t broken = line_break(reader->at);
        if (broken > 0)
            reader->line++;
        for (size_t i = broken > 0 ? broken : 1; i > 0; i--)
            *(*out)++ = *reader->at++;
    }
}

/* Reads one cell and what follows it. Text after a closing quote belongs to the cell, as in
 * spreadsheets; a quote inside unquoted text is an ordinary character. */
static enum status take_cell(struct reader *reader, char **out_text, enum ending *out_ending)
{
    char *begin = reader->at;
    char *out = begin;
    if (*reader->at == '"') {
        enum status status = take_quoted(reader, &out);
        if (status != STATUS_OK)
            return status;
    }
    while (*reader->at != '\0' && *reader->at != reader->separator && line_break(reader->at) == 0)
        *out++ = *reader->at++;
    /* Step over the separator first: ending the cell may overwrite it. */
    *out_ending = *reader->at == '\0'                ? ENDS_FILE
                  : *reader->at == reader->separator ? ENDS_CELL
                                                     : ENDS_ROW;
    if (*out_ending == ENDS_CELL)
        reader->at++;
    if (*out_ending == ENDS_ROW) {
        reader->at += line_break(reader->at);
        reader->line++;
    }
    *out_text = trim(begin, out);
    return STATUS_OK;
}

static enum status add_cell(struct table *table, char *text)
{
    if (table->cell_count == table->cell_room) {
        enum status status = grow((void **)&table->cells, &table->cell_room, sizeof *table->cells);
        if (status != STATUS_OK)
            return status;
    }
    table->cells[table->cell_count++] = text;
    return STATUS_OK;
}

static enum status add_row(struct table *table, const struct row *row)
{
    if (table->row_count == TABLE_ROWS_MAX)
        return STATUS_LIMIT;
    if (table->row_count == table->row_room) {
        enum status status = grow((void **)&table->rows, &table->row_room, sizeof *table->rows);
        if (status != STATUS_OK)
            return status;
    }
    table->rows[table->row_count++] = *row;
    return STATUS_OK;
}

/* A row of nothing but blanks and separators, as spreadsheets leave below their data, is dropped.
 */
static enum status take_row(struct reader *reader, bool *out_more)
{
    struct table *table = reader->table;
    struct row row = {.first_cell = table->cell_count, .line = reader->line};
    enum ending ending = ENDS_CELL;
    bool blank = true;
    while (ending == ENDS_CELL) {
        char *text = NULL;
        enum status status = take_cell(reader, &text, &ending);
        if (status == STATUS_OK)
            status = row.columns == TABLE_COLUMNS_MAX ? STATUS_LIMIT : add_cell(table, text);
        if (status != STATUS_OK) {
            reader->line = row.line;
            return status;
        }
        row.columns++;
        blank = blank && text[0] == '\0';
    }
    *out_more = ending != ENDS_FILE;
    if (blank) {
        table->cell_count = row.first_cell;
        return STATUS_OK;
    }
    enum status status = add_row(table, &row);
    if (status != STATUS_OK)
        reader->line = row.line;
    return status;
}

/* Tabs separate when the header has tabs and no commas outside quotes. */
static char find_separator(const char *text)
{
    while (line_break(text) > 0)
        text++;
    bool quoted = false, tab = false;
    for (; *text != '\0' && (quoted || line_break(text) == 0); text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (*text == ',' && !quoted)
            return ',';
        else if (*text == '\t' && !quoted)
            tab = true;
    }
    return tab ? '\t' : ',';
}

static enum status read_rows(struct table *table, size_t *out_line)
{
    struct reader reader = {table, table->text, find_separator(table->text), 1};
    for (bool more = true; more;) {
        enum status status = take_row(&reader, &more);
        if (status != STATUS_OK) {
            if (out_line != NULL)
                *out_line = reader.line;
            return status;
        }
    }
    return table->row_count == 0 ? STATUS_E_EMPTY : STATUS_OK;
}

enum status table_read(const uint8_t *bytes, size_t size, size_t *out_line,
                       struct table **out_table)
{
    if (size > TABLE_BYTES_MAX)
        return STATUS_LIMIT;
    if (size == 0)
        return STATUS_E_EMPTY;
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return STATUS_NO_MEMORY;
    size_t length = 0;
    enum status status = foreign_file(bytes, size) != NULL
                             ? STATUS_E_ENCODING
                             : text_decode(bytes, size, &table->text, &length);
    if (status == STATUS_OK)
        status = read_rows(table, out_line);
    if (status != STATUS_OK) {
        table_destroy(&table);
        return status;
    }
    *out_table = table;
    return STATUS_OK;
}

void table_destroy(struct table **table)
{
    if (table == NULL || *table == NULL)
        return;
    free((*table)->rows);
    free((*table)->cells);
    free((*table)->text);
    free(*table);
    *table = NULL;
}

size_t table_rows(const struct table *table)
{
    return table->row_count;
}

size_t table_columns(const struct table *table, size_t row)
{
    return row < table->row_count ? table->rows[row].columns : 0;
}

const char *table_cell(const struct table *table, size_t row, size_t column)
{
    if (column >= table_columns(table, row))
        return "";
    return table->cells[table->rows[row].first_cell + column];
}

size_t table_line(const struct table *table, size_t row)
{
    return row < table->row_count ? table->rows[row].line : 0;
}

size_t table_column(const struct table *table, const char *name)
{
    for (size_t column = 0; column < table_columns(table, 0); column++)
        if (strcmp(table_cell(table, 0, column), name) == 0)
            return column;
    return SIZE_MAX;
}
