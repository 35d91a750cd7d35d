/* form, form show */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/families.h"
#include "cli/form_open.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "lib/files.h"
#include "lib/filled_form.h"
#include "plan/unit_words.h"

static const struct option form_options[] = {
    {"template", NULL, "csv",  "输出空白表格（CSV，带BOM，可用Excel、WPS打开填写）",
     "write a blank sheet (CSV with BOM, for a spreadsheet)"                                                                              },
    {"output",   "o",  "FILE", "写入文件而不是标准输出",                                    "write to a file instead of stdout"},
    {"force",    NULL, NULL,   "覆盖已有的文件",                                                "replace a file that is there"     },
    {NULL,       NULL, NULL,   NULL,                                                                   NULL                               },
};

static bool write_template(struct context *context, const struct blank_form *blank)
{
    size_t size = 0;
    const char *path = option_text(context, "output");
    char *text = filled_form_template(blank, context->english, &size);
    if (text == NULL) {
        complain(context, "内存不足", "out of memory");
        return false;
    }
    bool written;
    if (path == NULL) {
        written = fwrite(text, 1, size, stdout) == size;
    } else {
        enum status status = file_save(path, text, size, 0644,
                                       option_given(context, "force") ? FILE_FOLLOW : FILE_KEEP);
        written = status == STATUS_OK;
        if (status == STATUS_CONFLICT)
            complain(context, "%s 已经存在，没有改动；另写一个文件名，确要覆盖文件请加 --force",
                     "%s is there already and was left alone; give another name, or --force to "
                     "replace a file",
                     path);
        else if (!written)
            complain(context, "文件 %s 写不出：%s", "cannot write %s: %s", path,
                     TR(context, status_zh(status), status_en(status)));
        else
            complain(context, "已写入 %s", "wrote %s", path);
    }
    free(text);
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
        const char *const cells[] = {sheet->form,
                                     rows_printf(rows, "%u", cell->cell),
                                     cell->element,
                                     cell->stratum,
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

static enum exit_code run_form(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    const char *template = option_text(context, "template");
    if (template == NULL && !option_given(context, "output"))
        return run_show(context);
    if (template == NULL || strcmp(template, "csv") != 0 || option_given(context, "format"))
        return misused(context,
                       "空白表格用 --template csv，不带 --format；不带 --template 则显示报表",
                       "a blank sheet takes --template csv and no --format; without --template the "
                       "form is shown");
    if (!context_connect(context, &code))
        return code;
    const char *name =
        form_code(context, context->argument_count > 0 ? context->arguments[0] : NULL, &code);
    struct blank_form *blank = name == NULL ? NULL : form_open(context, name, 0, &code);
    if (blank == NULL)
        return code;
    code = write_template(context, blank) ? EXIT_DONE : EXIT_MISUSED;
    blank_form_destroy(&blank);
    return code;
}

const struct command commands_form[] = {
    {"form show", "[FORM]",                                      "显示报表的各项和审核关系",                                                 "show a form's cells and checks", NULL,         0,
     1,                                                                                                                                                                                                        true,  run_show},
    {"form",      "[FORM] [--template csv [-o FILE [--force]]]",
     "显示报表；加 --template csv 输出供填写的空白表格\n"
     "数值列：数字（全角、千位分隔均可），空着或“未报送”，“不适用”，“未采集”；是否项填 是 或 否。",
     "show a form; with --template csv write a blank sheet to fill in\n"
     "The value column takes numbers, nothing or \"not reported\", \"not applicable\", \"not "
     "collected\";\nyes/no cells take yes or no.",                                                                                                                                         form_options, 0, 1, true,  run_form},
    {NULL,        NULL,                                          NULL,                                                                                   NULL,                             NULL,         0, 0, false, NULL    },
};
