/* INBOX: what happened to the asker's records and below, in commit order, each once. */
#include <string.h>

#include "calendar.pb-c.h"
#include "query.pb-c.h"
#include "server/query/handlers.h"
#include "server/query/own_words.h"
#include "server/query/reply.h"
#include "server/store/query_inbox.h"
#include "server/store/query_late.h"
#include "server/store/query_reports.h"
#include "wire/codec.h"

enum { INBOX_LIMIT = 200, INBOX_LIMIT_MAX = 1000, INBOX_KEYS = 3 };

/* An exception granted to the asker, as a notice says it: until when. */
static bool extension_fill(const struct query *query, const struct inbox_row *row,
                           Zhibao__InboxItem *item)
{
    ProtobufCMessage *message = NULL;
    Zhibao__CutoffNotice *cutoff =
        (Zhibao__CutoffNotice *)reply_new(query->arena, &zhibao__cutoff_notice__descriptor);
    if (cutoff == NULL || message_read(&zhibao__extension__descriptor, query->arena, row->notice,
                                       row->notice_size, &message) != STATUS_OK)
        return false;
    const Zhibao__Extension *extension = (const Zhibao__Extension *)message;
    cutoff->plan = extension->plan;
    cutoff->place = extension->place;
    cutoff->period = extension->period;
    cutoff->form = extension->form;
    cutoff->level = extension->level;
    cutoff->unit = row->subject_unit;
    cutoff->until_us = extension->until_us;
    item->notice = ZHIBAO__NOTICE_KIND__NOTICE_EXTENDED;
    item->cutoff = cutoff;
    return true;
}

/* What the level above did, as if it had been done here: to the report that is in its records. */
static void uplink_fill(const Zhibao__UplinkNotice *uplink, Zhibao__InboxItem *item)
{
    item->state = (Zhibao__State)uplink->state;
    item->subject_kind = ZHIBAO__RECORD_KIND__RECORD_REPORT;
    item->subject_unit = uplink->unit;
    item->subject = uplink->report;
    item->actor = uplink->actor;
    item->actor_name = uplink->actor_name;
    item->reason = uplink->reason;
    item->form = uplink->form;
    item->period = uplink->period;
    item->revision = uplink->revision;
}

/* What a notice says, in the item. */
static bool notice_fill(const struct query *query, const struct inbox_row *row,
                        Zhibao__InboxItem *item)
{
    ProtobufCMessage *message = NULL;
    if (strcmp(row->event, "task_overdue") == 0)
        item->notice = ZHIBAO__NOTICE_KIND__NOTICE_TASK_OVERDUE;
    if (row->notice_size == 0)
        return true;
    if (row->subject_kind == ZHIBAO__RECORD_KIND__RECORD_EXTENSION)
        return extension_fill(query, row, item);
    if (message_read(&zhibao__notice__descriptor, query->arena, row->notice, row->notice_size,
                     &message) != STATUS_OK)
        return false;
    const Zhibao__Notice *notice = (const Zhibao__Notice *)message;
    item->notice = notice->notice;
    item->cutoff = notice->cutoff;
    if (notice->uplink != NULL)
        uplink_fill(notice->uplink, item);
    return true;
}

/* Which step of a task it was, TaskAction of duty.proto; 0: none. */
static uint32_t task_action(const char *event)
{
    static const char *const events[] = {"", "task_opened", "task_answered", "task_closed",
                                         "task_reopened"};
    for (uint32_t i = 1; i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i], event) == 0)
            return i;
    return 0;
}

/* Likewise of a comment, CommentAction of comment.proto. */
static uint32_t comment_action(const char *event)
{
    static const char *const events[] = {"", "comment_opened", "comment_answered",
                                         "comment_closed"};
    for (uint32_t i = 1; i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i], event) == 0)
            return i;
    return 0;
}

static Zhibao__InboxItem *item_make(const struct query *query, const struct inbox_row *row,
                                    const struct receipt_bytes *receipt)
{
    Zhibao__InboxItem *item =
        (Zhibao__InboxItem *)reply_new(query->arena, &zhibao__inbox_item__descriptor);
    if (item == NULL)
        return NULL;
    item->time_us = row->time_us;
    item->state = event_state(row->event, unit_number(row->actor) != UNIT_STATISTICS);
    item->subject_unit = row->subject_unit;
    item->subject_kind = (Zhibao__RecordKind)row->subject_kind;
    item->actor = row->actor;
    item->actor_name = query_unit_name(query, row->actor);
    item->reason = row->reason;
    item->form = row->form;
    item->period = (uint32_t)row->period;
    item->revision = (uint32_t)row->revision;
    item->receipt = (ProtobufCBinaryData){.len = receipt->size, .data = receipt->bytes};
    item->entered_by = row->entered_by;
    item->demonstration = row->demonstration;
    item->total_unit = row->total_unit;
    item->task_action = task_action(row->event);
    item->comment_action = comment_action(row->event);
    if (item->actor_name == NULL ||
        !reply_bytes(query->arena, row->subject.bytes, RECORD_ID_BYTES, &item->subject) ||
        (row->total_unit != 0 &&
         !reply_bytes(query->arena, row->total.bytes, RECORD_ID_BYTES, &item->total)) ||
        !notice_fill(query, row, item) ||
        !own_words_fill(query, row->event, &item->reason, &item->reason_en))
        return NULL;
    return item;
}

