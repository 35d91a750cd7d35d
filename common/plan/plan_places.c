#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plan/reader.h"

uint64_t read_place_code(const struct sheet *sheet, size_t row, size_t column, bool optional)
{
    const char *cell = sheet_cell(sheet, row, column);
    if (cell[0] == '\0' && optional)
        return 0;
    if (strlen(cell) == 12 && strspn(cell, "0123456789") == 12)
        return strtoull(cell, NULL, 10);
    sheet_problem(sheet, row, column, "12位行政区划代码", "a place code of 12 digits");
    return 0;
}

void read_plan_row(struct reader *reader)
{
    enum { CODE, PLACE, NAME_ZH, NAME_EN, FIRST, LAST, STATUS, SOURCE, AMENDED, COLUMNS };
    static const char *const names[] = {"plan",    "place",      "name_zh",
                                        "name_en", "first_year", "last_year",
                                        "status",  "source",     "amended_from?"};
    static const char *const statuses[] = {"draft", "final", NULL};
    struct sheet sheet;
    struct plan *plan = reader->plan;
    if (!reader_open(reader, &sheet, "plan.csv", names, COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    if (sheet_rows(&sheet) != 1) {
        problems_add(reader->problems, STATUS_E_PLAN_INVALID, 0, "plan.csv",
                     "plan.csv须正好有一行规划", "plan.csv holds exactly one plan");
        goto cleanup;
    }
    plan->code = sheet_slug(&sheet, 0, CODE);
    plan->place = read_place_code(&sheet, 0, PLACE, false);
    plan->name_zh = sheet_required(&sheet, 0, NAME_ZH);
    plan->name_en = sheet_required(&sheet, 0, NAME_EN);
    plan->first_year = (int)sheet_whole(&sheet, 0, FIRST, PLAN_YEAR_MIN, PLAN_YEAR_MAX);
    plan->last_year = (int)sheet_whole(&sheet, 0, LAST, PLAN_YEAR_MIN, PLAN_YEAR_MAX);
    plan->status = statuses[sheet_choice(&sheet, 0, STATUS, statuses)];
    plan->source = sheet_text(&sheet, 0, SOURCE);
    if (plan->last_year < plan->first_year)
        sheet_problem(&sheet, 0, LAST, "不早于first_year的年份", "a year not before first_year");
    bool amended = false;
    plan->amended_from =
        (int)sheet_optional(&sheet, 0, AMENDED, PLAN_YEAR_MIN, PLAN_YEAR_MAX, &amended);
    if (amended && (plan->amended_from <= plan->first_year || plan->amended_from > plan->last_year))
        sheet_problem(&sheet, 0, AMENDED, "规划期第一年之后、末年及以前的年份",
                      "a year of the plan after its first");
cleanup:
    sheet_close(&sheet);
}

/* "", "2021" or "2021-07-01". */
static const char *read_validity(const struct sheet *sheet, size_t row, size_t column)
{
    static const char pattern[] = "0000-00-00";
    const char *cell = sheet_cell(sheet, row, column);
    size_t length = strlen(cell);
    bool valid = length == 0 || length == 4 || length == 10;
    for (size_t i = 0; valid && i < length; i++)
        valid = pattern[i] == '0' ? isdigit((unsigned char)cell[i]) != 0 : cell[i] == pattern[i];
    if (!valid)
        sheet_problem(sheet, row, column, "年份或日期（2021或2021-07-01）",
                      "a year or a date (2021 or 2021-07-01)");
    return sheet_text(sheet, row, column);
}

struct place_row {
    struct place place;
    size_t row;
};

static int compare_place_rows(const void *left, const void *right)
{
    const struct place_row *a = left, *b = right;
    if (a->place.code != b->place.code)
        return a->place.code < b->place.code ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

enum { PLACE_CODE, PLACE_NAME, PLACE_LEVEL, PLACE_PARENT, PLACE_FROM, PLACE_TO, PLACE_COLUMNS };

static void read_place(const struct sheet *sheet, size_t row, struct place_row *out)
{
    static const char *const levels[] = {"nation",   "province", "city", "district",
                                         "township", "village",  NULL};
    struct place *place = &out->place;
    out->row = row;
    *place = (struct place){
        .code = read_place_code(sheet, row, PLACE_CODE, false),
        .name_zh = sheet_required(sheet, row, PLACE_NAME),
        .level = (enum place_level)sheet_choice(sheet, row, PLACE_LEVEL, levels),
        .parent = read_place_code(sheet, row, PLACE_PARENT, true),
        .valid_from = read_validity(sheet, row, PLACE_FROM),
        .valid_to = read_validity(sheet, row, PLACE_TO),
    };
    if (place->level != place_level(place->code))
        sheet_problem(sheet, row, PLACE_LEVEL, "与代码相符的级别", "the level that the code shows");
    if (sheet_cell(sheet, row, PLACE_PARENT)[0] != '\0' &&
        (place->parent == place->code || !place_contains(place->parent, place->code)))
        sheet_problem(sheet, row, PLACE_PARENT, "包含本地的行政区划",
                      "a place that contains this one");
}

/* What only the sorted list shows: repeated codes and parents that are not listed. */
static void check_places(const struct sheet *sheet, const struct plan *plan,
                         const struct place_row *rows)
{
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *place = &rows[i].place;
        if (i > 0 && rows[i - 1].place.code == place->code)
            sheet_problem(sheet, rows[i].row, PLACE_CODE, "不重复的代码",
                          "a code that is not used above");
        if (place->code != plan->place && place_contains(plan->place, place->code) &&
            plan_place(plan, place->parent) == NULL)
            sheet_problem(sheet, rows[i].row, PLACE_PARENT, "本文件中的行政区划",
                          "a place of this file");
    }
    if (plan_place(plan, plan->place) == NULL)
        problems_add(sheet->problems, STATUS_E_PLAN_INVALID, 0, "places.csv",
                     "缺少plan.csv所写的行政区划", "the place named in plan.csv is missing");
}

void read_places(struct reader *reader)
{
    static const char *const names[] = {"place",  "name_zh",    "level",
                                        "parent", "valid_from", "valid_to"};
    struct sheet sheet;
    struct plan *plan = reader->plan;
    struct place_row *rows = NULL;
    if (!reader_open(reader, &sheet, "places.csv", names, PLACE_COLUMNS, PLAN_PLACES_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    struct place *results = sheet_array(&sheet, count, sizeof *results);
    rows = calloc(count + 1, sizeof *rows);
    if (rows == NULL)
        reader->failed = true;
    if (results == NULL || rows == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++)
        read_place(&sheet, row, &rows[row]);
    qsort(rows, count, sizeof *rows, compare_place_rows);
    for (size_t i = 0; i < count; i++)
        results[i] = rows[i].place;
    plan->places = results;
    plan->place_count = count;
    check_places(&sheet, plan, rows);
cleanup:
    free(rows);
    sheet_close(&sheet);
}
