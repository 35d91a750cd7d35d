#include "lib/filled_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/filled_parts.h"
#include "lib/filled_value.h"
#include "plan/stratum.h"
#include "text/csv.h"
#include "text/utf8.h"

enum { FILLED_ARENA_BYTES = 16 * 1024 * 1024 };

static const char *cell_text(const struct filler *filler, size_t row, enum column column)
{
    size_t index = filler->columns[column];
    return index == SIZE_MAX ? "" : table_cell(filler->source.table, row, index);
}

/* The form's cell by element and stratum; SIZE_MAX. */
static size_t find_by_element(const struct filler *filler, const char *element, const char *stratum)
{
    const struct plan *plan = blank_form_plan(filler->filled->blank);
    for (size_t i = 0; i < filler->form->cell_count; i++) {
        const struct cell *cell = &filler->form->cells[i];
        if (strcmp(plan->elements[cell->element].code, element) == 0 &&
            stratum_equal(cell->stratum, stratum))
            return i;
    }
    return SIZE_MAX;
}

static size_t unknown_cell(struct filler *filler, size_t row, enum column column)
{
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    const char *text = cell_text(filler, row, column);
    int length = (int)utf8_cut_words(text, 60);
    snprintf(zh, sizeof zh, "报表“%.60s”没有这一项：%.*s", filler->form->code, length, text);
    snprintf(en, sizeof en, "form %.60s has no such cell: %.*s", filler->form->code, length, text);
    filler_problem(filler, STATUS_E_CELL_UNKNOWN, 0, table_line(filler->source.table, row), column,
                   zh, en);
    return SIZE_MAX;
}

/* Which cell of the form a line is for; SIZE_MAX after a problem was noted. */
static size_t find_cell(struct filler *filler, size_t row)
{
    double number = 0;
    const char *text = cell_text(filler, row, COLUMN_CELL);
    const char *element = cell_text(filler, row, COLUMN_ELEMENT);
    for (enum column i = COLUMN_CELL; i <= COLUMN_STRATUM; i++)
        if (!filler_readable(filler, 0, row, i))
            return SIZE_MAX;
    if (text[0] == '\0') {
        size_t index = find_by_element(filler, element, cell_text(filler, row, COLUMN_STRATUM));
        return index != SIZE_MAX
                   ? index
                   : unknown_cell(filler, row, element[0] == '\0' ? COLUMN_CELL : COLUMN_ELEMENT);
    }
    if (number_parse(text, 0, &number) != STATUS_OK || number < 1 || number > UINT32_MAX ||
        number != (double)(uint32_t)number)
        return unknown_cell(filler, row, COLUMN_CELL);
    const struct cell *cell = form_cell(filler->form, (uint32_t)number);
    if (cell == NULL)
        return unknown_cell(filler, row, COLUMN_CELL);
    const char *expected = blank_form_plan(filler->filled->blank)->elements[cell->element].code;
    if (element[0] != '\0' && strcmp(element, expected) != 0) {
        char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
        snprintf(zh, sizeof zh, "第%u项是%.60s，文件里却是%.*s：请用现行报表的模板", cell->number,
                 expected, (int)utf8_cut_words(element, 60), element);
        snprintf(en, sizeof en, "cell %u is %.60s but the file says %.*s: use the current template",
                 cell->number, expected, (int)utf8_cut_words(element, 60), element);
        filler_problem(filler, STATUS_E_CELL_UNKNOWN, cell->number,
                       table_line(filler->source.table, row), COLUMN_ELEMENT, zh, en);
        return SIZE_MAX;
    }
    return (size_t)(cell - filler->form->cells);
}

/* Digits that a text has at its beginning, full-width ones too; *out_end: where they end. */
static size_t leading_digits(const char *text, const char **out_end)
{
    size_t digits = 0, size = strlen(text);
    for (;; digits++) {
        uint32_t code = 0;
        size_t length = utf8_next(text, size, &code);
        code = length == 0 ? 0 : utf8_half_width(code);
        if (code < '0' || code > '9') {
            *out_end = text;
            return digits;
        }
        text += length;
        size -= length;
    }
}

/* "1,234" without quotes is two fields, 1 and 234: the second lands in the next column. Three
 * digits alone explain nothing, so after one to three they are taken for the rest of a number. */
static bool split_thousands(const char *value, const char *next)
{
    const char *end = NULL;
    value += value[0] == '-';
    size_t digits = leading_digits(value, &end);
    if (digits < 1 || digits > 3 || *end != '\0' || leading_digits(next, &end) != 3)
        return false;
    return *end == '\0' || (*end == '.' && leading_digits(end + 1, &end) > 0 && *end == '\0');
}

