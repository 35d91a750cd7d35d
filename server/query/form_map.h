/* Stored forms of a plan, old versions included, matched with the forms of the plan in force.
 *
 * A report made with an earlier version of a form counts in today's consolidation: its cells are
 * matched by element and stratum, and cells that the form no longer has are left out. Lives in the
 * request's arena; any connection. */
#ifndef ZHIBAO_SERVER_QUERY_FORM_MAP_H
#define ZHIBAO_SERVER_QUERY_FORM_MAP_H

#include "plan/form_check.h"
#include "server/store/db.h"

struct form_map;

/* All of the plan's forms, or with `form` only those of this code. STATUS_DATABASE or
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status form_map_create(struct db *db, struct arena *arena, const struct plan *plan,
                                       const char *form, struct form_map **out_map);

/* The numbers (zhibao.form.form_id) of the matched forms. */
const int64_t *form_map_ids(const struct form_map *map, size_t *out_count);

/* Index into plan->forms, PLAN_NONE for a form that is not in the map. */
size_t form_map_form(const struct form_map *map, int32_t form_id);

/* A cell of that stored form as a cell of the plan's form; NULL when it has none such. */
const struct cell *form_map_cell(const struct form_map *map, int32_t form_id, uint32_t cell);

#endif
