#include "plan/plan.h"

#include <string.h>

#include "plan/form_rules.h"
#include "plan/reader.h"

/* Enough for the largest files allowed, a hundred thousand places included. */
enum { PLAN_ARENA_MAX = 128 * 1024 * 1024 };

const char *const plan_file_names[] = {
    "catalogue/departments.csv",
    "catalogue/elements.csv",
    "catalogue/indicators.csv",
    "catalogue/checks.csv",
    "plan.csv",
    "places.csv",
    "units.csv",
    "targets.csv",
    "facts.csv",
    "forms.csv",
    "cells.csv",
    "duties.csv",
    NULL,
};

const char *const plan_optional_file_names[] = {
    "catalogue/definitions.csv",
    "definitions.csv",
    "catalogue/reconcile.csv",
    "reconcile.csv",
    NULL,
};

bool reader_open(struct reader *reader, struct sheet *sheet, const char *file,
                 const char *const *names, size_t name_count, size_t rows_max)
{
    *sheet = (struct sheet){
        .problems = reader->problems, .arena = reader->plan->memory, .failed = &reader->failed};
    if (!sheet_open(sheet, reader->files, reader->file_count, file, names, name_count))
        return false;
    if (sheet_rows(sheet) <= rows_max)
        return true;
    problems_addf(reader->problems, STATUS_LIMIT, 0, file, "超过%zu行", "more than %zu rows",
                  rows_max);
    return false;
}

void check_unique(const struct sheet *sheet, size_t row, size_t column, const void *codes,
                  size_t stride)
{
    const char *code = sheet_cell(sheet, row, column);
    for (size_t i = 0; i < row; i++) {
        const char *earlier = *(const char *const *)((const char *)codes + i * stride);
        if (strcmp(earlier, code) == 0) {
            sheet_problem(sheet, row, column, "不重复的代码", "a code that is not used above");
            return;
        }
    }
}

static void check_files(struct reader *reader)
{
    for (size_t i = 0; plan_file_names[i] != NULL; i++)
        if (sheet_find(reader->files, reader->file_count, plan_file_names[i]) == NULL)
            problems_add(reader->problems, STATUS_E_PLAN_INVALID, 0, plan_file_names[i],
                         "缺少此文件", "the file is missing");
}

static void read_all(struct reader *reader)
{
    check_files(reader);
    read_departments(reader);
    read_elements(reader);
    read_indicators(reader);
    read_checks(reader);
    read_plan_row(reader);
    read_places(reader);
    read_units(reader);
    read_targets(reader);
    read_facts(reader);
    read_forms(reader);
    read_duties(reader);
    read_definitions(reader);
    read_reconcile(reader);
}

static bool has_places(const struct plan *plan, enum place_level level)
{
    for (size_t i = 0; i < plan->place_count; i++)
        if (place_level(plan->places[i].code) == level)
            return true;
    return false;
}

static bool has_department(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->unit_count; i++)
        if (plan->units[i].department != PLAN_NONE &&
            strcmp(plan->departments[plan->units[i].department].code, code) == 0)
            return true;
    return false;
}

/* A city's plan has both the forms of villages, townships and departments and that of districts.
 * Where the files name townships, these report here and districts do not; where they end at the
 * districts, a district reports for all of its units. */
static void mark_idle(struct plan *plan)
{
    struct form *forms = (struct form *)plan->forms; /* const only towards the callers */
    bool townships = has_places(plan, PLACE_TOWNSHIP), districts = false;
    for (size_t i = 0; i < plan->form_count; i++) {
        forms[i].idle = form_is_consolidation(&forms[i]) && townships;
        districts = districts || (form_is_consolidation(&forms[i]) && !townships);
    }
    for (size_t i = 0; districts && i < plan->form_count; i++)
        forms[i].idle =
            !form_is_consolidation(&forms[i]) && !has_department(plan, forms[i].reporter);
}

/* Last, when everything that rules refer to is known to be right. */
static bool make_rules(struct plan *plan)
{
    struct form *forms = (struct form *)plan->forms; /* const only towards the callers */
    for (size_t i = 0; i < plan->form_count; i++) {
        forms[i].rules = form_rules_create(plan, &forms[i], plan->memory);
        if (forms[i].rules == NULL)
            return false;
    }
    return true;
}

enum status plan_load(const struct plan_file *files, size_t count, struct problems *problems,
                      struct plan **out_plan)
{
    struct arena *memory = arena_create(PLAN_ARENA_MAX);
    if (memory == NULL)
        return STATUS_NO_MEMORY;
    struct plan *plan = arena_alloc(memory, sizeof *plan);
    if (plan == NULL) {
        arena_destroy(&memory);
        return STATUS_NO_MEMORY;
    }
    plan->memory = memory;
    size_t before = problems->count + problems->dropped;
    struct reader reader = {
        .files = files, .file_count = count, .problems = problems, .plan = plan};
    read_all(&reader);
    bool wrong = problems->count + problems->dropped > before;
    if (!wrong)
        mark_idle(plan);
    if (!wrong && !reader.failed)
        reader.failed = !make_rules(plan);
    if (wrong || reader.failed) {
        plan_destroy(&plan);
        return reader.failed ? STATUS_NO_MEMORY : STATUS_E_PLAN_INVALID;
    }
    *out_plan = plan;
    return STATUS_OK;
}

void plan_destroy(struct plan **plan)
{
    if (plan == NULL || *plan == NULL)
        return;
    struct arena *memory = (*plan)->memory; /* holds the plan itself too */
    arena_destroy(&memory);
    *plan = NULL;
}
