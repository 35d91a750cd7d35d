#include "assess/assess_csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/assess_group.h"
#include "assess/panel_kind.h"
#include "base/arena.h"
#include "text/foreign.h"

enum { NAMES_BYTES_MAX = 512 * 1024 * 1024 };

struct assess_file {
    struct table *table;
    struct arena *names; /* of panels, and of series of panel files */
    struct assess_series *series;
    size_t count, left_out;
    struct assess_point *points;
    struct assess_target *targets;
    int *breaks;
    bool panel;
};

/* A file while it is read. */
struct reading {
    struct row_source source, remarks;
    struct assess_file *file;
    struct assess_row *rows;
    size_t count;
    size_t *orders; /* of file->series[i]'s first row */
};

void assess_file_destroy(struct assess_file **file)
{
    if (file == NULL || *file == NULL)
        return;
    table_destroy(&(*file)->table);
    arena_destroy(&(*file)->names);
    free((*file)->series);
    free((*file)->points);
    free((*file)->targets);
    free((*file)->breaks);
    free(*file);
    *file = NULL;
}

const struct assess_series *assess_file_series(const struct assess_file *file, size_t *out_count)
{
    *out_count = file->count;
    return file->series;
}

size_t assess_file_left_out(const struct assess_file *file)
{
    return file->left_out;
}

bool assess_file_is_panel(const struct assess_file *file)
{
    return file->panel;
}

static bool missing(struct reading *reading, enum row_column column)
{
    if (reading->source.columns[column] != SIZE_MAX)
        return false;
    row_complain(&reading->source, 1, column, STATUS_E_HEADER, "缺少这一列",
                 "this column is missing");
    return true;
}

/* Not one of the columns that there must be. */
static bool has_no_header(const struct reading *reading)
{
    for (enum row_column i = ROW_SERIES; i <= ROW_VALUE; i++)
        if (reading->source.columns[i] != SIZE_MAX)
            return false;
    return true;
}

static bool find_columns(struct reading *reading)
{
    size_t *columns = reading->source.columns;
    const struct table *table = reading->file->table;
    for (int i = 0; i < ROW_COLUMNS; i++)
        columns[i] = table_column(table, row_column_names[i]);
    if (columns[ROW_AREA] == SIZE_MAX)
        columns[ROW_AREA] = table_column(table, "iso3");
    if (columns[ROW_AREA] == SIZE_MAX)
        columns[ROW_AREA] = table_column(table, "place");
    reading->file->panel = columns[ROW_SERIES] == SIZE_MAX && columns[ROW_INDICATOR] != SIZE_MAX &&
                           columns[ROW_AREA] != SIZE_MAX;
    if (!reading->file->panel && has_no_header(reading)) {
        row_complain(&reading->source, 1, ROW_SERIES, STATUS_E_HEADER,
                     "第一行没有列名：应为 series,kind,polarity,year,value …，用逗号分隔",
                     "the first line has no column names: series,kind,polarity,year,value ... with "
                     "commas are expected");
        return false;
    }
    bool wrong = !reading->file->panel && missing(reading, ROW_SERIES);
    wrong |= !reading->file->panel && missing(reading, ROW_KIND);
    wrong |= !reading->file->panel && missing(reading, ROW_POLARITY);
    wrong |= missing(reading, ROW_YEAR);
    wrong |= missing(reading, ROW_VALUE);
    struct problems *remarks = reading->remarks.problems;
    reading->remarks = reading->source;
    reading->remarks.problems = remarks;
    return !wrong;
}

