/* export */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "cli/families.h"
#include "export/course.h"
#include "export/xlsx.h"
#include "lib/files.h"

enum { PROGRESS_LEAST = 20, PROGRESS_PARTS = 10, PAGE_ARENA_MAX = ZHIBAO_ARENA_MAX };

static const struct option export_options[] = {
    {"place",     NULL, "CODE",   "区划代码（默认本单位所在地）",
     "the place's code (default: the unit's own)"                                                                                            },
    {"year",      NULL, "YEAR",   "报告期（年份）",                                              "the year"                           },
    {"since",     NULL, "YEAR",   "从这一年起，直到 --year",                                    "from this year on, up to --year"    },
    {"format",    NULL, "FORMAT", "csv、xlsx、json、sdmx-csv、sdmx-json 或 adx（默认 csv）",
     "csv, xlsx, json, sdmx-csv, sdmx-json or adx (default csv)"                                                                             },
    {"structure", NULL, NULL,     "不要数据，要 SDMX-JSON 的数据结构和代码表",
     "the SDMX-JSON structure message with its codelists, instead of data"                                                                   },
    {"depth",     NULL, "N",      "连同下面 N 级区划（0 到 4，默认 0）",
     "with N levels of places below (0 to 4, default 0)"                                                                                     },
    {"reports",   NULL, NULL,     "要各单位填报的数，而不是汇总的指标",
     "what units reported, instead of consolidated indicators"                                                                               },
    {"form",      NULL, "FORM",   "配合 --reports：只要这张报表",                              "with --reports: only this form"     },
    {"strata",    NULL, NULL,     "加上填报能分出的各分组（性别、年龄、城乡等）",
     "also the parts that reports tell apart: sex, age, urban and rural, groups"                                                             },
    {"plan",      NULL, "PLAN",   "规划代码（默认该地现行规划）",                         "the plan (default: the place's own)"},
    {"indicator", NULL, "CODE",   "只要这项指标",                                                 "only this indicator"                },
    {"public",    NULL, NULL,     "供公布：小于5的数和能推出它的数都不给",
     "for publication: counts below 5, and what gives them away, left out"                                                                   },
    {"bom",       NULL, NULL,     "CSV 带BOM，供 Excel、WPS 打开",
     "csv with a byte order mark, for spreadsheets"                                                                                          },
    {"output",    "o",  "FILE",   "写入文件而不是标准输出",                                  "write to a file instead of stdout"  },
    {"force",     NULL, NULL,     "覆盖已有的文件",                                              "replace a file that is there"       },
    {NULL,        NULL, NULL,     NULL,                                                                 NULL                                 },
};

struct outlet {
    const char *path; /* NULL: stdout */
    FILE *file;       /* what is to become of `path`, until it is whole; or stdout */
};

static enum status take_bytes(void *context, const void *bytes, size_t size)
{
    FILE *file = context;
    return fwrite(bytes, 1, size, file) == size ? STATUS_OK : STATUS_FULL;
}

/* False after a complaint: better before a long pull than after it. */
static bool outlet_open(struct context *context, enum export_format format, struct outlet *outlet)
{
    outlet->path = option_text(context, "output");
    outlet->file = stdout;
    if (outlet->path == NULL && format == EXPORT_XLSX && isatty(STDOUT_FILENO) == 1) {
        misused(context, "xlsx 不能显示在终端，请用 -o 文件",
                "xlsx is not for a terminal: give -o FILE");
        return false;
    }
    if (outlet->path == NULL)
        return true;
    if (file_exists(outlet->path) && !option_given(context, "force")) {
        misused(context, "%s 已经存在，没有改动；另写一个文件名，确要覆盖文件请加 --force",
                "%s is there already and was left alone; give another name, or --force to replace "
                "a file",
                outlet->path);
        return false;
    }
    outlet->file = tmpfile();
    if (outlet->file == NULL)
        complain(context, "不能建立临时文件", "no temporary file can be made");
    return outlet->file != NULL;
}

