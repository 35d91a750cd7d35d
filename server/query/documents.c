/* LIST_DOCUMENTS: documents of the asker, of the units below, or those that wait for its review. */
#include <string.h>

#include "document.pb-c.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_documents.h"
#include "server/store/query_reports.h"

enum { PAGE_ROWS = 200, CURSOR_KEYS = 3 };

static Zhibao__State state_of(const char *state)
{
    if (strcmp(state, "accepted") == 0)
        return ZHIBAO__STATE__STATE_ACCEPTED;
    if (strcmp(state, "returned") == 0)
        return ZHIBAO__STATE__STATE_RETURNED;
    if (strcmp(state, "superseded") == 0)
        return ZHIBAO__STATE__STATE_SUPERSEDED;
    return ZHIBAO__STATE__STATE_STORED;
}

/* Whose documents: the unit that was asked for, if the asker may see it, else a refusal. */
static enum status scope_of(struct query *query, const Zhibao__ListDocuments *asked,
                            struct document_filter *filter)
{
    uint64_t unit = asked->unit == 0 ? query->asker.id : asked->unit;
    filter->last_district = filter->last_unit = INT64_MAX;
    if (asked->pending) {
        filter->receiver = query->asker.id;
        filter->waiting = true;
        if (asked->unit != 0)
            filter->first_unit = filter->last_unit = asked->unit;
        return STATUS_OK;
    }
    if (!query_may_see(query, unit))
        return query_refuse(query, STATUS_E_FORBIDDEN, "unit", NULL, NULL);
    struct unit_span span = unit_span_of(unit_place(unit));
    filter->first_district = (uint64_t)span.first_district;
    filter->last_district = (uint64_t)span.last_district;
    filter->first_unit = (uint64_t)span.first_unit;
    filter->last_unit = (uint64_t)span.last_unit;
    enum unit_role role = query->asker.role;
    if (!asked->subtree || role == ROLE_DEPARTMENT || role == ROLE_VILLAGE)
        filter->first_unit = filter->last_unit = unit;
    return STATUS_OK;
}

static enum status filter_read(struct query *query, const Zhibao__ListDocuments *asked,
                               struct record_id *id, struct record_id *report,
                               struct document_filter *filter)
{
    enum status status = query_cursor(query, "cursor", asked->cursor, filter->after, CURSOR_KEYS);
    filter->duty = asked->duty;
    filter->period = (int)asked->period;
    if (status == STATUS_OK)
        status = scope_of(query, asked, filter);
    if (status == STATUS_OK && asked->id.len > 0) {
        status = query_id(query, "id", &asked->id, id);
        filter->id = id;
    }
    if (status == STATUS_OK && asked->report.len > 0) {
        status = query_id(query, "report", &asked->report, report);
        filter->report = report;
    }
    return status;
}

static Zhibao__DocumentRow *row_make(const struct query *query, const struct document_row *row)
{
    struct arena *arena = query->arena;
    Zhibao__DocumentRow *made =
        (Zhibao__DocumentRow *)reply_new(arena, &zhibao__document_row__descriptor);
    Zhibao__RecordRef *record =
        (Zhibao__RecordRef *)reply_new(arena, &zhibao__record_ref__descriptor);
    if (made == NULL || record == NULL)
        return NULL;
    record->unit = row->unit;
    made->record = record;
    made->unit_name = query_unit_name(query, row->unit);
    made->receiver = row->receiver;
    made->receiver_name = query_unit_name(query, row->receiver);
    made->plan = reply_text(row->plan);
    made->duty = reply_text(row->duty);
    made->period = (uint32_t)row->period;
    made->file_name = reply_text(row->file_name);
    made->media_type = reply_text(row->media_type);
    made->size = row->size;
    made->state = state_of(row->state);
    made->reason = reply_text(row->reason);
    made->received_us = row->received_us;
    made->reviewed_us = row->reviewed_us;
    made->reviewer = row->reviewer;
    if (made->unit_name == NULL || made->receiver_name == NULL ||
        !reply_bytes(arena, row->id.bytes, RECORD_ID_BYTES, &record->id) ||
        !reply_bytes(arena, row->payload_sha256.bytes, HASH_BYTES, &record->payload_sha256) ||
        !reply_bytes(arena, row->content_sha256.bytes, HASH_BYTES, &made->content_sha256) ||
        (row->has_report && !reply_bytes(arena, row->report.bytes, RECORD_ID_BYTES, &made->report)))
        return NULL;
    return made;
}

enum status query_run_documents(struct query *query, const ProtobufCMessage *request,
                                ProtobufCMessage **out_reply)
{
    const Zhibao__ListDocuments *asked = (const Zhibao__ListDocuments *)request;
    struct document_filter filter = {0};
    struct record_id id, report;
    struct document_row *rows = NULL;
    size_t count = 0;
    struct reply_budget budget = REPLY_BUDGET;
    Zhibao__Documents *reply =
        (Zhibao__Documents *)reply_new(query->arena, &zhibao__documents__descriptor);
    enum status status = filter_read(query, asked, &id, &report, &filter);
    if (status == STATUS_OK)
        status = query_documents(query->db, query->arena, &filter, PAGE_ROWS + 1, &rows, &count);
    if (status != STATUS_OK)
        return status;
    Zhibao__DocumentRow **made = arena_array(query->arena, count, sizeof *made);
    if (reply == NULL || made == NULL)
        return STATUS_NO_MEMORY;
    reply->documents = made;
    while (reply->n_documents < count && reply->n_documents < PAGE_ROWS) {
        Zhibao__DocumentRow *row = row_make(query, &rows[reply->n_documents]);
        if (row == NULL)
            return STATUS_NO_MEMORY;
        if (!reply_fits(&budget, &row->base))
            break;
        made[reply->n_documents++] = row;
    }
    if (reply->n_documents < count) {
        const struct document_row *last = &rows[reply->n_documents - 1];
        int64_t next[CURSOR_KEYS] = {last->chain, last->batch, last->leaf};
        reply->next = cursor_write(query->arena, next, CURSOR_KEYS);
        if (reply->next == NULL)
            return STATUS_NO_MEMORY;
    }
    *out_reply = &reply->base;
    return STATUS_OK;
}
