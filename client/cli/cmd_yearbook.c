/* yearbook */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/families.h"
#include "lib/files.h"
#include "yearbook/annex.h"
#include "yearbook/book.h"
#include "yearbook/chapters.h"
#include "yearbook/html.h"
#include "yearbook/office.h"
#include "yearbook/xlsx.h"

enum { FILE_MODE = 0644, NAME_BYTES = PATH_BYTES };

static const struct option yearbook_options[] = {
    {"place",  NULL, "CODE",               "区划代码",                                              "the place's code"                   },
    {"year",   NULL, "YEAR",               "年份",                                                    "the year"                           },
    {"format", NULL, "html|pdf|docx|xlsx", "格式（默认html）",                                    "what to write (default html)"       },
    {"output", "o",  "FILE",               "写到此文件（默认 yearbook-代码-年份.格式）",
     "write it here (default yearbook-CODE-YEAR.FORMAT)"                                                                                     },
    {"plan",   NULL, "PLAN",               "规划代码（默认该地现行规划）",                "the plan (default: the place's own)"},
    {NULL,     NULL, NULL,                 NULL,                                                        NULL                                 },
};

static bool to_html(struct context *context, const struct document *document, uint8_t **out_bytes,
                    size_t *out_size, enum exit_code *out_code)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, out_size);
    if (out != NULL)
        html_write(document, HTML_PAGES, out);
    if (out != NULL && fclose(out) == 0) {
        *out_bytes = (uint8_t *)text;
        return true;
    }
    free(text);
    complain(context, "内存不足", "out of memory");
    *out_code = EXIT_MISUSED;
    return false;
}

static bool to_xlsx(struct context *context, const struct document *document, uint8_t **out_bytes,
                    size_t *out_size, enum exit_code *out_code)
{
    char directory[PATH_BYTES], path[PATH_BYTES] = "";
    enum { OUTPUT_MAX = 256 * 1024 * 1024 };
    bool made = directory_temporary(directory, sizeof directory);
    enum status status = !made ? STATUS_IO : path_join(directory, "out.xlsx", path);
    if (status == STATUS_OK)
        status = xlsx_write(document, path);
    if (status == STATUS_OK)
        status = file_read(path, OUTPUT_MAX, out_bytes, out_size);
    unlink(path);
    if (made)
        rmdir(directory);
    if (status == STATUS_OK)
        return true;
    complain(context, "表格没有写成：%s", "the workbook could not be made: %s",
             TR(context, status_zh(status), status_en(status)));
    *out_code = EXIT_MISUSED;
    return false;
}

typedef bool maker(struct context *context, const struct document *document, uint8_t **out_bytes,
                   size_t *out_size, enum exit_code *out_code);

static const struct kind {
    const char *name;
    maker *make;
} kinds[] = {
    {"html", to_html    },
    {"pdf",  office_pdf },
    {"docx", office_docx},
    {"xlsx", to_xlsx    },
};

static const struct kind *kind_read(const struct context *context)
{
    const char *text = option_text(context, "format");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(text == NULL ? "html" : text, kinds[i].name) == 0)
            return &kinds[i];
    misused(context, "没有格式“%s”，只有 html、pdf、docx、xlsx",
            "no such format: %s; html, pdf, docx or xlsx", text);
    return NULL;
}

/* "dir/name" of "dir/name.pdf": what the annexes begin with. */
static bool names_make(const struct context *context, const struct book *book,
                       const struct kind *kind, char path[NAME_BYTES], char stem[NAME_BYTES])
{
    const char *asked = option_text(context, "output");
    int length = asked != NULL ? snprintf(path, NAME_BYTES, "%s", asked)
                               : snprintf(path, NAME_BYTES, "yearbook-%012" PRIu64 "-%u.%s",
                                          book->place, book->year, kind->name);
    if (length < 1 || (size_t)length > NAME_BYTES - 32) {
        misused(context, "文件名太长", "the file's name is too long");
        return false;
    }
    memcpy(stem, path, (size_t)length + 1);
    char *slash = strrchr(stem, '/'), *dot = strrchr(stem, '.');
    if (dot != NULL && dot != stem && (slash == NULL || dot > slash + 1))
        *dot = '\0';
    return true;
}