/* Whether the row is cut as its header says; a problem was noted when not. */
static bool row_whole(struct filler *filler, size_t row)
{
    size_t wanted = table_columns(filler->source.table, filler->header);
    size_t found = table_columns(filler->source.table, row);
    size_t value = filler->columns[COLUMN_VALUE], line = table_line(filler->source.table, row);
    const char *text = table_cell(filler->source.table, row, value);
    const char *next = table_cell(filler->source.table, row, value + 1);
    const char *cell = cell_text(filler, row, COLUMN_CELL);
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    uint32_t number = (uint32_t)strtoul(cell, NULL, 10);
    if (filler->source.workbook != NULL)
        return true; /* has cells, which nothing cuts */
    if ((found > wanted || value + 1 == filler->columns[COLUMN_EXPLANATION]) &&
        split_thousands(text, next)) {
        snprintf(zh, sizeof zh,
                 "看来是未加引号的千分位：%.*s,%.*s。请去掉逗号；若确是说明，请写成文字",
                 (int)utf8_cut(text, 20), text, (int)utf8_cut(next, 20), next);
        snprintf(en, sizeof en,
                 "looks like a thousands separator without quotes: %.*s,%.*s; leave out the "
                 "comma, or put the explanation in words",
                 (int)utf8_cut(text, 20), text, (int)utf8_cut(next, 20), next);
        filler_problem(filler, STATUS_E_NOT_NUMBER, number, line, COLUMN_VALUE, zh, en);
    } else if (found > wanted) {
        snprintf(zh, sizeof zh, "这一行有%zu列，表头只有%zu列：含逗号的文字或数须加引号", found,
                 wanted);
        snprintf(en, sizeof en,
                 "the row has %zu columns but the header %zu: quote what has a comma in it", found,
                 wanted);
        filler_problem(filler, STATUS_E_COLUMNS, number, line, COLUMN_VALUE, zh, en);
    } else {
        return true;
    }
    return false;
}

static void read_value(struct filler *filler, size_t row, size_t index)
{
    struct entry *entry = &filler->filled->entries[index];
    const struct cell *cell = &filler->form->cells[index];
    const char *text = cell_text(filler, row, COLUMN_VALUE);
    enum element_type type = blank_form_plan(filler->filled->blank)->elements[cell->element].type;
    struct filled_value value = {0};
    enum status status = filled_value_read(text, type, &value);
    if (status == STATUS_OK) {
        entry->given = value.given;
        entry->presence = value.presence;
        entry->value = value.value;
        return;
    }
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    int length = (int)utf8_cut_words(text, 60);
    bool number = status == STATUS_E_NOT_NUMBER;
    snprintf(zh, sizeof zh, "%s：%.*s%s", status_zh(status), length, text,
             number ? "。请填数字，如 12 或 3.5；没有数的填“不适用”“未采集”或“未报送”" : "");
    snprintf(en, sizeof en, "%s: %.*s%s", status_en(status), length, text,
             number ? ". Write digits, such as 12 or 3.5; where there is no figure: not "
                      "applicable, not collected or not reported"
                    : "");
    filler_problem(filler, status, cell->number, entry->line, COLUMN_VALUE, zh, en);
    entry->given = true; /* keeps "required figure missing" from being said as well */
    entry->presence = PRESENCE_NOT_COLLECTED;
    entry->unread = true;
}

static void read_explanation(struct filler *filler, size_t row, size_t index)
{
    struct entry *entry = &filler->filled->entries[index];
    uint32_t number = filler->form->cells[index].number;
    const char *text = cell_text(filler, row, COLUMN_EXPLANATION);
    if (!filler_readable(filler, number, row, COLUMN_EXPLANATION))
        return;
    if (strlen(text) > FILLED_TEXT_MAX)
        filler_problem(filler, STATUS_E_TEXT, number, entry->line, COLUMN_EXPLANATION, "说明过长",
                       "the explanation is too long");
    else if (text[0] != '\0')
        entry->explanation = arena_string(filler->filled->arena, text);
}

static void read_row(struct filler *filler, size_t row)
{
    size_t index = filler_people(filler, row) ? SIZE_MAX : find_cell(filler, row);
    if (index == SIZE_MAX)
        return;
    struct entry *entry = &filler->filled->entries[index];
    uint32_t number = filler->form->cells[index].number;
    size_t line = table_line(filler->source.table, row);
    if (entry->line != 0) {
        char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
        snprintf(zh, sizeof zh, "第%u项在第%zu行已经填过", number, entry->line);
        snprintf(en, sizeof en, "cell %u was filled in on line %zu already", number, entry->line);
        filler_problem(filler, STATUS_E_CELL_ORDER, number, line, COLUMN_CELL, zh, en);
        return;
    }
    entry->line = line;
    entry->given = true; /* keeps "required figure missing" from being said as well */
    entry->presence = PRESENCE_NOT_COLLECTED;
    entry->unread = true;
    if (!row_whole(filler, row) || !filler_readable(filler, number, row, COLUMN_VALUE))
        return;
    entry->given = entry->unread = false;
    read_value(filler, row, index);
    read_explanation(filler, row, index);
}

