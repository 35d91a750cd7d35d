/* Where the rows of a filled-in form are: which sheet of a workbook, and below which header. */
#include <stdio.h>
#include <string.h>

#include "lib/filled_parts.h"
#include "lib/form_mark.h"
#include "text/csv.h"
#include "text/utf8.h"

enum { SHOWN_BYTES = 60 };

static const char *const headers[COLUMNS][2] = {
    [COLUMN_CELL] = {"项号",    "cell"       },
    [COLUMN_ELEMENT] = {"数据元", "element"    },
    [COLUMN_STRATUM] = {"分组",    "stratum"    },
    [COLUMN_VALUE] = {"数值",    "value"      },
    [COLUMN_EXPLANATION] = {"说明",    "explanation"},
};

static size_t find_header(const struct table *table, size_t row, enum column column)
{
    return source_column(table, row, headers[column][0], headers[column][1]);
}

/* The row with the columns' names; false when none is near the top. */
static bool find_header_row(const struct table *table, size_t *out_row)
{
    for (size_t row = 0; row < table_rows(table) && row < SOURCE_HEADER_ROWS; row++)
        if (find_header(table, row, COLUMN_VALUE) != SIZE_MAX &&
            (find_header(table, row, COLUMN_CELL) != SIZE_MAX ||
             find_header(table, row, COLUMN_ELEMENT) != SIZE_MAX)) {
            *out_row = row;
            return true;
        }
    return false;
}

void filler_columns(struct filler *filler)
{
    const struct table *table = filler->source.table;
    filler->header = 0;
    (void)find_header_row(table, &filler->header);
    for (enum column i = 0; i < COLUMNS; i++)
        filler->columns[i] = find_header(table, filler->header, i);
    size_t line = table_line(table, filler->header);
    if (filler->columns[COLUMN_VALUE] == SIZE_MAX)
        filler_problem(filler, STATUS_E_HEADER, 0, line, COLUMN_VALUE, "表头没有“数值”（value）列",
                       "the header has no column \"value\" (数值)");
    if (filler->columns[COLUMN_CELL] == SIZE_MAX && filler->columns[COLUMN_ELEMENT] == SIZE_MAX)
        filler_problem(filler, STATUS_E_HEADER, 0, line, COLUMN_CELL,
                       "表头没有“项号”（cell）列，也没有“数据元”（element）列",
                       "the header has neither a column \"cell\" (项号) nor \"element\" (数据元)");
}

static void other(struct filler *filler, enum status code, size_t row, const char *zh,
                  const char *en)
{
    filler_problem(filler, code, 0, table_line(filler->source.table, row), COLUMN_CELL, zh, en);
}

static void check_form(struct filler *filler, const struct form_mark *mark, size_t row)
{
    const Zhibao__FormSheet *sheet = blank_form_sheet(filler->filled->blank);
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    if (strcmp(mark->form, sheet->form) != 0 ||
        (mark->plan[0] != '\0' && strcmp(mark->plan, sheet->plan) != 0)) {
        snprintf(zh, sizeof zh, "这是报表“%.40s”（规划%.40s）的表格，不是“%.40s”（规划%.40s）的",
                 mark->form, mark->plan, sheet->form, sheet->plan);
        snprintf(en, sizeof en, "this sheet is of form %.40s (plan %.40s), not %.40s (plan %.40s)",
                 mark->form, mark->plan, sheet->form, sheet->plan);
        other(filler, STATUS_E_SHEET_OTHER, row, zh, en);
    } else if (mark->version != 0 && mark->version != sheet->version) {
        snprintf(zh, sizeof zh, "这是第%u版报表的表格，现行的是第%u版：请重新取空表，把数填过去",
                 mark->version, sheet->version);
        snprintf(en, sizeof en,
                 "this sheet is of version %u of the form and version %u holds: fetch a new blank "
                 "sheet and fill the figures in there",
                 mark->version, sheet->version);
        other(filler, STATUS_E_FORM_VERSION, row, zh, en);
    }
}

/* The sheet was made for this form, year and unit, or does not say. */
void filler_mark(struct filler *filler)
{
    const struct filled_history *wanted = filler->history;
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    char theirs[UNIT_TEXT_BYTES], ours[UNIT_TEXT_BYTES];
    struct form_mark mark;
    size_t row = 0;
    if (!source_mark(filler->source.table, &mark, &row))
        return;
    check_form(filler, &mark, row);
    if (mark.year != 0 && wanted->period != 0 && mark.year != (uint32_t)wanted->period) {
        snprintf(zh, sizeof zh, "这是%u年的表格，现在要报的是%d年", mark.year, wanted->period);
        snprintf(en, sizeof en, "this sheet is of %u, but %d is to be reported", mark.year,
                 wanted->period);
        other(filler, STATUS_E_SHEET_OTHER, row, zh, en);
    }
    if (mark.unit != 0 && wanted->unit != 0 && mark.unit != wanted->unit) {
        unit_format(mark.unit, theirs);
        unit_format(wanted->unit, ours);
        snprintf(zh, sizeof zh, "这是单位%s的表格，现在要报的是%s的", theirs, ours);
        snprintf(en, sizeof en, "this sheet is of unit %s, but %s is to be reported", theirs, ours);
        other(filler, STATUS_E_SHEET_OTHER, row, zh, en);
    }
}

