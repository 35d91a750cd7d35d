/* Explanations beside the results that their figures feed. */
#include "plan/stratum.h"
#include "server/query/explained.h"
#include "server/query/pull.h"

enum { LISTED_MAX = 30 };

/* The rows that one cell of a form is part of; found once, however many units explain it. */
struct concerned {
    bool known;
    size_t count;
    size_t *rows;
};

struct explaining {
    const struct pull *pull;
    Zhibao__IndicatorResult **rows;
    size_t count;
    size_t *indicators;         /* of the rows; PLAN_NONE for none */
    struct concerned **by_form; /* by form, then its cells; NULL: not met yet */
};

static bool feeds(const struct expression *expression, size_t element)
{
    for (size_t i = 0; i < expression->count; i++)
        if (expression->terms[i].element == element)
            return true;
    return false;
}

/* Whether the cell is part of what row `at` is made from. */
static bool concerns(const struct explaining *explaining, size_t at, const struct cell *cell)
{
    const Zhibao__IndicatorResult *row = explaining->rows[at];
    if (explaining->indicators[at] == PLAN_NONE)
        return false;
    const struct indicator *indicator =
        &explaining->pull->plan->indicators[explaining->indicators[at]];
    return (feeds(&indicator->numerator, cell->element) ||
            feeds(&indicator->denominator, cell->element)) &&
           (row->stratum[0] == '\0' || cell->stratum[0] == '\0' ||
            stratum_matches(row->stratum, cell->stratum));
}

static enum status concerned_find(const struct explaining *explaining, const struct cell *cell,
                                  struct concerned *found)
{
    found->rows =
        arena_array(explaining->pull->query->arena, explaining->count, sizeof *found->rows);
    if (found->rows == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < explaining->count; i++)
        if (concerns(explaining, i, cell))
            found->rows[found->count++] = i;
    found->known = true;
    return STATUS_OK;
}

/* NULL in *out_concerned where the form has no such cell. */
static enum status concerned_of(const struct explaining *explaining,
                                const struct explained_row *said,
                                const struct concerned **out_concerned)
{
    const struct plan *plan = explaining->pull->plan;
    const struct form *form = plan_form(plan, said->form);
    const struct cell *cell = form == NULL ? NULL : form_cell(form, said->cell);
    *out_concerned = NULL;
    if (cell == NULL)
        return STATUS_OK;
    struct concerned **cells = &explaining->by_form[form - plan->forms];
    if (*cells == NULL) {
        *cells = arena_array(explaining->pull->query->arena, form->cell_count, sizeof **cells);
        if (*cells == NULL)
            return STATUS_NO_MEMORY;
    }
    struct concerned *found = &(*cells)[cell - form->cells];
    enum status status = found->known ? STATUS_OK : concerned_find(explaining, cell, found);
    *out_concerned = found;
    return status;
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

static enum status explaining_begin(struct explaining *explaining)
{
    const struct plan *plan = explaining->pull->plan;
    struct arena *arena = explaining->pull->query->arena;
    explaining->indicators =
        arena_array(arena, explaining->count + 1, sizeof *explaining->indicators);
    explaining->by_form = arena_array(arena, plan->form_count, sizeof *explaining->by_form);
    if (explaining->indicators == NULL || explaining->by_form == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < explaining->count; i++) {
        const char *code = explaining->rows[i]->indicator;
        explaining->indicators[i] = code[0] == '\0' ? PLAN_NONE : plan_indicator(plan, code);
    }
    return STATUS_OK;
}

enum status pull_explained(const struct pull *pull, Zhibao__IndicatorResult **rows, size_t count)
{
    struct explaining explaining = {.pull = pull, .rows = rows, .count = count};
    struct unit_span span = unit_span_of(pull->place);
    struct report_scope scope = {0};
    struct explained_row *said = NULL;
    size_t said_count = 0;
    bool larger = place_level(pull->place) < PLACE_DISTRICT;
    if (pull->plan->form_count == 0 || (larger && !plan_consolidates(pull->plan)))
        return STATUS_OK; /* of larger places the list would be no help */
    enum status status = pull_districts(pull, &scope);
    if (status == STATUS_OK)
        status = query_explained_span(pull->query->db, pull->query->arena, scope.districts,
                                      scope.district_count, pull->period, span.first_unit,
                                      span.last_unit, &said, &said_count);
    if (status == STATUS_OK && said_count > 0)
        status = explaining_begin(&explaining);
    for (size_t i = 0; i < said_count && status == STATUS_OK; i++) {
        const struct concerned *concerned = NULL;
        status = concerned_of(&explaining, &said[i], &concerned);
        for (size_t k = 0; concerned != NULL && k < concerned->count && status == STATUS_OK; k++)
            status = row_add(pull, &said[i], rows[concerned->rows[k]]);
    }
    return status;
}
