/* For how many of the children the figures speak. */
#include <math.h>
#include <string.h>

#include "plan/form_check.h"
#include "server/query/form_map.h"
#include "server/query/pull.h"
#include "server/store/query_children.h"

static const char children[] = "children_resident";

static double weight_of(const struct form_map *map, const struct earlier_report *report,
                        size_t element)
{
    double sum = 0;
    bool any = false;
    for (size_t i = 0; i < report->observations.count; i++) {
        const struct cell *cell = form_map_cell(map, report->form_id, report->observations.cell[i]);
        if (cell == NULL || cell->element != element ||
            report->observations.presence[i] != PRESENCE_VALUE)
            continue;
        sum += report->observations.value[i];
        any = true;
    }
    return any ? sum : (double)NAN;
}

/* Fills in what silent villages said last. */
static enum status silent_fill(const struct pull *pull, const struct form_map *map,
                               const struct report_scope *scope, size_t element,
                               struct place_weight *weights, size_t count)
{
    struct arena *arena = pull->query->arena;
    struct earlier_report *reports = NULL;
    size_t silent = 0, found = 0, next = 0;
    int64_t *units = arena_array(arena, count, sizeof *units);
    if (units == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (isnan(weights[i].weight))
            units[silent++] = (int64_t)unit_make(weights[i].place, UNIT_OWN);
    if (silent == 0)
        return STATUS_OK;
    enum status status =
        query_earlier(pull->query->db, arena, scope, units, silent, pull->period, &reports, &found);
    for (size_t i = 0; i < found && status == STATUS_OK; i++) {
        uint64_t place = unit_place(reports[i].unit);
        while (next < count && weights[next].place < place)
            next++;
        if (next < count && weights[next].place == place)
            weights[next].weight = weight_of(map, &reports[i], element);
    }
    return status;
}

enum status pull_cover(struct pull *pull, const struct form_map *map,
                       const struct report_scope *scope)
{
    const struct plan *plan = pull->plan;
    const struct form *form = plan_form(plan, "village");
    size_t element = plan_element(plan, children), count = 0;
    if (form == NULL || element == PLAN_NONE)
        return STATUS_OK;
    struct place_weight *weights =
        arena_array(pull->query->arena, plan->unit_count, sizeof *weights);
    if (weights == NULL)
        return STATUS_NO_MEMORY;
    tally_book_sums(pull->years[0].book, (size_t)(form - plan->forms), element, weights, &count);
    enum status status = silent_fill(pull, map, scope, element, weights, count);
    pull->years[0].input.weights = weights;
    pull->years[0].input.weight_count = count;
    return status;
}