/* The entries as parallel columns. */
static enum status build(struct filled_form *filled, const struct form *form)
{
    size_t room = form->cell_count, count = 0;
    uint32_t *cells = arena_array(filled->arena, room, sizeof *cells);
    uint32_t *presence = arena_array(filled->arena, room, sizeof *presence);
    double *values = arena_array(filled->arena, room, sizeof *values);
    filled->explanations = arena_array(filled->arena, room, sizeof *filled->explanations);
    if (cells == NULL || presence == NULL || values == NULL || filled->explanations == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < room; i++) {
        const struct entry *entry = &filled->entries[i];
        if (entry->explanation != NULL)
            filled->explanations[filled->explanation_count++] =
                (struct filled_explanation){form->cells[i].number, entry->explanation};
        if (!entry->given || (filled->lenient && entry->unread))
            continue;
        cells[count] = form->cells[i].number;
        presence[count] = entry->presence;
        values[count++] = entry->value;
        filled->value_count += entry->presence == PRESENCE_VALUE;
    }
    filled->observations = (struct observations){count, cells, presence, values};
    return STATUS_OK;
}

static enum status fill(struct filler *filler, const uint8_t *bytes, size_t size)
{
    enum status status = filler_open(filler, bytes, size);
    if (status != STATUS_OK)
        return status;
    filler_columns(filler);
    filler_mark(filler);
    if (filler->first != STATUS_OK)
        return filler->first;
    for (size_t row = filler->header + 1; row < table_rows(filler->source.table); row++)
        read_row(filler, row);
    status = build(filler->filled, filler->form);
    if (status != STATUS_OK || filler->filled->lenient)
        return status;
    status = filler_check(filler);
    return status != STATUS_OK ? status : filler->first;
}

static enum status read_form(const struct blank_form *blank, const uint8_t *bytes, size_t size,
                             const struct filled_history *history, bool lenient,
                             struct problems *problems, struct filled_form **out_filled)
{
    static const struct filled_history nothing;
    struct filled_form *filled = calloc(1, sizeof *filled);
    if (filled == NULL)
        return STATUS_NO_MEMORY;
    struct filler filler = {.filled = filled,
                            .form = blank_form_form(blank),
                            .problems = problems,
                            .history = history == NULL ? &nothing : history};
    enum status status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < COLUMNS; i++)
        filler.columns[i] = SIZE_MAX;
    filled->blank = blank;
    filled->lenient = lenient;
    filled->people = (struct filled_people){"", "", ""};
    filled->arena = arena_create(FILLED_ARENA_BYTES);
    if (filled->arena != NULL)
        filled->entries =
            arena_array(filled->arena, filler.form->cell_count, sizeof *filled->entries);
    if (filled->entries != NULL)
        status = fill(&filler, bytes, size);
    filler_close(&filler);
    if (status != STATUS_OK) {
        filled_form_destroy(&filled);
        return status;
    }
    *out_filled = filled;
    return STATUS_OK;
}

enum status filled_form_read(const struct blank_form *blank, const uint8_t *bytes, size_t size,
                             const struct filled_history *history, struct problems *problems,
                             struct filled_form **out_filled)
{
    return read_form(blank, bytes, size, history, false, problems, out_filled);
}

enum status filled_form_import(const struct blank_form *blank, const uint8_t *bytes, size_t size,
                               const struct filled_history *history, struct problems *problems,
                               struct filled_form **out_filled)
{
    return read_form(blank, bytes, size, history, true, problems, out_filled);
}

void filled_form_destroy(struct filled_form **filled)
{
    if (filled == NULL || *filled == NULL)
        return;
    arena_destroy(&(*filled)->arena);
    free(*filled);
    *filled = NULL;
}

const struct observations *filled_form_observations(const struct filled_form *filled)
{
    return &filled->observations;
}

const struct filled_explanation *filled_form_explanations(const struct filled_form *filled,
                                                          size_t *out_count)
{
    *out_count = filled->explanation_count;
    return filled->explanations;
}

size_t filled_form_values(const struct filled_form *filled)
{
    return filled->value_count;
}

const struct filled_people *filled_form_people(const struct filled_form *filled)
{
    return &filled->people;
}

struct filled_place filled_form_place(const struct problem *problem)
{
    char *end = NULL;
    struct filled_place place = {strtoul(problem->field, &end, 10), ""};
    if (*end == ':')
        place.column = end + 1;
    return place;
}