static enum status read_rows(struct reading *reading)
{
    const struct row_source *source = &reading->source;
    size_t total = table_rows(source->table);
    reading->rows = calloc(total, sizeof *reading->rows);
    if (reading->rows == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 1; i < total; i++) {
        struct assess_row *row = &reading->rows[reading->count];
        row_read(source, i, row);
        size_t area = source->columns[ROW_AREA], series = source->columns[ROW_SERIES];
        row->series = series == SIZE_MAX ? "" : table_cell(source->table, i, series);
        if (reading->file->panel) {
            row->series = arena_printf(reading->file->names, "%s/%s", row->indicator,
                                       table_cell(source->table, i, area));
            if (row->series == NULL)
                return STATUS_NO_MEMORY;
        }
        if (row->series[0] == '\0')
            row_complain(source, row->line, ROW_SERIES, STATUS_E_REQUIRED, "没有序列名",
                         "the series has no name");
        else
            reading->count++;
    }
    return STATUS_OK;
}

static int by_series(const void *left, const void *right)
{
    const struct assess_row *a = left, *b = right;
    int order = strcmp(a->series, b->series);
    if (order == 0)
        order = strcmp(a->stratum, b->stratum);
    if (order == 0)
        order = a->order < b->order ? -1 : a->order > b->order;
    return order;
}

/* Kinds of a panel file's rows, one guess for an indicator. Rows are sorted by series, so those of
 * an indicator are together but for names that hold a '/'; then parts are guessed apart. */
static void guess_kinds(struct reading *reading)
{
    for (size_t first = 0, next; first < reading->count; first = next) {
        const struct assess_row *row = &reading->rows[first];
        double least = INFINITY, most = -INFINITY;
        for (next = first;
             next < reading->count && strcmp(reading->rows[next].indicator, row->indicator) == 0;
             next++) {
            least = fmin(least, reading->rows[next].point.value);
            most = fmax(most, reading->rows[next].point.value);
        }
        enum assess_kind kind = panel_kind_guess(row->indicator, row->unit, least, most);
        for (size_t i = first; i < next; i++) {
            struct assess_row *guessed = &reading->rows[i];
            if (guessed->kind == ROW_NOT_GIVEN)
                guessed->kind = (int)kind;
            if (guessed->polarity == ROW_NOT_GIVEN)
                guessed->polarity = (int)panel_polarity_guess((enum assess_kind)guessed->kind);
        }
    }
}

/* The panel that a series belongs to: see assess_csv.h. */
static const char *panel_of(struct arena *names, const struct assess_group *group,
                            const struct assess_series *series)
{
    const char *indicator = group->rows[0].indicator;
    size_t prefix = strcspn(series->name, "/|:");
    if (indicator[0] != '\0')
        return arena_printf(names, "i%s\n%s\n%d%d", indicator, series->stratum, (int)series->kind,
                            (int)series->polarity);
    if (prefix > 0 && series->name[prefix] != '\0' && series->name[prefix + 1] != '\0')
        return arena_printf(names, "n%.*s\n%s\n%d%d", (int)prefix, series->name, series->stratum,
                            (int)series->kind, (int)series->polarity);
    return arena_printf(
        names, "t%d %s\n%s\n%d%d", series->target_count > 0 ? (int)series->targets[0].op : -1,
        group->first_target, series->stratum, (int)series->kind, (int)series->polarity);
}

static enum status make_series(struct reading *reading)
{
    struct assess_file *file = reading->file;
    size_t room = reading->count + 1;
    file->series = calloc(room, sizeof *file->series);
    file->points = calloc(room, sizeof *file->points);
    file->targets = calloc(room, sizeof *file->targets);
    file->breaks = calloc(room, sizeof *file->breaks);
    reading->orders = calloc(room, sizeof *reading->orders);
    if (file->series == NULL || file->points == NULL || file->targets == NULL ||
        file->breaks == NULL || reading->orders == NULL)
        return STATUS_NO_MEMORY;
    for (size_t first = 0, next; first < reading->count; first = next) {
        struct assess_row *rows = &reading->rows[first];
        for (next = first + 1;
             next < reading->count && strcmp(reading->rows[next].series, rows->series) == 0 &&
             strcmp(reading->rows[next].stratum, rows->stratum) == 0;
             next++)
            ;
        struct assess_group group = {
            &reading->source,     &reading->remarks,     rows, next - first,
            &file->points[first], &file->targets[first], "",   &file->breaks[first]};
        struct assess_series *series = &file->series[file->count];
        if (!assess_group_make(&group, series)) {
            file->left_out++;
            continue;
        }
        series->panel = panel_of(file->names, &group, series);
        if (series->panel == NULL)
            return STATUS_NO_MEMORY;
        reading->orders[file->count++] = rows[0].order;
    }
    return STATUS_OK;
}