/* The finished file takes its place, whole or not at all. False after a complaint. */
static bool outlet_save(struct context *context, const struct outlet *outlet, size_t size)
{
    if (outlet->path == NULL)
        return fflush(stdout) == 0;
    void *bytes = NULL;
    if (fflush(outlet->file) != 0 ||
        (size > 0 && (bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fileno(outlet->file), 0)) ==
                         MAP_FAILED)) {
        complain_save(context, STATUS_IO, outlet->path);
        return false;
    }
    enum status status = file_save(outlet->path, bytes == NULL ? "" : bytes, size, 0644,
                                   option_given(context, "force") ? FILE_FOLLOW : FILE_KEEP);
    if (bytes != NULL)
        munmap(bytes, size);
    if (status != STATUS_OK)
        complain_save(context, status, outlet->path);
    return status == STATUS_OK;
}

static bool read_text(const struct context *context, const char *name,
                      char out_text[COURSE_TEXT_BYTES])
{
    const char *text = option_text(context, name);
    int length = snprintf(out_text, COURSE_TEXT_BYTES, "%s", text == NULL ? "" : text);
    if (length < COURSE_TEXT_BYTES)
        return true;
    misused(context, "--%s 过长", "--%s is too long", name);
    return false;
}

static bool read_years(struct context *context, struct course_wish *wish)
{
    const char *since = option_text(context, "since");
    if (!option_year(context, true, &wish->last_year))
        return false;
    wish->first_year = wish->last_year;
    if (since != NULL && (!whole_number(since, 1900, wish->last_year, &wish->first_year) ||
                          wish->last_year - wish->first_year >= COURSE_YEARS_MAX)) {
        misused(context, "--since 应为不晚于 --year 的年份", "--since is a year not after --year");
        return false;
    }
    return true;
}

static bool read_wish(struct context *context, struct course_wish *wish)
{
    uint32_t depth = 0;
    const char *levels = option_text(context, "depth");
    if (!option_place(context, "place", false, &wish->place) || !read_years(context, wish) ||
        !read_text(context, "plan", wish->plan) || !read_text(context, "form", wish->form) ||
        !read_text(context, "indicator", wish->indicator))
        return false;
    if (levels != NULL && !whole_number(levels, 0, COURSE_DEPTH_MAX, &depth)) {
        misused(context, "--depth 应为 0 到 %d", "--depth is 0 to %d", COURSE_DEPTH_MAX);
        return false;
    }
    wish->depth = depth;
    wish->what = option_given(context, "reports") ? EXPORT_REPORTS : EXPORT_RESULTS;
    wish->published = option_given(context, "public");
    wish->strata = option_given(context, "strata");
    if (wish->what == EXPORT_REPORTS && wish->published) {
        misused(context, "各单位填报的数不供公布，--public 只用于汇总的指标",
                "what units reported is not published: --public is for consolidated indicators");
        return false;
    }
    if (wish->published && wish->strata) {
        misused(context, "--public 不带 --strata：分组越细越会推出小数",
                "--public without --strata: finer parts would tell small numbers");
        return false;
    }
    return true;
}

static bool read_format(struct context *context, enum export_format *out_format)
{
    const char *name = option_text(context, "format");
    enum export_format format = name == NULL ? EXPORT_CSV : export_format_named(name);
    if (format == EXPORT_FORMATS || format == EXPORT_STRUCTURE) {
        misused(context, "没有格式“%s”，有 csv、xlsx、json、sdmx-csv、sdmx-json、adx",
                "no such format: %s; csv, xlsx, json, sdmx-csv, sdmx-json or adx", name);
        return false;
    }
    *out_format = option_given(context, "structure") ? EXPORT_STRUCTURE : format;
    return true;
}

/* A line that renews itself on a terminal, else a line every tenth of what is long. */
static void show_progress(struct context *context, const struct course *course)
{
    uint64_t done = 0, all = 0;
    bool terminal = isatty(STDERR_FILENO) == 1;
    course_progress(course, &done, &all);
    if (all < (terminal ? 2 : PROGRESS_LEAST))
        return;
    uint64_t part = done * PROGRESS_PARTS / all;
    if (!terminal && part == context->transfer_part)
        return;
    context->transfer_part = part;
    fprintf(stderr, terminal ? "\r" : "zhibao: ");
    if (terminal)
        for (uint64_t i = 0; i < 2 * PROGRESS_PARTS; i++)
            fputs(i < 2 * done * PROGRESS_PARTS / all ? "█" : "░", stderr);
    fprintf(stderr,
            TR(context, " 已导出 %" PRIu64 " / %" PRIu64 " 个区划%s",
               " exported %" PRIu64 " of %" PRIu64 " places%s"),
            done, all, terminal && done < all ? " " : "\n");
    fflush(stderr);
}

