/* The workbook that a form is filled in with, laid out as statistical forms are printed in China.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "lib/files.h"
#include "lib/filled_form.h"
#include "lib/form_mark.h"
#include "plan/unit_words.h"
#include "text/utf8.h"

enum {
    AT_NUMBER,
    AT_NAME,
    AT_UNIT,
    AT_LAST,
    AT_VALUE,
    AT_EXPLANATION,
    AT_ELEMENT, /* from here on hidden */
    AT_STRATUM,
    AT_COLUMNS
};

enum {
    ROW_TITLE,
    ROW_FORM,
    ROW_AUTHORITY,
    ROW_UNIT,
    ROW_HELP,
    ROW_HEADER,
    ROW_FIRST,
    SHEET_NAME_CHARACTERS = 31,
    NAME_WIDTH = 40,
    WORKBOOK_BYTES_MAX = 16 * 1024 * 1024,
};

struct formats {
    lxw_format *title, *right, *left, *centre, *help, *header, *locked, *locked_centre, *last,
        *value, *text, *label, *name, *wrong;
};

struct page {
    lxw_workbook *workbook;
    lxw_worksheet *sheet;
    const struct form_page *page;
    const Zhibao__FormSheet *form;
    struct formats formats;
    bool english;
};

#define SAY(page, zh, en) ((page)->english ? (en) : (zh))

static lxw_format *format_of(lxw_workbook *workbook, uint8_t align, bool bordered, bool unlocked,
                             lxw_color_t fill)
{
    lxw_format *format = workbook_add_format(workbook);
    format_set_font_name(format, "宋体");
    format_set_align(format, align);
    format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    if (bordered)
        format_set_border(format, LXW_BORDER_THIN);
    if (unlocked)
        format_set_unlocked(format);
    if (fill != 0)
        format_set_bg_color(format, fill);
    return format;
}

static struct formats formats_make(lxw_workbook *workbook)
{
    enum { FIELD = 0xFFF9E1, GREY = 0xF2F2F2, RED = 0xF8C9C4 };
    struct formats made = {
        .title = format_of(workbook, LXW_ALIGN_CENTER, false, false, 0),
        .right = format_of(workbook, LXW_ALIGN_RIGHT, false, false, 0),
        .left = format_of(workbook, LXW_ALIGN_LEFT, false, false, 0),
        .centre = format_of(workbook, LXW_ALIGN_CENTER, false, false, 0),
        .help = format_of(workbook, LXW_ALIGN_LEFT, false, false, 0),
        .header = format_of(workbook, LXW_ALIGN_CENTER, true, false, GREY),
        .locked = format_of(workbook, LXW_ALIGN_LEFT, true, false, 0),
        .locked_centre = format_of(workbook, LXW_ALIGN_CENTER, true, false, 0),
        .last = format_of(workbook, LXW_ALIGN_RIGHT, true, false, 0),
        .value = format_of(workbook, LXW_ALIGN_RIGHT, true, true, FIELD),
        .text = format_of(workbook, LXW_ALIGN_LEFT, true, true, FIELD),
        .label = format_of(workbook, LXW_ALIGN_RIGHT, false, false, 0),
        .name = format_of(workbook, LXW_ALIGN_LEFT, false, true, FIELD),
        .wrong = workbook_add_format(workbook),
    };
    format_set_font_size(made.title, 16);
    format_set_bold(made.title);
    format_set_bold(made.header);
    format_set_text_wrap(made.help);
    format_set_text_wrap(made.locked);
    format_set_text_wrap(made.text);
    format_set_indent(made.locked, 1);
    format_set_font_color(made.last, 0x666666);
    format_set_bottom(made.name, LXW_BORDER_THIN);
    format_set_bg_color(made.wrong, RED);
    return made;
}

/* "村（社区）儿童发展监测年报表", cut to what a sheet's name may have and without what it may not.
 */
static lxw_worksheet *add_sheet(lxw_workbook *workbook, const Zhibao__FormSheet *form, bool english)
{
    char name[4 * SHEET_NAME_CHARACTERS + 1], *out = name;
    const char *text = english ? form->title_en : form->title_zh;
    size_t size = strlen(text);
    for (int i = 0; i < SHEET_NAME_CHARACTERS && size > 0; i++) {
        uint32_t code = 0;
        size_t length = utf8_next(text, size, &code);
        if (length == 0)
            break;
        if (code >= 0x80 || strchr("[]:*?/\\'", (int)code) == NULL) {
            memcpy(out, text, length);
            out += length;
        }
        text += length;
        size -= length;
    }
    *out = '\0';
    bool used = workbook_get_worksheet_by_name(workbook, name) != NULL;
    return workbook_add_worksheet(workbook, used || name[0] == '\0' ? form->form : name);
}

