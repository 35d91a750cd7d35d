#include "assess/assess_row.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const row_column_names[ROW_COLUMNS] = {
    "series",      "kind",      "polarity",     "year",        "value",      "numerator",
    "denominator", "target_op", "target_value", "target_year", "base_year",  "base_value",
    "stratum",     "indicator", "area",         "unit",        "definition",
};

enum { YEAR_LEAST = 1900, YEAR_MOST = 2150, SHOWN = 40, WORDS_BYTES = 160 };

static const double size_most = 1e15; /* no indicator of a county comes near it */

void row_complain(const struct row_source *source, size_t line, enum row_column column,
                  enum status code, const char *zh, const char *en, ...)
{
    char field[PROBLEM_FIELD_BYTES], zh_text[PROBLEM_TEXT_BYTES], en_text[PROBLEM_TEXT_BYTES];
    va_list arguments, again;
    va_start(arguments, en);
    va_copy(again, arguments);
    vsnprintf(zh_text, sizeof zh_text, zh, arguments);
    vsnprintf(en_text, sizeof en_text, en, again);
    va_end(again);
    va_end(arguments);
    snprintf(field, sizeof field, "%.60s:%zu:%s", source->file, line, row_column_names[column]);
    problems_add(source->problems, code, 0, field, zh_text, en_text);
}

static const char *cell(const struct row_source *source, size_t index, enum row_column column)
{
    size_t at = source->columns[column];
    return at == SIZE_MAX ? "" : table_cell(source->table, index, at);
}

/* As number_parse, and numbers with an exponent as programs write them. */
static enum status parse(const char *text, bool percent, double *out_value)
{
    enum status status = number_parse(text, percent, out_value);
    if (status == STATUS_E_NOT_NUMBER && text[strspn(text, "0123456789+-.eE")] == '\0' &&
        strpbrk(text, "0123456789") == text + strspn(text, "+-.")) {
        char *end = NULL;
        double value = strtod(text, &end);
        if (*end == '\0') {
            status = isfinite(value) ? STATUS_OK : STATUS_E_NOT_FINITE;
            *out_value = value;
        }
    }
    if (status == STATUS_OK && fabs(*out_value) > size_most)
        status = STATUS_E_RANGE;
    return status;
}

/* A cell's number, NAN when it is blank. Complains and flaws the row otherwise. */
static double number(const struct row_source *source, size_t index, enum row_column column,
                     struct assess_row *row)
{
    const char *text = cell(source, index, column);
    double value = NAN;
    if (text[0] == '\0')
        return NAN;
    bool signed_column =
        column == ROW_VALUE || column == ROW_TARGET_VALUE || column == ROW_BASE_VALUE;
    bool percent =
        signed_column && (row->kind == ASSESS_PERCENT || row->kind == ASSESS_GROSS_PERCENT);
    enum status status = parse(text, percent, &value);
    if (status == STATUS_OK)
        return value;
    row->flawed = true;
    if (status == STATUS_E_NOT_NUMBER)
        row_complain(source, row->line, column, status, "“%.*s”不是数值",
                     "\"%.*s\" is not a number", SHOWN, text);
    else
        row_complain(source, row->line, column, status, "“%.*s”太大", "\"%.*s\" is too large",
                     SHOWN, text);
    return NAN;
}

static int year(const struct row_source *source, size_t index, enum row_column column,
                struct assess_row *row)
{
    double value = number(source, index, column, row);
    if (isnan(value))
        return 0;
    if (value >= YEAR_LEAST && value <= YEAR_MOST && value == floor(value))
        return (int)value;
    row->flawed = true;
    row_complain(source, row->line, column, STATUS_E_RANGE, "“%.*s”不是%d—%d之间的年份",
                 "\"%.*s\" is not a year from %d to %d", SHOWN, cell(source, index, column),
                 YEAR_LEAST, YEAR_MOST);
    return 0;
}

/* Whether a cell holds a word, in whatever case, or with the signs that people type for it. */
static bool is_word(const char *text, const char *word)
{
    static const char *const typed[][2] = {
        {"≤", "<="},
        {"≥", ">="},
        {"＜", "<" },
        {"＞", ">" },
        {"＝", "=" },
        {"～", "~" },
        {"≈", "~" },
    };
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        if (strcmp(text, typed[i][0]) == 0)
            return strcmp(word, typed[i][1]) == 0;
    return strcasecmp(text, word) == 0;
}

/* The index of a cell's word in a list; ROW_NOT_GIVEN for a blank or, after a complaint, another
 * word. */
