#include "cli/rows.h"

#include <assert.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json.h"
#include "text/utf8.h"

enum { ROWS_ARENA_BYTES = 256 * 1024 * 1024 };

struct row {
    struct row *next;
    const char *cells[];
};

struct rows {
    const struct context *context;
    const struct row_column *columns;
    size_t count, row_count;
    struct arena *arena;
    struct row *first, **last;
    bool failed;
};

struct rows *rows_create(const struct context *context, const struct row_column *columns,
                         size_t count)
{
    assert(count <= ROW_COLUMNS_MAX);
    struct rows *rows = calloc(1, sizeof *rows);
    if (rows == NULL)
        return NULL;
    rows->context = context;
    rows->columns = columns;
    rows->count = count;
    rows->last = &rows->first;
    rows->arena = arena_create(ROWS_ARENA_BYTES);
    if (rows->arena == NULL)
        rows_destroy(&rows);
    return rows;
}

void rows_destroy(struct rows **rows)
{
    if (rows == NULL || *rows == NULL)
        return;
    arena_destroy(&(*rows)->arena);
    free(*rows);
    *rows = NULL;
}

const char *rows_printf(struct rows *rows, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    const char *saved = length < 0 ? NULL : arena_string(rows->arena, text);
    if (length >= 0)
        free(text);
    rows->failed = rows->failed || saved == NULL;
    return saved == NULL ? "" : saved;
}

FILE *rows_text_begin(struct rows_text *text)
{
    *text = (struct rows_text){0};
    text->out = open_memstream(&text->bytes, &text->size);
    return text->out;
}

const char *rows_text_end(struct rows *rows, struct rows_text *text)
{
    const char *saved = NULL;
    if (text->out != NULL && fclose(text->out) == 0)
        saved = arena_string(rows->arena, text->bytes);
    free(text->bytes);
    rows->failed = rows->failed || saved == NULL;
    return saved == NULL ? "" : saved;
}

void rows_add(struct rows *rows, const char *const *cells)
{
    struct row *row = arena_alloc(rows->arena, sizeof *row + rows->count * sizeof row->cells[0]);
    for (size_t i = 0; row != NULL && i < rows->count; i++) {
        row->cells[i] = arena_string(rows->arena, cells[i] == NULL ? "" : cells[i]);
        if (row->cells[i] == NULL)
            row = NULL;
    }
    if (row == NULL) {
        rows->failed = true;
        return;
    }
    *rows->last = row;
    rows->last = &row->next;
    rows->row_count++;
}

size_t rows_count(const struct rows *rows)
{
    return rows->row_count;
}

/* Unicode's East Asian Width: W and F, as ranges. */
static size_t character_width(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {
        {0x1100,  0x115F },
        {0x2E80,  0x303E },
        {0x3041,  0xA4CF },
        {0xA960,  0xA97F },
        {0xAC00,  0xD7A3 },
        {0xF900,  0xFAFF },
        {0xFE10,  0xFE19 },
        {0xFE30,  0xFE6F },
        {0xFF00,  0xFF60 },
        {0xFFE0,  0xFFE6 },
        {0x1F300, 0x1F64F},
        {0x1F900, 0x1F9FF},
        {0x20000, 0x3FFFD}
    };
    if (code < 0x20 || (code >= 0x300 && code <= 0x36F) || (code >= 0x200B && code <= 0x200F))
        return 0;
    /* Quotation marks and dashes are ambiguous; Chinese fonts draw them wide. */
    if (code == 0x2014 || code == 0x2018 || code == 0x2019 || code == 0x201C || code == 0x201D)
        return 2;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (code >= wide[i].first && code <= wide[i].last)
            return 2;
    return 1;
}

size_t text_width(const char *text)
{
    size_t width = 0, size = strlen(text), length;
    uint32_t code = 0;
    for (size_t at = 0; at < size; at += length) {
        length = utf8_next(text + at, size - at, &code);
        if (length == 0)
            return width;
        width += character_width(code);
    }
    return width;
}

static void pad(size_t count)
{
    while (count-- > 0)
        putchar(' ');
}

static void print_cell(const struct rows *rows, size_t column, const char *text, size_t width,
                       bool last)
{
    size_t blank = width > text_width(text) ? width - text_width(text) : 0;
    if (rows->columns[column].type == COLUMN_NUMBER) {
        pad(blank);
        blank = 0;
    }
    for (const char *at = text; *at != '\0'; at++)
        putchar(*at == '\n' || *at == '\r' || *at == '\t' ? ' ' : *at);
    if (!last)
        pad(blank + 2);
}

