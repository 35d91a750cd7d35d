/* The reports behind a pull: one pass over the years that its targets need. */
#include <stdlib.h>
#include <string.h>

#include "plan/stratum.h"
#include "server/analysis/peers.h"
#include "server/query/form_map.h"
#include "server/query/pull.h"
#include "server/query/rollup.h"
#include "server/store/query_confirmed.h"

struct gathering_pull {
    struct pull *pull;
    const struct form_map *map;
    uint64_t unit; /* whose rows are being read */
    int period;
    bool *counted; /* by form: the unit's counting report of the period was seen */
    const struct confirmed_report *confirmed; /* ascending by unit and id */
    size_t confirmed_count;
};

static struct pull_year *year_of(struct pull *pull, int period)
{
    for (size_t i = 0; i < pull->year_count; i++)
        if (pull->years[i].period == period)
            return &pull->years[i];
    return NULL;
}

const struct pull_year *pull_year_of(const struct pull *pull, int period)
{
    return year_of((struct pull *)(uintptr_t)pull, period);
}

const struct fact *pull_fact(const struct pull *pull, size_t indicator, const char *stratum,
                             int year)
{
    if (pull->place != pull->plan->place)
        return NULL;
    for (size_t i = 0; i < pull->plan->fact_count; i++) {
        const struct fact *fact = &pull->plan->facts[i];
        if (fact->indicator == indicator && fact->year == year &&
            stratum_equal(fact->stratum, stratum))
            return fact;
    }
    return NULL;
}

static enum status year_append(struct pull *pull, int period)
{
    struct pull_year *year = &pull->years[pull->year_count++];
    year->period = period;
    return pull->rolling
               ? STATUS_OK
               : tally_book_create_in(pull->plan, registry_places(pull->query->registry), period,
                                      pull->place, pull->alone, pull->query->arena, &year->book);
}

static enum status year_add(struct pull *pull, int period)
{
    if (period < pull->plan->first_year || pull_year_of(pull, period) != NULL ||
        pull->year_count == PULL_PERIODS_MAX)
        return STATUS_OK;
    return year_append(pull, period);
}

/* Whether a base year has to be gathered: the plan does not print it. A piece serves places for
 * which the plan prints nothing. */
static bool base_wanted(const struct pull *pull, const struct target *target)
{
    return target->has_base_year && target->base_year < pull->period &&
           (pull->districts != NULL ||
            pull_fact(pull, target->indicator, target->stratum, target->base_year) == NULL);
}

/* The year asked for, the one before where a target wants a rise or fall, and base years that are
 * within the plan and not printed in it; with analysis all years of the plan. */
enum status pull_years_choose(struct pull *pull)
{
    enum status status = year_append(pull, pull->period);
    size_t targets = pull->figures_only ? 0 : pull->plan->target_count;
    for (size_t i = 0; i < targets && status == STATUS_OK; i++) {
        const struct target *target = &pull->plan->targets[i];
        bool direction = target->op == TARGET_INCREASE || target->op == TARGET_DECREASE;
        bool fall = target->op == TARGET_FALL_PERCENT || target->op == TARGET_FALL_POINTS;
        if (target->indicator == PLAN_NONE ||
            (pull->only != PLAN_NONE && target->indicator != pull->only))
            continue;
        if (direction || target->op == TARGET_FALL_POINTS)
            status = year_add(pull, pull->period - 1);
        if (status == STATUS_OK && (direction || fall) && base_wanted(pull, target))
            status = year_add(pull, target->base_year);
    }
    for (int year = pull->period - 1;
         pull->analysis && year >= pull->plan->first_year && status == STATUS_OK; year--)
        status = year_add(pull, year);
    return status;
}

