/* GET_COMPLETENESS: who reported, and in time: figures by place, and every unit. */
#include <string.h>

#include "calendar.pb-c.h"
#include "server/clock/now.h"
#include "server/query/access.h"
#include "server/query/calendar_scope.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_calendar.h"
#include "server/store/query_reports.h"

enum { UNITS_PAGE = 500, ROWS_MAX = 4000 };

struct counting {
    struct query *query;
    struct calendar_scope scope;
    struct cutoff_book book;
    int64_t now_us;
    Zhibao__CompletenessReply *reply;
};

static bool is_level_below(uint64_t place, uint64_t inner)
{
    return place_level(inner) == place_level(place) + 1;
}

/* The row of a place, form and level; made when missing. NULL without memory or room. */
static Zhibao__CompletenessRow *row_of(struct counting *counting, uint64_t place,
                                       const struct owed_row *owed)
{
    Zhibao__CompletenessReply *reply = counting->reply;
    for (size_t i = reply->n_rows; i > 0; i--) {
        Zhibao__CompletenessRow *row = reply->rows[i - 1];
        if (row->place == place && (int)row->level == (int)owed->level &&
            strcmp(row->form, owed->form) == 0)
            return row;
    }
    Zhibao__CompletenessRow *row = (Zhibao__CompletenessRow *)reply_new(
        counting->query->arena, &zhibao__completeness_row__descriptor);
    const struct place *named = plan_place(counting->scope.plan, place);
    if (row == NULL || reply->n_rows == ROWS_MAX)
        return NULL;
    row->place = place;
    row->place_name = reply_text(named == NULL ? "" : named->name_zh);
    row->form = reply_text(owed->form);
    row->level = (Zhibao__CutoffLevel)owed->level;
    reply->rows[reply->n_rows++] = row;
    return row;
}

/* The unit's answer, cut-off included. */
static Zhibao__CompletenessUnit *unit_make_row(struct counting *counting,
                                               const struct owed_row *owed)
{
    const struct form *form = plan_form(counting->scope.plan, owed->form);
    struct cutoff cutoff = {0};
    Zhibao__CompletenessUnit *unit = (Zhibao__CompletenessUnit *)reply_new(
        counting->query->arena, &zhibao__completeness_unit__descriptor);
    if (unit == NULL)
        return NULL;
    bool has = form != NULL && cutoff_find(&counting->book, form, owed->level, owed->unit, &cutoff);
    unit->unit = owed->unit;
    unit->unit_name = query_unit_name(counting->query, owed->unit);
    unit->form = reply_text(owed->form);
    unit->level = (Zhibao__CutoffLevel)owed->level;
    unit->opens_us = cutoff.opens_us;
    unit->due_us = cutoff.due_us;
    unit->first_us = owed->first_us;
    unit->late = has && owed->first_us != 0 && cutoff_late(&cutoff, owed->first_us);
    unit->overdue = has && owed->first_us == 0 && cutoff_late(&cutoff, counting->now_us);
    unit->excepted = cutoff.excepted;
    unit->moved = cutoff.moved;
    unit->accepted = owed->accepted;
    unit->final = owed->final;
    unit->seen_us = owed->seen_us;
    return unit->unit_name == NULL ? NULL : unit;
}

static void row_count(Zhibao__CompletenessRow *row, const Zhibao__CompletenessUnit *unit)
{
    if (row == NULL)
        return;
    row->expected++;
    row->received += unit->first_us != 0;
    row->late += unit->late != 0;
    row->on_time += unit->first_us != 0 && !unit->late;
    row->accepted += unit->accepted != 0;
    row->final += unit->final != 0;
    row->overdue += unit->overdue != 0;
}

/* Counts a unit for the place asked for and for the place one level below that it is in. */
static void unit_count(struct counting *counting, const struct owed_row *owed,
                       const Zhibao__CompletenessUnit *unit)
{
    uint64_t place = counting->scope.place;
    uint64_t inner =
        place_ancestor(unit_place(owed->unit), (enum place_level)(place_level(place) + 1));
    row_count(row_of(counting, place, owed), unit);
    if (place_level(place) < PLACE_TOWNSHIP && is_level_below(place, inner))
        row_count(row_of(counting, inner, owed), unit);
}

