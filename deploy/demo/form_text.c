/* One filled form as CSV. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demo/reasons.h"
#include "demo/round.h"
#include "demo/write.h"
#include "plan/soft_check.h"

/* A form with its figures, as the checks read it. */
struct filled {
    const struct plan *plan;
    const struct form *form;
    struct figure figures[FORM_CELLS_MAX];
    uint32_t cell[FORM_CELLS_MAX], presence[FORM_CELLS_MAX];
    double value[FORM_CELLS_MAX];
    struct observations observations;
};

/* What a report is compared with, and the explanations that this takes. */
struct context {
    const struct demo_report *report;
    struct filled *before[SOFT_YEARS_MAX];
    struct soft_year years[SOFT_YEARS_MAX];
    size_t year_count;
    struct village_sum sum;
    size_t sum_count;
    char (*explanations)[DEMO_REASON_BYTES]; /* by index of cell */
};

static void observe(struct filled *filled)
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
    filled->observations =
        (struct observations){count, filled->cell, filled->presence, filled->value};
}

static struct filled *fill(struct demo *demo, const struct plan *plan, const struct unit *unit,
                           const struct form *form, int year)
{
    struct filled *filled = calloc(1, sizeof *filled);
    if (filled == NULL)
        return NULL;
    filled->plan = plan;
    filled->form = form;
    demo_figures(demo, unit, form, year, filled->figures);
    observe(filled);
    return filled;
}

/* The years of the round that this unit reported before. */
static enum status years_fill(struct context *context, struct demo *demo)
{
    const struct demo_report *report = context->report;
    bool village = report->unit->role == ROLE_VILLAGE;
    for (int year = report->year - 1;
         year >= report->first_year && year >= report->year - SOFT_YEARS_MAX; year--) {
        if (village && round_is_missing(report->seed, unit_place(report->unit->id), year))
            continue;
        struct filled *filled = fill(demo, report->plan, report->unit, report->form, year);
        if (filled == NULL)
            return STATUS_NO_MEMORY;
        context->before[context->year_count] = filled;
        context->years[context->year_count++] = (struct soft_year){year, filled->observations};
    }
    return STATUS_OK;
}

/* What the villages that do report add up to, for a township's form. */
static enum status villages_add(struct context *context, struct demo *demo)
{
    const struct demo_report *report = context->report;
    const struct form *form = plan_village_form(report->plan);
    uint32_t reports = 0, missing = 0;
    if (report->unit->role != ROLE_TOWNSHIP || form == NULL || !soft_needs_villages(report->form))
        return STATUS_OK;
    struct filled *total = calloc(1, sizeof *total);
    if (total == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < report->plan->unit_count; i++) {
        const struct unit *unit = &report->plan->units[i];
        uint64_t place = unit_place(unit->id);
        if (unit->role != ROLE_VILLAGE || !place_contains(unit_place(report->unit->id), place))
            continue;
        if (round_is_missing(report->seed, place, report->year)) {
            missing++;
            continue;
        }
        struct filled *village = fill(demo, report->plan, unit, form, report->year);
        if (village == NULL) {
            free(total);
            return STATUS_NO_MEMORY;
        }
        reports++;
        for (size_t k = 0; k < form->cell_count; k++) {
            double value = 0;
            total->cell[k] = form->cells[k].number;
            if (!observation_value(&village->observations, form->cells[k].number, &value))
                continue;
            total->presence[k] = PRESENCE_VALUE;
            total->value[k] += value;
        }
        free(village);
    }
    struct observations totals = {form->cell_count, total->cell, total->presence, total->value};
    if (reports > 0)
        context->sum_count =
            soft_village_sums(report->form, &totals, reports, missing, &context->sum, 1);
    free(total);
    return STATUS_OK;
}

/* Every cell that a soft check asks about gets a sentence of its own. */
static enum status explain(struct context *context, const struct filled *filled)
{
    const struct demo_report *report = context->report;
    struct problems soft;
    struct soft_input input = {.period = report->year,
                               .observations = filled->observations,
                               .years = context->years,
                               .year_count = context->year_count,
                               .sums = &context->sum,
                               .sum_count = context->sum_count};
    problems_init(&soft);
    enum status status = soft_check(report->plan, report->form, &input, SOFT_ALL, &soft);
    for (size_t i = 0; i < soft.count; i++) {
        const struct cell *cell = form_cell(report->form, soft.items[i].cell);
        if (cell == NULL)
            continue;
        struct demo_reason reason = {.seed = report->seed,
                                     .unit = report->unit,
                                     .year = report->year,
                                     .problem = &soft.items[i]};
        (void)observation_value(&filled->observations, cell->number, &reason.now);
        if (context->year_count > 0)
            reason.has_last =
                observation_value(&context->years[0].observations, cell->number, &reason.last);
        demo_reason_write(&reason, context->explanations[cell - report->form->cells]);
    }
    problems_clear(&soft);
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
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

static char *form_csv(const struct filled *filled, char (*explanations)[DEMO_REASON_BYTES],
                      size_t *out_size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, out_size);
    if (out == NULL)
        return NULL;
    fputs("项号,数据元,分组,名称,计量单位,数值,说明\n", out);
    for (size_t i = 0; i < filled->form->cell_count; i++) {
        const struct cell *cell = &filled->form->cells[i];
        const struct element *element = &filled->plan->elements[cell->element];
        fprintf(out, "%" PRIu32 ",%s,%s,\"%s\",%s,", cell->number, element->code, cell->stratum,
                element->name_zh, element->unit);
        put_value(out, element, &filled->figures[i]);
        fprintf(out, ",%s\n", explanations[i]);
    }
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

enum status demo_form_text(struct demo *demo, const struct demo_report *report,
                           struct problems *problems, char **out_text, size_t *out_size)
{
    size_t index = 0;
    int64_t wrong = 0;
    enum status status = STATUS_NO_MEMORY;
    struct context context = {.report = report};
    struct filled *filled = fill(demo, report->plan, report->unit, report->form, report->year);
    context.explanations = calloc(report->form->cell_count, sizeof *context.explanations);
    if (filled == NULL || context.explanations == NULL)
        goto cleanup;
    if (report->slip && round_slip(report->plan, report->form, filled->figures, &index, &wrong)) {
        filled->figures[index].value = wrong;
        observe(filled);
    }
    if (form_check(report->plan, report->form, &filled->observations, problems) != STATUS_OK) {
        status = STATUS_MISMATCH;
        goto cleanup;
    }
    status = years_fill(&context, demo);
    if (status == STATUS_OK)
        status = villages_add(&context, demo);
    if (status == STATUS_OK)
        status = explain(&context, filled);
    if (status != STATUS_OK)
        goto cleanup;
    *out_text = form_csv(filled, context.explanations, out_size);
    if (*out_text == NULL)
        status = STATUS_NO_MEMORY;
cleanup:
    for (size_t i = 0; i < context.year_count; i++)
        free(context.before[i]);
    free(context.explanations);
    free(filled);
    return status;
}
