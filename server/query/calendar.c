/* GET_CALENDAR: when forms open and close, for whom later, and what outages moved. */
#include <string.h>

#include "calendar.pb-c.h"
#include "server/clock/now.h"
#include "server/query/access.h"
#include "server/query/calendar_scope.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_calendar.h"

enum { EXCEPTIONS_MAX = 2000, MOVES_MAX = 1000 };

static bool wanted(const Zhibao__GetCalendar *asked, const char *form)
{
    return asked->form[0] == '\0' || strcmp(asked->form, form) == 0;
}

static enum status row_add(struct query *query, const struct cutoff_book *book,
                           const struct form *form, enum cutoff_level level, uint64_t place,
                           Zhibao__CalendarReply *reply)
{
    struct cutoff cutoff;
    if (!cutoff_find(book, form, level, unit_make(place, UNIT_STATISTICS), &cutoff))
        return STATUS_OK;
    Zhibao__CalendarRow *row =
        (Zhibao__CalendarRow *)reply_new(query->arena, &zhibao__calendar_row__descriptor);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    row->form = reply_text(form->code);
    row->level = (Zhibao__CutoffLevel)level;
    row->title_zh = reply_text(form->title_zh);
    row->title_en = reply_text(form->title_en);
    row->reporter = reply_text(form->reporter);
    row->opens_us = cutoff.opens_us;
    row->set_us = cutoff.set_us;
    row->due_us = cutoff.due_us;
    row->n_reminder_days = cutoff.days.reminder_count;
    row->reminder_days = arena_copy(query->arena, cutoff.days.reminders,
                                    cutoff.days.reminder_count * sizeof *row->reminder_days);
    row->escalation_days = cutoff.days.escalation;
    row->set_by = cutoff.place;
    row->form_version = form->version;
    row->cell_count = (uint32_t)form->cell_count;
    reply->rows[reply->n_rows++] = row;
    return row->reminder_days == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* The latest exception of each unit, form and level that the asker may see. */
static enum status exception_add(struct query *query, const struct cutoff_book *book, size_t index,
                                 Zhibao__CalendarReply *reply)
{
    const struct cutoff_exception *from = &book->exceptions[index];
    const struct form *form = plan_form(book->plan, from->form);
    struct cutoff cutoff = {0};
    for (size_t i = index + 1; i < book->exception_count; i++)
        if (book->exceptions[i].unit == from->unit && book->exceptions[i].level == from->level &&
            strcmp(book->exceptions[i].form, from->form) == 0)
            return STATUS_OK;
    if (form == NULL || !query_may_see(query, from->unit) ||
        !cutoff_find(book, form, from->level, from->unit, &cutoff))
        return STATUS_OK;
    Zhibao__CalendarException *row = (Zhibao__CalendarException *)reply_new(
        query->arena, &zhibao__calendar_exception__descriptor);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    row->form = reply_text(form->code);
    row->level = (Zhibao__CutoffLevel)from->level;
    row->unit = from->unit;
    row->unit_name = query_unit_name(query, from->unit);
    row->until_us = from->until_us;
    row->due_us = cutoff.due_us;
    row->reason = reply_text(from->reason);
    row->made_us = from->made_us;
    reply->exceptions[reply->n_exceptions++] = row;
    return row->unit_name == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status move_add(struct query *query, const struct cutoff_move *from,
                            Zhibao__CalendarReply *reply)
{
    Zhibao__CalendarMove *row =
        (Zhibao__CalendarMove *)reply_new(query->arena, &zhibao__calendar_move__descriptor);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    row->form = reply_text(from->form);
    row->level = (Zhibao__CutoffLevel)from->level;
    row->from_us = from->from_us;
    row->to_us = from->to_us;
    row->outage_from_us = from->outage_us;
    reply->moves[reply->n_moves++] = row;
    return STATUS_OK;
}

static enum status reply_fill(struct query *query, const Zhibao__GetCalendar *asked,
                              const struct calendar_scope *scope, const struct cutoff_book *book,
                              Zhibao__CalendarReply *reply)
{
    enum status status = STATUS_OK;
    reply->rows = arena_array(query->arena, 2 * book->plan->form_count, sizeof *reply->rows);
    reply->exceptions = arena_array(query->arena, book->exception_count, sizeof *reply->exceptions);
    reply->moves = arena_array(query->arena, book->move_count, sizeof *reply->moves);
    if (reply->rows == NULL || reply->exceptions == NULL || reply->moves == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < book->plan->form_count && status == STATUS_OK; i++) {
        const struct form *form = &book->plan->forms[i];
        if (form->idle || !wanted(asked, form->code))
            continue;
        status = row_add(query, book, form, LEVEL_UNIT, scope->place, reply);
        if (status == STATUS_OK)
            status = row_add(query, book, form, LEVEL_TOTAL, scope->place, reply);
    }
    for (size_t i = 0;
         i < book->exception_count && status == STATUS_OK && reply->n_exceptions < EXCEPTIONS_MAX;
         i++)
        if (wanted(asked, book->exceptions[i].form))
            status = exception_add(query, book, i, reply);
    for (size_t i = 0; i < book->move_count && status == STATUS_OK && reply->n_moves < MOVES_MAX;
         i++)
        if (wanted(asked, book->moves[i].form) &&
            (place_contains(book->moves[i].place, scope->place) ||
             place_contains(scope->place, book->moves[i].place)))
            status = move_add(query, &book->moves[i], reply);
    return status;
}

enum status query_run_calendar(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply)
{
    const Zhibao__GetCalendar *asked = (const Zhibao__GetCalendar *)request;
    struct calendar_scope scope;
    struct cutoff_book book;
    Zhibao__CalendarReply *reply =
        (Zhibao__CalendarReply *)reply_new(query->arena, &zhibao__calendar_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status =
        calendar_scope_find(query, asked->place, asked->period, asked->plan, asked->form, &scope);
    if (status == STATUS_OK && !query_may_see_place(query, scope.place) &&
        !place_contains(scope.place, unit_place(query->asker.id)))
        status = query_refuse(query, STATUS_E_FORBIDDEN, "place", NULL, NULL);
    if (status == STATUS_OK)
        status = query_cutoff_book(query->db, query->arena, scope.plan, scope.period, &book);
    if (status == STATUS_OK)
        status = reply_fill(query, asked, &scope, &book, reply);
    if (status != STATUS_OK)
        return status;
    reply->plan = reply_text(scope.plan->code);
    reply->place = scope.place;
    reply->period = (uint32_t)scope.period;
    reply->locked = registry_locked(query->registry, scope.plan->code, scope.place, scope.period);
    reply->now_us = server_now_us();
    *out_reply = &reply->base;
    return STATUS_OK;
}