static void print_table(const struct rows *rows)
{
    size_t widths[ROW_COLUMNS_MAX] = {0};
    if (rows->row_count == 0)
        return;
    for (size_t i = 0; i < rows->count; i++)
        widths[i] = text_width(TR(rows->context, rows->columns[i].zh, rows->columns[i].en));
    for (const struct row *row = rows->first; row != NULL; row = row->next)
        for (size_t i = 0; i < rows->count; i++)
            if (text_width(row->cells[i]) > widths[i])
                widths[i] = text_width(row->cells[i]);
    for (size_t i = 0; i < rows->count; i++)
        print_cell(rows, i, TR(rows->context, rows->columns[i].zh, rows->columns[i].en), widths[i],
                   i + 1 == rows->count);
    putchar('\n');
    for (const struct row *row = rows->first; row != NULL; row = row->next) {
        size_t count = rows->count; /* no blanks at the end of a line */
        while (count > 1 && row->cells[count - 1][0] == '\0')
            count--;
        for (size_t i = 0; i < count; i++)
            print_cell(rows, i, row->cells[i], widths[i], i + 1 == count);
        putchar('\n');
    }
}

static void print_quoted(const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void print_csv(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        printf("%s%s", i == 0 ? "" : ",", rows->columns[i].key);
    putchar('\n');
    for (const struct row *row = rows->first; row != NULL; row = row->next) {
        for (size_t i = 0; i < rows->count; i++) {
            if (i > 0)
                putchar(',');
            print_quoted(row->cells[i]);
        }
        putchar('\n');
    }
}

/* The parts of a joined text, without copies of it. */
static json_t *json_parts(const char *text, char separator, bool numbers)
{
    json_t *array = json_array();
    const char separators[] = {separator, '\0'};
    for (size_t length; array != NULL && *text != '\0'; text += length) {
        length = strcspn(text, separators);
        if (length > 0 &&
            json_array_append_new(array, numbers ? json_integer(strtoll(text, NULL, 10))
                                                 : json_stringn(text, length)) != 0) {
            json_decref(array);
            return NULL;
        }
        length += text[length] == separator;
    }
    return array;
}

static json_t *json_cell(const struct row_column *column, const char *text)
{
    char *end = NULL;
    if (column->type == COLUMN_FLAG)
        return json_boolean(text[0] != '\0' && text[0] != '0');
    if (column->type == COLUMN_TEXT)
        return json_string(text);
    if (column->type == COLUMN_LIST)
        return json_parts(text, ' ', false);
    if (column->type == COLUMN_NUMBERS)
        return json_parts(text, ',', true);
    if (text[0] == '\0')
        return json_null();
    if (strspn(text, "-0123456789") == strlen(text) && strlen(text) < 18)
        return json_integer(strtoll(text, NULL, 10));
    double value = strtod(text, &end);
    return *end == '\0' ? json_real(value) : json_string(text);
}

bool rows_json(const struct rows *rows, json_t **out_array)
{
    json_t *array = json_array();
    bool complete = array != NULL && !rows->failed;
    for (const struct row *row = rows->first; complete && row != NULL; row = row->next) {
        json_t *object = json_object();
        for (size_t i = 0; object != NULL && i < rows->count; i++)
            complete =
                complete && json_object_set_new(object, rows->columns[i].key,
                                                json_cell(&rows->columns[i], row->cells[i])) == 0;
        complete = complete && json_array_append_new(array, object) == 0;
    }
    if (complete)
        *out_array = array;
    else
        json_decref(array);
    return complete;
}

bool json_print(json_t *value)
{
    bool printed = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) == 0;
    putchar('\n');
    return printed;
}

bool rows_print(const struct rows *rows)
{
    json_t *array = NULL;
    if (rows->failed)
        return false;
    switch (rows->context->format) {
    case FORMAT_TABLE: print_table(rows); return true;
    case FORMAT_CSV: print_csv(rows); return true;
    case FORMAT_JSON: break;
    }
    if (!rows_json(rows, &array))
        return false;
    bool printed = json_print(array);
    json_decref(array);
    return printed;
}
