#include "cli/fill_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/rows.h"
#include "lib/files.h"

static void print_line(const struct context *context, const char *path,
                       const struct problem *problem)
{
    struct filled_place place = filled_form_place(problem);
    const char *text = TR(context, problem->zh, problem->en);
    const char *name = status_name(problem->code);
    if (place.line > 0 && strchr(place.column, '!') != NULL)
        complain(context, "%s 单元格 %s：%s [%s]", "%s cell %s: %s [%s]", path, place.column, text,
                 name);
    else if (place.line > 0 && place.column[0] != '\0')
        complain(context, "%s 第%lu行“%s”列：%s [%s]", "%s line %lu column \"%s\": %s [%s]", path,
                 place.line, place.column, text, name);
    else if (place.line > 0)
        complain(context, "%s 第%lu行：%s [%s]", "%s line %lu: %s [%s]", path, place.line, text,
                 name);
    else if (problem->cell > 0)
        complain(context, "%s 文件中没有第%u项：%s [%s]", "%s has no row for cell %u: %s [%s]",
                 path, problem->cell, text, name);
    else
        complain(context, "%s：%s [%s]", "%s: %s [%s]", path, text, name);
}

static void print_rows(const struct context *context, const char *path,
                       const struct problems *problems)
{
    static const struct row_column columns[] = {
        {"file",    "文件", "file",    COLUMN_TEXT  },
        {"line",    "行",    "line",    COLUMN_NUMBER},
        {"column",  "列",    "column",  COLUMN_TEXT  },
        {"cell",    "项号", "cell",    COLUMN_NUMBER},
        {"code",    "代码", "code",    COLUMN_TEXT  },
        {"message", "问题", "message", COLUMN_TEXT  },
    };
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return;
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        struct filled_place place = filled_form_place(problem);
        const char *const cells[] = {path,
                                     place.line == 0 ? "" : rows_printf(rows, "%lu", place.line),
                                     place.column,
                                     problem->cell == 0 ? ""
                                                        : rows_printf(rows, "%u", problem->cell),
                                     status_name(problem->code),
                                     TR(context, problem->zh, problem->en)};
        rows_add(rows, cells);
    }
    rows_print(rows);
    rows_destroy(&rows);
}

/* A pipe that nobody writes to would be waited for without end; "-" is asked for by name. */
static bool is_file(const struct context *context, const char *path)
{
    struct stat found;
    if (stat(path, &found) != 0 || S_ISREG(found.st_mode))
        return true; /* what is not there is said when it is opened */
    if (S_ISDIR(found.st_mode))
        complain(context, "文件 %s 读不出：是目录", "cannot read %s: it is a directory", path);
    else
        complain(context, "文件 %s 读不出：不是普通文件（标准输入请写作 -）",
                 "cannot read %s: it is not a regular file (for standard input give -)", path);
    return false;
}

struct filled_form *fill_file(struct context *context, const struct blank_form *blank,
                              const char *path, const struct filled_history *history, bool rows,
                              fill_more *more, void *pointer)
{
    struct filled_form *filled = NULL;
    struct problems problems;
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool input = strcmp(path, "-") == 0;
    if (!input && !is_file(context, path))
        return NULL;
    enum status status = file_read(input ? "/dev/stdin" : path, FILLED_FILE_MAX, &bytes, &size);
    if (status == STATUS_LIMIT)
        complain(context, "文件 %s 过大：填好的表格最多 %d MB",
                 "%s is too large: a filled-in sheet has at most %d MB", path,
                 FILLED_FILE_MAX / 1024 / 1024);
    else if (status != STATUS_OK)
        complain(context, "文件 %s 读不出：%s", "cannot read %s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
    if (status != STATUS_OK)
        return NULL;
    problems_init(&problems);
    status = filled_form_read(blank, bytes, size, history, &problems, &filled);
    if (status != STATUS_OK && problems.count == 0)
        complain(context, "%s：%s", "%s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
    if (more != NULL)
        more(context, filled, pointer, &problems);
    if (problems.count > 0)
        filled_form_destroy(&filled);
    if (rows)
        print_rows(context, path, &problems);
    for (size_t i = 0; !rows && i < problems.count; i++)
        print_line(context, path, &problems.items[i]);
    if (problems.dropped > 0)
        complain(context, "另有 %zu 个问题未列出", "and %zu more problems", problems.dropped);
    problems_clear(&problems);
    free(bytes);
    return filled;
}
