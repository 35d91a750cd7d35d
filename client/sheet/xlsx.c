/* The workbook: which sheets there are, and where their parts are. */
#include "sheet/xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sheet/xlsx_parts.h"

enum { XLSX_ARENA_BYTES = 48 * 1024 * 1024, PART_NAME_BYTES = 256, RELATIONS_MAX = 1024 };

static const struct {
    const char *zh, *en;
} faults[] = {
    [XLSX_GOOD] = {"没有问题",                                                                                               "no fault"     },
    [XLSX_MEMORY] = {"内存不足",                                                                                               "out of memory"},
    [XLSX_DAMAGED] =
        {"表格文件不完整或已损坏：请在Excel或WPS中打开，另存为新的.xlsx再用",
                   "the workbook is cut short or damaged: open it in Excel or WPS and save it as a "
         "new .xlsx"                                                                                                                            },
    [XLSX_ENCRYPTED] = {"表格文件有打开密码：请先去掉密码再用",
                   "the workbook is protected by a password: remove it first"                                                                   },
    [XLSX_TOO_LARGE] = {"表格过大（展开后超过32 MB、2万行或40万格）：请删去空行和无关的表",
                   "the workbook is too large (over 32 MB unpacked, 20,000 rows or 400,000 "
                        "cells): delete blank rows and sheets that do not belong to it"                                                         },
    [XLSX_ENTITIES] = {"文件含有表格软件不会写的内容（DOCTYPE），不予读取",
                   "the file holds what no spreadsheet program writes (a DOCTYPE) and is not "
                       "read"                                                                                                                   },
    [XLSX_BINARY] = {"这是二进制工作簿（.xlsb）：请另存为.xlsx再用",
                   "this is a binary workbook (.xlsb): save it as .xlsx"                                                                        },
    [XLSX_NO_SHEET] = {"文件里没有可见的工作表：这不是填报的表格",
                   "the file has no visible sheet: it is not a form to fill in"                                                                 },
    [XLSX_NO_PART] = {"表格文件缺少内部的一部分，已损坏：请在Excel或WPS中打开，另存为新的.xlsx再用",
                   "a part of the workbook is missing: open it in Excel or WPS and save it as a "
                      "new .xlsx"                                                                                                               },
};

const char *xlsx_fault_zh(enum xlsx_fault fault)
{
    return faults[fault].zh;
}

const char *xlsx_fault_en(enum xlsx_fault fault)
{
    return faults[fault].en;
}

struct relation {
    const char *id, *target;
    char type[24]; /* the last word of its type: "worksheet" */
};

struct relations_reading {
    struct xlsx *workbook;
    struct relation items[RELATIONS_MAX];
    size_t count;
};

static void ignore_end(struct package *package, void *context, const char *name)
{
    (void)package, (void)context, (void)name;
}

static void ignore_text(struct package *package, void *context, const char *bytes, size_t size)
{
    (void)package, (void)context, (void)bytes, (void)size;
}

static void begin_relation(struct package *package, void *context, const char *name,
                           const char *const *attributes)
{
    struct relations_reading *reading = context;
    const char *id = attribute(attributes, "Id"), *type = attribute(attributes, "Type");
    const char *target = attribute(attributes, "Target");
    if (strcmp(name, "Relationship") != 0 || id == NULL || type == NULL || target == NULL)
        return;
    if (reading->count == RELATIONS_MAX) {
        package_fail(package, XLSX_TOO_LARGE);
        return;
    }
    struct relation *relation = &reading->items[reading->count++];
    const char *word = strrchr(type, '/');
    snprintf(relation->type, sizeof relation->type, "%s", word == NULL ? type : word + 1);
    relation->id = arena_string(reading->workbook->arena, id);
    relation->target = arena_string(reading->workbook->arena, target);
    if (relation->id == NULL || relation->target == NULL)
        package_fail(package, XLSX_MEMORY);
    if (strcmp(relation->type, "externalLink") == 0)
        reading->workbook->linked = true;
}

static void begin_workbook(struct package *package, void *context, const char *name,
                           const char *const *attributes)
{
    struct xlsx *workbook = context;
    const char *state = attribute(attributes, "state"), *sheet = attribute(attributes, "name");
    const char *relation = attribute(attributes, "id");
    if (strcmp(name, "sheet") != 0 || sheet == NULL || relation == NULL ||
        (state != NULL && strcmp(state, "visible") != 0))
        return;
    if (workbook->sheet_count == XLSX_SHEETS_MAX) {
        package_fail(package, XLSX_TOO_LARGE);
        return;
    }
    struct xlsx_sheet *found = &workbook->sheets[workbook->sheet_count++];
    found->name = arena_string(workbook->arena, sheet);
    found->relation = arena_string(workbook->arena, relation);
    if (found->name == NULL || found->relation == NULL)
        package_fail(package, XLSX_MEMORY);
}

/* "xl/workbook.xml", "worksheets/sheet1.xml" -> "xl/worksheets/sheet1.xml"; a target that begins
 * with a slash counts from the top. False when it leads nowhere. */
static bool resolve(const char *from, const char *target, char out[PART_NAME_BYTES])
{
    const char *slash = strrchr(from, '/');
    int base = slash == NULL ? 0 : (int)(slash - from + 1);
    while (strncmp(target, "./", 2) == 0)
        target += 2;
    if (target[0] == '/')
        return snprintf(out, PART_NAME_BYTES, "%s", target + 1) < PART_NAME_BYTES;
    while (strncmp(target, "../", 3) == 0 && base > 0) {
        target += 3;
        for (base--; base > 0 && from[base - 1] != '/'; base--)
            ;
    }
    return snprintf(out, PART_NAME_BYTES, "%.*s%s", base, from, target) < PART_NAME_BYTES;
}

