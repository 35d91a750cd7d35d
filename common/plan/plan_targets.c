#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/reader.h"
#include "plan/stratum.h"

size_t read_indicator_code(struct reader *reader, const struct sheet *sheet, size_t row,
                           size_t column, bool optional)
{
    const char *cell = sheet_cell(sheet, row, column);
    if (cell[0] == '\0' && optional)
        return PLAN_NONE;
    size_t indicator = plan_indicator(reader->plan, cell);
    if (indicator == PLAN_NONE)
        sheet_problem(sheet, row, column, "indicators.csv中的指标",
                      "an indicator of indicators.csv");
    return indicator;
}

/* Whether `key` (of `length` bytes) is one of the words of `strata`. */
static bool strata_have(const char *strata, const char *key, size_t length)
{
    while (*strata != '\0') {
        size_t word = strcspn(strata, " ");
        if (word == length && memcmp(strata, key, length) == 0)
            return true;
        strata += word;
        strata += strspn(strata, " ");
    }
    return false;
}

const char *read_indicator_stratum(struct reader *reader, const struct sheet *sheet, size_t row,
                                   size_t column, size_t indicator)
{
    const char *tags = sheet_stratum(sheet, row, column);
    if (indicator == PLAN_NONE || !stratum_valid(tags))
        return tags;
    for (const char *at = tags; *at != '\0';) {
        if (!strata_have(reader->plan->indicators[indicator].strata, at, strcspn(at, "="))) {
            sheet_problem(sheet, row, column, "指标已定义的分组（strata列）",
                          "strata that the indicator declares");
            break;
        }
        at += strcspn(at, ";");
        at += *at == ';';
    }
    return tags;
}

enum {
    COLUMN_CODE,
    COLUMN_INDICATOR,
    COLUMN_STRATUM,
    COLUMN_OPERATOR,
    COLUMN_VALUE,
    COLUMN_YEAR,
    COLUMN_BASIS,
    COLUMN_SCOPE,
    COLUMN_BASE_YEAR,
    COLUMN_BASE_VALUE,
    COLUMN_TOLERANCE,
    COLUMN_SECTION,
    COLUMN_QUOTE,
    COLUMN_SOURCE_ROW,
    COLUMN_NOTE,
    COLUMN_WEIGHT,
    COLUMNS_IN_ALL
};

static const char *const target_columns[] = {"target",    "indicator",  "stratum",    "operator",
                                             "value",     "year",       "year_basis", "scope",
                                             "base_year", "base_value", "tolerance",  "section",
                                             "quote",     "source_row", "note",       "weight?"};

static void read_target_value(const struct sheet *sheet, size_t row, struct target *target)
{
    /* in the order of enum target_operator */
    static const char *const operators[] = {"<=",
                                            ">=",
                                            "<",
                                            ">",
                                            "=",
                                            "~",
                                            "maintain>=",
                                            "maintain<=",
                                            "decrease_by_pct",
                                            "decrease_by_points_per_year",
                                            "increase",
                                            "decrease",
                                            "qualitative",
                                            NULL};
    target->op = (enum target_operator)sheet_choice(sheet, row, COLUMN_OPERATOR, operators);
    target->op_text = sheet_text(sheet, row, COLUMN_OPERATOR);
    target->value = sheet_number(sheet, row, COLUMN_VALUE, &target->has_value);
    target->value_text = sheet_text(sheet, row, COLUMN_VALUE);
    target->tolerance = sheet_number(sheet, row, COLUMN_TOLERANCE, &target->has_tolerance);
    if (target->op < TARGET_INCREASE && target->value_text[0] == '\0')
        sheet_problem(sheet, row, COLUMN_VALUE, "数值（此运算符须有）",
                      "a number, which this operator needs");
    if (target->has_tolerance && target->tolerance < 0)
        sheet_problem(sheet, row, COLUMN_TOLERANCE, "不小于0的数值", "a number not below 0");
}

/* How much it counts for the realisation; plans that say nothing count all alike. */
static void read_target_weight(const struct sheet *sheet, size_t row, struct target *target)
{
    bool has = false;
    target->weight = sheet_number(sheet, row, COLUMN_WEIGHT, &has);
    target->weight = has ? target->weight : 1;
    if (target->weight < 0)
        sheet_problem(sheet, row, COLUMN_WEIGHT, "不小于0的数值", "a number not below 0");
}

