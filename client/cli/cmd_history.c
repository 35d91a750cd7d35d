/* history import */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/families.h"
#include "cli/form_open.h"
#include "cli/history.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "lib/files.h"

static const struct option import_options[] = {
    {"dry-run",   NULL, NULL,   "只判断，不报送",                   "judge only, send nothing"              },
    {"skip-bad",  NULL, NULL,   "有错的年份不报，其余的照报",
     "leave out years with faults and send the others"                                                             },
    {"form",      NULL, "FORM", "报表代码（只有一张时可省）", "the form's code (if there are several)"},
    {"demo",      NULL, NULL,   "标明为演示数据",                   "mark the figures as a demonstration"   },
    {"filler",    NULL, "NAME", "填表人",                               "who filled it in"                      },
    {"principal", NULL, "NAME", "负责人",                               "who answers for it"                    },
    {"note",      NULL, "TEXT", "备注",                                  "a note"                                },
    {NULL,        NULL, NULL,   NULL,                                      NULL                                    },
};

static const struct {
    const char *word, *zh, *en;
} verdicts[HISTORY_VERDICTS] = {
    [HISTORY_NEW] = {"new",      "新报",          "new"     },
    [HISTORY_SAME] = {"same",     "已报，相同", "same"    },
    [HISTORY_CONFLICT] = {"conflict", "已报，不同", "conflict"},
    [HISTORY_REFUSED] = {"refused",  "不能报",       "refused" },
};

static void add_line(const struct context *context, struct rows *rows,
                     const struct blank_form *blank, const struct history_line *line)
{
    char unit[UNIT_TEXT_BYTES], name[512] = "";
    bool table = context->format == FORMAT_TABLE;
    const Zhibao__FormCell *cell = line->cell == 0 ? NULL : blank_form_cell(blank, line->cell);
    if (cell != NULL)
        form_cell_name(cell, context->english, name, sizeof name);
    bool fault = line->verdict == HISTORY_REFUSED || line->verdict == HISTORY_CONFLICT;
    const char *const cells[] = {
        line->path,
        line->row == NULL ? "" : line->row->place,
        rows_printf(rows, "%s", unit_format(line->unit, unit)),
        line->year == 0 ? "" : rows_printf(rows, "%u", line->year),
        line->cell == 0 ? "" : rows_printf(rows, "%u", line->cell),
        rows_printf(rows, "%s", name),
        line->row == NULL ? "" : line->row->value,
        line->known,
        table ? TR(context, verdicts[line->verdict].zh, verdicts[line->verdict].en)
              : verdicts[line->verdict].word,
        line->verdict == HISTORY_REFUSED ? status_name(line->code) : "",
        fault ? TR(context, line->zh, line->en) : ""};
    rows_add(rows, cells);
}

/* Every row in csv and json; in a table those that stand in the way. */
static bool print_lines(const struct context *context, const struct blank_form *blank,
                        const struct history_judged *judged)
{
    static const struct row_column columns[] = {
        {"file",     "文件", "file",     COLUMN_TEXT  },
        {"place",    "位置", "place",    COLUMN_TEXT  },
        {"unit",     "单位", "unit",     COLUMN_TEXT  },
        {"year",     "年份", "year",     COLUMN_NUMBER},
        {"cell",     "项号", "cell",     COLUMN_NUMBER},
        {"name",     "名称", "name",     COLUMN_TEXT  },
        {"value",    "数值", "value",    COLUMN_TEXT  },
        {"reported", "已报", "reported", COLUMN_TEXT  },
        {"verdict",  "判断", "verdict",  COLUMN_TEXT  },
        {"code",     "代码", "code",     COLUMN_TEXT  },
        {"message",  "原因", "message",  COLUMN_TEXT  },
    };
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < judged->line_count; i++)
        if (context->format != FORMAT_TABLE || judged->lines[i].verdict >= HISTORY_CONFLICT)
            add_line(context, rows, blank, &judged->lines[i]);
    for (size_t i = 0; i < judged->extra_count; i++)
        add_line(context, rows, blank, &judged->extra[i]);
    bool printed = rows_print(rows);
    rows_destroy(&rows);
    return printed;
}

static bool year_good(const struct history_year *year)
{
    return year->file.filled != NULL ||
           (year->counts[HISTORY_CONFLICT] == 0 && year->counts[HISTORY_REFUSED] == 0);
}

static void print_years(const struct context *context, const struct history_judged *judged)
{
    for (size_t i = 0; context->format == FORMAT_TABLE && i < judged->year_count; i++) {
        const struct history_year *year = &judged->years[i];
        char unit[UNIT_TEXT_BYTES];
        uint64_t whose =
            year->file.unit != 0 ? year->file.unit : zhibao_identity(context->zhibao)->unit;
        say(context, "%s %u年：新报 %zu，相同 %zu，不同 %zu，不能报 %zu%s",
            "%s %u: %zu new, %zu same, %zu conflicting, %zu refused%s", unit_format(whose, unit),
            year->file.year, year->counts[HISTORY_NEW], year->counts[HISTORY_SAME],
            year->counts[HISTORY_CONFLICT], year->counts[HISTORY_REFUSED],
            year->file.filled != NULL ? TR(context, "：可以报送", ": ready to be sent") : "");
    }
}

