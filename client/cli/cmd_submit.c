/* check, submit */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/families.h"
#include "cli/fill_file.h"
#include "cli/form_open.h"
#include "cli/past.h"
#include "cli/period_find.h"
#include "cli/report.h"
#include "cli/send.h"

static const struct option check_options[] = {
    {"year", NULL, "YEAR", "报告期（年份）",                   "the year reported on"                  },
    {"form", NULL, "FORM", "报表代码（只有一张时可省）", "the form's code (if there are several)"},
    {NULL,   NULL, NULL,   NULL,                                      NULL                                    },
};

static const struct option submit_options[] = {
    {"year",      NULL, "YEAR", "报告期（年份）；也可逐个写成 年份:文件",
     "the year reported on; or give each file as YEAR:FILE"                                                                         },
    {"form",      NULL, "FORM", "报表代码（只有一张时可省）",                  "the form's code (if there are several)"},
    {"revision",  NULL, "N",    "版本号（默认为已知最新版本加一）",
     "revision (default: one more than the newest known)"                                                                           },
    {"for",       NULL, "UNIT", "乡镇代所属的村填报：村的单位代码",
     "a township enters it for this village: the village's unit"                                                                    },
    {"demo",      NULL, NULL,   "标明为演示数据",                                    "mark the figures as a demonstration"   },
    {"filler",    NULL, "NAME", "填表人",                                                "who filled it in"                      },
    {"principal", NULL, "NAME", "负责人",                                                "who answers for it"                    },
    {"note",      NULL, "TEXT", "备注",                                                   "a note"                                },
    {NULL,        NULL, NULL,   NULL,                                                       NULL                                    },
};

struct checking {
    const struct blank_form *blank;
    struct report_file file;
};

static void check_size(struct context *context, const struct filled_form *filled, void *pointer,
                       struct problems *problems)
{
    const struct checking *checking = pointer;
    size_t size =
        filled == NULL ? 0 : report_size(context, checking->blank, &checking->file, filled);
    if (size > WIRE_REPORT_MAX)
        problems_addf(problems, STATUS_E_TOO_LARGE, 0, "",
                      "报文过大：%zu字节，一份报告最多%d字节，请缩短说明",
                      "message too large: %zu bytes, a report has at most %d: shorten explanations",
                      size, WIRE_REPORT_MAX);
}

/* Beside the figures: the period, and how large a report may be. */
static void check_report(struct context *context, const struct filled_form *filled, void *pointer,
                         struct problems *problems)
{
    const struct checking *checking = pointer;
    struct period_rule rule;
    int64_t now_us = 0;
    period_find(context, blank_form_sheet(checking->blank), checking->file.year, &rule, &now_us);
    (void)period_rule_check(&rule, (int)checking->file.year, now_us, problems);
    check_size(context, filled, pointer, problems);
}

static enum exit_code run_check(struct context *context)
{
    uint32_t year = 0;
    enum exit_code code = EXIT_DONE;
    if (!option_year(context, true, &year) || !context_open_enrolled(context, &code))
        return code == EXIT_DONE ? EXIT_MISUSED : code;
    const char *name = form_code(context, option_text(context, "form"), &code);
    struct blank_form *blank = name == NULL ? NULL : form_open(context, name, FORM_FRESH_S, &code);
    if (blank == NULL)
        return code;
    bool table = context->format == FORMAT_TABLE;
    struct checking checking = {
        blank, {.path = context->arguments[0], .year = year}
    };
    struct past past;
    past_find(context, 0, blank_form_sheet(blank)->form, year, &past);
    struct filled_form *filled = fill_file(context, blank, context->arguments[0], &past.history,
                                           !table, check_report, &checking);
    past_clear(&past);
    if (filled == NULL)
        code = EXIT_MISUSED;
    else if (table)
        say(context, "%s：共 %zu 项，%zu 项有数值，未发现问题，可以报送",
            "%s: %zu cells, %zu with a value, no problem found: ready to be submitted",
            context->arguments[0], (size_t)blank_form_sheet(blank)->n_cells,
            filled_form_values(filled));
    filled_form_destroy(&filled);
    blank_form_destroy(&blank);
    return code;
}

/* Splits "2025:file.csv". With --year the whole text is the file. False after a complaint. */
static bool split_file(const struct context *context, const char *text, struct report_file *file)
{
    char year[5] = "";
    file->path = text;
    if (option_given(context, "year"))
        return option_year(context, true, &file->year);
    if (strlen(text) > 5 && text[4] == ':')
        memcpy(year, text, 4);
    if (!whole_number(year, 1990, 2100, &file->year)) {
        misused(context, "请用 --year 给出年份，或写成 年份:文件（“%s”）",
                "give --year, or YEAR:FILE (\"%s\")", text);
        return false;
    }
    file->path = text + 5;
    return true;
}

