#include "lib/blank_form.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "lib/form_rule.h"
#include "text/csv.h"

enum { FORM_ARENA_BYTES = 8 * 1024 * 1024 };

struct blank_form {
    struct arena *arena;
    const Zhibao__FormSheet *sheet;
    struct plan plan;
    struct form form;
    size_t checks;
};

/* A decimal text as the sheet gives it; false for none. */
static bool read_limit(const char *text, double *out_value)
{
    return text[0] != '\0' && number_parse(text, 0, out_value) == STATUS_OK;
}

static enum element_type element_type(const char *type)
{
    if (strcmp(type, "yesno") == 0)
        return ELEMENT_YESNO;
    return strcmp(type, "count") == 0 ? ELEMENT_COUNT : ELEMENT_AMOUNT;
}

/* The element of a cell, added at its first occurrence. Names and limits are the same in all cells
 * of an element. */
static size_t intern_element(struct element *elements, size_t *count, const Zhibao__FormCell *cell)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(elements[i].code, cell->element) == 0)
            return i;
    struct element *element = &elements[*count];
    element->code = cell->element;
    element->name_zh = cell->name_zh;
    element->name_en = cell->name_en;
    element->unit = cell->unit;
    element->note_zh = "";
    element->type = element_type(cell->type);
    element->decimals = cell->decimals;
    element->has_min = read_limit(cell->min, &element->min);
    element->has_max = read_limit(cell->max, &element->max);
    return (*count)++;
}

static enum status read_cells(struct blank_form *blank)
{
    const Zhibao__FormSheet *sheet = blank->sheet;
    if (sheet->n_cells == 0 || sheet->n_cells > FORM_CELLS_MAX)
        return STATUS_E_MALFORMED;
    struct cell *cells = arena_array(blank->arena, sheet->n_cells, sizeof *cells);
    struct element *elements = arena_array(blank->arena, sheet->n_cells, sizeof *elements);
    size_t element_count = 0;
    if (cells == NULL || elements == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < sheet->n_cells; i++) {
        const Zhibao__FormCell *from = sheet->cells[i];
        if (from->cell == 0 || (i > 0 && from->cell <= cells[i - 1].number) || from->decimals > 9)
            return STATUS_E_MALFORMED;
        cells[i].number = from->cell;
        cells[i].element = intern_element(elements, &element_count, from);
        cells[i].stratum = from->stratum;
        cells[i].required = from->required;
    }
    blank->plan.elements = elements;
    blank->plan.element_count = element_count;
    blank->form.cells = cells;
    blank->form.cell_count = sheet->n_cells;
    return STATUS_OK;
}

static enum status read_sheet(struct blank_form *blank)
{
    const Zhibao__FormSheet *sheet = blank->sheet;
    blank->plan.code = sheet->plan;
    blank->plan.name_zh = blank->plan.name_en = blank->plan.status = blank->plan.source = "";
    blank->plan.memory = blank->arena;
    blank->form.code = sheet->form;
    blank->form.version = sheet->version;
    blank->form.reporter = sheet->reporter;
    blank->form.title_zh = sheet->title_zh;
    blank->form.title_en = sheet->title_en;
    blank->form.number = sheet->number;
    blank->form.authority_zh = sheet->authority;
    blank->form.opens = sheet->opens;
    blank->form.due = sheet->due;
    blank->form.due_township = "";
    blank->form.valid_until = sheet->valid_until;
    enum status status = read_cells(blank);
    if (status == STATUS_OK)
        status = form_rules_read(sheet, &blank->plan, blank->arena, &blank->form, &blank->checks);
    blank->plan.forms = &blank->form;
    blank->plan.form_count = 1;
    return status;
}

enum status blank_form_create(const Zhibao__FormSheet *sheet, struct blank_form **out_form)
{
    struct blank_form *blank = calloc(1, sizeof *blank);
    if (blank == NULL)
        return STATUS_NO_MEMORY;
    blank->sheet = sheet;
    blank->arena = arena_create(FORM_ARENA_BYTES);
    enum status status = blank->arena == NULL ? STATUS_NO_MEMORY : read_sheet(blank);
    if (status != STATUS_OK) {
        blank_form_destroy(&blank);
        return status;
    }
    *out_form = blank;
    return STATUS_OK;
}

void blank_form_destroy(struct blank_form **form)
{
    if (form == NULL || *form == NULL)
        return;
    arena_destroy(&(*form)->arena);
    free(*form);
    *form = NULL;
}

const Zhibao__FormSheet *blank_form_sheet(const struct blank_form *form)
{
    return form->sheet;
}

const struct plan *blank_form_plan(const struct blank_form *form)
{
    return &form->plan;
}

const struct form *blank_form_form(const struct blank_form *form)
{
    return &form->form;
}

const Zhibao__FormCell *blank_form_cell(const struct blank_form *form, uint32_t number)
{
    const struct cell *cell = form_cell(&form->form, number);
    return cell == NULL ? NULL : form->sheet->cells[cell - form->form.cells];
}

size_t blank_form_checks(const struct blank_form *form)
{
    return form->checks;
}