static void put(struct page *page, int row, int column, const char *text, lxw_format *format)
{
    worksheet_write_string(page->sheet, (lxw_row_t)row, (lxw_col_t)column, text, format);
}

static void put_across(struct page *page, int row, int first, int last, const char *text,
                       lxw_format *format)
{
    worksheet_merge_range(page->sheet, (lxw_row_t)row, (lxw_col_t)first, (lxw_row_t)row,
                          (lxw_col_t)last, text, format);
}

/* Above the figures: title, number, authority, unit, year, validity, and how it is filled in. */
static void put_head(struct page *page)
{
    char text[512], mark_text[MARK_TEXT_BYTES];
    const Zhibao__FormSheet *form = page->form;
    const struct form_face *face = &page->page->face;
    struct form_mark mark = {.version = form->version, .year = face->year, .unit = face->unit};
    snprintf(mark.plan, sizeof mark.plan, "%s", form->plan);
    snprintf(mark.form, sizeof mark.form, "%s", form->form);
    put(page, ROW_TITLE, AT_ELEMENT, form_mark_write(&mark, mark_text), NULL);
    put_across(page, ROW_TITLE, 0, AT_EXPLANATION, SAY(page, form->title_zh, form->title_en),
               page->formats.title);
    snprintf(text, sizeof text, SAY(page, "表　　号：%s", "Form number: %s"), form->number);
    put_across(page, ROW_FORM, AT_VALUE, AT_EXPLANATION, text, page->formats.left);
    snprintf(text, sizeof text, SAY(page, "制表机关：%s", "Issued by: %s"), form->authority);
    put_across(page, ROW_AUTHORITY, AT_VALUE, AT_EXPLANATION, text, page->formats.left);
    snprintf(text, sizeof text, SAY(page, "有效期至：%s", "Valid until: %s"), form->valid_until);
    put_across(page, ROW_UNIT, AT_VALUE, AT_EXPLANATION, text, page->formats.left);
    snprintf(text, sizeof text, SAY(page, "填报单位：%s", "Reporting unit: %s"), face->unit_name);
    put_across(page, ROW_UNIT, 0, AT_NAME, text, page->formats.left);
    if (face->year != 0) {
        snprintf(text, sizeof text, SAY(page, "%u年", "%u"), face->year);
        put_across(page, ROW_UNIT, AT_UNIT, AT_LAST, text, page->formats.centre);
    }
    put_across(
        page, ROW_HELP, 0, AT_EXPLANATION,
        SAY(page,
            "只填浅黄色的格子。确实没有发生的填0；没有这种情况的选“不适用”；没有统计的选“未采集”；"
            "空着就是“未报送”。变成红色的格子不是有效的数值。与上年相差很大等须说明的，在“说明”里"
            "写明原因（8个字以上）。",
            "Fill in the light yellow cells only. Enter 0 where nothing occurred; choose \"not "
            "applicable\" where there is no such case and \"not collected\" where it was not "
            "counted; a blank cell is \"not reported\". A cell that turns red is no valid figure. "
            "What needs an explanation, such as a large change since last year, is explained in "
            "the last column (8 characters or more)."),
        page->formats.help);
}

static void put_columns(struct page *page)
{
    static const struct {
        const char *zh, *en;
        double width;
    } columns[AT_COLUMNS] = {
        [AT_NUMBER] = {"项号",       "cell",        6         },
          [AT_NAME] = {"名称",       "name",        NAME_WIDTH},
        [AT_UNIT] = {"计量单位", "unit",        10        },
          [AT_LAST] = {"上年数值", "last year",   11        },
        [AT_VALUE] = {"数值",       "value",       13        },
          [AT_EXPLANATION] = {"说明",       "explanation", 36        },
        [AT_ELEMENT] = {"数据元",    "element",     8         },
          [AT_STRATUM] = {"分组",       "stratum",     8         },
    };
    /* cppcheck-suppress legacyUninitvar ; it is initialised right here */
    lxw_row_col_options hidden = {.hidden = 1};
    for (int i = 0; i < AT_COLUMNS; i++) {
        worksheet_set_column_opt(page->sheet, (lxw_col_t)i, (lxw_col_t)i, columns[i].width, NULL,
                                 i >= AT_ELEMENT ? &hidden : NULL);
        put(page, ROW_HEADER, i, SAY(page, columns[i].zh, columns[i].en), page->formats.header);
    }
    worksheet_set_row(page->sheet, ROW_TITLE, 30, NULL);
    worksheet_set_row(page->sheet, ROW_HELP, page->english ? 62 : 48, NULL);
    worksheet_set_row(page->sheet, ROW_HEADER, 22, NULL);
}