static bool read_revision(const struct context *context, uint32_t *out_revision)
{
    const char *text = option_text(context, "revision");
    if (text == NULL || whole_number(text, 1, INT16_MAX, out_revision))
        return true;
    misused(context, "版本号“%s”不正确", "revision \"%s\" is wrong", text);
    return false;
}

static bool read_files(struct context *context, struct report_file *files)
{
    uint32_t revision = 0;
    uint64_t unit = 0;
    const char *entered_for = option_text(context, "for");
    if (!read_revision(context, &revision) ||
        (entered_for != NULL && !unit_read(context, entered_for, &unit)))
        return false;
    for (size_t i = 0; i < context->argument_count; i++) {
        if (!split_file(context, context->arguments[i], &files[i]))
            return false;
        files[i].revision = revision;
        files[i].unit = unit;
        for (size_t k = 0; k < i; k++)
            if (files[k].year == files[i].year) {
                misused(context, "%s 与 %s 是同一报告期", "%s and %s are of the same year",
                        files[k].path, files[i].path);
                return false;
            }
    }
    return true;
}

/* All files are checked before any is signed. */
static bool fill_files(struct context *context, const struct blank_form *blank,
                       struct report_file *files)
{
    bool complete = true;
    for (size_t i = 0; i < context->argument_count; i++) {
        struct checking checking = {blank, files[i]};
        struct past past;
        past_find(context, files[i].unit, blank_form_sheet(blank)->form, files[i].year, &past);
        files[i].filled =
            fill_file(context, blank, files[i].path, &past.history, false, check_size, &checking);
        past_clear(&past);
        complete = complete && files[i].filled != NULL;
    }
    if (!complete)
        complain(context, "请改正后再报送；没有报送任何材料",
                 "correct this and submit again: nothing was submitted");
    return complete;
}

static enum exit_code submit_files(struct context *context, const struct blank_form *blank,
                                   struct report_file *files)
{
    enum exit_code code = EXIT_DONE;
    if (!fill_files(context, blank, files))
        return EXIT_MISUSED;
    for (size_t i = 0; i < context->argument_count; i++)
        if (!report_put(context, blank, &files[i], &code))
            return code;
    if (!context->unreachable)
        return send_all(context);
    size_t waiting = 0;
    if (zhibao_count(context->zhibao, ZHIBAO_WAITING, &waiting) == STATUS_OK && waiting == 0)
        return EXIT_DONE;
    complain(
        context,
        "连接不上服务器：材料已安全存入发件箱，将由下一次 zhibao outbox send 或下一条联网命令补报",
        "the server is not reachable: the report is safe in the outbox; the next zhibao outbox "
        "send, or the next command that connects, sends it");
    return EXIT_UNREACHABLE;
}

static enum exit_code run_submit(struct context *context)
{
    enum exit_code code = EXIT_MISUSED;
    struct report_file *files = arena_array(context->arena, context->argument_count, sizeof *files);
    if (files == NULL || !read_files(context, files) || !context_open_enrolled(context, &code))
        return code;
    const char *given = option_text(context, "form");
    if (given == NULL && files[0].unit != 0)
        given = "village"; /* what villages report, not this unit */
    const char *name = form_code(context, given, &code);
    struct blank_form *blank = name == NULL ? NULL : form_open(context, name, FORM_FRESH_S, &code);
    if (blank == NULL)
        return code;
    code = submit_files(context, blank, files);
    for (size_t i = 0; i < context->argument_count; i++)
        filled_form_destroy(&files[i].filled);
    blank_form_destroy(&blank);
    return code;
}

const struct command commands_submit[] = {
    {"check",  "FILE --year YEAR [--form FORM]",
     "在本机检查填好的表格（CSV 或 .xlsx），不报送\n"
     "列出全部问题，逐一指明第几行、哪一列（.xlsx 是工作表!单元格）。",                              "check a filled-in sheet (CSV or .xlsx) here, without sending it\n"
     "Lists every problem with its line and column, of .xlsx with sheet!cell.", check_options,  1, 1,             true,  run_check },
    {"submit", "FILE... --year YEAR | YEAR:FILE... [--for UNIT]",
     "检查填好的表格（CSV 或 .xlsx）、签名、存入发件箱并报送\n"
     "连接不上时材料留在发件箱（退出码3），由下一次 zhibao outbox send 或下一条联网命令补报。",
     "check a filled-in sheet (CSV or .xlsx), sign, put into the outbox and send\n"
     "Without a connection the report stays in the outbox (exit code 3) and goes with the next\n"
     "zhibao outbox send or the next command that connects.",                                                                                                                      submit_options, 1, ARGUMENTS_MAX, false, run_submit},
    {NULL,     NULL,                                              NULL,                                                          NULL,                                             NULL,           0, 0,             false, NULL      },
};
