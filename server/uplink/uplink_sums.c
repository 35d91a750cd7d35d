#include "server/uplink/uplink_sums.h"

#include <string.h>

#include "plan/stratum.h"

enum { STRATUM_BYTES = 128 };

static bool read_area(const char *stratum, enum area *out_area)
{
    size_t length = 0;
    const char *value = stratum_value(stratum, "area", &length);
    *out_area = AREA_NONE;
    if (value == NULL)
        return true;
    if (length == 5 && memcmp(value, "rural", 5) == 0)
        *out_area = AREA_RURAL;
    else if (length == 5 && memcmp(value, "urban", 5) == 0)
        *out_area = AREA_URBAN;
    return *out_area != AREA_NONE;
}

/* A village form has no cells by area: the village's code says which it is. Forms of departments
 * have. */
static bool cell_find(const struct form *form, size_t element, const char *stratum,
                      struct uplink_source *out_from)
{
    char rest[STRATUM_BYTES];
    enum area area = AREA_NONE;
    bool village = strcmp(form->reporter, "village") == 0;
    if (village &&
        (!read_area(stratum, &area) || !stratum_join(stratum, "", "area", rest, sizeof rest)))
        return false;
    for (size_t i = 0; i < form->cell_count; i++)
        if (form->cells[i].element == element &&
            stratum_equal(form->cells[i].stratum, village ? rest : stratum)) {
            out_from->cell = form->cells[i].number;
            out_from->area = area;
            return true;
        }
    return false;
}

struct uplink_source uplink_source_find(const struct plan *plan, const Zhibao__FormCell *cell)
{
    struct uplink_source from = {.form = PLAN_NONE};
    size_t element = plan_element(plan, cell->element);
    if (element == PLAN_NONE)
        return from;
    for (size_t i = 0; i < plan->form_count; i++)
        if (!form_is_consolidation(&plan->forms[i]) &&
            cell_find(&plan->forms[i], element, cell->stratum, &from)) {
            from.form = i;
            return from;
        }
    return from;
}

static uint32_t sum_up(const struct consolidation_input *input, const struct uplink_source *from,
                       double *out_sum)
{
    uint32_t units = 0;
    double sum = 0;
    for (size_t i = 0; i < input->tally_count; i++) {
        const struct tally *tally = &input->tallies[i];
        if (tally->form != from->form || tally->cell != from->cell ||
            (from->area != AREA_NONE && tally->area != from->area))
            continue;
        sum += tally->sum;
        units += tally->units;
    }
    *out_sum = sum;
    return units;
}

enum status uplink_sums(const struct consolidation_input *input, const Zhibao__FormSheet *sheet,
                        struct arena *arena, Zhibao__Report *report, bool *out_any)
{
    size_t count = sheet->n_cells;
    Zhibao__Observations *observed = arena_alloc(arena, sizeof *observed);
    report->reporters = arena_array(arena, count, sizeof *report->reporters);
    if (observed == NULL || report->reporters == NULL)
        return STATUS_NO_MEMORY;
    zhibao__observations__init(observed);
    observed->cell = arena_array(arena, count, sizeof *observed->cell);
    observed->presence = arena_array(arena, count, sizeof *observed->presence);
    observed->value = arena_array(arena, count, sizeof *observed->value);
    if (observed->cell == NULL || observed->presence == NULL || observed->value == NULL)
        return STATUS_NO_MEMORY;
    observed->n_cell = observed->n_presence = observed->n_value = report->n_reporters = count;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        struct uplink_source from = uplink_source_find(input->plan, sheet->cells[i]);
        double sum = 0;
        uint32_t units = from.form == PLAN_NONE ? 0 : sum_up(input, &from, &sum);
        observed->cell[i] = sheet->cells[i]->cell;
        observed->presence[i] = units > 0 ? PRESENCE_VALUE : PRESENCE_NOT_COLLECTED;
        observed->value[i] = units > 0 ? sum : 0;
        report->reporters[i] = units;
        any = any || units > 0;
    }
    report->observations = observed;
    *out_any = any;
    return STATUS_OK;
}

/* Whether a target before this one asks for the same. */
static bool asked_before(const struct plan *plan, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (plan->targets[i].indicator == plan->targets[index].indicator &&
            stratum_equal(plan->targets[i].stratum, plan->targets[index].stratum))
            return true;
    return false;
}

static enum status figures_add(const struct plan *plan, const struct indicator_value *value,
                               struct arena *arena, Zhibao__Report *report)
{
    for (size_t i = 0; i < value->group_count; i++) {
        const struct group_value *group = &value->groups[i];
        Zhibao__UnitFigure *figure = arena_alloc(arena, sizeof *figure);
        if (figure == NULL)
            return STATUS_NO_MEMORY;
        zhibao__unit_figure__init(figure);
        figure->indicator = (char *)(uintptr_t)plan->indicators[value->indicator].code;
        figure->stratum = (char *)(uintptr_t)value->stratum;
        figure->place = group->group;
        figure->presence = (Zhibao__Presence)group->presence;
        figure->averaged = group->averaged;
        figure->value = group->has_value ? group->value : 0;
        figure->numerator = group->numerator;
        figure->denominator = group->denominator;
        report->units[report->n_units++] = figure;
    }
    return STATUS_OK;
}

enum status uplink_units(const struct consolidation_input *input, size_t most, struct arena *arena,
                         Zhibao__Report *report, size_t *out_left_out)
{
    const struct plan *plan = input->plan;
    enum status status = STATUS_OK;
    size_t left_out = 0;
    report->units = arena_array(arena, most, sizeof *report->units);
    if (report->units == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->target_count && status == STATUS_OK; i++) {
        const struct target *target = &plan->targets[i];
        struct indicator_value value;
        if (target->indicator == PLAN_NONE || asked_before(plan, i))
            continue;
        status = consolidate(input, target->indicator, target->stratum, arena, &value);
        if (status == STATUS_OK && value.group_count > most - report->n_units)
            left_out++;
        else if (status == STATUS_OK)
            status = figures_add(plan, &value, arena, report);
    }
    *out_left_out = left_out;
    return status;
}
