#include <stdlib.h>
#include <string.h>

#include "plan/reader.h"

const char *read_reporter(struct reader *reader, const struct sheet *sheet, size_t row,
                          size_t column)
{
    const char *cell = sheet_cell(sheet, row, column);
    if (strcmp(cell, "village") != 0 && strcmp(cell, "township") != 0 &&
        strcmp(cell, "district") != 0 && plan_department(reader->plan, cell) == PLAN_NONE)
        sheet_problem(sheet, row, column, "village、township、district或departments.csv中的部门",
                      "village, township, district or a department of departments.csv");
    return sheet_text(sheet, row, column);
}

enum { CELL_FORM, CELL_NUMBER, CELL_ELEMENT, CELL_STRATUM, CELL_REQUIRED, CELL_COLUMNS };

enum { CELL_NUMBER_MAX = 9999 };

static int compare_cells(const void *left, const void *right)
{
    const struct cell *a = left, *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void read_cell(struct reader *reader, const struct sheet *sheet, size_t row,
                      struct cell *cell)
{
    *cell = (struct cell){
        .number = (uint32_t)sheet_whole(sheet, row, CELL_NUMBER, 1, CELL_NUMBER_MAX),
        .element = plan_element(reader->plan, sheet_cell(sheet, row, CELL_ELEMENT)),
        .stratum = sheet_stratum(sheet, row, CELL_STRATUM),
        .required = sheet_flag(sheet, row, CELL_REQUIRED),
    };
    if (cell->element == PLAN_NONE)
        sheet_problem(sheet, row, CELL_ELEMENT, "elements.csv中的数据元",
                      "an element of elements.csv");
}

static void check_cell_unique(const struct sheet *sheet, size_t row, const struct cell *cells,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cells[i].number == cells[count].number)
            sheet_problem(sheet, row, CELL_NUMBER, "本表内不重复的编号",
                          "a number that is not used above in this form");
        if (cells[i].element == cells[count].element &&
            strcmp(cells[i].stratum, cells[count].stratum) == 0)
            sheet_problem(sheet, row, CELL_STRATUM, "本表内不重复的数据元和分组",
                          "an element and stratum not used above in this form");
    }
}

/* Gives `form` its rows of cells.csv, which may stand anywhere in the file. */
static void take_cells(struct reader *reader, const struct sheet *sheet, struct form *form)
{
    size_t rows = sheet_rows(sheet), count = 0;
    for (size_t row = 0; row < rows; row++)
        count += strcmp(sheet_cell(sheet, row, CELL_FORM), form->code) == 0;
    struct cell *cells = sheet_array(sheet, count, sizeof *cells);
    if (cells == NULL)
        return;
    count = 0;
    for (size_t row = 0; row < rows; row++) {
        if (strcmp(sheet_cell(sheet, row, CELL_FORM), form->code) != 0)
            continue;
        read_cell(reader, sheet, row, &cells[count]);
        check_cell_unique(sheet, row, cells, count);
        count++;
    }
    if (count == 0 || count > FORM_CELLS_MAX)
        problems_addf(reader->problems, STATUS_E_PLAN_INVALID, 0, "cells.csv",
                      "报表%s应有1至%d个指标项", "form %s has 1 to %d cells", form->code,
                      FORM_CELLS_MAX);
    qsort(cells, count, sizeof *cells, compare_cells);
    form->cells = cells;
    form->cell_count = count;
}

static void read_cells(struct reader *reader, struct form *forms, size_t form_count)
{
    static const char *const names[] = {"form", "cell", "element", "stratum", "required"};
    struct sheet sheet;
    if (reader_open(reader, &sheet, "cells.csv", names, CELL_COLUMNS, PLAN_ROWS_MAX)) {
        for (size_t i = 0; i < form_count; i++)
            take_cells(reader, &sheet, &forms[i]);
        for (size_t row = 0; row < sheet_rows(&sheet); row++)
            if (plan_form(reader->plan, sheet_cell(&sheet, row, CELL_FORM)) == NULL)
                sheet_problem(&sheet, row, CELL_FORM, "forms.csv中的报表", "a form of forms.csv");
    }
    sheet_close(&sheet);
}

