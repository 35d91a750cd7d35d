/* GET_CASE and LIST_CASE_READS: a case's records for who said that he reads them, and who did. */
#include <string.h>

#include "server/clock/now.h"
#include "server/query/case_item.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"

enum { PAGE_RECORDS = 50, PAGE_READS = 200, CURSOR_KEYS = 3 };

/* A reading covers what is fetched within this time. */
#define READING_US (INT64_C(10) * 60 * 1000000)

Zhibao__Record *case_record_make(struct arena *arena, const struct case_stored *stored)
{
    Zhibao__Record *record = (Zhibao__Record *)reply_new(arena, &zhibao__record__descriptor);
    if (record == NULL || !reply_bytes(arena, stored->key.bytes, KEY_ID_BYTES, &record->key) ||
        !reply_bytes(arena, stored->payload, stored->payload_size, &record->payload) ||
        !reply_bytes(arena, stored->signature, stored->signature_size, &record->signature))
        return NULL;
    record->kind = (Zhibao__RecordKind)stored->kind;
    record->algorithm = (Zhibao__Algorithm)stored->algorithm;
    return record;
}

static enum status members_fill(struct query *query, const struct case_row *row,
                                Zhibao__CaseFile *reply)
{
    reply->members = arena_array(query->arena, row->member_count, sizeof(Zhibao__CaseMember *));
    if (reply->members == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < row->member_count; i++) {
        const struct case_member *from = &row->members[i];
        Zhibao__CaseMember *member =
            (Zhibao__CaseMember *)reply_new(query->arena, &zhibao__case_member__descriptor);
        if (member == NULL ||
            !reply_bytes(query->arena, from->holder.bytes, KEY_ID_BYTES, &member->holder))
            return STATUS_NO_MEMORY;
        member->unit = from->unit;
        member->role = (Zhibao__CaseRole)from->role;
        member->level = from->level;
        member->open = from->level <= reply->item->level;
        reply->members[reply->n_members++] = member;
    }
    return STATUS_OK;
}

static enum status records_fill(struct query *query, const struct case_row *row,
                                const struct record_id *after, Zhibao__CaseFile *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    struct case_stored *rows = NULL;
    size_t count = 0;
    enum status status =
        query_case_records(query->db, query->arena, row->district, &row->id, &query->asker_key,
                           reply->item->level, after, PAGE_RECORDS + 1, &rows, &count);
    if (status != STATUS_OK)
        return status;
    reply->records = arena_array(query->arena, count, sizeof(Zhibao__CaseRecordRow *));
    if (reply->records == NULL)
        return STATUS_NO_MEMORY;
    while (reply->n_records < count && reply->n_records < PAGE_RECORDS) {
        const struct case_stored *stored = &rows[reply->n_records];
        Zhibao__CaseRecordRow *made =
            (Zhibao__CaseRecordRow *)reply_new(query->arena, &zhibao__case_record_row__descriptor);
        if (made == NULL || (made->record = case_record_make(query->arena, stored)) == NULL)
            return STATUS_NO_MEMORY;
        made->received_us = stored->received_us;
        if (!reply_fits(&budget, &made->base))
            break;
        reply->records[reply->n_records++] = made;
    }
    reply->more = reply->n_records < count;
    return STATUS_OK;
}

enum status case_read_find(struct query *query, uint64_t district,
                           const ProtobufCBinaryData *case_id, struct case_row *row,
                           Zhibao__CaseItem **out_item)
{
    struct record_id id;
    int64_t read_us = 0, now_us = server_now_us();
    enum status status = query_id(query, "case_id", case_id, &id);
    if (status != STATUS_OK)
        return status;
    status = store_case(query->db, query->arena, district, &id, row);
    if (status == STATUS_OK)
        status = case_item_make(query, row, now_us, out_item);
    if (status == STATUS_NOT_FOUND)
        return query_refuse(query, STATUS_E_CASE_UNKNOWN, "case_id", NULL, NULL);
    if (status == STATUS_OK)
        status = query_case_read_us(query->db, query->arena, row->district, &row->id,
                                    &query->asker_key, &read_us);
    if (status == STATUS_OK && (read_us == 0 || now_us - read_us > READING_US))
        return query_refuse(query, STATUS_E_CASE_PURPOSE, "case_id", NULL, NULL);
    return status;
}

