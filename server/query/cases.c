/* LIST_CASES and GET_CASE_DIRECTORY: what the asker handles, and who receives cases. */
#include <string.h>

#include "server/clock/now.h"
#include "server/query/case_item.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"

enum { PAGE_CASES = 100, LOOKED_MAX = 1000, CURSOR_KEYS = 3 };

enum status case_dues_make(struct arena *arena, const struct case_course *course, int64_t now_us,
                           Zhibao__CaseDue ***out_dues, size_t *out_count)
{
    Zhibao__CaseDue **dues = arena_array(arena, CASE_CLOCK_COUNT, sizeof *dues);
    size_t count = 0;
    if (dues == NULL)
        return STATUS_NO_MEMORY;
    for (int i = 0; i < CASE_CLOCK_COUNT; i++) {
        enum case_clock clock = (enum case_clock)i;
        if (course->due_us[clock] == 0)
            continue;
        Zhibao__CaseDue *due = (Zhibao__CaseDue *)reply_new(arena, &zhibao__case_due__descriptor);
        if (due == NULL)
            return STATUS_NO_MEMORY;
        due->action = (Zhibao__CaseAction)case_clock_action(clock);
        due->due_us = course->due_us[clock];
        due->overdue = case_clock_overdue(course, clock, now_us);
        dues[count++] = due;
    }
    *out_dues = dues;
    *out_count = count;
    return STATUS_OK;
}

static bool acknowledged_by(const struct case_row *row, uint64_t unit)
{
    for (size_t i = 0; i < row->step_count; i++)
        if (row->steps[i].unit == unit && row->steps[i].action == CASE_ACTION_ACKNOWLEDGE)
            return true;
    return false;
}

enum status case_item_make(struct query *query, const struct case_row *row, int64_t now_us,
                           Zhibao__CaseItem **out_item)
{
    struct arena *arena = query->arena;
    const struct case_step_row *last = &row->steps[row->step_count - 1];
    enum case_actor actor = case_actor_of(row, query->asker.id, &query->asker_key, now_us);
    if (actor == CASE_ACTOR_OTHER)
        return STATUS_NOT_FOUND;
    Zhibao__CaseItem *item = (Zhibao__CaseItem *)reply_new(arena, &zhibao__case_item__descriptor);
    struct case_course course = row->course;
    case_course_pass(&course, &row->clocks, now_us);
    if (item == NULL || !reply_bytes(arena, row->id.bytes, RECORD_ID_BYTES, &item->case_id) ||
        !reply_bytes(arena, last->id.bytes, RECORD_ID_BYTES, &item->last))
        return STATUS_NO_MEMORY;
    item->district = row->district;
    item->urgency = course.emergency ? ZHIBAO__CASE_URGENCY__CASE_EMERGENCY
                                     : ZHIBAO__CASE_URGENCY__CASE_ORDINARY;
    item->state = (Zhibao__CaseState)course.state;
    item->role = (Zhibao__CaseRole)actor;
    item->received_us = row->steps[0].received_us;
    item->level = course.level;
    item->last_us = last->received_us;
    item->acknowledged = acknowledged_by(row, query->asker.id);
    if (row->kind == CASE_KIND_KEY &&
        !reply_bytes(arena, row->register_key.bytes, HASH_BYTES, &item->register_key))
        return STATUS_NO_MEMORY;
    *out_item = item;
    return case_dues_make(arena, &course, now_us, &item->due, &item->n_due);
}

static bool is_overdue(const Zhibao__CaseItem *item)
{
    for (size_t i = 0; i < item->n_due; i++)
        if (item->due[i]->overdue)
            return true;
    return false;
}

static bool is_asked(const Zhibao__ListCases *asked, const Zhibao__CaseItem *item)
{
    bool closed = item->state == ZHIBAO__CASE_STATE__CASE_STATE_CLOSED ||
                  item->state == ZHIBAO__CASE_STATE__CASE_STATE_LEFT;
    return !(asked->unfinished && closed) && !(asked->overdue && !is_overdue(item));
}

static enum status page_fill(struct query *query, const Zhibao__ListCases *asked,
                             const struct case_key *keys, size_t count, Zhibao__CaseItems *reply)
{
    int64_t now_us = server_now_us();
    size_t looked = 0;
    for (; looked < count && reply->n_cases < PAGE_CASES; looked++) {
        struct case_row row;
        Zhibao__CaseItem *item = NULL;
        enum status status =
            store_case(query->db, query->arena, keys[looked].district, &keys[looked].id, &row);
        if (status == STATUS_OK)
            status = case_item_make(query, &row, now_us, &item);
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status != STATUS_OK)
            return status;
        if (is_asked(asked, item))
            reply->cases[reply->n_cases++] = item;
    }
    if (looked < count || count == LOOKED_MAX) {
        const struct case_key *last = &keys[looked - 1];
        int64_t next[CURSOR_KEYS] = {last->chain, last->batch, last->leaf};
        reply->next = cursor_write(query->arena, next, CURSOR_KEYS);
        if (reply->next == NULL)
            return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

enum status query_run_cases(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__ListCases *asked = (const Zhibao__ListCases *)request;
    int64_t before[CURSOR_KEYS] = {0};
    struct case_key *keys = NULL;
    size_t count = 0;
    Zhibao__CaseItems *reply =
        (Zhibao__CaseItems *)reply_new(query->arena, &zhibao__case_items__descriptor);
    enum status status = query_cursor(query, "cursor", asked->cursor, before, CURSOR_KEYS);
    if (status == STATUS_OK)
        status = query_case_keys(query->db, query->arena, &query->asker_key, asked->register_,
                                 before, LOOKED_MAX, &keys, &count);
    if (status != STATUS_OK || reply == NULL)
        return status != STATUS_OK ? status : STATUS_NO_MEMORY;
    reply->cases = arena_array(query->arena, PAGE_CASES, sizeof(Zhibao__CaseItem *));
    if (reply->cases == NULL)
        return STATUS_NO_MEMORY;
    status = page_fill(query, asked, keys, count, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}

enum status query_run_case_directory(struct query *query, const ProtobufCMessage *request,
                                     ProtobufCMessage **out_reply)
{
    const Zhibao__GetCaseDirectory *asked = (const Zhibao__GetCaseDirectory *)request;
    struct case_stored stored;
    Zhibao__CaseDirectoryReply *reply = (Zhibao__CaseDirectoryReply *)reply_new(
        query->arena, &zhibao__case_directory_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_case_directory(
        query->db, query->arena, asked->district != 0 ? asked->district : query->asker.district,
        &stored);
    if (status == STATUS_OK) {
        reply->record = case_record_make(query->arena, &stored);
        reply->received_us = stored.received_us;
        status = reply->record == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        *out_reply = &reply->base;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