void read_forms(struct reader *reader)
{
    enum {
        CODE,
        VERSION,
        REPORTER,
        TITLE_ZH,
        TITLE_EN,
        NUMBER,
        AUTHORITY,
        OPENS,
        DUE,
        DUE_TOWNSHIP,
        VALID_UNTIL,
        SIGN_OFF,
        COLUMNS
    };
    static const char *const names[] = {"form",     "version",      "reporter",     "title_zh",
                                        "title_en", "number",       "authority_zh", "opens",
                                        "due",      "due_township", "valid_until",  "sign_off?"};
    struct sheet sheet;
    struct form *results = NULL;
    if (!reader_open(reader, &sheet, "forms.csv", names, COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        results[row] = (struct form){
            .code = sheet_slug(&sheet, row, CODE),
            .version = (uint32_t)sheet_whole(&sheet, row, VERSION, 1, 65535),
            .reporter = read_reporter(reader, &sheet, row, REPORTER),
            .title_zh = sheet_required(&sheet, row, TITLE_ZH),
            .title_en = sheet_required(&sheet, row, TITLE_EN),
            .number = sheet_text(&sheet, row, NUMBER),
            .authority_zh = sheet_text(&sheet, row, AUTHORITY),
            .opens = sheet_text(&sheet, row, OPENS),
            .due = sheet_text(&sheet, row, DUE),
            .due_township = sheet_text(&sheet, row, DUE_TOWNSHIP),
            .valid_until = sheet_text(&sheet, row, VALID_UNTIL),
            .sign_off = sheet_text(&sheet, row, SIGN_OFF),
        };
        if (results[row].sign_off[0] != '\0' &&
            strcmp(results[row].sign_off, "filler;reviewer;principal") != 0)
            sheet_problem(&sheet, row, SIGN_OFF, "空或filler;reviewer;principal",
                          "empty or filler;reviewer;principal");
        check_unique(&sheet, row, CODE, &results[0].code, sizeof *results);
    }
    reader->plan->forms = results;
    reader->plan->form_count = count;
    read_cells(reader, results, count);
cleanup:
    sheet_close(&sheet);
}

void read_duties(struct reader *reader)
{
    enum {
        CODE,
        REPORTER,
        RECEIVER,
        WHAT,
        FORM,
        FREQUENCY,
        DUE,
        SECTION,
        QUOTE,
        SOURCE_ROW,
        BASIS,
        COLUMNS
    };
    static const char *const names[] = {"duty",  "reporter",   "receiver", "what",
                                        "form",  "frequency",  "due",      "section",
                                        "quote", "source_row", "basis"};
    struct sheet sheet;
    struct duty *results = NULL;
    bool has = false;
    if (!reader_open(reader, &sheet, "duties.csv", names, COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    size_t count = sheet_rows(&sheet);
    results = sheet_array(&sheet, count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < count; row++) {
        results[row] = (struct duty){
            .code = sheet_required(&sheet, row, CODE),
            .reporter = sheet_required(&sheet, row, REPORTER),
            .receiver = sheet_required(&sheet, row, RECEIVER),
            .what = sheet_required(&sheet, row, WHAT),
            .form = sheet_text(&sheet, row, FORM),
            .frequency = sheet_text(&sheet, row, FREQUENCY),
            .due = sheet_text(&sheet, row, DUE),
            .section = sheet_text(&sheet, row, SECTION),
            .quote = sheet_text(&sheet, row, QUOTE),
            .source_row = (int)sheet_optional(&sheet, row, SOURCE_ROW, 1, 100000, &has),
            .basis = sheet_text(&sheet, row, BASIS),
        };
        check_unique(&sheet, row, CODE, &results[0].code, sizeof *results);
        if (results[row].form[0] != '\0' && plan_form(reader->plan, results[row].form) == NULL)
            sheet_problem(&sheet, row, FORM, "forms.csv中的报表", "a form of forms.csv");
    }
    reader->plan->duties = results;
    reader->plan->duty_count = count;
cleanup:
    sheet_close(&sheet);
}
