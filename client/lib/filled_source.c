/* Where the rows of a filled-in form are: which sheet of a workbook, and below which header. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/filled_parts.h"
#include "lib/form_mark.h"
#include "text/csv.h"
#include "text/foreign.h"
#include "text/utf8.h"

enum { HEADER_ROWS = 40, SHOWN_BYTES = 60 };

static const char *const headers[COLUMNS][2] = {
    [COLUMN_CELL] = {"项号",    "cell"       },
    [COLUMN_ELEMENT] = {"数据元", "element"    },
    [COLUMN_STRATUM] = {"分组",    "stratum"    },
    [COLUMN_VALUE] = {"数值",    "value"      },
    [COLUMN_EXPLANATION] = {"说明",    "explanation"},
};

/* Whether a header cell says `name`, whatever blanks and line breaks stand in it. */
static bool says(const char *text, const char *name)
{
    size_t size = strlen(text);
    while (size > 0) {
        uint32_t code = 0;
        size_t length = utf8_next(text, size, &code);
        if (length == 0)
            return false;
        if (!utf8_is_blank(code)) {
            if (strncmp(text, name, length) != 0)
                return false;
            name += length;
        }
        text += length;
        size -= length;
    }
    return *name == '\0';
}

static size_t find_header(const struct table *table, size_t row, enum column column)
{
    for (size_t language = 0; language < 2; language++)
        for (size_t i = 0; i < table_columns(table, row); i++)
            if (says(table_cell(table, row, i), headers[column][language]))
                return i;
    return SIZE_MAX;
}

/* The row with the columns' names; false when none is near the top. */
static bool find_header_row(const struct table *table, size_t *out_row)
{
    for (size_t row = 0; row < table_rows(table) && row < HEADER_ROWS; row++)
        if (find_header(table, row, COLUMN_VALUE) != SIZE_MAX &&
            (find_header(table, row, COLUMN_CELL) != SIZE_MAX ||
             find_header(table, row, COLUMN_ELEMENT) != SIZE_MAX)) {
            *out_row = row;
            return true;
        }
    return false;
}

/* The mark above the header, and its row; false when there is none. */
static bool find_mark(const struct table *table, struct form_mark *out_mark, size_t *out_row)
{
    for (size_t row = 0; row < table_rows(table) && row < HEADER_ROWS; row++)
        for (size_t i = 0; i < table_columns(table, row); i++)
            if (form_mark_read(table_cell(table, row, i), out_mark)) {
                *out_row = row;
                return true;
            }
    return false;
}

void filler_columns(struct filler *filler)
{
    const struct table *table = filler->table;
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
    filler_problem(filler, code, 0, table_line(filler->table, row), COLUMN_CELL, zh, en);
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
    if (!find_mark(filler->table, &mark, &row))
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
    if (find_mark(table, &mark, &row))
        return strcmp(mark.form, sheet->form) == 0 ? 2 : 0;
    return find_header_row(table, &row) ? 1 : 0;
}

static enum status sheet_table(const struct xlsx *workbook, size_t sheet, struct table **out_table)
{
    size_t size = 0, line = 0;
    char *csv = xlsx_as_csv(workbook, sheet, TABLE_COLUMNS_MAX, &size);
    if (csv == NULL)
        return STATUS_NO_MEMORY;
    enum status status = table_read((const uint8_t *)csv, size, &line, out_table);
    free(csv);
    return status;
}

static enum status two_fit(struct filler *filler, size_t first, size_t second)
{
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    const char *one = xlsx_sheet_name(filler->workbook, first);
    const char *two = xlsx_sheet_name(filler->workbook, second);
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
    int best = -1;
    for (size_t i = 0; i < xlsx_sheets(filler->workbook); i++) {
        struct table *table = NULL;
        enum status status = sheet_table(filler->workbook, i, &table);
        if (status == STATUS_E_EMPTY)
            continue;
        if (status != STATUS_OK)
            return status;
        int found = rank(filler, table);
        if (found > 0 && found == best) {
            table_destroy(&table);
            return two_fit(filler, filler->sheet, i);
        }
        if (found > best) {
            table_destroy(&filler->table);
            filler->table = table;
            filler->sheet = i;
            best = found;
        } else {
            table_destroy(&table);
        }
    }
    return best < 0 ? STATUS_E_EMPTY : STATUS_OK;
}

static enum status open_workbook(struct filler *filler, const uint8_t *bytes, size_t size)
{
    enum xlsx_fault fault = xlsx_read(bytes, size, &filler->workbook);
    if (fault == XLSX_MEMORY)
        return STATUS_NO_MEMORY;
    if (fault != XLSX_GOOD) {
        problems_add(filler->problems, STATUS_E_SHEET, 0, "0:", xlsx_fault_zh(fault),
                     xlsx_fault_en(fault));
        return STATUS_E_SHEET;
    }
    enum status status = choose_sheet(filler);
    if (status != STATUS_OK && status != STATUS_NO_MEMORY && filler->first == STATUS_OK)
        problems_add(filler->problems, status, 0, "0:", NULL, NULL);
    return status;
}

