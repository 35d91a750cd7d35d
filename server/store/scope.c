#include "server/store/scope.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/unit_id.h"

enum { LIST_BYTES = DB_SCOPE_OTHERS * 14 + 3 };

static void other_add(struct db_scope *scope, uint64_t district)
{
    int64_t number = (int64_t)district;
    bool known = number >= scope->first && number <= scope->last;
    for (size_t i = 0; i < scope->other_count; i++)
        known = known || scope->others[i] == number;
    if (!known && scope->other_count < DB_SCOPE_OTHERS)
        scope->others[scope->other_count++] = number;
}

void scope_of_place(uint64_t place, const struct place_history *history, struct db_scope *out)
{
    uint64_t first = 0, last = 0, districts[DB_SCOPE_OTHERS];
    memset(out, 0, sizeof *out); /* compared as bytes */
    place_range(place, &first, &last);
    if (place_level(place) > PLACE_DISTRICT)
        first = last = place_ancestor(place, PLACE_DISTRICT);
    out->first = (int64_t)first;
    out->last = (int64_t)last;
    for (enum place_level level = PLACE_NATION; level < place_level(place); level++)
        if (level < PLACE_DISTRICT)
            other_add(out, place_ancestor(place, level));
    size_t count = place_history_across(history, place_ancestor(place, PLACE_DISTRICT), districts,
                                        DB_SCOPE_OTHERS);
    for (size_t i = 0; i < count; i++)
        other_add(out, districts[i]);
}

enum status scope_set(struct db *db, struct arena *arena, const struct db_scope *scope)
{
    char first[24], last[24], others[LIST_BYTES] = "{";
    size_t length = 1;
    struct db_params params;
    struct db_scope *told = db_scope(db);
    if (told->told && told->first == scope->first && told->last == scope->last &&
        told->other_count == scope->other_count &&
        memcmp(told->others, scope->others, sizeof told->others) == 0)
        return STATUS_OK;
    for (size_t i = 0; i < scope->other_count; i++)
        length += (size_t)snprintf(others + length, sizeof others - length, "%s%" PRId64,
                                   i == 0 ? "" : ",", scope->others[i]);
    snprintf(others + length, sizeof others - length, "}");
    snprintf(first, sizeof first, "%" PRId64, scope->first);
    snprintf(last, sizeof last, "%" PRId64, scope->last);
    told->told = false; /* until the session says so */
    db_params_init(&params, arena);
    db_add_text(&params, first);
    db_add_text(&params, last);
    db_add_text(&params, others);
    enum status status = db_exec(db,
                                 "select set_config('zhibao.district_first', $1::text, false),"
                                 " set_config('zhibao.district_last', $2::text, false),"
                                 " set_config('zhibao.districts', $3::text, false)",
                                 &params);
    if (status != STATUS_OK)
        return status;
    *told = *scope;
    told->told = true;
    return STATUS_OK;
}