/* One year after the other: the server judges each by those before. */
static enum exit_code send_years(struct context *context, const struct blank_form *blank,
                                 struct history_judged *judged)
{
    enum exit_code code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < judged->year_count; i++) {
        if (judged->years[i].file.filled == NULL)
            continue;
        if (report_put(context, blank, &judged->years[i].file, &code))
            code = send_all(context);
    }
    return code;
}

static enum exit_code decide(struct context *context, const struct blank_form *blank,
                             struct history_judged *judged)
{
    size_t bad = 0, ready = 0;
    for (size_t i = 0; i < judged->year_count; i++) {
        bad += !year_good(&judged->years[i]);
        ready += judged->years[i].file.filled != NULL;
    }
    if (!print_lines(context, blank, judged))
        return EXIT_MISUSED;
    print_years(context, judged);
    if (option_given(context, "dry-run"))
        return bad > 0 ? EXIT_REFUSED : EXIT_DONE;
    if (bad > 0 && !option_given(context, "skip-bad")) {
        complain(
            context,
            "有 %zu 年不能照报；没有报送任何材料。改正后再导入，或加 --skip-bad 只报其余的",
            "%zu years cannot be sent as they are: nothing was submitted; correct them, or add "
            "--skip-bad to send the others",
            bad);
        return EXIT_REFUSED;
    }
    if (ready == 0) {
        complain(context, "没有要报送的年份", "there is no year to send");
        return bad > 0 ? EXIT_REFUSED : EXIT_DONE;
    }
    enum exit_code code = send_years(context, blank, judged);
    return code == EXIT_DONE && bad > 0 ? EXIT_REFUSED : code;
}

static bool read_file(struct context *context, const char *path, struct history *out_history)
{
    struct problems problems;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = file_read(path, HISTORY_FILE_MAX, &bytes, &size);
    if (status != STATUS_OK) {
        complain(context, "文件 %s 读不出：%s", "cannot read %s: %s", path,
                 status == STATUS_LIMIT ? TR(context, "超过16 MB", "over 16 MB")
                                        : TR(context, status_zh(status), status_en(status)));
        return false;
    }
    problems_init(&problems);
    status = history_read(bytes, size, &problems, out_history);
    if (status != STATUS_OK && problems.count == 0)
        complain(context, "%s：%s", "%s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
    for (size_t i = 0; i < problems.count; i++)
        complain(context, "%s：%s [%s]", "%s: %s [%s]", path,
                 TR(context, problems.items[i].zh, problems.items[i].en),
                 status_name(problems.items[i].code));
    problems_clear(&problems);
    free(bytes);
    return status == STATUS_OK;
}

/* A township's file is of its villages when it names units. */
static const char *history_form(struct context *context, const struct history *history,
                                enum exit_code *out_code)
{
    const char *given = option_text(context, "form");
    uint64_t own = zhibao_identity(context->zhibao)->unit;
    for (size_t i = 0; given == NULL && i < history->count; i++)
        if (history->rows[i].unit != 0 && history->rows[i].unit != own)
            given = "village";
    return form_code(context, given, out_code);
}

static enum exit_code run_import(struct context *context)
{
    struct history history = {0};
    struct history_judged judged = {0};
    enum exit_code code = EXIT_DONE;
    if (!context_connect(context, &code))
        return code;
    if (!read_file(context, context->arguments[0], &history))
        return EXIT_MISUSED;
    const char *name = history_form(context, &history, &code);
    struct blank_form *blank = name == NULL ? NULL : form_open(context, name, FORM_FRESH_S, &code);
    if (blank != NULL &&
        history_judge(context, blank, &history, context->arguments[0], &judged, &code)) {
        code = decide(context, blank, &judged);
        history_judged_clear(&judged);
    }
    blank_form_destroy(&blank);
    history_clear(&history);
    return code;
}

const struct command commands_history[] = {
    {"history import", "FILE [--dry-run] [--skip-bad] [--form FORM]",
     "导入往年的数（CSV 或 .xlsx），逐年签名报送\n"
     "文件可以是：“年份”和“数值”两列；或每年一列（2016、2017年……，原因写在“2016年说明”列）；或每年"
     "一张\n"
     "工作表，表名是年份。各行用“项号”，或“数据元”和“分组”；乡镇的文件用“单位”列写村的代码。\n"
     "先逐行判断：新报、已报且相同、已报但不同（不改动）、不能报（写明原因）；--dry-run "
     "到此为止。\n"
     "有一行不行，整年不报；有一年不行，全部不报，除非加 --skip-bad。退出码 1：有不同或不能报的。",
     "import figures of earlier years (CSV or .xlsx), signed and sent year by year\n"
     "The file has columns \"year\" and \"value\"; or a column a year (2016, 2017 ..., reasons in\n"
     "\"2016 explanation\"); or a sheet a year, named by it. Rows are named by \"cell\", or\n"
     "\"element\" and \"stratum\"; a township's file has its villages' codes in \"unit\".\n"
     "Each row is judged first: new, reported and the same, reported otherwise (left alone), or\n"
     "refused, with the reason; --dry-run ends there. One bad row keeps its year back, one bad\n"
     "year everything, unless --skip-bad is given. Exit code 1: something conflicts or is refused.",                                             import_options, 1, 1, true,  run_import},
    {NULL,             NULL,                                          NULL,                                                                NULL, NULL,           0, 0, false, NULL      },
};
