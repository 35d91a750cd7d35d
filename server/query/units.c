/* LIST_UNITS: who there is below a place, and the state of their keys. */
#include "query.pb-c.h"
#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_reports.h"
#include "server/store/query_units.h"

enum { UNITS_PAGE = 500 };

static Zhibao__UnitRow *row_make(struct arena *arena, const struct unit_row *from)
{
    Zhibao__UnitRow *row = (Zhibao__UnitRow *)reply_new(arena, &zhibao__unit_row__descriptor);
    if (row == NULL)
        return NULL;
    row->unit = from->unit;
    row->name_zh = from->name_zh;
    row->name_en = from->name_en;
    row->role = from->role;
    row->department = from->department;
    row->district = from->district;
    row->key_status = reply_text(from->key_status);
    row->keys = arena_array(arena, from->key_count, sizeof *row->keys);
    if (row->keys == NULL)
        return NULL;
    for (; row->n_keys < from->key_count; row->n_keys++)
        row->keys[row->n_keys] =
            (ProtobufCBinaryData){.len = KEY_ID_BYTES, .data = from->keys[row->n_keys].bytes};
    return row;
}

/* What the asker may see of the place: all of it, or only itself. */
static enum status span_find(struct query *query, uint64_t place, int64_t *out_first,
                             int64_t *out_last)
{
    uint64_t own = unit_place(query->asker.id);
    if (query->asker.role == ROLE_VILLAGE || query->asker.role == ROLE_DEPARTMENT) {
        *out_first = *out_last = (int64_t)query->asker.id;
        if (place_contains(place, own))
            return STATUS_OK;
    } else if (query_may_see_place(query, place)) {
        struct unit_span span = unit_span_of(place);
        *out_first = span.first_unit;
        *out_last = span.last_unit;
        return STATUS_OK;
    }
    return query_refuse(query, STATUS_E_FORBIDDEN, "place", "该行政区划不在本单位可查看的范围内",
                        "this place is outside what your unit may see");
}

enum status query_run_units(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__ListUnits *asked = (const Zhibao__ListUnits *)request;
    struct reply_budget budget = REPLY_BUDGET;
    struct unit_row *rows = NULL;
    size_t count = 0;
    int64_t after = 0, first = 0, last = 0;
    uint64_t place = asked->place != 0 ? asked->place : unit_place(query->asker.id);
    enum status status = query_cursor(query, "cursor", asked->cursor, &after, 1);
    if (status == STATUS_OK)
        status = span_find(query, place, &first, &last);
    if (status == STATUS_OK && after >= first)
        first = after + 1;
    if (status == STATUS_OK)
        status = query_units(query->db, query->arena, (uint64_t)first, (uint64_t)last,
                             UNITS_PAGE + 1, &rows, &count);
    if (status != STATUS_OK)
        return status;
    Zhibao__Units *reply = (Zhibao__Units *)reply_new(query->arena, &zhibao__units__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    reply->units = arena_array(query->arena, count, sizeof(Zhibao__UnitRow *));
    if (reply->units == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && i < UNITS_PAGE; i++) {
        Zhibao__UnitRow *row = row_make(query->arena, &rows[i]);
        if (row == NULL)
            return STATUS_NO_MEMORY;
        if (!reply_fits(&budget, &row->base))
            break;
        reply->units[reply->n_units++] = row;
    }
    if (reply->n_units < count) {
        int64_t next = (int64_t)rows[reply->n_units - 1].unit;
        reply->next = cursor_write(query->arena, &next, 1);
        if (reply->next == NULL)
            return STATUS_NO_MEMORY;
    }
    *out_reply = &reply->base;
    return STATUS_OK;
}
