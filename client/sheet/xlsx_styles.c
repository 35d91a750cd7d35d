/* Which styles show a number as a date or a percentage. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sheet/xlsx_parts.h"

enum { STYLES_MAX = 65536, FORMATS_MAX = 4096 };

struct format {
    uint32_t id;
    enum number_look look;
};

struct styles_reading {
    struct xlsx *workbook;
    struct format *formats;
    size_t format_count, format_room;
    bool cells; /* within cellXfs */
};

/* Where a bracket ends; *out_look: [h] and [mm] are times that have passed. */
static const char *bracket(const char *code, enum number_look *out_look)
{
    const char *end = strchr(code, ']');
    if (end == NULL)
        return code + strlen(code) - 1;
    size_t inside = (size_t)(end - code) - 1;
    if (inside > 0 && inside <= 2 && strspn(code + 1, "hHmMsS") >= inside)
        *out_look = LOOK_DATE;
    return end;
}

enum number_look format_look(const char *code)
{
    enum number_look look = LOOK_PLAIN;
    if (strncasecmp(code, "general", strlen("general")) == 0)
        return LOOK_PLAIN;
    for (; *code != '\0'; code++) {
        if (*code == '"') {
            const char *quote = strchr(code + 1, '"');
            if (quote == NULL)
                return look;
            code = quote;
        } else if (*code == '\\' || *code == '_' || *code == '*' || *code == '!') {
            if (code[1] == '\0')
                return look;
            code++;
        } else if (*code == '[') {
            code = bracket(code, &look);
        } else if (strchr("yYmMdDhHsS", *code) != NULL) {
            return LOOK_DATE;
        } else if (*code == '%') {
            look = LOOK_PERCENT;
        }
    }
    return look;
}

/* Formats that every program knows by number, and the Chinese ones. */
static enum number_look built_in(uint32_t id)
{
    if (id == 9 || id == 10)
        return LOOK_PERCENT;
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
                   (id >= 50 && id <= 58)
               ? LOOK_DATE
               : LOOK_PLAIN;
}

static enum number_look look_of(const struct styles_reading *reading, uint32_t id)
{
    for (size_t i = 0; i < reading->format_count; i++)
        if (reading->formats[i].id == id)
            return reading->formats[i].look;
    return built_in(id);
}

static void add_format(struct package *package, struct styles_reading *reading,
                       const char *const *attributes)
{
    const char *code = attribute(attributes, "formatCode");
    uint32_t id = 0;
    if (code == NULL || !attribute_number(attribute(attributes, "numFmtId"), UINT32_MAX, &id) ||
        reading->format_count >= FORMATS_MAX)
        return;
    if (!items_grow((void **)&reading->formats, reading->format_count, &reading->format_room,
                    sizeof *reading->formats)) {
        package_fail(package, XLSX_MEMORY);
        return;
    }
    reading->formats[reading->format_count++] = (struct format){id, format_look(code)};
}

static void add_style(struct package *package, struct styles_reading *reading,
                      const char *const *attributes)
{
    struct xlsx *workbook = reading->workbook;
    uint32_t id = 0;
    (void)attribute_number(attribute(attributes, "numFmtId"), UINT32_MAX, &id);
    if (workbook->look_count >= STYLES_MAX)
        return;
    if (!items_grow((void **)&workbook->looks, workbook->look_count, &workbook->look_room, 1)) {
        package_fail(package, XLSX_MEMORY);
        return;
    }
    workbook->looks[workbook->look_count++] = (uint8_t)look_of(reading, id);
}

static void begin(struct package *package, void *context, const char *name,
                  const char *const *attributes)
{
    struct styles_reading *reading = context;
    if (strcmp(name, "numFmt") == 0)
        add_format(package, reading, attributes);
    else if (strcmp(name, "cellXfs") == 0)
        reading->cells = true;
    else if (strcmp(name, "xf") == 0 && reading->cells)
        add_style(package, reading, attributes);
}

static void end(struct package *package, void *context, const char *name)
{
    struct styles_reading *reading = context;
    (void)package;
    if (strcmp(name, "cellXfs") == 0)
        reading->cells = false;
}

static void text(struct package *package, void *context, const char *bytes, size_t size)
{
    (void)package, (void)context, (void)bytes, (void)size;
}

enum xlsx_fault styles_read(struct package *package, const char *part, struct xlsx *workbook)
{
    static const struct part_handlers handlers = {begin, end, text};
    struct styles_reading reading = {.workbook = workbook};
    enum xlsx_fault fault = package_read(package, part, &handlers, &reading);
    free(reading.formats);
    return fault;
}