static enum status open_csv(struct filler *filler, const uint8_t *bytes, size_t size)
{
    size_t line = 1;
    enum status status = table_read(bytes, size, &line, &filler->table);
    if (status == STATUS_NO_MEMORY || status == STATUS_OK)
        return status;
    char field[PROBLEM_FIELD_BYTES];
    snprintf(field, sizeof field, "%zu:", status == STATUS_E_MALFORMED ? line : 0);
    const struct foreign_file *foreign = foreign_file(bytes, size);
    bool quote = status == STATUS_E_MALFORMED;
    problems_add(filler->problems, status, 0, field,
                 foreign != NULL ? foreign->zh
                 : quote         ? "引号没有结束"
                                 : NULL,
                 foreign != NULL ? foreign->en
                 : quote         ? "a quoted text does not end"
                                 : NULL);
    return status;
}

enum status filler_open(struct filler *filler, const uint8_t *bytes, size_t size)
{
    return foreign_is_workbook(bytes, size) ? open_workbook(filler, bytes, size)
                                            : open_csv(filler, bytes, size);
}

void filler_close(struct filler *filler)
{
    table_destroy(&filler->table);
    xlsx_destroy(&filler->workbook);
}

static const struct {
    const char *zh, *en;
} kinds[] = {
    [XLSX_DATE] =
        {"单元格是日期或时间，不是数值：请把格式改为“常规”，重新填数",
                     "the cell is a date or time, not a figure: set its format to General and type the "
         "figure again"                                                                                                                                          },
    [XLSX_PERCENT] = {"单元格是百分比格式，看不出是12还是0.12：请把格式改为“常规”，重新填数",
                     "the cell is formatted as a percentage, which may mean 12 or 0.12: set its "
                      "format to General and type the figure again"                                                                                              },
    [XLSX_UNCALCULATED] =
        {"单元格是公式，文件里没有它的结果：请用Excel或WPS打开、保存一次，或改填数值",
                     "the cell is a formula and the file does not hold its result: open and "
         "save it in Excel or WPS, or type the figure"                                                                                                           },
    [XLSX_LINKED] = {"公式所在的工作簿引用了别的文件，结果不可靠：请改填数值",
                     "the cell is a formula of a workbook that refers to other files: type the "
                     "figure itself"                                                                                                                             },
    [XLSX_TOO_LONG] = {"单元格的文字过长",                                                                                    "the cell's text is too long"},
};

bool filler_readable(struct filler *filler, uint32_t number, size_t row, enum column column)
{
    size_t index = filler->columns[column], line = table_line(filler->table, row);
    if (filler->workbook == NULL || index == SIZE_MAX)
        return true;
    const struct xlsx_cell *cell =
        xlsx_find(filler->workbook, filler->sheet, (uint32_t)line - 1, (uint32_t)index);
    bool good = cell == NULL || cell->kind == XLSX_TEXT || cell->kind == XLSX_NUMBER;
    if (!good) {
        filler_problem(filler, STATUS_E_SHEET_CELL, number, line, column, kinds[cell->kind].zh,
                       kinds[cell->kind].en);
    } else if (column == COLUMN_VALUE && xlsx_is_merged(filler->workbook, filler->sheet,
                                                        (uint32_t)line - 1, (uint32_t)index)) {
        filler_problem(filler, STATUS_E_SHEET_CELL, number, line, column,
                       "单元格与上下行合并了，分不清是哪一项的数：请取消合并，逐项填写",
                       "the cell is merged with other rows, so that it is not clear whose figure "
                       "it is: unmerge and fill in each row");
        good = false;
    }
    return good;
}

void filler_problem(struct filler *filler, enum status code, uint32_t cell, size_t line,
                    enum column column, const char *zh, const char *en)
{
    char field[PROBLEM_FIELD_BYTES], place[XLSX_PLACE_BYTES];
    size_t index = filler->columns[column];
    if (filler->workbook != NULL && line > 0) {
        const char *name = xlsx_sheet_name(filler->workbook, filler->sheet);
        snprintf(field, sizeof field, "%zu:%.*s!%s", line, (int)utf8_cut(name, SHOWN_BYTES), name,
                 xlsx_place((uint32_t)line - 1, index == SIZE_MAX ? 0 : (uint32_t)index, place));
    } else {
        const char *header =
            index == SIZE_MAX ? "" : table_cell(filler->table, filler->header, index);
        snprintf(field, sizeof field, "%zu:%.*s", line, (int)utf8_cut(header, SHOWN_BYTES), header);
    }
    if (filler->first == STATUS_OK)
        filler->first = code;
    problems_add(filler->problems, code, cell, field, zh, en);
}
