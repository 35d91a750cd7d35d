/* The texts that cells share, and texts as they are gathered. */
#include <stdlib.h>
#include <string.h>

#include "sheet/xlsx_parts.h"

bool items_grow(void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    size_t wanted = *room == 0 ? 64 : *room * 2;
    void *grown = reallocarray(*items, wanted, size);
    if (grown == NULL)
        return false;
    *items = grown;
    *room = wanted;
    return true;
}

bool gathered_add(struct gathered *gathered, const char *text, size_t size)
{
    if (gathered->size + size > XLSX_TEXT_MAX) {
        gathered->over = true;
        return true;
    }
    if (gathered->size + size + 1 > gathered->room) {
        size_t wanted = (gathered->size + size + 1) * 2;
        char *grown = realloc(gathered->bytes, wanted);
        if (grown == NULL)
            return false;
        gathered->bytes = grown;
        gathered->room = wanted;
    }
    memcpy(gathered->bytes + gathered->size, text, size);
    gathered->size += size;
    gathered->bytes[gathered->size] = '\0';
    return true;
}

void gather_clear(struct gathered *gathered)
{
    gathered->size = 0;
    gathered->over = false;
}

/* The control character that "_x000D_" stands for; 0 for anything else. */
static char escaped(const char *text)
{
    if (text[0] != '_' || text[1] != 'x' || text[2] != '0' || text[3] != '0')
        return 0;
    char digits[3] = {text[4], text[4] == '\0' ? '\0' : text[5], '\0'};
    char *end = NULL;
    unsigned long code = strtoul(digits, &end, 16);
    return *end == '\0' && end == digits + 2 && text[6] == '_' && code >= 9 && code < 0x20
               ? (char)code
               : 0;
}

const char *gather_keep(struct xlsx *workbook, const struct gathered *gathered)
{
    char *text = arena_alloc(workbook->arena, gathered->size + 1);
    char *out = text;
    for (size_t at = 0; text != NULL && at < gathered->size; at++) {
        char control = escaped(gathered->bytes + at);
        *out++ = control != 0 ? control : gathered->bytes[at];
        at += control != 0 ? strlen("x000D_") : 0;
    }
    return text;
}

struct strings_reading {
    struct xlsx *workbook;
    struct gathered text;
    bool inside; /* a <t> that is shown */
    unsigned phonetic;
};

static void begin(struct package *package, void *context, const char *name,
                  const char *const *attributes)
{
    struct strings_reading *reading = context;
    (void)package, (void)attributes;
    if (strcmp(name, "si") == 0)
        gather_clear(&reading->text);
    else if (strcmp(name, "rPh") == 0)
        reading->phonetic++; /* how it is pronounced, not what it says */
    else if (strcmp(name, "t") == 0)
        reading->inside = reading->phonetic == 0;
}

static void end(struct package *package, void *context, const char *name)
{
    struct strings_reading *reading = context;
    struct xlsx *workbook = reading->workbook;
    if (strcmp(name, "t") == 0)
        reading->inside = false;
    else if (strcmp(name, "rPh") == 0 && reading->phonetic > 0)
        reading->phonetic--;
    if (strcmp(name, "si") != 0)
        return;
    /* NULL stands for a text that is too long */
    const char *text = reading->text.over ? NULL : gather_keep(workbook, &reading->text);
    if ((text == NULL && !reading->text.over) ||
        !items_grow((void **)&workbook->strings, workbook->string_count, &workbook->string_room,
                    sizeof *workbook->strings)) {
        package_fail(package, arena_exhausted(workbook->arena) ? XLSX_TOO_LARGE : XLSX_MEMORY);
        return;
    }
    workbook->strings[workbook->string_count++] = text;
}

static void text(struct package *package, void *context, const char *bytes, size_t size)
{
    struct strings_reading *reading = context;
    if (reading->inside && !gathered_add(&reading->text, bytes, size))
        package_fail(package, XLSX_MEMORY);
}

enum xlsx_fault strings_read(struct package *package, const char *part, struct xlsx *workbook)
{
    static const struct part_handlers handlers = {begin, end, text};
    struct strings_reading reading = {.workbook = workbook};
    enum xlsx_fault fault = package_read(package, part, &handlers, &reading);
    free(reading.text.bytes);
    return fault;
}