static const struct confirmed_report *confirmed_find(const struct gathering_pull *gathering,
                                                     const struct report_row *row)
{
    size_t first = 0;
    size_t end = gathering->confirmed_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        const struct confirmed_report *found = &gathering->confirmed[middle];
        int order = memcmp(found->id.bytes, row->id.bytes, RECORD_ID_BYTES);
        if (found->unit == row->unit && order == 0)
            return found;
        if (found->unit < row->unit || (found->unit == row->unit && order < 0))
            first = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

static void flags_set(struct gathering_pull *gathering, const struct report_row *row, size_t form,
                      bool counts)
{
    const struct plan *plan = gathering->pull->plan;
    const struct unit *unit = plan_unit(plan, row->unit);
    if (unit == NULL || row->bad_signature)
        return;
    uint8_t *flags =
        &gathering->pull->flags[(size_t)(unit - plan->units) * plan->form_count + form];
    *flags |= PULL_RECEIVED;
    if (!counts)
        return;
    *flags |= PULL_ACCEPTED;
    if (row->entered)
        *flags |= PULL_ENTERED;
    if (unit->role != ROLE_VILLAGE) {
        if (row->by_statistics)
            *flags |= PULL_FINAL;
        return;
    }
    const struct confirmed_report *confirmed = confirmed_find(gathering, row);
    if (confirmed != NULL && confirmed->current)
        *flags |= PULL_CONFIRMED;
    if (confirmed != NULL && confirmed->final)
        *flags |= PULL_FINAL;
}

static enum status input_add(struct pull *pull, const struct report_row *row, size_t form)
{
    struct pull_inputs *inputs = pull->inputs;
    if (inputs->count == inputs->room) {
        size_t room = inputs->room == 0 ? 256 : inputs->room * 2;
        struct pull_input *grown = arena_array(pull->query->arena, room, sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        if (inputs->count > 0)
            memcpy(grown, inputs->items, inputs->count * sizeof *grown);
        inputs->items = grown;
        inputs->room = room;
    }
    inputs->items[inputs->count++] = (struct pull_input){.unit = row->unit,
                                                         .form = form,
                                                         .period = row->period,
                                                         .revision = row->revision,
                                                         .id = row->id,
                                                         .payload_sha256 = row->payload_sha256};
    return STATUS_OK;
}

static enum status figures_add(struct gathering_pull *gathering, const struct report_row *row,
                               size_t form)
{
    struct tally_entry entry;
    struct pull_year *year = year_of(gathering->pull, row->period);
    enum status status = tally_book_open(year->book, form, row->unit, row->demonstration, &entry);
    if (status != STATUS_OK)
        return status;
    if (row->demonstration)
        gathering->pull->demonstration = true;
    if (gathering->pull->inputs != NULL)
        status = input_add(gathering->pull, row, form);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < row->observations.count; i++) {
        const struct cell *cell =
            form_map_cell(gathering->map, row->form_id, row->observations.cell[i]);
        if (cell != NULL)
            tally_entry_add(&entry, cell, (enum presence)row->observations.presence[i],
                            row->observations.value[i]);
    }
    return form_is_consolidation(&gathering->pull->plan->forms[form])
               ? pull_consolidation(gathering->pull, year, row, &entry)
               : STATUS_OK;
}

/* A report_visitor. Of each unit, period and form the newest accepted revision with a good
 * signature counts: rows come newest first. */
static enum status row_take(void *context, const struct report_row *row)
{
    struct gathering_pull *gathering = context;
    size_t form = form_map_form(gathering->map, row->form_id);
    if (form == PLAN_NONE)
        return STATUS_OK;
    if (row->unit != gathering->unit || row->period != gathering->period) {
        gathering->unit = row->unit;
        gathering->period = row->period;
        memset(gathering->counted, 0, gathering->pull->plan->form_count * sizeof(bool));
    }
    bool counts = row->accepted && !row->bad_signature && !gathering->counted[form];
    if (row->period == gathering->pull->period)
        flags_set(gathering, row, form, counts);
    if (!counts)
        return STATUS_OK;
    gathering->counted[form] = true;
    return figures_add(gathering, row, form);
}

/* Units ascend, so those of a district stand together. The places above count too: their
 * statistics departments review what a district reports. */
enum status pull_districts(const struct pull *pull, struct report_scope *scope)
{
    const struct plan *plan = pull->plan;
    size_t count = 0;
    if (pull->districts != NULL) {
        scope->districts = pull->districts;
        scope->district_count = pull->district_count;
        return STATUS_OK;
    }
    int64_t *districts = arena_array(pull->query->arena, plan->unit_count, sizeof *districts);
    if (districts == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->unit_count; i++) {
        int64_t district = (int64_t)plan->units[i].district;
        uint64_t place = unit_place(plan->units[i].id);
        if ((place_contains(pull->place, place) || place_contains(place, pull->place)) &&
            (count == 0 || districts[count - 1] != district))
            districts[count++] = district;
    }
    scope->districts = districts;
    scope->district_count = count;
    return STATUS_OK;
}

static enum status reports_read(struct gathering_pull *gathering)
{
    struct pull *pull = gathering->pull;
    struct query *query = pull->query;
    struct report_scope scope = {.place = pull->place,
                                 .period_count = pull->year_count,
                                 .before = pull->before,
                                 .alone = pull->alone};
    int64_t periods[PULL_PERIODS_MAX];
    struct confirmed_report *confirmed = NULL;
    for (size_t i = 0; i < pull->year_count; i++)
        periods[i] = pull->years[i].period;
    scope.periods = periods;
    scope.forms = form_map_ids(gathering->map, &scope.form_count);
    enum status status = pull_districts(pull, &scope);
    if (status == STATUS_OK)
        status = query_confirmed(query->db, query->arena, &scope, &confirmed,
                                 &gathering->confirmed_count);
    gathering->confirmed = confirmed;
    if (status == STATUS_OK)
        status = query_reports(query->db, query->arena, &scope, row_take, gathering);
    if (status == STATUS_OK)
        status = pull_cover(pull, gathering->map, &scope);
    return status;
}

enum status pull_gather(struct pull *pull)
{
    struct arena *arena = pull->query->arena;
    const struct plan *plan = pull->plan;
    struct form_map *map = NULL;
    struct gathering_pull gathering = {.pull = pull};
    if (pull->rolling)
        return rollup_gather(pull);
    pull->flags = arena_array(arena, plan->unit_count * plan->form_count, sizeof *pull->flags);
    gathering.counted = arena_array(arena, plan->form_count, sizeof *gathering.counted);
    if (pull->analysis)
        pull->peers = peers_create(arena);
    if (pull->flags == NULL || gathering.counted == NULL || (pull->analysis && pull->peers == NULL))
        return STATUS_NO_MEMORY;
    enum status status = pull_years_choose(pull);
    if (status == STATUS_OK && plan->form_count > 0) {
        status = form_map_create(pull->query->db, arena, plan, NULL, &map);
        gathering.map = map;
        if (status == STATUS_OK)
            status = reports_read(&gathering);
    }
    for (size_t i = 0; i < pull->year_count && status == STATUS_OK; i++) {
        struct consolidation_input *input = &pull->years[i].input;
        const struct place_weight *weights = input->weights;
        size_t weight_count = input->weight_count;
        status = tally_book_close(pull->years[i].book, input);
        input->weights = weights;
        input->weight_count = weight_count;
        input->figures = pull->years[i].figures;
        input->figure_count = pull->years[i].figure_count;
        input->consolidated = plan_consolidates(plan);
    }
    return status;
}