static bool save(const struct context *context, const char *path, const void *bytes, size_t size)
{
    enum status status = file_save(path, bytes, size, FILE_MODE, FILE_REPLACE);
    if (status == STATUS_OK)
        say(context, "已写出 %s（%zu字节）", "wrote %s (%zu bytes)", path, size);
    else
        complain_save(context, status, path);
    return status == STATUS_OK;
}

static bool annex_save(const struct context *context, const struct book *book, const char *stem,
                       const char *ending, void (*write)(const struct book *, FILE *))
{
    char path[NAME_BYTES + 16];
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out != NULL)
        write(book, out);
    bool made = out != NULL && fclose(out) == 0;
    if (!made)
        complain(context, "内存不足", "out of memory");
    snprintf(path, sizeof path, "%s-%s.csv", stem, ending);
    made = made && save(context, path, text, size);
    free(text);
    return made;
}

static enum exit_code write_all(struct context *context, const struct book *book,
                                const struct kind *kind)
{
    char path[NAME_BYTES], stem[NAME_BYTES];
    enum exit_code code = EXIT_MISUSED;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!names_make(context, book, kind, path, stem))
        return EXIT_MISUSED;
    const struct document *document = yearbook_document(book, context->arena);
    if (document == NULL) {
        complain(context, "内存不足", "out of memory");
        return EXIT_MISUSED;
    }
    if (!kind->make(context, document, &bytes, &size, &code))
        return code;
    bool saved = save(context, path, bytes, size) &&
                 annex_save(context, book, stem, "figures", annex_figures) &&
                 annex_save(context, book, stem, "reports", annex_reports);
    free(bytes);
    return saved ? EXIT_DONE : EXIT_MISUSED;
}

/* An empty yearbook is one too, but rarely meant. */
static void say_if_empty(const struct context *context, const struct book *book)
{
    for (size_t i = 0; i < book->source_count; i++)
        if (book->sources[i].period == book->year)
            return;
    complain(context, "请注意：%u年还没有审核通过的报告", "mind: no report of %u is accepted yet",
             book->year);
}

static bool gather(struct context *context, struct book *book, enum exit_code *out_code)
{
    bool unchanged = false;
    if (!context_connect(context, out_code) || !book_gather(context, book, out_code) ||
        !book_gather_proof(context, book, out_code) || !book_unchanged(book, &unchanged, out_code))
        return false;
    if (unchanged) {
        say_if_empty(context, book);
        return true;
    }
    complain(context, "汇集期间数据有变动，没有写出，请再运行一次",
             "figures changed while they were gathered: nothing was written, run it again");
    *out_code = EXIT_REFUSED;
    return false;
}

static enum exit_code run_yearbook(struct context *context)
{
    struct book book = {.asked_plan =
                            option_given(context, "plan") ? option_text(context, "plan") : ""};
    enum exit_code code = EXIT_MISUSED;
    const struct kind *kind = kind_read(context);
    if (kind == NULL || !option_place(context, "place", true, &book.place) ||
        !option_year(context, true, &book.year))
        return EXIT_MISUSED;
    if (gather(context, &book, &code))
        code = write_all(context, &book, kind);
    book_clear(&book);
    return code;
}

const struct command commands_yearbook[] = {
    {"yearbook", "--place CODE --year YEAR [--format html|pdf|docx|xlsx] [-o FILE]",
     "监测报告与资料汇编：各领域进展、达标、预警、差距、数据质量、规划矛盾\n"
     "小于5的数和能推出它的数不公布。同样的数据得到逐字节相同的文件。另写两个附件：\n"
     "…-figures.csv 每个数的来源，…-reports.csv 每份报告的编号、叶子摘要、批次和树根。\n"
     "pdf 需要软件包 weasyprint、libharfbuzz-bin、fonts-noto-cjk；docx 需要 pandoc、librsvg2-bin。",
     "monitoring report and yearbook: progress, attainment, warnings, gaps, data quality\n"
     "Small counts and what would tell them are left out. The same data give the same bytes. Two\n"
     "annexes beside it: ...-figures.csv, where each figure comes from; ...-reports.csv, each\n"
     "report's id, leaf hash, batch and root. pdf takes the packages weasyprint,\n"
     "libharfbuzz-bin and fonts-noto-cjk; docx takes pandoc and librsvg2-bin.",                                        yearbook_options, 0, 0, false, run_yearbook},
    {NULL,       NULL,                                                               NULL,                       NULL, NULL,             0, 0, false, NULL        },
};
