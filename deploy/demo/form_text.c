/* One filled form as CSV. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo/round.h"
#include "demo/write.h"

/* A form with its figures, as the checks read it. */
struct filled {
    const struct plan *plan;
    const struct form *form;
    struct figure figures[FORM_CELLS_MAX];
    uint32_t cell[FORM_CELLS_MAX], presence[FORM_CELLS_MAX];
    double value[FORM_CELLS_MAX];
    const char *explanation[FORM_CELLS_MAX];
};

static struct observations observe(struct filled *filled)
{
    size_t count = 0;
    for (size_t i = 0; i < filled->form->cell_count; i++) {
        const struct cell *cell = &filled->form->cells[i];
        const struct figure *figure = &filled->figures[i];
        if (figure->presence == PRESENCE_NOT_REPORTED)
            continue;
        bool given = figure->presence == PRESENCE_VALUE;
        unsigned decimals = filled->plan->elements[cell->element].decimals;
        filled->cell[count] = cell->number;
        filled->presence[count] = figure->presence;
        filled->value[count++] = given ? figure_number(figure, decimals) : 0;
    }
    return (struct observations){count, filled->cell, filled->presence, filled->value};
}

/* Every cell that a soft check asks about gets a sentence. */
static enum status explain(struct filled *filled, const struct observations *observations)
{
    struct problems soft;
    problems_init(&soft);
    if (form_check_soft(filled->plan, filled->form, observations, &soft) == STATUS_NO_MEMORY)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < soft.count; i++) {
        const struct cell *cell = form_cell(filled->form, soft.items[i].cell);
        if (cell != NULL)
            filled->explanation[cell - filled->form->cells] = "情况属实，正在补办（演示数据）";
    }
    problems_clear(&soft);
    return STATUS_OK;
}

static void put_value(FILE *out, const struct element *element, const struct figure *figure)
{
    int64_t one = 1;
    switch (figure->presence) {
    case PRESENCE_VALUE: break;
    case PRESENCE_NOT_APPLICABLE: fputs("不适用", out); return;
    case PRESENCE_NOT_COLLECTED: fputs("未采集", out); return;
    case PRESENCE_NOT_REPORTED: return;
    }
    if (element->type == ELEMENT_YESNO) {
        fputs(figure->value != 0 ? "是" : "否", out);
        return;
    }
    for (unsigned i = 0; i < element->decimals; i++)
        one *= 10;
    fprintf(out, "%" PRId64, figure->value / one);
    if (element->decimals > 0)
        fprintf(out, ".%0*" PRId64, (int)element->decimals, figure->value % one);
}

static char *form_csv(const struct filled *filled, size_t *out_size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, out_size);
    if (out == NULL)
        return NULL;
    fputs("项号,数据元,分组,名称,计量单位,数值,说明\n", out);
    for (size_t i = 0; i < filled->form->cell_count; i++) {
        const struct cell *cell = &filled->form->cells[i];
        const struct element *element = &filled->plan->elements[cell->element];
        const char *explanation = filled->explanation[i];
        fprintf(out, "%" PRIu32 ",%s,%s,\"%s\",%s,", cell->number, element->code, cell->stratum,
                element->name_zh, element->unit);
        put_value(out, element, &filled->figures[i]);
        fprintf(out, ",%s\n", explanation == NULL ? "" : explanation);
    }
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

enum status demo_form_text(struct demo *demo, const struct plan *plan, const struct unit *unit,
                           const struct form *form, int year, bool slip, struct problems *problems,
                           char **out_text, size_t *out_size)
{
    size_t index = 0;
    int64_t wrong = 0;
    enum status status = STATUS_NO_MEMORY;
    struct filled *filled = calloc(1, sizeof *filled);
    if (filled == NULL)
        return status;
    filled->plan = plan;
    filled->form = form;
    demo_figures(demo, unit, form, year, filled->figures);
    if (slip && round_slip(plan, form, filled->figures, &index, &wrong))
        filled->figures[index].value = wrong;
    struct observations observations = observe(filled);
    if (form_check(plan, form, &observations, problems) != STATUS_OK) {
        status = STATUS_MISMATCH;
        goto cleanup;
    }
    status = explain(filled, &observations);
    if (status != STATUS_OK)
        goto cleanup;
    *out_text = form_csv(filled, out_size);
    if (*out_text == NULL)
        status = STATUS_NO_MEMORY;
cleanup:
    free(filled);
    return status;
}
