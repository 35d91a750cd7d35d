/* GET_CASE_PIECES: an attachment's pieces, for who said that he reads the case. */
#include "server/query/case_item.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"

enum { ASKED_MAX = 8 };

static enum status pieces_fill(struct query *query, const struct case_stored *rows, size_t count,
                               Zhibao__CasePieces *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    reply->records = arena_array(query->arena, count, sizeof(Zhibao__CaseRecordRow *));
    if (reply->records == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        Zhibao__CaseRecordRow *made =
            (Zhibao__CaseRecordRow *)reply_new(query->arena, &zhibao__case_record_row__descriptor);
        if (made == NULL || (made->record = case_record_make(query->arena, &rows[i])) == NULL)
            return STATUS_NO_MEMORY;
        made->received_us = rows[i].received_us;
        if (!reply_fits(&budget, &made->base))
            break;
        reply->records[reply->n_records++] = made;
    }
    return STATUS_OK;
}

enum status query_run_case_pieces(struct query *query, const ProtobufCMessage *request,
                                  ProtobufCMessage **out_reply)
{
    const Zhibao__GetCasePieces *asked = (const Zhibao__GetCasePieces *)request;
    struct case_row row;
    struct case_stored *rows = NULL;
    size_t count = 0;
    Zhibao__CaseItem *item = NULL;
    Zhibao__CasePieces *reply =
        (Zhibao__CasePieces *)reply_new(query->arena, &zhibao__case_pieces__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    if (asked->n_pieces == 0 || asked->n_pieces > ASKED_MAX)
        return query_refuse(query, STATUS_E_MALFORMED, "pieces", NULL, NULL);
    for (size_t i = 0; i < asked->n_pieces; i++)
        if (asked->pieces[i].len != RECORD_ID_BYTES)
            return query_refuse(query, STATUS_E_ID, "pieces", NULL, NULL);
    enum status status = case_read_find(query, asked->district, &asked->case_id, &row, &item);
    if (status == STATUS_OK)
        status = query_case_pieces(query->db, query->arena, &row, &query->asker_key, item->level,
                                   asked->pieces, asked->n_pieces, &rows, &count);
    if (status == STATUS_OK)
        status = pieces_fill(query, rows, count, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