static void read_target_year(const struct sheet *sheet, size_t row, struct target *target)
{
    static const char *const bases[] = {"explicit", "implied", "annual", "none", NULL};
    target->year_basis = (enum year_basis)sheet_choice(sheet, row, COLUMN_BASIS, bases);
    target->year_text = sheet_text(sheet, row, COLUMN_YEAR);
    target->year = (int)sheet_optional(sheet, row, COLUMN_YEAR, PLAN_YEAR_MIN, PLAN_YEAR_MAX,
                                       &target->has_year);
    if (target->year_basis <= YEAR_IMPLIED && target->year_text[0] == '\0')
        sheet_problem(sheet, row, COLUMN_YEAR, "年份（explicit和implied须有）",
                      "a year, which explicit and implied need");
    target->base_year = (int)sheet_optional(sheet, row, COLUMN_BASE_YEAR, PLAN_YEAR_MIN,
                                            PLAN_YEAR_MAX, &target->has_base_year);
    target->base_value = sheet_number(sheet, row, COLUMN_BASE_VALUE, &target->has_base_value);
    target->base_value_text = sheet_text(sheet, row, COLUMN_BASE_VALUE);
}

static void read_target(struct reader *reader, const struct sheet *sheet, size_t row,
                        struct target *target)
{
    static const char *const scopes[] = {
        "local",      "provincial", "national", "each_township", "each_institution",
        "each_child", "each_site",  NULL};
    bool has_row = false;
    target->code = sheet_required(sheet, row, COLUMN_CODE);
    target->indicator = read_indicator_code(reader, sheet, row, COLUMN_INDICATOR, true);
    target->stratum = read_indicator_stratum(reader, sheet, row, COLUMN_STRATUM, target->indicator);
    read_target_value(sheet, row, target);
    read_target_year(sheet, row, target);
    read_target_weight(sheet, row, target);
    target->scope = (enum target_scope)sheet_choice(sheet, row, COLUMN_SCOPE, scopes);
    target->section = sheet_text(sheet, row, COLUMN_SECTION);
    target->quote = sheet_required(sheet, row, COLUMN_QUOTE);
    target->note = sheet_text(sheet, row, COLUMN_NOTE);
    target->source_row = (int)sheet_optional(sheet, row, COLUMN_SOURCE_ROW, 1, 100000, &has_row);
}

void read_targets(struct reader *reader)
{
    struct sheet sheet;
    struct target *results = NULL;
    if (!reader_open(reader, &sheet, "targets.csv", target_columns, COLUMNS_IN_ALL, PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        read_target(reader, &sheet, row, &results[row]);
        check_unique(&sheet, row, COLUMN_CODE, &results[0].code, sizeof *results);
    }
    reader->plan->targets = results;
    reader->plan->target_count = count;
cleanup:
    sheet_close(&sheet);
}

void read_facts(struct reader *reader)
{
    enum { INDICATOR, STRATUM, YEAR, VALUE, QUOTE, SECTION, SOURCE, SOURCE_ROW, COLUMNS };
    static const char *const names[] = {"indicator", "stratum", "year",   "value",
                                        "quote",     "section", "source", "source_row"};
    struct sheet sheet;
    struct fact *results = NULL;
    bool has = false;
    if (!reader_open(reader, &sheet, "facts.csv", names, COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        struct fact *fact = &results[row];
        fact->indicator = read_indicator_code(reader, &sheet, row, INDICATOR, false);
        fact->stratum = read_indicator_stratum(reader, &sheet, row, STRATUM, fact->indicator);
        fact->year = (int)sheet_whole(&sheet, row, YEAR, PLAN_YEAR_MIN, PLAN_YEAR_MAX);
        fact->value = sheet_number(&sheet, row, VALUE, &has);
        fact->value_text = sheet_required(&sheet, row, VALUE);
        fact->quote = sheet_text(&sheet, row, QUOTE);
        fact->section = sheet_text(&sheet, row, SECTION);
        fact->source = sheet_text(&sheet, row, SOURCE);
        fact->source_row = (int)sheet_optional(&sheet, row, SOURCE_ROW, 1, 100000, &has);
    }
    reader->plan->facts = results;
    reader->plan->fact_count = count;
cleanup:
    sheet_close(&sheet);
}