static int word(const struct row_source *source, size_t index, enum row_column column,
                const char *const *words, int count, struct assess_row *row)
{
    const char *text = cell(source, index, column);
    char known[WORDS_BYTES] = "";
    if (text[0] == '\0')
        return ROW_NOT_GIVEN;
    for (int i = 0; i < count; i++) /* nearly always as written here */
        if (strcmp(text, words[i]) == 0)
            return i;
    for (int i = 0; i < count; i++)
        if (is_word(text, words[i]))
            return i;
    for (int i = 0; i < count; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i == 0 ? "" : " ", words[i]);
    }
    row->flawed = true;
    row_complain(source, row->line, column, STATUS_INVALID, "不认识“%.*s”，只能是：%s",
                 "\"%.*s\" is not one of: %s", SHOWN, text, known);
    return ROW_NOT_GIVEN;
}

static void read_counts(const struct row_source *source, size_t index, struct assess_row *row)
{
    struct assess_point *point = &row->point;
    point->numerator = number(source, index, ROW_NUMERATOR, row);
    point->denominator = number(source, index, ROW_DENOMINATOR, row);
    if (point->denominator <= 0) {
        row->flawed = true;
        row_complain(source, row->line, ROW_DENOMINATOR, STATUS_E_RANGE, "分母须大于0",
                     "a denominator must be more than 0");
    }
    if (point->numerator < 0) {
        row->flawed = true;
        row_complain(source, row->line, ROW_NUMERATOR, STATUS_E_NEGATIVE, "分子不能为负",
                     "a numerator cannot be negative");
    }
    bool halved = isnan(point->numerator) != isnan(point->denominator) && !row->flawed;
    if (halved && row->value_text[0] == '\0') {
        bool above = isnan(point->denominator);
        row->flawed = true;
        row_complain(source, row->line, above ? ROW_DENOMINATOR : ROW_NUMERATOR, STATUS_E_REQUIRED,
                     above ? "有分子而没有分母，也没有数值" : "有分母而没有分子，也没有数值",
                     above ? "a numerator without a denominator, and no value"
                           : "a denominator without a numerator, and no value");
    }
    if (isnan(point->numerator) || isnan(point->denominator))
        point->numerator = point->denominator = NAN;
}

static void read_target(const struct row_source *source, size_t index, struct assess_row *row)
{
    struct assess_target *target = &row->target;
    int op = word(source, index, ROW_TARGET_OP, assess_operator_names, TARGET_QUALITATIVE, row);
    bool flawed = row->flawed;
    target->value = number(source, index, ROW_TARGET_VALUE, row);
    target->value_text = cell(source, index, ROW_TARGET_VALUE);
    target->year = year(source, index, ROW_TARGET_YEAR, row);
    target->base_year = year(source, index, ROW_BASE_YEAR, row);
    target->base_value = number(source, index, ROW_BASE_VALUE, row);
    if (op == ROW_NOT_GIVEN) {
        if (!flawed && target->value_text[0] != '\0') {
            row->flawed = true;
            row_complain(source, row->line, ROW_TARGET_OP, STATUS_E_REQUIRED,
                         "有目标值而没有运算符", "a target value without an operator");
        }
        return;
    }
    target->op = (enum target_operator)op;
    row->has_target = true;
    if (isnan(target->value) && target->op != TARGET_INCREASE && target->op != TARGET_DECREASE &&
        !row->flawed) {
        row->flawed = true;
        row_complain(source, row->line, ROW_TARGET_VALUE, STATUS_E_REQUIRED, "目标没有数字",
                     "the target has no figure");
    }
}

void row_read(const struct row_source *source, size_t index, struct assess_row *out_row)
{
    struct assess_row row = {.line = table_line(source->table, index), .order = index - 1};
    row.stratum = cell(source, index, ROW_STRATUM);
    row.indicator = cell(source, index, ROW_INDICATOR);
    row.unit = cell(source, index, ROW_UNIT);
    row.definition = cell(source, index, ROW_DEFINITION);
    row.kind = word(source, index, ROW_KIND, assess_kind_names, ASSESS_KINDS, &row);
    row.polarity = word(source, index, ROW_POLARITY, assess_polarity_names, 4, &row);
    row.year = year(source, index, ROW_YEAR, &row);
    row.point.year = row.year;
    row.value_text = cell(source, index, ROW_VALUE);
    row.point.value = number(source, index, ROW_VALUE, &row);
    read_counts(source, index, &row);
    read_target(source, index, &row);
    if (row.year == 0 && !row.flawed &&
        (row.value_text[0] != '\0' || isfinite(row.point.numerator))) {
        row.flawed = true;
        row_complain(source, row.line, ROW_YEAR, STATUS_E_REQUIRED, "有数据而没有年份",
                     "a figure without a year");
    }
    *out_row = row;
}
