#include "cli/plan_cut.h"

#include <string.h>

#include "base/unit_id.h"

enum { CODE_DIGITS = 12 };

/* The place that a row begins with; 0: none, as in the header. */
static uint64_t row_place(const char *row, size_t size, const char **out_rest)
{
    uint64_t place = 0;
    size_t at = size > 0 && row[0] == '"', digits = 0;
    for (; at < size && row[at] >= '0' && row[at] <= '9'; at++, digits++)
        place = place * 10 + (uint64_t)(row[at] - '0');
    *out_rest = row + at;
    return digits == CODE_DIGITS ? place : 0;
}

/* Whether the field after the code is one of the departments that stay. */
static bool stays(const char *rest, const char *end)
{
    static const char *const departments[] = {"statistics", "office", "admin"};
    size_t size = 0;
    while (rest < end && strchr("\",\t", *rest) != NULL)
        rest++;
    while (rest + size < end && strchr("\",\t\r\n", rest[size]) == NULL)
        size++;
    for (size_t i = 0; i < sizeof departments / sizeof *departments; i++)
        if (strlen(departments[i]) == size && memcmp(rest, departments[i], size) == 0)
            return true;
    return false;
}

static bool keep(const char *row, size_t size, bool units)
{
    const char *rest = NULL;
    uint64_t place = row_place(row, size, &rest);
    enum place_level level = place == 0 ? PLACE_CITY : place_level(place);
    return level < PLACE_DISTRICT ||
           (level == PLACE_DISTRICT && (!units || stays(rest, row + size)));
}

/* In place: the file only becomes shorter. */
static void cut(struct plan_file *file, bool units)
{
    char *bytes = (char *)(uintptr_t)file->bytes; /* the folder's own copy */
    size_t used = 0;
    for (size_t at = 0; at < file->size;) {
        const char *end = memchr(bytes + at, '\n', file->size - at);
        size_t size = end == NULL ? file->size - at : (size_t)(end - (bytes + at)) + 1;
        if (keep(bytes + at, size, units)) {
            memmove(bytes + used, bytes + at, size);
            used += size;
        }
        at += size;
    }
    file->size = used;
}

void plan_cut(struct plan_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->files[i].name, "places.csv") == 0)
            cut(&files->files[i], false);
        else if (strcmp(files->files[i].name, "units.csv") == 0)
            cut(&files->files[i], true);
    }
}
