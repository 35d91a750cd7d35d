#include "server/query/total.h"

#include <string.h>

#include "plan/form_check.h"
#include "server/query/form_map.h"
#include "server/store/query_confirmed.h"

struct nothing {
    uint32_t not_applicable, not_collected, not_reported;
};

struct adding {
    const struct form *form;
    const struct form_map *map;
    uint64_t counted; /* the unit whose counting report was seen; newest revisions come first */
    size_t room;      /* of total->reports */
    struct nothing *nothing; /* parallel to the form's cells */
    struct arena *arena;
    struct township_total *total;
};

static enum status report_keep(struct adding *adding, const struct report_row *row)
{
    struct township_total *total = adding->total;
    if (total->report_count == adding->room) {
        size_t room = adding->room == 0 ? 64 : adding->room * 2;
        struct total_report *grown = arena_array(adding->arena, room, sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        if (total->report_count > 0)
            memcpy(grown, total->reports, total->report_count * sizeof *grown);
        total->reports = grown;
        adding->room = room;
    }
    total->reports[total->report_count++] =
        (struct total_report){.unit = row->unit,
                              .id = row->id,
                              .payload_sha256 = row->payload_sha256,
                              .entered = row->entered};
    return STATUS_OK;
}

static void figures_add(struct adding *adding, const struct report_row *row)
{
    struct township_total *total = adding->total;
    for (size_t i = 0; i < row->observations.count; i++) {
        const struct cell *cell =
            form_map_cell(adding->map, row->form_id, row->observations.cell[i]);
        if (cell == NULL)
            continue;
        size_t at = (size_t)(cell - adding->form->cells);
        struct nothing *none = &adding->nothing[at];
        switch ((enum presence)row->observations.presence[i]) {
        case PRESENCE_VALUE:
            total->value[at] += row->observations.value[i];
            total->reporters[at]++;
            break;
        case PRESENCE_NOT_APPLICABLE: none->not_applicable++; break;
        case PRESENCE_NOT_COLLECTED: none->not_collected++; break;
        case PRESENCE_NOT_REPORTED: break; /* counted below with those not listed */
        }
    }
}

/* A report_visitor: of each unit the newest accepted revision with a good signature counts. */
static enum status row_add(void *context, const struct report_row *row)
{
    struct adding *adding = context;
    if (row->unit == adding->counted || !row->accepted || row->bad_signature)
        return STATUS_OK;
    adding->counted = row->unit;
    adding->total->demonstration = adding->total->demonstration || row->demonstration;
    figures_add(adding, row);
    return report_keep(adding, row);
}

/* Units that owe the form of that year and have no counting report; both lists ascend by unit. */
static enum status missing_find(const struct registry_form *owed,
                                const struct place_history *history, int year, uint64_t township,
                                struct arena *arena, struct township_total *total)
{
    const struct plan *plan = owed->plan;
    size_t next = 0;
    total->missing = arena_array(arena, plan->unit_count, sizeof *total->missing);
    if (total->missing == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->unit_count; i++) {
        const struct unit *unit = &plan->units[i];
        if (!place_contains(township, unit_place(unit->id)) ||
            !plan_unit_owes_in(plan, unit, owed->form, history, year))
            continue;
        while (next < total->report_count && total->reports[next].unit < unit->id)
            next++;
        if (next == total->report_count || total->reports[next].unit != unit->id)
            total->missing[total->missing_count++] = unit->id;
    }
    return STATUS_OK;
}

/* As in common/stats/consolidate.h: the most frequent nothing prevails. */
static enum presence prevailing(const struct nothing *nothing)
{
    if (nothing->not_reported >= nothing->not_collected &&
        nothing->not_reported >= nothing->not_applicable)
        return PRESENCE_NOT_REPORTED;
    return nothing->not_collected >= nothing->not_applicable ? PRESENCE_NOT_COLLECTED
                                                             : PRESENCE_NOT_APPLICABLE;
}

static void presences_set(struct adding *adding)
{
    struct township_total *total = adding->total;
    uint32_t units = (uint32_t)(total->report_count + total->missing_count);
    for (size_t i = 0; i < total->cell_count; i++) {
        struct nothing *nothing = &adding->nothing[i];
        nothing->not_reported =
            units - total->reporters[i] - nothing->not_applicable - nothing->not_collected;
        total->cell[i] = adding->form->cells[i].number;
        total->presence[i] =
            total->reporters[i] > 0 ? PRESENCE_VALUE : (uint32_t)prevailing(nothing);
    }
}

static enum status columns_make(struct adding *adding)
{
    struct township_total *total = adding->total;
    struct arena *arena = adding->arena;
    size_t count = adding->form->cell_count;
    total->cell_count = count;
    total->cell = arena_array(arena, count, sizeof *total->cell);
    total->presence = arena_array(arena, count, sizeof *total->presence);
    total->value = arena_array(arena, count, sizeof *total->value);
    total->reporters = arena_array(arena, count, sizeof *total->reporters);
    adding->nothing = arena_array(arena, count, sizeof *adding->nothing);
    bool made = total->cell != NULL && total->presence != NULL && total->value != NULL &&
                total->reporters != NULL && adding->nothing != NULL;
    return made ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status total_compute(struct db *db, struct registry *registry, struct arena *arena,
                          uint64_t township_unit, const struct registry_form *form, int period,
                          struct township_total *out_total)
{
    struct registry_unit township;
    struct township_total total = {0};
    struct form_map *map = NULL;
    int latest = 0;
    int64_t year = period;
    int64_t district = 0;
    uint64_t place = unit_place(township_unit);
    const struct plan *plan = form->plan;
    struct adding adding = {.form = form->form, .arena = arena, .total = &total};
    if (!registry_unit(registry, township_unit, &township) || township.role != ROLE_TOWNSHIP ||
        plan_unit(plan, township_unit) == NULL)
        return STATUS_E_UNIT_UNKNOWN;
    if (strcmp(form->form->reporter, "village") != 0)
        return STATUS_E_FORM_UNKNOWN;
    if (period < plan->first_year || period > plan->last_year)
        return STATUS_E_PERIOD;
    enum status status = form_map_create(db, arena, plan, form->form->code, &map);
    if (status == STATUS_OK)
        status = columns_make(&adding);
    if (status != STATUS_OK)
        return status;
    district = (int64_t)township.district;
    struct report_scope scope = {.place = place,
                                 .districts = &district,
                                 .district_count = 1,
                                 .periods = &year,
                                 .period_count = 1};
    scope.forms = form_map_ids(map, &scope.form_count);
    adding.map = map;
    status = query_reports(db, arena, &scope, row_add, &adding);
    if (status == STATUS_OK)
        status = query_confirmed_revision(db, arena, township.district, township_unit, scope.forms,
                                          scope.form_count, period, &latest);
    if (status == STATUS_OK)
        status = missing_find(form, registry_places(registry), period, place, arena, &total);
    if (status != STATUS_OK)
        return status;
    presences_set(&adding);
    total.next_revision = latest + 1;
    *out_total = total;
    return STATUS_OK;
}