/* The words to choose from. A figure is typed beside them, so that nothing is refused there. */
static void add_choices(struct page *page, int row, const Zhibao__FormCell *cell)
{
    const char *figures_zh[] = {"0", "不适用", "未采集", "未报送", NULL};
    const char *figures_en[] = {"0", "not applicable", "not collected", "not reported", NULL};
    const char *answers_zh[] = {"是", "否", "不适用", "未采集", "未报送", NULL};
    const char *answers_en[] = {"yes",           "no",           "not applicable",
                                "not collected", "not reported", NULL};
    char help[200], title[64];
    bool yesno = strcmp(cell->type, "yesno") == 0;
    snprintf(title, sizeof title, SAY(page, "第%u项", "Cell %u"), cell->cell);
    snprintf(help, sizeof help, "%s%s%s%s%s%s",
             cell->required ? SAY(page, "必填。", "Required. ") : "",
             yesno                 ? SAY(page, "选“是”或“否”。", "Choose yes or no.")
             : cell->decimals == 0 ? SAY(page, "填整数。", "A whole number.")
                                   : SAY(page, "填数，可带小数。", "A number."),
             cell->min[0] == '\0' ? "" : SAY(page, "不小于", " At least "), cell->min,
             cell->max[0] == '\0' ? "" : SAY(page, "，不大于", ", at most "), cell->max);
    lxw_data_validation validation = {
        .validate = LXW_VALIDATION_TYPE_LIST,
        .value_list = (char **)(yesno           ? page->english ? answers_en : answers_zh
                                : page->english ? figures_en
                                                : figures_zh),
        .show_error = yesno ? LXW_VALIDATION_DEFAULT : LXW_VALIDATION_OFF,
        .error_title = (char *)SAY(page, "请从下拉列表中选", "Choose from the list"),
        .error_message = (char *)SAY(page, "是、否、不适用、未采集、未报送",
                                     "yes, no, not applicable, not collected, not reported"),
        .input_title = title,
        .input_message = help};
    worksheet_data_validation_cell(page->sheet, (lxw_row_t)row, AT_VALUE, &validation);
}

/* What is neither a figure within its limits nor one of the words turns red. */
static void add_warning(struct page *page, int row, const Zhibao__FormCell *cell)
{
    char formula[512], limits[160] = "";
    int at = row + 1;
    if (strcmp(cell->type, "yesno") == 0)
        return;
    if (cell->max[0] != '\0')
        snprintf(limits, sizeof limits, ",E%d>%.40s", at, cell->max);
    snprintf(formula, sizeof formula,
             "=IF(ISNUMBER(E%d),OR(E%d<%.40s,ROUND(E%d,%u)<>E%d%s),"
             "AND(ISTEXT(E%d),E%d<>\"\",E%d<>\"%s\",E%d<>\"%s\",E%d<>\"%s\"))",
             at, at, cell->min[0] == '\0' ? "0" : cell->min, at, cell->decimals, at, limits, at, at,
             at, SAY(page, "不适用", "not applicable"), at, SAY(page, "未采集", "not collected"),
             at, SAY(page, "未报送", "not reported"));
    lxw_conditional_format condition = {.type = LXW_CONDITIONAL_TYPE_FORMULA,
                                        .value_string = formula,
                                        .format = page->formats.wrong};
    worksheet_conditional_format_cell(page->sheet, (lxw_row_t)row, AT_VALUE, &condition);
}

static void put_last(struct page *page, int row, const Zhibao__FormCell *cell)
{
    const struct observations *last = page->page->face.last;
    double value = 0;
    if (last == NULL || !observation_value(last, cell->cell, &value))
        put(page, row, AT_LAST, "", page->formats.last);
    else if (strcmp(cell->type, "yesno") == 0)
        put(page, row, AT_LAST, value != 0 ? SAY(page, "是", "yes") : SAY(page, "否", "no"),
            page->formats.last);
    else
        worksheet_write_number(page->sheet, (lxw_row_t)row, AT_LAST, value, page->formats.last);
}

/* High enough for a name that takes several lines. */
static double row_height(const char *name)
{
    size_t width = 0, size = strlen(name);
    for (uint32_t code = 0; size > 0;) {
        size_t length = utf8_next(name, size, &code);
        if (length == 0)
            break;
        width += code >= 0x1100 ? 2 : 1; /* Chinese characters are as wide as two letters */
        name += length;
        size -= length;
    }
    size_t more = width / (NAME_WIDTH + 1); /* lines besides the first */
    return 18.0 + 13.0 * (double)more;
}