static enum status receipts_fetch(struct query *query, const struct inbox_row *rows, size_t count,
                                  struct receipt_bytes **out_receipts)
{
    struct receipt_row *records = arena_array(query->arena, count, sizeof *records);
    struct receipt_bytes *receipts = arena_array(query->arena, count, sizeof *receipts);
    if (records == NULL || receipts == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        records[i] = rows[i].record;
    *out_receipts = receipts;
    return receipts_of_rows(query->db, query->arena, records, count, receipts);
}

static enum status late_fetch(struct query *query, const struct inbox_row *rows, size_t count,
                              bool **out_late)
{
    struct late_subject *subjects = arena_array(query->arena, count, sizeof *subjects);
    bool *late = arena_array(query->arena, count, sizeof *late);
    if (subjects == NULL || late == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        subjects[i] = (struct late_subject){.district = query->asker.district,
                                            .unit = rows[i].subject_unit,
                                            .plan = rows[i].plan,
                                            .form = rows[i].form,
                                            .period = rows[i].period,
                                            .kind = rows[i].subject_kind};
    *out_late = late;
    return query_late(query->db, query->arena, subjects, count, late);
}

/* `limit` items of `count` rows; rows hold one more when there is more. */
static enum status page_fill(const struct query *query, const struct inbox_row *rows, size_t count,
                             size_t limit, const struct receipt_bytes *receipts, const bool *late,
                             Zhibao__InboxItems *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    reply->items = arena_array(query->arena, count, sizeof(Zhibao__InboxItem *));
    if (reply->items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && i < limit; i++) {
        Zhibao__InboxItem *item = item_make(query, &rows[i], &receipts[i]);
        if (item == NULL)
            return STATUS_NO_MEMORY;
        item->late = late[i];
        if (!reply_fits(&budget, &item->base))
            break;
        reply->items[reply->n_items++] = item;
    }
    reply->more = reply->n_items < count;
    if (reply->n_items == 0)
        return STATUS_OK;
    const struct chain_position *last = &rows[reply->n_items - 1].position;
    int64_t next[INBOX_KEYS] = {last->chain, last->batch, last->leaf};
    reply->next = cursor_write(query->arena, next, INBOX_KEYS);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_inbox(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__Inbox *asked = (const Zhibao__Inbox *)request;
    struct inbox_row *rows = NULL;
    struct receipt_bytes *receipts = NULL;
    bool *late = NULL;
    size_t count = 0;
    size_t limit = asked->limit == 0 ? INBOX_LIMIT : asked->limit;
    int64_t keys[INBOX_KEYS];
    struct inbox_scope scope = {.unit = query->asker.id,
                                .district = query->asker.district,
                                .first_below = 1,
                                .last_below = 0};
    if (limit > INBOX_LIMIT_MAX)
        limit = INBOX_LIMIT_MAX;
    scope.direct_only = query->asker.role == ROLE_STATISTICS;
    if (query->asker.role == ROLE_TOWNSHIP || scope.direct_only) {
        struct unit_span span = unit_span_of(unit_place(query->asker.id));
        scope.first_below = (uint64_t)span.first_unit;
        scope.last_below = (uint64_t)span.last_unit;
    }
    Zhibao__InboxItems *reply =
        (Zhibao__InboxItems *)reply_new(query->arena, &zhibao__inbox_items__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_cursor(query, "after", asked->after, keys, INBOX_KEYS);
    if (status == STATUS_OK) {
        struct chain_position after = {keys[0], keys[1], keys[2]};
        reply->next = asked->after; /* nothing new: the cursor stays */
        status = query_inbox(query->db, query->arena, &scope, &after, limit + 1, &rows, &count);
    }
    if (status == STATUS_OK)
        status = receipts_fetch(query, rows, count, &receipts);
    if (status == STATUS_OK)
        status = late_fetch(query, rows, count, &late);
    if (status == STATUS_OK)
        status = page_fill(query, rows, count, limit, receipts, late, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
