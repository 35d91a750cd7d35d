/* TASKS: what was asked of whom, what was answered, and what is overdue. */
#include <string.h>

#include "duty.pb-c.h"
#include "server/clock/now.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_reports.h"
#include "server/store/task_store.h"

enum { PAGE_ROWS = 100, CURSOR_KEYS = 3 };

/* Besides the asker's own: all below for office, statistics and administrator; for a township those
 * of its villages that are overdue, because they escalated to it. */
static void scope_of(const struct query *query, struct task_filter *filter)
{
    struct unit_span span = unit_span_of(unit_place(query->asker.id));
    filter->unit = query->asker.id;
    filter->first = 1;
    filter->last = 0;
    if (query->asker.role == ROLE_VILLAGE || query->asker.role == ROLE_DEPARTMENT)
        return;
    filter->first = (uint64_t)span.first_unit;
    filter->last = (uint64_t)span.last_unit;
    filter->below_overdue = query->asker.role == ROLE_TOWNSHIP;
}

/* As it was told by the server below, whose units need not be known here. */
static char *name_of(const struct query *query, uint64_t unit, const char *told)
{
    return told[0] != '\0' ? reply_text(told) : query_unit_name(query, unit);
}

static enum status steps_fill(struct query *query, const struct task_row *row,
                              Zhibao__TaskItem *item)
{
    struct task_event_row *events = NULL;
    size_t count = 0;
    enum status status =
        query_task_events(query->db, query->arena, row->office, &row->id, &events, &count);
    if (status != STATUS_OK)
        return status;
    item->steps = arena_array(query->arena, count, sizeof(Zhibao__TaskStep *));
    for (size_t i = 0; item->steps != NULL && i < count; i++) {
        Zhibao__TaskStep *step =
            (Zhibao__TaskStep *)reply_new(query->arena, &zhibao__task_step__descriptor);
        if (step == NULL)
            return STATUS_NO_MEMORY;
        step->action = (Zhibao__TaskAction)events[i].action;
        step->unit = events[i].unit;
        step->unit_name = name_of(query, events[i].unit, events[i].unit_name);
        step->time_us = events[i].time_us;
        step->text = reply_text(events[i].text);
        step->due_us = events[i].due_us;
        if (step->unit_name == NULL ||
            !reply_bytes(query->arena, events[i].id.bytes, RECORD_ID_BYTES, &step->id))
            return STATUS_NO_MEMORY;
        item->steps[item->n_steps++] = step;
    }
    return item->steps == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status item_make(struct query *query, const struct task_row *row, int64_t now_us,
                             Zhibao__TaskItem **out_item)
{
    struct arena *arena = query->arena;
    Zhibao__TaskItem *item = (Zhibao__TaskItem *)reply_new(arena, &zhibao__task_item__descriptor);
    Zhibao__RecordRef *task =
        (Zhibao__RecordRef *)reply_new(arena, &zhibao__record_ref__descriptor);
    if (item == NULL || task == NULL ||
        !reply_bytes(arena, row->id.bytes, RECORD_ID_BYTES, &task->id) ||
        !reply_bytes(arena, row->payload_sha256.bytes, HASH_BYTES, &task->payload_sha256))
        return STATUS_NO_MEMORY;
    task->unit = row->office;
    item->task = task;
    item->office_name = name_of(query, row->office, row->office_name);
    item->addressee = row->addressee;
    item->addressee_name = name_of(query, row->addressee, row->addressee_name);
    item->plan = reply_text(row->plan);
    item->duty = reply_text(row->duty);
    item->period = (uint32_t)row->period;
    item->indicator = reply_text(row->indicator);
    item->title = reply_text(row->title);
    item->state = (Zhibao__TaskState)row->state;
    item->due_us = row->due_us;
    item->overdue = task_is_overdue(row->state, row->due_us, now_us);
    item->told_by = row->told_by;
    item->told_above_us = row->told_above_us;
    if (item->overdue)
        item->escalated_to =
            row->told_by != 0 ? row->told
                              : task_escalates_to(row->office, row->addressee, row->due_us, now_us);
    struct registry_unit told;
    item->escalated_away =
        item->escalated_to != 0 && !registry_unit(query->registry, item->escalated_to, &told);
    if (item->office_name == NULL || item->addressee_name == NULL)
        return STATUS_NO_MEMORY;
    *out_item = item;
    return steps_fill(query, row, item);
}

static enum status page_fill(struct query *query, const struct task_row *rows, size_t count,
                             int64_t now_us, Zhibao__TaskItems *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    reply->tasks = arena_array(query->arena, count, sizeof(Zhibao__TaskItem *));
    if (reply->tasks == NULL)
        return STATUS_NO_MEMORY;
    while (reply->n_tasks < count && reply->n_tasks < PAGE_ROWS) {
        Zhibao__TaskItem *item = NULL;
        enum status status = item_make(query, &rows[reply->n_tasks], now_us, &item);
        if (status != STATUS_OK)
            return status;
        if (!reply_fits(&budget, &item->base))
            break;
        reply->tasks[reply->n_tasks++] = item;
    }
    if (reply->n_tasks == count)
        return STATUS_OK;
    const struct task_row *last = &rows[reply->n_tasks - 1];
    int64_t next[CURSOR_KEYS] = {last->chain, last->batch, last->leaf};
    reply->next = cursor_write(query->arena, next, CURSOR_KEYS);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_tasks(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__Tasks *asked = (const Zhibao__Tasks *)request;
    struct task_filter filter = {.addressee = asked->addressee,
                                 .unfinished = asked->unfinished,
                                 .overdue = asked->overdue,
                                 .now_us = server_now_us()};
    struct record_id id;
    struct task_row *rows = NULL;
    size_t count = 0;
    Zhibao__TaskItems *reply =
        (Zhibao__TaskItems *)reply_new(query->arena, &zhibao__task_items__descriptor);
    enum status status = query_cursor(query, "cursor", asked->cursor, filter.after, CURSOR_KEYS);
    if (status == STATUS_OK && asked->id.len > 0) {
        status = query_id(query, "id", &asked->id, &id);
        filter.id = &id;
    }
    if (status != STATUS_OK || reply == NULL)
        return status != STATUS_OK ? status : STATUS_NO_MEMORY;
    scope_of(query, &filter);
    status = query_tasks(query->db, query->arena, &filter, PAGE_ROWS + 1, &rows, &count);
    if (status == STATUS_OK)
        status = page_fill(query, rows, count, filter.now_us, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