struct placed {
    size_t order;
    struct assess_series series;
};

static int by_order(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    return a->order < b->order ? -1 : a->order > b->order;
}

/* Back into the order of the file. */
static enum status place_series(struct reading *reading)
{
    struct assess_file *file = reading->file;
    struct placed *placed = calloc(file->count + 1, sizeof *placed);
    if (placed == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < file->count; i++)
        placed[i] = (struct placed){reading->orders[i], file->series[i]};
    qsort(placed, file->count, sizeof *placed, by_order);
    for (size_t i = 0; i < file->count; i++)
        file->series[i] = placed[i].series;
    free(placed);
    return STATUS_OK;
}

static enum status read_series(struct reading *reading)
{
    if (!find_columns(reading))
        return STATUS_E_HEADER;
    enum status status = read_rows(reading);
    if (status != STATUS_OK)
        return status;
    if (table_rows(reading->file->table) == 1)
        row_complain(&reading->source, 2, ROW_SERIES, STATUS_E_REQUIRED, "只有表头，下面没有数据行",
                     "there is only a header, and no row below it");
    qsort(reading->rows, reading->count, sizeof *reading->rows, by_series);
    if (reading->file->panel)
        guess_kinds(reading);
    status = make_series(reading);
    if (status == STATUS_OK)
        status = place_series(reading);
    if (status == STATUS_OK && reading->file->count == 0)
        status = STATUS_INVALID;
    return status;
}

/* Remarks follow complaints, so that the limit on problems drops remarks first. */
static void add_remarks(struct problems *problems, const struct problems *remarks)
{
    for (size_t i = 0; i < remarks->count; i++) {
        const struct problem *remark = &remarks->items[i];
        problems_add(problems, remark->code, 0, remark->field, remark->zh, remark->en);
    }
    problems->dropped += remarks->dropped;
}

enum status assess_csv_read(const uint8_t *bytes, size_t size, const char *name,
                            struct problems *problems, struct assess_file **out_file)
{
    struct problems remarks;
    struct reading reading = {
        .source = {.file = name, .problems = problems},
          .remarks = {.problems = &remarks           }
    };
    size_t line = 1;
    char field[PROBLEM_FIELD_BYTES];
    problems_init(&remarks);
    reading.file = calloc(1, sizeof *reading.file);
    enum status status = reading.file == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK)
        reading.file->names = arena_create(NAMES_BYTES_MAX);
    if (status == STATUS_OK && reading.file->names == NULL)
        status = STATUS_NO_MEMORY;
    if (status != STATUS_OK)
        goto cleanup;
    status = table_read(bytes, size, &line, &reading.file->table);
    if (status != STATUS_OK) {
        snprintf(field, sizeof field, "%.60s:%zu", name, line);
        const struct foreign_file *foreign = foreign_file(bytes, size);
        problems_add(problems, status, 0, field, foreign == NULL ? NULL : foreign->zh,
                     foreign == NULL ? NULL : foreign->en);
        goto cleanup;
    }
    reading.source.table = reading.file->table;
    status = read_series(&reading);
    add_remarks(problems, &remarks);

cleanup:
    problems_clear(&remarks);
    free(reading.rows);
    free(reading.orders);
    if (status == STATUS_OK)
        *out_file = reading.file;
    else
        assess_file_destroy(&reading.file);
    return status;
}