/* "xl/workbook.xml" -> "xl/_rels/workbook.xml.rels" */
static bool relations_name(const char *part, char out[PART_NAME_BYTES])
{
    const char *slash = strrchr(part, '/');
    int base = slash == NULL ? 0 : (int)(slash - part + 1);
    return snprintf(out, PART_NAME_BYTES, "%.*s_rels/%s.rels", base, part, part + base) <
           PART_NAME_BYTES;
}

static enum xlsx_fault read_relations(struct package *package, const char *part,
                                      struct relations_reading *reading)
{
    static const struct part_handlers handlers = {begin_relation, ignore_end, ignore_text};
    char name[PART_NAME_BYTES];
    reading->count = 0;
    return relations_name(part, name) ? package_read(package, name, &handlers, reading)
                                      : XLSX_DAMAGED;
}

/* The part that the package's own relations call its document. */
static enum xlsx_fault find_workbook(struct package *package, struct relations_reading *reading,
                                     char out_part[PART_NAME_BYTES])
{
    enum xlsx_fault fault = read_relations(package, "", reading);
    if (fault != XLSX_GOOD)
        return fault == XLSX_NO_PART ? XLSX_NO_SHEET : fault;
    for (size_t i = 0; i < reading->count; i++)
        if (strcmp(reading->items[i].type, "officeDocument") == 0) {
            if (!resolve("", reading->items[i].target, out_part))
                return XLSX_DAMAGED;
            size_t length = strlen(out_part);
            if (length > 4 && strcmp(out_part + length - 4, ".bin") == 0)
                return XLSX_BINARY;
            return XLSX_GOOD;
        }
    return XLSX_NO_SHEET;
}

/* Strings and styles, which a workbook may do without. */
static enum xlsx_fault read_shared(struct package *package, struct xlsx *workbook,
                                   const struct relations_reading *reading, const char *part)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct relation *relation = &reading->items[i];
        char name[PART_NAME_BYTES];
        bool strings = strcmp(relation->type, "sharedStrings") == 0;
        if (!strings && strcmp(relation->type, "styles") != 0)
            continue;
        if (!resolve(part, relation->target, name))
            return XLSX_DAMAGED;
        enum xlsx_fault fault =
            strings ? strings_read(package, name, workbook) : styles_read(package, name, workbook);
        if (fault != XLSX_GOOD)
            return fault;
    }
    return XLSX_GOOD;
}

static enum xlsx_fault read_sheets(struct package *package, struct xlsx *workbook,
                                   const struct relations_reading *reading, const char *part)
{
    size_t kept = 0;
    for (size_t i = 0; i < workbook->sheet_count; i++) {
        struct xlsx_sheet *sheet = &workbook->sheets[i];
        const struct relation *found = NULL;
        char name[PART_NAME_BYTES];
        for (size_t k = 0; found == NULL && k < reading->count; k++)
            if (strcmp(reading->items[k].id, sheet->relation) == 0)
                found = &reading->items[k];
        if (found == NULL || !resolve(part, found->target, name))
            return XLSX_NO_PART;
        if (strcmp(found->type, "worksheet") != 0)
            continue; /* a chart has no cells */
        enum xlsx_fault fault = cells_read(package, name, workbook, sheet);
        if (fault != XLSX_GOOD)
            return fault;
        struct xlsx_sheet moved = *sheet;
        *sheet = (struct xlsx_sheet){0};
        workbook->sheets[kept++] = moved;
    }
    workbook->sheet_count = kept;
    return kept == 0 ? XLSX_NO_SHEET : XLSX_GOOD;
}

static enum xlsx_fault read_package(struct package *package, struct xlsx *workbook,
                                    struct relations_reading *reading)
{
    static const struct part_handlers handlers = {begin_workbook, ignore_end, ignore_text};
    char part[PART_NAME_BYTES];
    enum xlsx_fault fault = find_workbook(package, reading, part);
    if (fault == XLSX_GOOD)
        fault = package_read(package, part, &handlers, workbook);
    if (fault == XLSX_GOOD)
        fault = read_relations(package, part, reading);
    if (fault == XLSX_GOOD)
        fault = read_shared(package, workbook, reading, part);
    return fault == XLSX_GOOD ? read_sheets(package, workbook, reading, part) : fault;
}

enum xlsx_fault xlsx_read(const uint8_t *bytes, size_t size, struct xlsx **out_workbook)
{
    struct package *package = NULL;
    struct xlsx *workbook = calloc(1, sizeof *workbook);
    struct relations_reading *reading = calloc(1, sizeof *reading);
    enum xlsx_fault fault = XLSX_MEMORY;
    if (workbook != NULL && reading != NULL) {
        reading->workbook = workbook;
        workbook->cells_left = XLSX_CELLS_MAX;
        workbook->merged_left = XLSX_MERGED_MAX;
        workbook->arena = arena_create(XLSX_ARENA_BYTES);
        if (workbook->arena != NULL)
            fault = package_open(bytes, size, &package);
    }
    if (fault == XLSX_GOOD)
        fault = read_package(package, workbook, reading);
    package_close(&package);
    free(reading);
    if (fault == XLSX_GOOD)
        *out_workbook = workbook;
    else
        xlsx_destroy(&workbook);
    return fault;
}

void xlsx_destroy(struct xlsx **workbook)
{
    if (workbook == NULL || *workbook == NULL)
        return;
    for (size_t i = 0; i < XLSX_SHEETS_MAX; i++) {
        free((*workbook)->sheets[i].cells);
        free((*workbook)->sheets[i].merged);
    }
    free((*workbook)->strings);
    free((*workbook)->looks);
    arena_destroy(&(*workbook)->arena);
    free(*workbook);
    *workbook = NULL;
}
