#include "shared_series.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int failures;

struct assess_file *shared_series(const char *name)
{
    char path[1024];
    struct problems problems;
    struct assess_file *result = NULL;
    snprintf(path, sizeof path, "%s/../shared/series/%s", ZHIBAO_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("skipped: ../shared/series/%s is not beside the project\n", name);
        exit(SKIPPED);
    }
    uint8_t *bytes = malloc(TABLE_BYTES_MAX);
    size_t size = bytes == NULL ? 0 : fread(bytes, 1, TABLE_BYTES_MAX, file);
    fclose(file);
    problems_init(&problems);
    enum status status = assess_csv_read(bytes, size, name, &problems, &result);
    problems_clear(&problems);
    free(bytes);
    if (status != STATUS_OK) {
        printf("could not read %s: %s\n", name, status_en(status));
        exit(EXIT_FAILURE);
    }
    return result;
}

void promise(bool kept, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("%s  ", kept ? "kept  " : "BROKEN");
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    failures += !kept;
}
