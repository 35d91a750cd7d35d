/* NOTICES: where units want to be told, and what became of each notice. */
#include "notify.pb-c.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/notify_store.h"
#include "server/store/query_reports.h"
#include "server/trust/rights.h"

enum { PAGE_ROWS = 200, CURSOR_KEYS = 5 };

/* All of a place is for whoever the table says; to others only what they were told themselves. */
static bool sees_below(const struct query *query)
{
    const struct right *right = right_find(RIGHT_ASK, ZHIBAO__KIND__KIND_GET_NOTICES, NULL);
    return right_reach_of(right, query->asker.role) == REACH_BELOW;
}

/* The asker's own unit, or for an administrator all of a place; addresses concern nobody else. */
static enum status scope_of(struct query *query, uint64_t place, struct notice_filter *filter)
{
    filter->first = filter->last = query->asker.id;
    if (place == 0)
        return STATUS_OK;
    if (!sees_below(query) || !place_contains(unit_place(query->asker.id), place))
        return query_refuse(query, STATUS_E_FORBIDDEN, "place",
                            "只有管理员和审计员可以查看本地及以下各单位的通知",
                            "only administrators and auditors see the notices of a place's units");
    struct unit_span span = unit_span_of(place);
    filter->first = (uint64_t)span.first_unit;
    filter->last = (uint64_t)span.last_unit;
    return STATUS_OK;
}

static enum status page_fill(struct query *query, struct notice_told *rows, size_t count,
                             Zhibao__NoticeRows *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    reply->notices = arena_array(query->arena, count, sizeof(Zhibao__NoticeRow *));
    if (reply->notices == NULL)
        return STATUS_NO_MEMORY;
    while (reply->n_notices < count && reply->n_notices < PAGE_ROWS &&
           reply_fits(&budget, &rows[reply->n_notices].row.base)) {
        reply->notices[reply->n_notices] = &rows[reply->n_notices].row;
        reply->n_notices++;
    }
    if (reply->n_notices == count)
        return STATUS_OK;
    reply->next = cursor_write(query->arena, rows[reply->n_notices - 1].key, CURSOR_KEYS);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_notices(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply)
{
    const Zhibao__GetNotices *asked = (const Zhibao__GetNotices *)request;
    struct notice_filter filter = {.failed = asked->failed};
    struct notice_told *rows = NULL;
    size_t count = 0;
    Zhibao__NoticeRows *reply =
        (Zhibao__NoticeRows *)reply_new(query->arena, &zhibao__notice_rows__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = scope_of(query, asked->place, &filter);
    if (status == STATUS_OK)
        status = query_cursor(query, "cursor", asked->cursor, filter.before, CURSOR_KEYS);
    if (status == STATUS_OK && asked->cursor[0] == '\0')
        status = query_contacts(query->db, query->arena, filter.first, filter.last,
                                &reply->contacts, &reply->n_contacts);
    if (status == STATUS_OK)
        status = query_notices(query->db, query->arena, &filter, PAGE_ROWS + 1, &rows, &count);
    if (status == STATUS_OK)
        status = page_fill(query, rows, count, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
