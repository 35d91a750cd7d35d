#include "plan/sheet.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan/stratum.h"
#include "text/foreign.h"
#include "text/utf8.h"

const struct plan_file *sheet_find(const struct plan_file *files, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

/* A column whose name ends in '?' may be missing: its cells are then empty. */
static size_t column_find(const struct table *table, const char *name, bool *out_optional)
{
    char plain[PROBLEM_FIELD_BYTES];
    size_t length = strlen(name);
    *out_optional = length > 0 && name[length - 1] == '?';
    snprintf(plain, sizeof plain, "%.*s", (int)(length - *out_optional), name);
    return table_column(table, plain);
}

static bool find_columns(struct sheet *sheet, size_t name_count)
{
    bool complete = true, optional = false;
    for (size_t i = 0; i < name_count; i++) {
        sheet->column[i] = column_find(sheet->table, sheet->names[i], &optional);
        if (sheet->column[i] != SIZE_MAX || optional)
            continue;
        char field[PROBLEM_FIELD_BYTES];
        snprintf(field, sizeof field, "%s:%zu:%s", sheet->file, table_line(sheet->table, 0),
                 sheet->names[i]);
        problems_addf(sheet->problems, STATUS_E_HEADER, 0, field, "表头缺少“%s”列",
                      "the header has no column \"%s\"", sheet->names[i]);
        complete = false;
    }
    return complete;
}

bool sheet_open(struct sheet *sheet, const struct plan_file *files, size_t count, const char *file,
                const char *const *names, size_t name_count)
{
    assert(name_count <= SHEET_COLUMNS_MAX);
    sheet->file = file;
    sheet->names = names;
    const struct plan_file *found = sheet_find(files, count, file);
    if (found == NULL)
        return false;
    size_t line = 1;
    enum status status = table_read(found->bytes, found->size, &line, &sheet->table);
    if (status == STATUS_NO_MEMORY)
        *sheet->failed = true;
    if (status != STATUS_OK) {
        char field[PROBLEM_FIELD_BYTES];
        snprintf(field, sizeof field, "%s:%zu", file, line);
        const struct foreign_file *foreign = foreign_file(found->bytes, found->size);
        problems_add(sheet->problems, status, 0, field, foreign == NULL ? NULL : foreign->zh,
                     foreign == NULL ? NULL : foreign->en);
        return false;
    }
    return find_columns(sheet, name_count);
}

void sheet_close(struct sheet *sheet)
{
    table_destroy(&sheet->table);
}

size_t sheet_rows(const struct sheet *sheet)
{
    return table_rows(sheet->table) - 1;
}

void *sheet_array(const struct sheet *sheet, size_t count, size_t size)
{
    void *array = arena_array(sheet->arena, count, size);
    if (array == NULL)
        *sheet->failed = true;
    return array;
}

const char *sheet_cell(const struct sheet *sheet, size_t row, size_t column)
{
    if (sheet->column[column] == SIZE_MAX)
        return "";
    return table_cell(sheet->table, row + 1, sheet->column[column]);
}

void sheet_field(const struct sheet *sheet, size_t row, size_t column,
                 char field[PROBLEM_FIELD_BYTES])
{
    const char *name = sheet->names[column];
    snprintf(field, PROBLEM_FIELD_BYTES, "%s:%zu:%.*s", sheet->file,
             table_line(sheet->table, row + 1), (int)strcspn(name, "?"), name);
}

void sheet_problem(const struct sheet *sheet, size_t row, size_t column, const char *zh,
                   const char *en)
{
    enum { SHOWN = 60 };
    char field[PROBLEM_FIELD_BYTES], text_zh[2 * PROBLEM_TEXT_BYTES], text_en[sizeof text_zh];
    const char *cell = sheet_cell(sheet, row, column);
    int shown = (int)utf8_cut_words(cell, SHOWN);
    if (cell[0] == '\0') {
        snprintf(text_zh, sizeof text_zh, "此格为空，应为%s", zh);
        snprintf(text_en, sizeof text_en, "empty, expected %s", en);
    } else {
        snprintf(text_zh, sizeof text_zh, "“%.*s”不对，应为%s", shown, cell, zh);
        snprintf(text_en, sizeof text_en, "found \"%.*s\", expected %s", shown, cell, en);
    }
    sheet_field(sheet, row, column, field);
    problems_add(sheet->problems, STATUS_E_PLAN_INVALID, 0, field, text_zh, text_en);
}

const char *sheet_text(const struct sheet *sheet, size_t row, size_t column)
{
    const char *cell = sheet_cell(sheet, row, column);
    if (cell[0] == '\0')
        return "";
    const char *text = arena_string(sheet->arena, cell);
    if (text != NULL)
        return text;
    *sheet->failed = true;
    return "";
}

const char *sheet_required(const struct sheet *sheet, size_t row, size_t column)
{
    if (sheet_cell(sheet, row, column)[0] == '\0')
        sheet_problem(sheet, row, column, "文字", "a text");
    return sheet_text(sheet, row, column);
}

static bool is_slug(const char *text)
{
    return text[0] != '\0' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == strlen(text);
}

const char *sheet_slug(const struct sheet *sheet, size_t row, size_t column)
{
    if (!is_slug(sheet_cell(sheet, row, column)))
        sheet_problem(sheet, row, column, "由小写字母、数字、_、-组成的代码",
                      "a code of a-z, 0-9, '_' and '-'");
    return sheet_text(sheet, row, column);
}

double sheet_number(const struct sheet *sheet, size_t row, size_t column, bool *out_has)
{
    const char *cell = sheet_cell(sheet, row, column);
    double value = 0;
    *out_has = false;
    if (cell[0] == '\0')
        return 0;
    if (number_parse(cell, 0, &value) != STATUS_OK)
        sheet_problem(sheet, row, column, "数值", "a number");
    else
        *out_has = true;
    return value;
}

uint64_t sheet_optional(const struct sheet *sheet, size_t row, size_t column, uint64_t least,
                        uint64_t most, bool *out_has)
{
    const char *cell = sheet_cell(sheet, row, column);
    size_t length = strlen(cell);
    uint64_t value = 0;
    *out_has = false;
    if (length == 0)
        return 0;
    if (length <= 18 && strspn(cell, "0123456789") == length)
        *out_has = sscanf(cell, "%" SCNu64, &value) == 1 && value >= least && value <= most;
    if (*out_has)
        return value;
    char zh[96], en[96];
    snprintf(zh, sizeof zh, "%" PRIu64 "至%" PRIu64 "的整数", least, most);
    snprintf(en, sizeof en, "a whole number from %" PRIu64 " to %" PRIu64, least, most);
    sheet_problem(sheet, row, column, zh, en);
    return 0;
}

uint64_t sheet_whole(const struct sheet *sheet, size_t row, size_t column, uint64_t least,
                     uint64_t most)
{
    bool has = false;
    uint64_t value = sheet_optional(sheet, row, column, least, most, &has);
    if (has)
        return value;
    if (sheet_cell(sheet, row, column)[0] == '\0')
        sheet_problem(sheet, row, column, "整数", "a whole number");
    return least;
}

unsigned sheet_choice(const struct sheet *sheet, size_t row, size_t column,
                      const char *const *words)
{
    char list[PROBLEM_TEXT_BYTES] = "";
    size_t used = 0;
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(sheet_cell(sheet, row, column), words[i]) == 0)
            return i;
        int more = snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : " | ", words[i]);
        if (more > 0 && (size_t)more < sizeof list - used)
            used += (size_t)more;
    }
    sheet_problem(sheet, row, column, list, list);
    return 0;
}

bool sheet_flag(const struct sheet *sheet, size_t row, size_t column)
{
    static const char *const words[] = {"no", "yes", "0", "1", "false", "true", NULL};
    if (sheet_cell(sheet, row, column)[0] == '\0')
        return false;
    return sheet_choice(sheet, row, column, words) % 2 == 1;
}

const char *sheet_stratum(const struct sheet *sheet, size_t row, size_t column)
{
    if (!stratum_valid(sheet_cell(sheet, row, column)))
        sheet_problem(sheet, row, column, "以;相连的“键=值”", "key=value tags joined by ';'");
    return sheet_text(sheet, row, column);
}
