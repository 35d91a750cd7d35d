/* Explanations beside the results that their figures feed. */
#include <string.h>

#include "plan/stratum.h"
#include "server/query/explained.h"
#include "server/query/pull.h"

enum { LISTED_MAX = 30 };

static bool feeds(const struct expression *expression, size_t element)
{
    for (size_t i = 0; i < expression->count; i++)
        if (expression->terms[i].element == element)
            return true;
    return false;
}

/* Whether the cell is part of what this row is made from. */
static bool concerns(const struct plan *plan, const Zhibao__IndicatorResult *row,
                     const struct cell *cell)
{
    size_t index = row->indicator[0] == '\0' ? PLAN_NONE : plan_indicator(plan, row->indicator);
    if (index == PLAN_NONE)
        return false;
    const struct indicator *indicator = &plan->indicators[index];
    return (feeds(&indicator->numerator, cell->element) ||
            feeds(&indicator->denominator, cell->element)) &&
           (row->stratum[0] == '\0' || cell->stratum[0] == '\0' ||
            stratum_matches(row->stratum, cell->stratum));
}

static enum status row_add(const struct pull *pull, const struct explained_row *from,
                           Zhibao__IndicatorResult *row)
{
    if (row->explained_count++ >= LISTED_MAX)
        return STATUS_OK;
    if (row->explained == NULL)
        row->explained = arena_array(pull->query->arena, LISTED_MAX, sizeof(Zhibao__Explained *));
    Zhibao__Explained *explained = explained_make(pull->query, pull->plan, from);
    if (row->explained == NULL || explained == NULL)
        return STATUS_NO_MEMORY;
    row->explained[row->n_explained++] = explained;
    return STATUS_OK;
}

enum status pull_explained(const struct pull *pull, Zhibao__IndicatorResult **rows, size_t count)
{
    const struct plan *plan = pull->plan;
    struct unit_span span = unit_span_of(pull->place);
    int64_t district = span.first_district;
    struct explained_row *said = NULL;
    size_t said_count = 0;
    if (plan->form_count == 0 || place_level(pull->place) < PLACE_DISTRICT)
        return STATUS_OK; /* of larger places the list would be no help */
    enum status status =
        query_explained_span(pull->query->db, pull->query->arena, &district, 1, pull->period,
                             span.first_unit, span.last_unit, &said, &said_count);
    for (size_t i = 0; i < said_count && status == STATUS_OK; i++) {
        const struct form *form = plan_form(plan, said[i].form);
        const struct cell *cell = form == NULL ? NULL : form_cell(form, said[i].cell);
        for (size_t k = 0; cell != NULL && k < count && status == STATUS_OK; k++)
            if (concerns(plan, rows[k], cell))
                status = row_add(pull, &said[i], rows[k]);
    }
    return status;
}
