#include "server/query/form_map.h"

#include <string.h>

#include "plan/stratum.h"
#include "server/store/query_forms.h"

/* Where an old version's cell is now. */
struct moved_cell {
    uint32_t old_number;
    const struct cell *now; /* NULL: gone */
};

struct entry {
    int32_t id;
    size_t form;  /* index into plan->forms */
    bool same;    /* the version in force: cells are its own */
    size_t first; /* of `moved`, ascending by old number; not same only */
    size_t count;
};

struct form_map {
    const struct plan *plan;
    size_t count;
    struct entry *entries; /* ascending by id */
    int64_t *ids;
    struct moved_cell *moved;
};

static const struct cell *cell_like(const struct plan *plan, const struct form *form,
                                    const struct stored_cell *stored)
{
    size_t element = plan_element(plan, stored->element);
    if (element == PLAN_NONE)
        return NULL;
    for (size_t i = 0; i < form->cell_count; i++)
        if (form->cells[i].element == element &&
            stratum_equal(form->cells[i].stratum, stored->stratum))
            return &form->cells[i];
    return NULL;
}

/* Matches the cells of all old versions; those come ascending by form and cell. */
static enum status moved_fill(struct form_map *map, struct arena *arena,
                              const struct stored_cell *cells, size_t count)
{
    map->moved = arena_array(arena, count, sizeof *map->moved);
    if (map->moved == NULL)
        return STATUS_NO_MEMORY;
    struct entry *entry = map->entries;
    for (size_t i = 0; i < count; i++) {
        while (entry->id != cells[i].form_id)
            entry++;
        if (entry->count++ == 0)
            entry->first = i;
        map->moved[i].old_number = cells[i].cell;
        map->moved[i].now = cell_like(map->plan, &map->plan->forms[entry->form], &cells[i]);
    }
    return STATUS_OK;
}

static enum status old_versions_load(struct form_map *map, struct db *db, struct arena *arena)
{
    struct stored_cell *cells = NULL;
    size_t cell_count = 0;
    size_t old_count = 0;
    int64_t *old = arena_array(arena, map->count, sizeof *old);
    if (old == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < map->count; i++)
        if (!map->entries[i].same)
            old[old_count++] = map->entries[i].id;
    if (old_count == 0)
        return STATUS_OK;
    enum status status = query_form_cells(db, arena, old, old_count, &cells, &cell_count);
    return status == STATUS_OK ? moved_fill(map, arena, cells, cell_count) : status;
}

enum status form_map_create(struct db *db, struct arena *arena, const struct plan *plan,
                            const char *form, struct form_map **out_map)
{
    struct stored_form *stored = NULL;
    size_t count = 0;
    struct form_map *map = arena_alloc(arena, sizeof *map);
    enum status status = query_forms(db, arena, plan->code, &stored, &count);
    if (status != STATUS_OK)
        return status;
    if (map == NULL)
        return STATUS_NO_MEMORY;
    map->plan = plan;
    map->entries = arena_array(arena, count, sizeof *map->entries);
    map->ids = arena_array(arena, count, sizeof *map->ids);
    if (map->entries == NULL || map->ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct form *now = plan_form(plan, stored[i].code);
        if (now == NULL || (form != NULL && strcmp(form, now->code) != 0))
            continue;
        map->ids[map->count] = stored[i].id;
        map->entries[map->count++] = (struct entry){.id = stored[i].id,
                                                    .form = (size_t)(now - plan->forms),
                                                    .same = stored[i].version == now->version};
    }
    status = old_versions_load(map, db, arena);
    if (status == STATUS_OK)
        *out_map = map;
    return status;
}

const int64_t *form_map_ids(const struct form_map *map, size_t *out_count)
{
    *out_count = map->count;
    return map->ids;
}

static const struct entry *entry_of(const struct form_map *map, int32_t form_id)
{
    for (size_t i = 0; i < map->count; i++) /* a plan has some dozen forms */
        if (map->entries[i].id == form_id)
            return &map->entries[i];
    return NULL;
}

size_t form_map_form(const struct form_map *map, int32_t form_id)
{
    const struct entry *entry = entry_of(map, form_id);
    return entry == NULL ? PLAN_NONE : entry->form;
}

const struct cell *form_map_cell(const struct form_map *map, int32_t form_id, uint32_t cell)
{
    const struct entry *entry = entry_of(map, form_id);
    if (entry == NULL)
        return NULL;
    if (entry->same)
        return form_cell(&map->plan->forms[entry->form], cell);
    for (size_t i = entry->first; i < entry->first + entry->count; i++)
        if (map->moved[i].old_number == cell)
            return map->moved[i].now;
    return NULL;
}
