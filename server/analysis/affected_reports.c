/* Which reports count instead of others, and the cells in which they differ. */
#include <string.h>

#include "server/analysis/affected.h"
#include "server/query/form_map.h"

enum { CELLS_LISTED = 200 };

/* One report's figures by cell of the plan's form; nothing listed is NOT_REPORTED. */
struct figures {
    uint32_t *presence;
    double *value;
    bool demonstration;
};

static enum status figures_read(const struct affecting *affecting, const struct form_map *map,
                                const struct form *form, uint64_t district,
                                const struct pull_input *input, struct figures *figures)
{
    struct arena *arena = affecting->query->arena;
    struct observations observations = {0};
    int32_t form_id = 0;
    figures->presence = arena_array(arena, form->cell_count, sizeof *figures->presence);
    figures->value = arena_array(arena, form->cell_count, sizeof *figures->value);
    if (figures->presence == NULL || figures->value == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < form->cell_count; i++)
        figures->presence[i] = PRESENCE_NOT_REPORTED;
    if (input == NULL)
        return STATUS_OK;
    enum status status =
        query_stored_report(affecting->query->db, arena, district, input->unit, &input->id,
                            &form_id, &figures->demonstration, &observations);
    for (size_t i = 0; status == STATUS_OK && i < observations.count; i++) {
        const struct cell *cell = form_map_cell(map, form_id, observations.cell[i]);
        if (cell == NULL)
            continue;
        figures->presence[cell - form->cells] = observations.presence[i];
        figures->value[cell - form->cells] = observations.value[i];
    }
    return status;
}

static Zhibao__AffectedCell *cell_make(const struct affecting *affecting, const struct cell *cell,
                                       const struct figures *before, const struct figures *after,
                                       size_t index)
{
    const struct element *element = &affecting->plan->elements[cell->element];
    Zhibao__AffectedCell *made = (Zhibao__AffectedCell *)reply_new(
        affecting->query->arena, &zhibao__affected_cell__descriptor);
    if (made == NULL)
        return NULL;
    made->cell = cell->number;
    made->element = reply_text(element->code);
    made->stratum = reply_text(cell->stratum);
    made->name_zh = reply_text(element->name_zh);
    made->name_en = reply_text(element->name_en);
    made->before = (Zhibao__Presence)before->presence[index];
    made->before_value = before->value[index];
    made->after = (Zhibao__Presence)after->presence[index];
    made->after_value = after->value[index];
    return made;
}

static enum status cells_fill(const struct affecting *affecting, const struct form *form,
                              const struct figures *before, const struct figures *after,
                              Zhibao__AffectedReport *report)
{
    report->cells =
        arena_array(affecting->query->arena, form->cell_count, sizeof(Zhibao__AffectedCell *));
    if (report->cells == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < form->cell_count; i++) {
        bool same = before->presence[i] == after->presence[i] &&
                    (before->presence[i] != PRESENCE_VALUE || before->value[i] == after->value[i]);
        if (same || report->cell_count++ >= CELLS_LISTED)
            continue;
        Zhibao__AffectedCell *cell = cell_make(affecting, &form->cells[i], before, after, i);
        if (cell == NULL)
            return STATUS_NO_MEMORY;
        report->cells[report->n_cells++] = cell;
    }
    return STATUS_OK;
}