/* How well a sheet fits: 2 for a mark of this form, 1 for a header without any mark. */
static int rank(const struct filler *filler, const struct table *table)
{
    const Zhibao__FormSheet *sheet = blank_form_sheet(filler->filled->blank);
    struct form_mark mark;
    size_t row = 0;
    if (source_mark(table, &mark, &row))
        return strcmp(mark.form, sheet->form) == 0 ? 2 : 0;
    return find_header_row(table, &row) ? 1 : 0;
}

static enum status two_fit(struct filler *filler, size_t first, size_t second)
{
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    const char *one = xlsx_sheet_name(filler->source.workbook, first);
    const char *two = xlsx_sheet_name(filler->source.workbook, second);
    int cut_one = (int)utf8_cut(one, SHOWN_BYTES), cut_two = (int)utf8_cut(two, SHOWN_BYTES);
    snprintf(zh, sizeof zh, "工作表“%.*s”和“%.*s”都像这张报表，请只留一张", cut_one, one, cut_two,
             two);
    snprintf(en, sizeof en, "sheets \"%.*s\" and \"%.*s\" both look like this form: keep only one",
             cut_one, one, cut_two, two);
    filler->first = STATUS_E_SHEET;
    problems_add(filler->problems, STATUS_E_SHEET, 0, "0:", zh, en);
    return STATUS_E_SHEET;
}

/* Chooses the sheet that is this form; without any, the first that holds something, so that what it
 * lacks is said. */
static enum status choose_sheet(struct filler *filler)
{
    struct sheet_source *source = &filler->source;
    size_t chosen = SIZE_MAX;
    int best = -1;
    for (size_t i = 0; i < source_sheets(source); i++) {
        enum status status = source_choose(source, i);
        if (status == STATUS_E_EMPTY)
            continue;
        if (status != STATUS_OK)
            return status;
        int found = rank(filler, source->table);
        if (found > 0 && found == best)
            return two_fit(filler, chosen, i);
        if (found > best) {
            best = found;
            chosen = i;
        }
    }
    return chosen == SIZE_MAX ? STATUS_E_EMPTY : source_choose(source, chosen);
}

enum status filler_open(struct filler *filler, const uint8_t *bytes, size_t size)
{
    enum status status = source_open(&filler->source, bytes, size, filler->problems);
    if (status != STATUS_OK || filler->source.workbook == NULL)
        return status;
    status = choose_sheet(filler);
    if (status != STATUS_OK && status != STATUS_NO_MEMORY && filler->first == STATUS_OK)
        problems_add(filler->problems, status, 0, "0:", NULL, NULL);
    return status;
}

void filler_close(struct filler *filler)
{
    source_close(&filler->source);
}

bool filler_readable(struct filler *filler, uint32_t number, size_t row, enum column column)
{
    const char *zh = NULL, *en = NULL;
    if (source_readable(&filler->source, row, filler->columns[column], column == COLUMN_VALUE, &zh,
                        &en))
        return true;
    filler_problem(filler, STATUS_E_SHEET_CELL, number, table_line(filler->source.table, row),
                   column, zh, en);
    return false;
}

void filler_problem(struct filler *filler, enum status code, uint32_t cell, size_t line,
                    enum column column, const char *zh, const char *en)
{
    char field[PROBLEM_FIELD_BYTES], place[XLSX_PLACE_BYTES];
    size_t index = filler->columns[column];
    if (filler->source.workbook != NULL && line > 0) {
        const char *name = xlsx_sheet_name(filler->source.workbook, filler->source.sheet);
        snprintf(field, sizeof field, "%zu:%.*s!%s", line, (int)utf8_cut(name, SHOWN_BYTES), name,
                 xlsx_place((uint32_t)line - 1, index == SIZE_MAX ? 0 : (uint32_t)index, place));
    } else {
        const char *header =
            index == SIZE_MAX ? "" : table_cell(filler->source.table, filler->header, index);
        snprintf(field, sizeof field, "%zu:%.*s", line, (int)utf8_cut(header, SHOWN_BYTES), header);
    }
    if (filler->first == STATUS_OK)
        filler->first = code;
    problems_add(filler->problems, code, cell, field, zh, en);
}
