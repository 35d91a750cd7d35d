/* form, form show */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "cli/families.h"
#include "cli/form_open.h"
#include "cli/past.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "lib/files.h"
#include "lib/filled_form.h"
#include "plan/unit_words.h"

static const struct option form_options[] = {
    {"template", NULL, "csv|xlsx", "输出空白表格：CSV（带BOM）或Excel工作簿（.xlsx，须带 -o）",
     "write a blank sheet: CSV (with BOM) or a workbook (.xlsx, needs -o)"                                                                             },
    {"year",     NULL, "YEAR",     "表格是哪一年的（默认上一年）",
     "the year of the sheet (default: last year)"                                                                                                      },
    {"for",      NULL, "UNIT",     "给所属的村（乡镇代填）",                                            "for this village of the township's"},
    {"output",   "o",  "FILE",     "写入文件而不是标准输出",                                            "write to a file instead of stdout" },
    {"force",    NULL, NULL,       "覆盖已有的文件",                                                        "replace a file that is there"      },
    {NULL,       NULL, NULL,       NULL,                                                                           NULL                                },
};

static bool save(struct context *context, const void *bytes, size_t size)
{
    const char *path = option_text(context, "output");
    if (path == NULL)
        return fwrite(bytes, 1, size, stdout) == size;
    enum status status = file_save(path, bytes, size, 0644,
                                   option_given(context, "force") ? FILE_FOLLOW : FILE_KEEP);
    if (status == STATUS_CONFLICT)
        complain(context, "%s 已经存在，没有改动；另写一个文件名，确要覆盖文件请加 --force",
                 "%s is there already and was left alone; give another name, or --force to "
                 "replace a file",
                 path);
    else if (status != STATUS_OK)
        complain(context, "文件 %s 写不出：%s", "cannot write %s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
    else
        complain(context, "已写入 %s", "wrote %s", path);
    return status == STATUS_OK;
}

/* One form to be written, with what is known of its last year. */
struct blank_page {
    struct blank_form *blank;
    struct form_face face;
    struct past past;
    struct observations last;
};

/* The year that is reported on now, unless another one was asked for. */
static uint32_t page_year(const struct context *context, const Zhibao__FormSheet *sheet,
                          uint32_t asked)
{
    uint32_t year = asked != 0 ? asked : (uint32_t)china_year(clock_now_us()) - 1;
    if (asked != 0)
        return year;
    if (sheet->last_year != 0 && year > sheet->last_year)
        year = sheet->last_year;
    if (year < sheet->first_year)
        year = sheet->first_year;
    complain(context, "报表“%s”：%u年的空表（另一年用 --year）",
             "form \"%s\": a sheet for %u (for another year give --year)",
             TR(context, sheet->title_zh, sheet->title_en), year);
    return year;
}

static bool open_page(struct context *context, const char *code, uint32_t year, uint64_t unit,
                      struct blank_page *page, enum exit_code *out_code)
{
    const struct zhibao_identity *identity = zhibao_identity(context->zhibao);
    char text[UNIT_TEXT_BYTES];
    page->blank = form_open(context, code, 0, out_code);
    if (page->blank == NULL)
        return false;
    const Zhibao__FormSheet *sheet = blank_form_sheet(page->blank);
    page->face.year = page_year(context, sheet, year);
    page->face.unit = unit != 0 ? unit : identity->unit;
    page->face.unit_name =
        unit != 0 ? arena_string(context->arena, unit_format(unit, text)) : identity->name_zh;
    if (page->face.unit_name == NULL)
        page->face.unit_name = "";
    past_find(context, unit, sheet->form, page->face.year, &page->past);
    const struct filled_history *history = &page->past.history;
    for (size_t i = 0; i < history->year_count; i++)
        if (history->years[i].period == (int)page->face.year - 1) {
            page->last = history->years[i].observations;
            page->face.last = &page->last;
        }
    return true;
}

static bool write_csv(struct context *context, const struct blank_page *page)
{
    size_t size = 0;
    char *text = filled_form_template(page->blank, &page->face, context->english, &size);
    if (text == NULL) {
        complain(context, "内存不足", "out of memory");
        return false;
    }
    bool written = save(context, text, size);
    free(text);
    return written;
}

static bool write_workbook(struct context *context, const struct blank_page *pages, size_t count)
{
    struct form_page *forms = arena_array(context->arena, count, sizeof *forms);
    uint8_t *bytes = NULL;
    size_t size = 0;
    for (size_t i = 0; forms != NULL && i < count; i++)
        forms[i] = (struct form_page){pages[i].blank, pages[i].face};
    enum status status = forms == NULL
                             ? STATUS_NO_MEMORY
                             : filled_form_workbook(forms, count, context->english, &bytes, &size);
    if (status != STATUS_OK) {
        complain(context, "空白表格写不出：%s", "cannot write the blank sheet: %s",
                 TR(context, status_zh(status), status_en(status)));
        return false;
    }
    bool written = save(context, bytes, size);
    free(bytes);
    return written;
}

static void print_head(const struct context *context, const Zhibao__FormSheet *sheet)
{
    if (context->format != FORMAT_TABLE)
        return;
    say(context, "%s（%s，第%u版）", "%s (%s, version %u)",
        TR(context, sheet->title_zh, sheet->title_en), sheet->form, sheet->version);
    say(context, "表号 %s　制表机关 %s　填报者 %s　每年 %s 起，%s 截止　有效期至 %s",
        "number %s; issued by %s; reported by %s; each year from %s to %s; valid until %s",
        sheet->number, sheet->authority, role_words(context, sheet->reporter), sheet->opens,
        sheet->due, sheet->valid_until);
}

static bool print_cells(const struct context *context, const Zhibao__FormSheet *sheet)
{
    static const struct row_column columns[] = {
        {"form",     "报表",       "form",     COLUMN_TEXT  },
        {"cell",     "项号",       "cell",     COLUMN_NUMBER},
        {"element",  "数据元",    "element",  COLUMN_TEXT  },
        {"stratum",  "分组",       "stratum",  COLUMN_TEXT  },
        {"name",     "名称",       "name",     COLUMN_TEXT  },
        {"unit",     "计量单位", "unit",     COLUMN_TEXT  },
        {"type",     "类型",       "type",     COLUMN_TEXT  },
        {"required", "必填",       "required", COLUMN_FLAG  },
        {"decimals", "小数位",    "decimals", COLUMN_NUMBER},
        {"min",      "最小",       "min",      COLUMN_NUMBER},
        {"max",      "最大",       "max",      COLUMN_NUMBER},
    };
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return false;
    bool table = context->format == FORMAT_TABLE;
    for (size_t i = 0; i < sheet->n_cells; i++) {
        const Zhibao__FormCell *cell = sheet->cells[i];
        char stratum[128];
        if (table)
            stratum_words(cell->stratum, context->english, stratum, sizeof stratum);
        const char *const cells[] = {sheet->form,
                                     rows_printf(rows, "%u", cell->cell),
                                     cell->element,
                                     table ? rows_printf(rows, "%s", stratum) : cell->stratum,
                                     TR(context, cell->name_zh, cell->name_en),
                                     table ? unit_word(cell->unit, context->english) : cell->unit,
                                     cell->type,
                                     cell->required ? table ? TR(context, "是", "yes") : "1" : "",
                                     rows_printf(rows, "%u", cell->decimals),
                                     cell->min,
                                     cell->max};
        rows_add(rows, cells);
    }
    bool printed = rows_print(rows);
    rows_destroy(&rows);
    return printed;
}

static void print_checks(const struct context *context, const Zhibao__FormSheet *sheet)
{
    if (context->format != FORMAT_TABLE || sheet->n_checks == 0)
        return;
    say(context, "审核关系：", "checks:");
    for (size_t i = 0; i < sheet->n_checks; i++) {
        const Zhibao__FormCheck *check = sheet->checks[i];
        say(context, "  %s%s（%s %s %s）", "  %s%s (%s %s %s)",
            check->soft ? TR(context, "[须说明] ", "[explain] ") : "",
            TR(context, check->zh, check->en), check->left, check->op, check->right);
    }
}

static enum exit_code show_one(struct context *context, const char *code)
{
    enum exit_code result = EXIT_DONE;
    struct blank_form *blank = form_open(context, code, 0, &result);
    if (blank == NULL)
        return result;
    const Zhibao__FormSheet *sheet = blank_form_sheet(blank);
    print_head(context, sheet);
    if (!print_cells(context, sheet))
        result = EXIT_MISUSED;
    print_checks(context, sheet);
    blank_form_destroy(&blank);
    return result;
}

static enum exit_code run_show(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    const char *names[FORMS_MAX];
    size_t count = 0;
    if (!context_connect(context, &code))
        return code;
    if (context->argument_count > 0)
        return show_one(context, context->arguments[0]);
    enum status status =
        zhibao_form_names(context->zhibao, 0, context->arena, names, FORMS_MAX, &count);
    if (status != STATUS_OK)
        return failed(context, status);
    if (count == 0)
        complain(context, "本单位没有要填的报表", "this unit fills in no form");
    if (count > 1 && context->format != FORMAT_TABLE) {
        form_code(context, NULL, &code);
        return code;
    }
    for (size_t i = 0; code == EXIT_DONE && i < count; i++)
        code = show_one(context, names[i]);
    return code;
}

/* The forms to write: the one named; or, in a workbook, all that the unit fills in. */
static size_t page_names(struct context *context, bool workbook, uint64_t unit,
                         const char *names[FORMS_MAX], enum exit_code *out_code)
{
    size_t count = 0;
    const char *given = context->argument_count > 0 ? context->arguments[0] : NULL;
    if (given == NULL && unit != 0)
        given = "village"; /* what villages report, not this unit */
    if (given == NULL && workbook) {
        enum status status = zhibao_form_names(context->zhibao, FORM_FRESH_S, context->arena, names,
                                               FORMS_MAX, &count);
        if (status == STATUS_OK && count > 0)
            return count;
    }
    names[0] = form_code(context, given, out_code);
    return names[0] == NULL ? 0 : 1;
}

static enum exit_code write_blank(struct context *context, bool workbook)
{
    enum exit_code code = EXIT_DONE;
    const char *names[FORMS_MAX], *entered_for = option_text(context, "for");
    uint32_t year = 0;
    uint64_t unit = 0;
    if (!option_year(context, false, &year) ||
        (entered_for != NULL && !unit_read(context, entered_for, &unit)))
        return EXIT_MISUSED;
    if (!context_connect(context, &code))
        return code;
    size_t count = page_names(context, workbook, unit, names, &code), opened = 0;
    struct blank_page *pages = arena_array(context->arena, count, sizeof *pages);
    while (pages != NULL && opened < count &&
           open_page(context, names[opened], year, unit, &pages[opened], &code))
        opened++;
    if (opened == count && count > 0 &&
        !(workbook ? write_workbook(context, pages, count) : write_csv(context, &pages[0])))
        code = EXIT_MISUSED;
    for (size_t i = 0; i < opened; i++) {
        past_clear(&pages[i].past);
        blank_form_destroy(&pages[i].blank);
    }
    return code;
}

static enum exit_code run_form(struct context *context)
{
    const char *template = option_text(context, "template");
    bool workbook = template != NULL && strcmp(template, "xlsx") == 0;
    if (template == NULL && !option_given(context, "output"))
        return run_show(context);
    if (template == NULL || (!workbook && strcmp(template, "csv") != 0) ||
        option_given(context, "format"))
        return misused(
            context, "空白表格用 --template csv 或 xlsx，不带 --format；不带 --template 则显示报表",
            "a blank sheet takes --template csv or xlsx and no --format; without "
            "--template the form is shown");
    if (workbook && !option_given(context, "output"))
        return misused(context, "工作簿须写入文件：加 -o 文件名.xlsx",
                       "a workbook is written to a file: add -o FILE.xlsx");
    return write_blank(context, workbook);
}

const struct command commands_form[] = {
    {"form show", "[FORM]",                                                                      "显示报表的各项和审核关系",                 "show a form's cells and checks", NULL,         0,
     1,                                                                                                                                                                                                        true,  run_show},
    {"form",      "[FORM] [--template csv|xlsx [--year YEAR] [--for UNIT] [-o FILE [--force]]]",
     "显示报表；加 --template csv 或 xlsx 输出供填写的空白表格\n"
     "xlsx 是可打印的正式表样，本单位有几张报表就有几张工作表，上年数值列在旁边；填好的文件直接用 "
     "zhibao check、submit。\n"
     "表格记着年份、单位和报表，拿去报另一年、另一单位的会被指出。\n"
     "数值列：数字（全角、千位分隔均可），空着或“未报送”，“不适用”，“未采集”；是否项填 是 或 否。",
     "show a form; with --template csv or xlsx write a blank sheet to fill in\n"
     "xlsx is the form as it is printed, a sheet for each form of the unit, with last year's\n"
     "figures beside; zhibao check and submit take the file when it is filled in.\n"
     "The sheet knows its year, unit and form: another year's or unit's is refused.\n"
     "The value column takes numbers, nothing or \"not reported\", \"not applicable\", \"not "
     "collected\";\nyes/no cells take yes or no.",                                                                                                                                         form_options, 0, 1, true,  run_form},
    {NULL,        NULL,                                                                          NULL,                                                   NULL,                             NULL,         0, 0, false, NULL    },
};
