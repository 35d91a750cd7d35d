#include "plan/reader.h"

enum { INDICATOR, FROM_YEAR, ASPECT, TEXT_ZH, TEXT_EN, COLUMNS };

static const char *const names[] = {"indicator", "from_year", "aspect", "text_zh", "text_en"};

/* Appends the rows of one file, where it is there. */
static void read_file(struct reader *reader, const char *file, struct definition *results,
                      size_t *count)
{
    static const char *const aspects[] = {"definition", "denominator", "source", NULL};
    struct sheet sheet;
    if (sheet_find(reader->files, reader->file_count, file) == NULL)
        return;
    if (reader_open(reader, &sheet, file, names, COLUMNS, PLAN_DEFINITIONS_MAX))
        for (size_t row = 0; row < sheet_rows(&sheet); row++)
            results[(*count)++] = (struct definition){
                .indicator = read_indicator_code(reader, &sheet, row, INDICATOR, false),
                .from_year = (int)sheet_whole(&sheet, row, FROM_YEAR, PLAN_YEAR_MIN, PLAN_YEAR_MAX),
                .aspect = aspects[sheet_choice(&sheet, row, ASPECT, aspects)],
                .text_zh = sheet_required(&sheet, row, TEXT_ZH),
                .text_en = sheet_required(&sheet, row, TEXT_EN),
            };
    sheet_close(&sheet);
}

void read_definitions(struct reader *reader)
{
    size_t count = 0;
    struct definition *results =
        arena_array(reader->plan->memory, (size_t)2 * PLAN_DEFINITIONS_MAX, sizeof *results);
    if (results == NULL) {
        reader->failed = true;
        return;
    }
    read_file(reader, "catalogue/definitions.csv", results, &count);
    read_file(reader, "definitions.csv", results, &count);
    /* by year, so that breaks ascend; few rows */
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k > 0 && results[k].from_year < results[k - 1].from_year; k--) {
            struct definition swapped = results[k];
            results[k] = results[k - 1];
            results[k - 1] = swapped;
        }
    reader->plan->definitions = results;
    reader->plan->definition_count = count;
}