/* Asks until all is answered. False after a complaint. */
static bool run_course(struct context *context, struct course *course, struct export_writer *writer,
                       enum exit_code *out_code)
{
    Zhibao__Kind kind = ZHIBAO__KIND__KIND_UNSPECIFIED;
    ProtobufCMessage *body = NULL, *answer = NULL;
    struct arena *whole = context->arena;
    struct arena *page = arena_create(PAGE_ARENA_MAX);
    bool good = page != NULL;
    while (good && course_ask(course, page, &kind, &body)) {
        context->arena = page; /* an answer lives no longer than its rows are written */
        good = body != NULL && context_ask(context, kind, body, &answer, out_code);
        context->arena = whole;
        if (!good)
            break;
        enum status status = course_take(course, answer, writer);
        if (status != STATUS_OK) {
            *out_code = EXIT_MISUSED;
            complain(context, "不能继续：%s", "cannot go on: %s",
                     TR(context, status_zh(status), status_en(status)));
            good = false;
        }
        show_progress(context, course);
        arena_reset(page);
    }
    arena_destroy(&page);
    return good;
}

static void fill_head(const struct context *context, const struct course_wish *wish, char id[80],
                      char prepared[80], struct export_head *head)
{
    int64_t now_us = clock_now_us();
    time_t seconds = (time_t)((now_us + 8 * CHINA_HOUR_US) / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(prepared, 80, "%Y-%m-%dT%H:%M:%S+08:00", &parts);
    snprintf(id, 80, "zhibao-%012" PRIu64 "-%" PRIu32 "-%" PRId64, wish->place, wish->last_year,
             now_us);
    *head = (struct export_head){.id = id,
                                 .prepared = prepared,
                                 .what = wish->what,
                                 .english = context->english,
                                 .bom = option_given(context, "bom")};
}

static enum exit_code export_all(struct context *context, const struct course_wish *wish,
                                 enum export_format format, struct outlet *outlet)
{
    char id[80], prepared[80];
    struct export_head head;
    enum exit_code code = EXIT_MISUSED;
    struct sink sink = {.write = take_bytes, .context = outlet->file};
    fill_head(context, wish, id, prepared, &head);
    struct course *course = course_create(wish);
    struct export_writer *writer =
        format == EXPORT_XLSX ? xlsx_begin(&head, &sink) : export_begin(format, &head, &sink);
    if (course == NULL || writer == NULL) {
        complain(context, "内存不足，或不能建立临时文件", "out of memory, or no temporary file");
    } else if (run_course(context, course, writer, &code)) {
        enum status status = export_end(&writer);
        if (status != STATUS_OK)
            complain(context, "导出没有完成：%s", "the export was not completed: %s",
                     TR(context, status_zh(status), status_en(status)));
        else if (outlet_save(context, outlet, sink.written))
            code = EXIT_DONE;
    }
    export_drop(&writer);
    course_destroy(&course);
    return code;
}

static enum exit_code run_export(struct context *context)
{
    struct course_wish wish = {0};
    enum export_format format = EXPORT_CSV;
    enum exit_code code = EXIT_MISUSED;
    struct outlet outlet = {0};
    if (!read_format(context, &format) || !read_wish(context, &wish) ||
        !outlet_open(context, format, &outlet))
        return EXIT_MISUSED;
    if (context_connect(context, &code)) {
        if (wish.place == 0)
            wish.place = unit_place(zhibao_identity(context->zhibao)->unit);
        code = export_all(context, &wish, format, &outlet);
    }
    if (outlet.path != NULL)
        fclose(outlet.file);
    if (code == EXIT_DONE && outlet.path != NULL)
        complain(context, "已写入 %s", "wrote %s", outlet.path);
    return code;
}

const struct command commands_export[] = {
    {"export",
     "--year YEAR [--place CODE] [--format FORMAT] [--depth N] [--reports] [--public] [-o FILE]", "导出汇总结果或各单位填报的数：CSV、XLSX、JSON、SDMX、ADX（DHIS2）",
     "export consolidated results, or what units reported: CSV, XLSX, JSON, SDMX, ADX (DHIS2)",                                                                                                   export_options, 0, 0, false, run_export},
    {NULL,     NULL,                                                                              NULL,                                                                                     NULL, NULL,           0, 0, false, NULL      },
};
