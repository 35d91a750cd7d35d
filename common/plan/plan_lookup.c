#include <stdlib.h>
#include <string.h>

#include "plan/place_history.h"
#include "plan/plan.h"
#include "plan/reader.h"

const struct plan *plan_version(const struct plan *plan, int year)
{
    while (plan->earlier != NULL && year < plan->amended_from)
        plan = plan->earlier;
    return plan;
}

const struct form *plan_form(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->form_count; i++)
        if (strcmp(plan->forms[i].code, code) == 0)
            return &plan->forms[i];
    return NULL;
}

static int compare_unit(const void *key, const void *item)
{
    uint64_t id = *(const uint64_t *)key, other = ((const struct unit *)item)->id;
    return id < other ? -1 : id > other;
}

const struct form *plan_village_form(const struct plan *plan)
{
    for (size_t i = 0; i < plan->form_count; i++)
        if (strcmp(plan->forms[i].reporter, "village") == 0)
            return &plan->forms[i];
    return NULL;
}

const struct unit *plan_unit(const struct plan *plan, uint64_t id)
{
    if (plan->unit_count == 0)
        return NULL;
    return bsearch(&id, plan->units, plan->unit_count, sizeof *plan->units, compare_unit);
}

static int compare_place(const void *key, const void *item)
{
    uint64_t code = *(const uint64_t *)key, other = ((const struct place *)item)->code;
    return code < other ? -1 : code > other;
}

const struct place *plan_place(const struct plan *plan, uint64_t code)
{
    if (plan->place_count == 0)
        return NULL;
    return bsearch(&code, plan->places, plan->place_count, sizeof *plan->places, compare_place);
}

size_t plan_department(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->department_count; i++)
        if (strcmp(plan->departments[i].code, code) == 0)
            return i;
    return PLAN_NONE;
}

size_t plan_indicator(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->indicator_count; i++)
        if (strcmp(plan->indicators[i].code, code) == 0)
            return i;
    return PLAN_NONE;
}

size_t plan_element(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->element_count; i++)
        if (strcmp(plan->elements[i].code, code) == 0)
            return i;
    return PLAN_NONE;
}

static int compare_cell(const void *key, const void *item)
{
    uint32_t number = *(const uint32_t *)key, other = ((const struct cell *)item)->number;
    return number < other ? -1 : number > other;
}

const struct cell *form_cell(const struct form *form, uint32_t number)
{
    if (form->cell_count == 0)
        return NULL;
    return bsearch(&number, form->cells, form->cell_count, sizeof *form->cells, compare_cell);
}

bool plan_related_next(const struct plan *plan, const char **cursor, struct relation *out_relation)
{
    char code[96];
    const char *text = *cursor + strspn(*cursor, " ");
    size_t length = strcspn(text, " ");
    if (length == 0)
        return false;
    *cursor = text + length;
    bool at_most = strncmp(text, "<=", 2) == 0;
    size_t skip = at_most ? 2 : text[0] == '~' ? 1 : length;
    out_relation->at_most = at_most;
    out_relation->indicator = PLAN_NONE;
    if (length - skip > 0 && length - skip < sizeof code) {
        memcpy(code, text + skip, length - skip);
        code[length - skip] = '\0';
        out_relation->indicator = plan_indicator(plan, code);
    }
    return true;
}

bool plan_is_within(const struct plan *plan, size_t inner, size_t outer)
{
    const char *cursor = plan->indicators[inner].related;
    struct relation relation;
    while (plan_related_next(plan, &cursor, &relation))
        if (relation.at_most && relation.indicator == outer)
            return true;
    return false;
}

bool form_is_consolidation(const struct form *form)
{
    return strcmp(form->reporter, "district") == 0;
}

bool plan_consolidates(const struct plan *plan)
{
    for (size_t i = 0; i < plan->form_count; i++)
        if (form_is_consolidation(&plan->forms[i]) && !plan->forms[i].idle)
            return true;
    return false;
}

bool plan_unit_owes(const struct plan *plan, const struct unit *unit, const struct form *form)
{
    if (form->idle)
        return false;
    if (form_is_consolidation(form)) /* by its statistics, to the level above */
        return unit->role == ROLE_STATISTICS && place_level(unit_place(unit->id)) == PLACE_DISTRICT;
    if (unit->role == ROLE_VILLAGE || unit->role == ROLE_TOWNSHIP)
        return strcmp(form->reporter, role_text(unit->role)) == 0;
    return unit->department != PLAN_NONE &&
           strcmp(form->reporter, plan->departments[unit->department].code) == 0;
}

bool plan_place_in_force(const struct plan *plan, uint64_t place,
                         const struct place_history *history, int year)
{
    const struct place *listed = plan_place(plan, place);
    if (listed == NULL)
        return false;
    struct place_span span = {.place = place,
                              .from = place_date_parse(listed->valid_from),
                              .to = place_date_parse(listed->valid_to)};
    return place_in_force(history, &span, year);
}

bool plan_unit_owes_in(const struct plan *plan, const struct unit *unit, const struct form *form,
                       const struct place_history *history, int year)
{
    return plan_unit_owes(plan, unit, form) &&
           plan_place_in_force(plan, unit_place(unit->id), history, year);
}

const char *role_text(enum unit_role role)
{
    switch (role) {
    case ROLE_VILLAGE: return "village";
    case ROLE_TOWNSHIP: return "township";
    case ROLE_DEPARTMENT: return "department";
    case ROLE_STATISTICS: return "statistics";
    case ROLE_OFFICE: return "office";
    case ROLE_ADMIN: return "admin";
    case ROLE_AUDITOR: return "auditor";
    }
    return "unknown";
}
