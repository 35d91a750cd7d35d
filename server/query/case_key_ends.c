/* LIST_CASE_KEY_ENDS: who destroyed which year's key, for everybody of the district. */
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/case_store.h"

enum { PAGE_ROWS = 200, CURSOR_KEYS = 3 };

enum status query_run_case_key_ends(struct query *query, const ProtobufCMessage *request,
                                    ProtobufCMessage **out_reply)
{
    const Zhibao__ListCaseKeyEnds *asked = (const Zhibao__ListCaseKeyEnds *)request;
    int64_t after[CURSOR_KEYS] = {0};
    struct case_key_end_row *rows = NULL;
    size_t count = 0;
    Zhibao__CaseKeyEndRows *reply =
        (Zhibao__CaseKeyEndRows *)reply_new(query->arena, &zhibao__case_key_end_rows__descriptor);
    enum status status = query_cursor(query, "cursor", asked->cursor, after, CURSOR_KEYS);
    if (status == STATUS_OK)
        status = query_case_key_ends(query->db, query->arena, query->asker.district, after,
                                     PAGE_ROWS + 1, &rows, &count);
    if (status != STATUS_OK || reply == NULL)
        return status != STATUS_OK ? status : STATUS_NO_MEMORY;
    reply->rows = arena_array(query->arena, PAGE_ROWS, sizeof(Zhibao__CaseKeyEndRow *));
    if (reply->rows == NULL)
        return STATUS_NO_MEMORY;
    for (; reply->n_rows < count && reply->n_rows < PAGE_ROWS; reply->n_rows++) {
        const struct case_key_end_row *from = &rows[reply->n_rows];
        Zhibao__CaseKeyEndRow *row =
            (Zhibao__CaseKeyEndRow *)reply_new(query->arena, &zhibao__case_key_end_row__descriptor);
        if (row == NULL ||
            !reply_bytes(query->arena, from->holder.bytes, KEY_ID_BYTES, &row->holder) ||
            !reply_bytes(query->arena, from->key.bytes, KEY_ID_BYTES, &row->key))
            return STATUS_NO_MEMORY;
        row->unit = from->unit;
        row->year = (uint32_t)from->year;
        row->time_us = from->received_us;
        reply->rows[reply->n_rows] = row;
    }
    if (reply->n_rows < count) {
        reply->next = cursor_write(query->arena, rows[reply->n_rows - 1].at, CURSOR_KEYS);
        if (reply->next == NULL)
            return STATUS_NO_MEMORY;
    }
    *out_reply = &reply->base;
    return STATUS_OK;
}
