/* COMMENTS: what was said of a figure, who answers for it, and what became of it. */
#include <string.h>

#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/comment_store.h"
#include "server/store/query_reports.h"

enum { PAGE_ROWS = 100, CURSOR_KEYS = 3 };

/* Besides the asker's own: of figures that it may see, see query_may_see_place. */
static void scope_of(const struct query *query, struct comment_filter *filter)
{
    filter->unit = query->asker.id;
    filter->first = 1;
    filter->last = 0;
    if (query->asker.role == ROLE_VILLAGE || query->asker.role == ROLE_DEPARTMENT)
        return;
    place_range(unit_place(query->asker.id), &filter->first, &filter->last);
}

static enum status steps_fill(struct query *query, const struct comment_row *row,
                              Zhibao__CommentItem *item)
{
    struct comment_event_row *events = NULL;
    size_t count = 0;
    enum status status =
        query_comment_events(query->db, query->arena, row->author, &row->id, &events, &count);
    if (status != STATUS_OK)
        return status;
    item->steps = arena_array(query->arena, count, sizeof(Zhibao__CommentStep *));
    for (size_t i = 0; item->steps != NULL && i < count; i++) {
        Zhibao__CommentStep *step =
            (Zhibao__CommentStep *)reply_new(query->arena, &zhibao__comment_step__descriptor);
        if (step == NULL)
            return STATUS_NO_MEMORY;
        step->action = (Zhibao__CommentAction)events[i].action;
        step->unit = events[i].unit;
        step->unit_name = query_unit_name(query, events[i].unit);
        step->time_us = events[i].time_us;
        step->text = reply_text(events[i].text);
        if (step->unit_name == NULL ||
            !reply_bytes(query->arena, events[i].id.bytes, RECORD_ID_BYTES, &step->id))
            return STATUS_NO_MEMORY;
        item->steps[item->n_steps++] = step;
    }
    return item->steps == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* What the figure is called by the plan in force; nothing where it has it no longer. */
static void name_figure(const struct query *query, Zhibao__CommentItem *item)
{
    const struct plan *plan = registry_plan(query->registry, item->figure->plan);
    const struct form *form = plan == NULL ? NULL : plan_form(plan, item->figure->form);
    const struct cell *cell = form == NULL ? NULL : form_cell(form, item->figure->cell);
    size_t indicator = plan == NULL ? PLAN_NONE : plan_indicator(plan, item->figure->indicator);
    if (indicator != PLAN_NONE) {
        item->about_zh = reply_text(plan->indicators[indicator].name_zh);
        item->about_en = reply_text(plan->indicators[indicator].name_en);
    } else if (cell != NULL) {
        item->about_zh = reply_text(plan->elements[cell->element].name_zh);
        item->about_en = reply_text(plan->elements[cell->element].name_en);
        if (item->figure->stratum[0] == '\0')
            item->figure->stratum = reply_text(cell->stratum);
    }
}

static enum status item_make(struct query *query, struct comment_row *row,
                             Zhibao__CommentItem **out_item)
{
    struct arena *arena = query->arena;
    Zhibao__CommentItem *item =
        (Zhibao__CommentItem *)reply_new(arena, &zhibao__comment_item__descriptor);
    Zhibao__RecordRef *comment =
        (Zhibao__RecordRef *)reply_new(arena, &zhibao__record_ref__descriptor);
    if (item == NULL || comment == NULL ||
        !reply_bytes(arena, row->id.bytes, RECORD_ID_BYTES, &comment->id) ||
        !reply_bytes(arena, row->payload_sha256.bytes, HASH_BYTES, &comment->payload_sha256))
        return STATUS_NO_MEMORY;
    comment->unit = row->author;
    item->comment = comment;
    item->author_name = query_unit_name(query, row->author);
    item->reporter = row->reporter;
    item->reporter_name = query_unit_name(query, row->reporter);
    item->figure = &row->figure;
    item->place_name = query_unit_name(query, unit_make(row->figure.place, UNIT_OWN));
    item->shown = reply_text(row->shown);
    item->follow_up = row->follow_up;
    item->state = (Zhibao__CommentState)row->state;
    if (item->author_name == NULL || item->reporter_name == NULL || item->place_name == NULL)
        return STATUS_NO_MEMORY;
    name_figure(query, item);
    *out_item = item;
    return steps_fill(query, row, item);
}

static enum status page_fill(struct query *query, struct comment_row *rows, size_t count,
                             Zhibao__CommentItems *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    reply->comments = arena_array(query->arena, count, sizeof(Zhibao__CommentItem *));
    if (reply->comments == NULL)
        return STATUS_NO_MEMORY;
    while (reply->n_comments < count && reply->n_comments < PAGE_ROWS) {
        Zhibao__CommentItem *item = NULL;
        enum status status = item_make(query, &rows[reply->n_comments], &item);
        if (status != STATUS_OK)
            return status;
        if (!reply_fits(&budget, &item->base))
            break;
        reply->comments[reply->n_comments++] = item;
    }
    if (reply->n_comments == count)
        return STATUS_OK;
    const struct comment_row *last = &rows[reply->n_comments - 1];
    int64_t next[CURSOR_KEYS] = {last->chain, last->batch, last->leaf};
    reply->next = cursor_write(query->arena, next, CURSOR_KEYS);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* Who answers for the figure asked about, where the asker may comment on it. */
static enum status reporter_fill(const struct query *query, const Zhibao__Comments *asked,
                                 Zhibao__CommentItems *reply)
{
    const Zhibao__FigureRef *figure = asked->figure;
    const struct plan *plan =
        figure == NULL ? NULL
                       : registry_plan(query->registry,
                                       figure->plan[0] == '\0' ? query->asker.plan : figure->plan);
    uint64_t reporter = plan == NULL ? 0 : comment_reporter(plan, figure, asked->unit);
    if (plan != NULL)
        reply->plan = reply_text(plan->code);
    if (reporter != 0 &&
        comment_may_open(query->asker.role, query->asker.id, figure->place, reporter))
        reply->reporter = reporter;
    reply->reporter_name = query_unit_name(query, reply->reporter);
    return reply->reporter_name == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_comments(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply)
{
    const Zhibao__Comments *asked = (const Zhibao__Comments *)request;
    struct comment_filter filter = {.mine = asked->mine,
                                    .unfinished = asked->unfinished,
                                    .reporter = asked->unit,
                                    .figure = asked->figure};
    struct record_id id;
    struct comment_row *rows = NULL;
    size_t count = 0;
    Zhibao__CommentItems *reply =
        (Zhibao__CommentItems *)reply_new(query->arena, &zhibao__comment_items__descriptor);
    enum status status = query_cursor(query, "cursor", asked->cursor, filter.after, CURSOR_KEYS);
    if (status == STATUS_OK && asked->id.len > 0) {
        status = query_id(query, "id", &asked->id, &id);
        filter.id = &id;
    }
    if (status != STATUS_OK || reply == NULL)
        return status != STATUS_OK ? status : STATUS_NO_MEMORY;
    scope_of(query, &filter);
    status = query_comments(query->db, query->arena, &filter, PAGE_ROWS + 1, &rows, &count);
    if (status == STATUS_OK)
        status = page_fill(query, rows, count, reply);
    if (status == STATUS_OK)
        status = reporter_fill(query, asked, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