enum status query_run_case(struct query *query, const ProtobufCMessage *request,
                           ProtobufCMessage **out_reply)
{
    const Zhibao__GetCase *asked = (const Zhibao__GetCase *)request;
    struct case_row row;
    struct record_id after;
    bool page = asked->after.len > 0;
    Zhibao__CaseFile *reply =
        (Zhibao__CaseFile *)reply_new(query->arena, &zhibao__case_file__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status =
        case_read_find(query, asked->district, &asked->case_id, &row, &reply->item);
    if (status == STATUS_OK && page)
        status = query_id(query, "after", &asked->after, &after);
    if (status == STATUS_OK)
        status = records_fill(query, &row, page ? &after : NULL, reply);
    if (status == STATUS_OK)
        status = members_fill(query, &row, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}

static enum status read_row_make(struct arena *arena, const struct case_read_row *from,
                                 Zhibao__CaseReadRow **out_row)
{
    Zhibao__CaseReadRow *row =
        (Zhibao__CaseReadRow *)reply_new(arena, &zhibao__case_read_row__descriptor);
    if (row == NULL || !reply_bytes(arena, from->case_id.bytes, RECORD_ID_BYTES, &row->case_id) ||
        !reply_bytes(arena, from->holder.bytes, KEY_ID_BYTES, &row->holder) ||
        !reply_bytes(arena, from->id.bytes, RECORD_ID_BYTES, &row->id))
        return STATUS_NO_MEMORY;
    row->unit = from->unit;
    row->purpose = (Zhibao__CasePurpose)from->purpose;
    row->time_us = from->received_us;
    *out_row = row;
    return STATUS_OK;
}

enum status query_run_case_reads(struct query *query, const ProtobufCMessage *request,
                                 ProtobufCMessage **out_reply)
{
    const Zhibao__ListCaseReads *asked = (const Zhibao__ListCaseReads *)request;
    int64_t after[CURSOR_KEYS] = {0};
    struct record_id id;
    struct case_read_row *rows = NULL;
    size_t count = 0;
    bool one = asked->case_id.len > 0;
    Zhibao__CaseReadRows *reply =
        (Zhibao__CaseReadRows *)reply_new(query->arena, &zhibao__case_read_rows__descriptor);
    enum status status = query_cursor(query, "cursor", asked->cursor, after, CURSOR_KEYS);
    if (status == STATUS_OK && one)
        status = query_id(query, "case_id", &asked->case_id, &id);
    if (status == STATUS_OK)
        status = query_case_reads(
            query->db, query->arena, asked->district != 0 ? asked->district : query->asker.district,
            one ? &id : NULL, &query->asker_key, after, PAGE_READS + 1, &rows, &count);
    if (status != STATUS_OK || reply == NULL)
        return status != STATUS_OK ? status : STATUS_NO_MEMORY;
    reply->rows = arena_array(query->arena, PAGE_READS, sizeof(Zhibao__CaseReadRow *));
    if (reply->rows == NULL)
        return STATUS_NO_MEMORY;
    for (; reply->n_rows < count && reply->n_rows < PAGE_READS && status == STATUS_OK;
         reply->n_rows++)
        status = read_row_make(query->arena, &rows[reply->n_rows], &reply->rows[reply->n_rows]);
    if (status == STATUS_OK && reply->n_rows < count) {
        reply->next = cursor_write(query->arena, rows[reply->n_rows - 1].at, CURSOR_KEYS);
        status = reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    }
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