static void put_cells(struct page *page)
{
    char name[512];
    for (size_t i = 0; i < page->form->n_cells; i++) {
        const Zhibao__FormCell *cell = page->form->cells[i];
        int row = ROW_FIRST + (int)i;
        form_cell_name(cell, page->english, name, sizeof name);
        worksheet_set_row(page->sheet, (lxw_row_t)row, row_height(name), NULL);
        worksheet_write_number(page->sheet, (lxw_row_t)row, AT_NUMBER, cell->cell,
                               page->formats.locked_centre);
        put(page, row, AT_NAME, name, page->formats.locked);
        put(page, row, AT_UNIT, unit_word(cell->unit, page->english), page->formats.locked_centre);
        put_last(page, row, cell);
        worksheet_write_blank(page->sheet, (lxw_row_t)row, AT_VALUE, page->formats.value);
        worksheet_write_blank(page->sheet, (lxw_row_t)row, AT_EXPLANATION, page->formats.text);
        put(page, row, AT_ELEMENT, cell->element, NULL);
        put(page, row, AT_STRATUM, cell->stratum, NULL);
        add_choices(page, row, cell);
        add_warning(page, row, cell);
    }
}

/* Who filled it in, who looked at it, who answers for it, and when: see filled_people.c. */
static void put_people(struct page *page)
{
    int row = ROW_FIRST + (int)page->form->n_cells + 1;
    put(page, row, AT_NAME, SAY(page, "填表人：", "Filled in by:"), page->formats.label);
    put(page, row, AT_VALUE, SAY(page, "审核人：", "Reviewed by:"), page->formats.label);
    put(page, row + 1, AT_NAME, SAY(page, "单位负责人：", "Principal:"), page->formats.label);
    put(page, row + 1, AT_VALUE, SAY(page, "填报日期：", "Date:"), page->formats.label);
    for (int i = row; i <= row + 1; i++) {
        put_across(page, i, AT_UNIT, AT_LAST, "", page->formats.name);
        worksheet_write_blank(page->sheet, (lxw_row_t)i, AT_EXPLANATION, page->formats.name);
        worksheet_set_row(page->sheet, (lxw_row_t)i, 22, NULL);
    }
}

static void set_up(struct page *page)
{
    lxw_protection allowed = {.format_columns = 1, .format_rows = 1};
    int last = ROW_FIRST + (int)page->form->n_cells + 2;
    worksheet_protect(page->sheet, NULL, &allowed);
    worksheet_freeze_panes(page->sheet, ROW_FIRST, 0);
    worksheet_set_selection(page->sheet, ROW_FIRST, AT_VALUE, ROW_FIRST, AT_VALUE);
    worksheet_set_paper(page->sheet, 9); /* A4 */
    worksheet_fit_to_pages(page->sheet, 1, 0);
    worksheet_center_horizontally(page->sheet);
    worksheet_repeat_rows(page->sheet, ROW_HEADER, ROW_HEADER);
    worksheet_print_area(page->sheet, 0, 0, (lxw_row_t)last, AT_EXPLANATION);
    worksheet_set_footer(page->sheet, SAY(page, "&C第 &P 页　共 &N 页", "&Cpage &P of &N"));
}

static enum status write_pages(lxw_workbook *workbook, const struct form_page *pages, size_t count,
                               bool english)
{
    struct formats formats = formats_make(workbook);
    for (size_t i = 0; i < count; i++) {
        struct page page = {.workbook = workbook,
                            .page = &pages[i],
                            .form = blank_form_sheet(pages[i].blank),
                            .formats = formats,
                            .english = english};
        page.sheet = add_sheet(workbook, page.form, english);
        if (page.sheet == NULL)
            return STATUS_INVALID;
        put_head(&page);
        put_columns(&page);
        put_cells(&page);
        put_people(&page);
        set_up(&page);
    }
    return STATUS_OK;
}

enum status filled_form_workbook(const struct form_page *pages, size_t count, bool english,
                                 uint8_t **out_bytes, size_t *out_size)
{
    char path[PATH_BYTES];
    const char *directory = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.900s/zhibao-form-XXXXXX",
             directory == NULL || directory[0] == '\0' ? "/tmp" : directory);
    int file = mkstemp(path);
    if (file < 0)
        return STATUS_IO;
    close(file);
    lxw_workbook *workbook = workbook_new(path);
    enum status status =
        workbook == NULL ? STATUS_NO_MEMORY : write_pages(workbook, pages, count, english);
    if (workbook != NULL && workbook_close(workbook) != LXW_NO_ERROR && status == STATUS_OK)
        status = STATUS_IO;
    if (status == STATUS_OK)
        status = file_read(path, WORKBOOK_BYTES_MAX, out_bytes, out_size);
    unlink(path);
    return status;
}
