#include <string.h>

#include "plan/reader.h"

enum { COUNT, NAME_ZH, NAME_EN, FIGURE, COLUMNS };

static const char *const names[] = {"count", "name_zh", "name_en", "figure"};

/* Rows of a count stand together, so that answers need not sort; and say the same name. */
static void check_together(const struct sheet *sheet, size_t row, const struct same_count *results,
                           size_t count)
{
    const struct same_count *read = &results[count];
    if (count == 0 || strcmp(results[count - 1].count, read->count) == 0) {
        if (count > 0 && strcmp(results[count - 1].name_zh, read->name_zh) != 0)
            sheet_problem(sheet, row, NAME_ZH, "与上一行相同的名称", "the name of the row above");
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(results[i].count, read->count) == 0) {
            sheet_problem(sheet, row, COUNT, "同一个数的各行相连", "rows of a count side by side");
            return;
        }
}

/* Appends the rows of one file, where it is there. */
static void read_file(struct reader *reader, const char *file, struct same_count *results,
                      size_t *count)
{
    struct sheet sheet;
    if (sheet_find(reader->files, reader->file_count, file) == NULL)
        return;
    if (reader_open(reader, &sheet, file, names, COLUMNS, PLAN_RECONCILE_MAX))
        for (size_t row = 0; row < sheet_rows(&sheet); row++) {
            results[*count] = (struct same_count){
                .count = sheet_slug(&sheet, row, COUNT),
                .name_zh = sheet_required(&sheet, row, NAME_ZH),
                .name_en = sheet_required(&sheet, row, NAME_EN),
                .figure = read_expression(reader, &sheet, row, FIGURE, false),
                .figure_text = sheet_text(&sheet, row, FIGURE),
            };
            check_together(&sheet, row, results, *count);
            (*count)++;
        }
    sheet_close(&sheet);
}

void read_reconcile(struct reader *reader)
{
    size_t count = 0;
    struct same_count *results =
        arena_array(reader->plan->memory, (size_t)2 * PLAN_RECONCILE_MAX, sizeof *results);
    if (results == NULL) {
        reader->failed = true;
        return;
    }
    read_file(reader, "catalogue/reconcile.csv", results, &count);
    read_file(reader, "reconcile.csv", results, &count);
    reader->plan->same_counts = results;
    reader->plan->same_count_count = count;
}