static enum status span_find(struct query *query, uint64_t place, struct owed_scope *scope)
{
    uint64_t own = query->asker.id;
    if (query->asker.role == ROLE_VILLAGE || query->asker.role == ROLE_DEPARTMENT) {
        scope->first_unit = scope->last_unit = own;
        if (place_contains(place, unit_place(own)))
            return STATUS_OK;
    } else if (query_may_see_place(query, place)) {
        struct unit_span span = unit_span_of(place);
        scope->first_unit = (uint64_t)span.first_unit;
        scope->last_unit = (uint64_t)span.last_unit;
        return STATUS_OK;
    }
    return query_refuse(query, STATUS_E_FORBIDDEN, "place", "该行政区划不在本单位可查看的范围内",
                        "this place is outside what your unit may see");
}

static enum status reply_fill(struct counting *counting, const struct owed_row *rows, size_t count,
                              size_t first)
{
    struct reply_budget budget = REPLY_BUDGET;
    Zhibao__CompletenessReply *reply = counting->reply;
    struct arena *arena = counting->query->arena;
    reply->rows = arena_array(arena, ROWS_MAX, sizeof *reply->rows);
    reply->units = arena_array(arena, UNITS_PAGE, sizeof *reply->units);
    if (reply->rows == NULL || reply->units == NULL)
        return STATUS_NO_MEMORY;
    bool full = false;
    for (size_t i = first; i < count && !(first > 0 && full); i++) {
        Zhibao__CompletenessUnit *unit = unit_make_row(counting, &rows[i]);
        if (unit == NULL)
            return STATUS_NO_MEMORY;
        if (first == 0)
            unit_count(counting, &rows[i], unit);
        full = full || reply->n_units == UNITS_PAGE || !reply_fits(&budget, &unit->base);
        if (!full)
            reply->units[reply->n_units++] = unit;
    }
    if (first + reply->n_units == count)
        return STATUS_OK;
    int64_t next = (int64_t)(first + reply->n_units);
    reply->next = cursor_write(arena, &next, 1);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_completeness(struct query *query, const ProtobufCMessage *request,
                                   ProtobufCMessage **out_reply)
{
    const Zhibao__GetCompleteness *asked = (const Zhibao__GetCompleteness *)request;
    struct counting counting = {.query = query, .now_us = server_now_us()};
    struct owed_row *rows = NULL;
    size_t count = 0;
    int64_t first = 0;
    counting.reply = (Zhibao__CompletenessReply *)reply_new(
        query->arena, &zhibao__completeness_reply__descriptor);
    if (counting.reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_cursor(query, "cursor", asked->cursor, &first, 1);
    if (status == STATUS_OK)
        status = calendar_scope_find(query, asked->place, asked->period, asked->plan, asked->form,
                                     &counting.scope);
    if (status != STATUS_OK)
        return status;
    struct owed_scope scope = {
        .plan = counting.scope.plan->code, .form = asked->form, .period = counting.scope.period};
    status = span_find(query, counting.scope.place, &scope);
    if (status == STATUS_OK)
        status = query_cutoff_book(query->db, query->arena, counting.scope.plan,
                                   counting.scope.period, &counting.book);
    if (status == STATUS_OK)
        status = query_owed(query->db, query->arena, &scope, &rows, &count);
    if (status == STATUS_OK && (size_t)first <= count)
        status = reply_fill(&counting, rows, count, (size_t)first);
    if (status != STATUS_OK)
        return status;
    counting.reply->plan = reply_text(counting.scope.plan->code);
    counting.reply->place = counting.scope.place;
    counting.reply->period = (uint32_t)counting.scope.period;
    counting.reply->now_us = counting.now_us;
    *out_reply = &counting.reply->base;
    return STATUS_OK;
}
