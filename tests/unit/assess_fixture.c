#include "assess_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const assess_header =
    "series,kind,polarity,year,value,numerator,denominator,target_op,target_value,target_year,"
    "base_year,base_value,stratum\n";

static void take(const struct assessment *assessment, void *taker)
{
    struct assessed *assessed = taker;
    if (assessed->count < ASSESSED_MAX) {
        assessed->items[assessed->count] = *assessment;
        assessed->series[assessed->count] = *assessment->series;
        assessed->items[assessed->count].series = &assessed->series[assessed->count];
        assessed->count++;
    }
}

struct assessed *assessed_make_file(const char *text, int year)
{
    struct assessed *assessed = calloc(1, sizeof *assessed);
    if (assessed == NULL)
        abort();
    problems_init(&assessed->problems);
    assessed->status = assess_csv_read((const uint8_t *)text, strlen(text), "test.csv",
                                       &assessed->problems, &assessed->file);
    if (assessed->status == STATUS_OK) {
        size_t count = 0;
        const struct assess_series *series = assess_file_series(assessed->file, &count);
        assessed->status = assess_run(series, count, year, false, take, assessed);
    }
    return assessed;
}

struct assessed *assessed_make(const char *rows, int year)
{
    size_t size = strlen(assess_header) + strlen(rows) + 1;
    char *text = malloc(size);
    if (text == NULL)
        abort();
    snprintf(text, size, "%s%s", assess_header, rows);
    struct assessed *assessed = assessed_make_file(text, year);
    free(text);
    return assessed;
}

void assessed_clear(struct assessed **assessed)
{
    if (*assessed == NULL)
        return;
    assess_file_destroy(&(*assessed)->file);
    problems_clear(&(*assessed)->problems);
    free(*assessed);
    *assessed = NULL;
}

bool assessed_complains(const struct assessed *assessed, const char *line_and_column)
{
    char field[PROBLEM_FIELD_BYTES];
    snprintf(field, sizeof field, "test.csv:%s", line_and_column);
    for (size_t i = 0; i < assessed->problems.count; i++)
        if (strcmp(assessed->problems.items[i].field, field) == 0)
            return true;
    return false;
}
