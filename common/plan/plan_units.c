#include <stdlib.h>
#include <string.h>

#include "plan/reader.h"

enum { UNIT_PLACE, UNIT_DEPARTMENT, UNIT_KIND, UNIT_NAME_ZH, UNIT_NAME_EN, UNIT_COLUMNS };

static int compare_units(const void *left, const void *right)
{
    const struct unit *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* A unit belongs to the district around it, or to its own place above that level. */
static uint64_t home_district(uint64_t place)
{
    return place_ancestor(place, PLACE_DISTRICT);
}

/* The reserved kinds have the reserved numbers of unit_id.h, and only they. */
static bool kind_fits(enum unit_role role, unsigned number)
{
    switch (role) {
    case ROLE_STATISTICS: return number == UNIT_STATISTICS;
    case ROLE_OFFICE: return number == UNIT_OFFICE;
    case ROLE_ADMIN: return number == UNIT_ADMIN;
    case ROLE_AUDITOR: return number == UNIT_AUDITOR;
    default: return number > UNIT_AUDITOR;
    }
}

static void read_unit(struct reader *reader, const struct sheet *sheet, size_t row,
                      struct unit *unit)
{
    static const char *const kinds[] = {"department", "statistics", "office",
                                        "admin",      "auditor",    NULL};
    static const enum unit_role roles[] = {ROLE_DEPARTMENT, ROLE_STATISTICS, ROLE_OFFICE,
                                           ROLE_ADMIN, ROLE_AUDITOR};
    struct plan *plan = reader->plan;
    uint64_t place = read_place_code(sheet, row, UNIT_PLACE, false);
    const char *code = sheet_cell(sheet, row, UNIT_DEPARTMENT);
    size_t department = plan_department(plan, code);
    *unit = (struct unit){
        .role = roles[sheet_choice(sheet, row, UNIT_KIND, kinds)],
        .department = department,
        .name_zh = sheet_required(sheet, row, UNIT_NAME_ZH),
        .name_en = sheet_required(sheet, row, UNIT_NAME_EN),
        .district = home_district(place),
    };
    if (plan_place(plan, place) == NULL)
        sheet_problem(sheet, row, UNIT_PLACE, "places.csv中的行政区划", "a place of places.csv");
    if (department == PLAN_NONE) {
        sheet_problem(sheet, row, UNIT_DEPARTMENT, "departments.csv中的部门",
                      "a department of departments.csv");
        return;
    }
    unit->id = unit_make(place, plan->departments[department].number);
    if (!kind_fits(unit->role, plan->departments[department].number))
        sheet_problem(sheet, row, UNIT_KIND, "与部门编号相符的类别",
                      "the kind that the department's number calls for");
}

/* Every township and village has a unit of its own, named like the place. */
static size_t add_place_units(const struct plan *plan, struct unit *units)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *place = &plan->places[i];
        if (place->level != PLACE_TOWNSHIP && place->level != PLACE_VILLAGE)
            continue;
        units[count++] = (struct unit){
            .id = unit_make(place->code, UNIT_OWN),
            .role = place->level == PLACE_VILLAGE ? ROLE_VILLAGE : ROLE_TOWNSHIP,
            .department = PLAN_NONE,
            .name_zh = place->name_zh,
            .name_en = place->name_zh,
            .district = home_district(place->code),
        };
    }
    return count;
}

static bool unit_repeats(const struct unit *units, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (units[i].id == id)
            return true;
    return false;
}

void read_units(struct reader *reader)
{
    static const char *const names[] = {"place", "department", "kind", "name_zh", "name_en"};
    struct sheet sheet;
    struct plan *plan = reader->plan;
    if (!reader_open(reader, &sheet, "units.csv", names, UNIT_COLUMNS, PLAN_ROWS_MAX))
        goto cleanup;
    size_t rows = sheet_rows(&sheet);
    struct unit *results = sheet_array(&sheet, rows + plan->place_count, sizeof *results);
    if (results == NULL)
        goto cleanup;
    for (size_t row = 0; row < rows; row++) {
        read_unit(reader, &sheet, row, &results[row]);
        if (results[row].department != PLAN_NONE && unit_repeats(results, row, results[row].id))
            sheet_problem(&sheet, row, UNIT_DEPARTMENT, "本地不重复的部门",
                          "a department that is not listed above for this place");
    }
    plan->unit_count = rows + add_place_units(plan, results + rows);
    plan->units = results;
    qsort(results, plan->unit_count, sizeof *results, compare_units);
cleanup:
    sheet_close(&sheet);
}