/* Lists the pair, of which one may be NULL, unless the answer is full. */
static enum status pair_add(struct affecting *affecting, const struct form_map *map,
                            const struct pull_input *before, const struct pull_input *after)
{
    struct arena *arena = affecting->query->arena;
    const struct pull_input *either = before != NULL ? before : after;
    const struct form *form = &affecting->plan->forms[either->form];
    const struct unit *unit = plan_unit(affecting->plan, either->unit);
    struct figures then = {0}, now = {0};
    Zhibao__AffectedReport *report =
        (Zhibao__AffectedReport *)reply_new(arena, &zhibao__affected_report__descriptor);
    if (report == NULL)
        return STATUS_NO_MEMORY;
    uint64_t district = unit == NULL ? 0 : unit->district;
    enum status status = figures_read(affecting, map, form, district, before, &then);
    if (status == STATUS_OK)
        status = figures_read(affecting, map, form, district, after, &now);
    if (status == STATUS_OK)
        status = cells_fill(affecting, form, &then, &now, report);
    report->unit = either->unit;
    report->unit_name = query_unit_name(affecting->query, either->unit);
    report->form = reply_text(form->code);
    report->demonstration = then.demonstration || now.demonstration;
    report->before_revision = before == NULL ? 0 : (uint32_t)before->revision;
    report->after_revision = after == NULL ? 0 : (uint32_t)after->revision;
    if (status != STATUS_OK)
        return status;
    if (report->unit_name == NULL ||
        (before != NULL &&
         !reply_bytes(arena, before->id.bytes, RECORD_ID_BYTES, &report->before)) ||
        (after != NULL && !reply_bytes(arena, after->id.bytes, RECORD_ID_BYTES, &report->after)))
        return STATUS_NO_MEMORY;
    affecting->reply->demonstration = affecting->reply->demonstration || report->demonstration;
    if (reply_fits(&affecting->budget, &report->base))
        affecting->reply->reports[affecting->reply->n_reports++] = report;
    else
        affecting->reply->cut = true;
    return STATUS_OK;
}

/* The unit's report of that form and of the period, among inputs that ascend by unit. */
static const struct pull_input *input_find(const struct affecting *affecting,
                                           const struct pull_inputs *inputs, uint64_t unit,
                                           size_t form)
{
    size_t first = 0, end = inputs->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (inputs->items[middle].unit < unit)
            first = middle + 1;
        else
            end = middle;
    }
    for (; first < inputs->count && inputs->items[first].unit == unit; first++)
        if (inputs->items[first].form == form && inputs->items[first].period == affecting->period)
            return &inputs->items[first];
    return NULL;
}

static void replaced_add(const struct affecting *affecting, const struct form_map *map,
                         const struct pull_input *before, const struct pull_input *after,
                         struct replaced_report *replaced)
{
    const struct pull_input *either = before != NULL ? before : after;
    const struct unit *unit = plan_unit(affecting->plan, either->unit);
    size_t count = 0;
    const int64_t *ids = form_map_ids(map, &count);
    *replaced = (struct replaced_report){
        .district = unit == NULL ? 0 : unit->district, .unit = either->unit, .had = before != NULL};
    for (size_t i = 0; i < count; i++)
        if (form_map_form(map, (int32_t)ids[i]) == either->form)
            replaced->form_id = (int32_t)ids[i];
    if (before != NULL)
        replaced->id = before->id;
}

enum status affected_reports(struct affecting *affecting, const struct pull_inputs *before,
                             const struct pull_inputs *after, struct replaced_report **out_replaced,
                             size_t *out_count)
{
    struct arena *arena = affecting->query->arena;
    struct form_map *map = NULL;
    size_t room = before->count + after->count, count = 0;
    struct replaced_report *replaced = arena_array(arena, room, sizeof *replaced);
    enum status status = form_map_create(affecting->query->db, arena, affecting->plan, NULL, &map);
    affecting->reply->reports = arena_array(arena, room, sizeof(Zhibao__AffectedReport *));
    if (replaced == NULL || affecting->reply->reports == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < room && status == STATUS_OK; i++) {
        bool lost = i < before->count;
        const struct pull_input *input =
            lost ? &before->items[i] : &after->items[i - before->count];
        const struct pull_input *other =
            input_find(affecting, lost ? after : before, input->unit, input->form);
        if (input->period != affecting->period || (!lost && other != NULL) ||
            (other != NULL && memcmp(other->id.bytes, input->id.bytes, RECORD_ID_BYTES) == 0))
            continue;
        const struct pull_input *then = lost ? input : NULL, *now = lost ? other : input;
        replaced_add(affecting, map, then, now, &replaced[count++]);
        status = pair_add(affecting, map, then, now);
    }
    *out_replaced = replaced;
    *out_count = count;
    return status;
}
