#include <string.h>

#include "plan/reader.h"
#include "plan/soft_rules.h"

void read_departments(struct reader *reader)
{
    enum { CODE, NUMBER, NAME_ZH, NAME_EN, COLUMNS };
    static const char *const names[] = {"code", "number", "name_zh", "name_en"};
    struct sheet sheet;
    struct plan *plan = reader->plan;
    struct department *results = NULL;
    if (!reader_open(reader, &sheet, "catalogue/departments.csv", names, COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        results[row] = (struct department){
            .code = sheet_slug(&sheet, row, CODE),
            .number = (unsigned)sheet_whole(&sheet, row, NUMBER, 1, 99),
            .name_zh = sheet_required(&sheet, row, NAME_ZH),
            .name_en = sheet_required(&sheet, row, NAME_EN),
        };
        check_unique(&sheet, row, CODE, &results[0].code, sizeof *results);
        for (size_t i = 0; i < row; i++)
            if (results[i].number == results[row].number)
                sheet_problem(&sheet, row, NUMBER, "不重复的编号",
                              "a number that is not used above");
    }
    plan->departments = results;
    plan->department_count = count;
cleanup:
    sheet_close(&sheet);
}

void read_elements(struct reader *reader)
{
    enum { CODE, NAME_ZH, NAME_EN, UNIT, TYPE, DECIMALS, MIN, MAX, NOTE, COLUMNS };
    static const char *const names[] = {"element",  "name_zh", "name_en", "unit",   "type",
                                        "decimals", "min",     "max",     "note_zh"};
    static const char *const types[] = {"count", "amount", "yesno", NULL};
    struct sheet sheet;
    struct element *results = NULL;
    if (!reader_open(reader, &sheet, "catalogue/elements.csv", names, COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        struct element *element = &results[row];
        *element = (struct element){
            .code = sheet_slug(&sheet, row, CODE),
            .name_zh = sheet_required(&sheet, row, NAME_ZH),
            .name_en = sheet_required(&sheet, row, NAME_EN),
            .unit = sheet_text(&sheet, row, UNIT),
            .note_zh = sheet_text(&sheet, row, NOTE),
            .type = (enum element_type)sheet_choice(&sheet, row, TYPE, types),
            .decimals = (unsigned)sheet_whole(&sheet, row, DECIMALS, 0, 9),
        };
        element->min = sheet_number(&sheet, row, MIN, &element->has_min);
        element->max = sheet_number(&sheet, row, MAX, &element->has_max);
        if (element->has_min && element->has_max && element->min > element->max)
            sheet_problem(&sheet, row, MAX, "不小于min的数值", "a number not below min");
        if (element->type != ELEMENT_AMOUNT && element->decimals != 0)
            sheet_problem(&sheet, row, DECIMALS, "0（计数和是否项没有小数）",
                          "0: counts and yes/no have no decimals");
        check_unique(&sheet, row, CODE, &results[0].code, sizeof *results);
    }
    reader->plan->elements = results;
    reader->plan->element_count = count;
cleanup:
    sheet_close(&sheet);
}

enum {
    COLUMN_CODE,
    COLUMN_NAME_ZH,
    COLUMN_NAME_EN,
    COLUMN_DOMAIN,
    COLUMN_KIND,
    COLUMN_UNIT,
    COLUMN_NUMERATOR,
    COLUMN_DENOMINATOR,
    COLUMN_FACTOR,
    COLUMN_POLARITY,
    COLUMN_LOWER,
    COLUMN_UPPER,
    COLUMN_DECIMALS,
    COLUMN_STRATA,
    COLUMN_OWNER,
    COLUMN_BASIS,
    COLUMN_RELATED,
    COLUMN_SDMX,
    COLUMN_NOTE,
    COLUMNS_IN_ALL
};

static const char *const indicator_columns[] = {
    "indicator",   "name_zh",     "name_en",  "domain", "kind",   "unit",     "numerator",
    "denominator", "factor",      "polarity", "lower",  "upper",  "decimals", "strata",
    "owner",       "owner_basis", "related",  "sdmx",   "note_zh"};

static void read_indicator_rules(struct reader *reader, const struct sheet *sheet, size_t row,
                                 struct indicator *indicator)
{
    static const char *const kinds[] = {"ratio",          "count",     "mean",      "measure",
                                        "share_of_units", "each_unit", "existence", NULL};
    static const char *const polarities[] = {"higher", "lower", "hold", "near", NULL};
    static const char *const bases[] = {"proposed", "text", NULL};
    bool has_factor = false;
    indicator->kind = (enum indicator_kind)sheet_choice(sheet, row, COLUMN_KIND, kinds);
    indicator->polarity = (enum polarity)sheet_choice(sheet, row, COLUMN_POLARITY, polarities);
    indicator->numerator = read_expression(reader, sheet, row, COLUMN_NUMERATOR, false);
    indicator->denominator = read_expression(reader, sheet, row, COLUMN_DENOMINATOR, true);
    indicator->factor = sheet_number(sheet, row, COLUMN_FACTOR, &has_factor);
    if (!has_factor)
        indicator->factor = 1;
    if (indicator->factor <= 0)
        sheet_problem(sheet, row, COLUMN_FACTOR, "大于0的数值", "a number above 0");
    if ((indicator->kind == INDICATOR_RATIO || indicator->kind == INDICATOR_MEAN) &&
        sheet_cell(sheet, row, COLUMN_DENOMINATOR)[0] == '\0')
        sheet_problem(sheet, row, COLUMN_DENOMINATOR, "分母（比率和平均数须有）",
                      "a denominator, which ratios and means need");
    indicator->lower = sheet_number(sheet, row, COLUMN_LOWER, &indicator->has_lower);
    indicator->upper = sheet_number(sheet, row, COLUMN_UPPER, &indicator->has_upper);
    if (indicator->has_lower && indicator->has_upper && indicator->lower > indicator->upper)
        sheet_problem(sheet, row, COLUMN_UPPER, "不小于lower的数值", "a number not below lower");
    indicator->owner = read_reporter(reader, sheet, row, COLUMN_OWNER);
    indicator->owner_proposed = sheet_choice(sheet, row, COLUMN_BASIS, bases) == 0;
}

/* "<=imr ~x": known indicators only, which may stand further down. */
static void check_related_codes(struct reader *reader, const struct sheet *sheet)
{
    for (size_t row = 0; row < sheet_rows(sheet); row++) {
        const char *cursor = reader->plan->indicators[row].related;
        struct relation relation;
        while (plan_related_next(reader->plan, &cursor, &relation))
            if (relation.indicator == PLAN_NONE)
                sheet_problem(sheet, row, COLUMN_RELATED, "indicators.csv中的指标，前加<=或~",
                              "indicators of this file behind <= or ~");
    }
}

void read_indicators(struct reader *reader)
{
    struct sheet sheet;
    struct indicator *results = NULL;
    if (!reader_open(reader, &sheet, "catalogue/indicators.csv", indicator_columns, COLUMNS_IN_ALL,
                     PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        results[row] = (struct indicator){
            .code = sheet_slug(&sheet, row, COLUMN_CODE),
            .name_zh = sheet_required(&sheet, row, COLUMN_NAME_ZH),
            .name_en = sheet_required(&sheet, row, COLUMN_NAME_EN),
            .domain = sheet_slug(&sheet, row, COLUMN_DOMAIN),
            .unit = sheet_required(&sheet, row, COLUMN_UNIT),
            .decimals = (unsigned)sheet_whole(&sheet, row, COLUMN_DECIMALS, 0, 9),
            .strata = sheet_text(&sheet, row, COLUMN_STRATA),
            .related = sheet_text(&sheet, row, COLUMN_RELATED),
            .sdmx = sheet_text(&sheet, row, COLUMN_SDMX),
            .note_zh = sheet_text(&sheet, row, COLUMN_NOTE),
        };
        read_indicator_rules(reader, &sheet, row, &results[row]);
        check_unique(&sheet, row, COLUMN_CODE, &results[0].code, sizeof *results);
    }
    reader->plan->indicators = results;
    reader->plan->indicator_count = count;
    check_related_codes(reader, &sheet);
cleanup:
    sheet_close(&sheet);
}

/* The sides of a soft rule are no sums; see soft_rules.h. */
static void read_soft(struct reader *reader, const struct sheet *sheet, size_t row, size_t left,
                      size_t right, struct check *check)
{
    struct soft_rule rule = {0};
    bool villages = check->op == CHECK_VILLAGES;
    if (!check->soft)
        sheet_problem(sheet, row, right + 1, "soft（这类审核只要求说明）",
                      "soft: such checks only ask for an explanation");
    if (villages ? plan_element(reader->plan, check->left_text) == PLAN_NONE
                 : !soft_left_valid(reader->plan, check->left_text))
        sheet_problem(sheet, row, left,
                      villages ? "elements.csv中的数据元"
                               : "@count、@amount或elements.csv中的数据元",
                      villages ? "an element of elements.csv"
                               : "@count, @amount or an element of elements.csv");
    if (!soft_thresholds_read(check, &rule) ||
        (villages && soft_village_element(reader->plan, check) == PLAN_NONE))
        sheet_problem(sheet, row, right, "界限，如“33% 10 z3”“5mad 10 4y”，或村表的数据元",
                      "thresholds as \"33% 10 z3\" or \"5mad 10 4y\", or an element of villages");
}

void read_checks(struct reader *reader)
{
    enum { CODE, LEVEL, LEFT, OP, RIGHT, SEVERITY, TEXT_ZH, TEXT_EN, COLUMNS };
    static const char *const names[] = {"check", "level",    "left",    "op",
                                        "right", "severity", "text_zh", "text_en"};
    static const char *const operators[] = {"<=",     ">=",      "=",        "<",
                                            "change", "outlier", "villages", NULL};
    static const char *const severities[] = {"hard", "soft", NULL};
    struct sheet sheet;
    struct check *results = NULL;
    if (!reader_open(reader, &sheet, "catalogue/checks.csv", names, COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        struct check *check = &results[row];
        *check = (struct check){
            .code = sheet_slug(&sheet, row, CODE),
            .op = (enum check_operator)sheet_choice(&sheet, row, OP, operators),
            .left_text = sheet_text(&sheet, row, LEFT),
            .op_text = sheet_text(&sheet, row, OP),
            .right_text = sheet_text(&sheet, row, RIGHT),
            .soft = sheet_choice(&sheet, row, SEVERITY, severities) == 1,
            .text_zh = sheet_required(&sheet, row, TEXT_ZH),
            .text_en = sheet_required(&sheet, row, TEXT_EN),
        };
        bool everyone =
            check->op >= CHECK_CHANGE && strcmp(sheet_cell(&sheet, row, LEVEL), "*") == 0;
        check->level = everyone ? "*" : read_reporter(reader, &sheet, row, LEVEL);
        if (check->op >= CHECK_CHANGE) {
            read_soft(reader, &sheet, row, LEFT, RIGHT, check);
        } else {
            check->left = read_expression(reader, &sheet, row, LEFT, false);
            check->right = read_expression(reader, &sheet, row, RIGHT, false);
        }
        check_unique(&sheet, row, CODE, &results[0].code, sizeof *results);
    }
    reader->plan->checks = results;
    reader->plan->check_count = count;
cleanup:
    sheet_close(&sheet);
}
