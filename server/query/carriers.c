/* CARRIERS: who may carry for a unit, with the enrolments that prove their keys offline. */
#include "place.pb-c.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_carriers.h"

static Zhibao__Record *record_make(struct arena *arena, const struct carrier_enrolment *from)
{
    Zhibao__Record *record = (Zhibao__Record *)reply_new(arena, &zhibao__record__descriptor);
    if (record == NULL)
        return NULL;
    record->kind = (Zhibao__RecordKind)from->row.leaf.kind;
    record->algorithm = (Zhibao__Algorithm)from->row.leaf.algorithm;
    record->payload = (ProtobufCBinaryData){.len = from->payload_size, .data = from->payload};
    record->signature = (ProtobufCBinaryData){.len = from->signature_size, .data = from->signature};
    return reply_bytes(arena, from->row.leaf.key.bytes, KEY_ID_BYTES, &record->key) ? record : NULL;
}

static enum status carrier_add(struct query *query, const struct carrier_enrolment *from,
                               const struct receipt_bytes *receipt, Zhibao__CarriersReply *reply)
{
    Zhibao__Carrier *carrier =
        (Zhibao__Carrier *)reply_new(query->arena, &zhibao__carrier__descriptor);
    if (carrier == NULL)
        return STATUS_NO_MEMORY;
    carrier->unit = from->row.leaf.unit;
    carrier->name_zh = query_unit_name(query, carrier->unit);
    carrier->record = record_make(query->arena, from);
    carrier->receipt = (ProtobufCBinaryData){.len = receipt->size, .data = receipt->bytes};
    if (carrier->name_zh == NULL || carrier->record == NULL)
        return STATUS_NO_MEMORY;
    reply->carriers[reply->n_carriers++] = carrier;
    return STATUS_OK;
}

static enum status carriers_add(struct query *query, const struct carrier_enrolment *enrolments,
                                size_t count, Zhibao__CarriersReply *reply)
{
    struct receipt_row *rows = arena_array(query->arena, count, sizeof *rows);
    struct receipt_bytes *receipts = arena_array(query->arena, count, sizeof *receipts);
    reply->carriers = arena_array(query->arena, count, sizeof *reply->carriers);
    if (rows == NULL || receipts == NULL || reply->carriers == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        rows[i] = enrolments[i].row;
    enum status status = receipts_of_rows(query->db, query->arena, rows, count, receipts);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (receipts[i].size > 0)
            status = carrier_add(query, &enrolments[i], &receipts[i], reply);
    return status;
}

enum status query_run_carriers(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply)
{
    const Zhibao__Carriers *asked = (const Zhibao__Carriers *)request;
    uint64_t unit = asked->unit == 0 ? query->asker.id : asked->unit;
    struct registry_unit known;
    struct carrier_enrolment *enrolments = NULL;
    size_t count = 0;
    if (!registry_unit(query->registry, unit, &known) || !query_may_see(query, unit))
        return query_refuse(query, STATUS_E_UNIT_UNKNOWN, "unit", NULL, NULL);
    Zhibao__CarriersReply *reply =
        (Zhibao__CarriersReply *)reply_new(query->arena, &zhibao__carriers_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status =
        query_carriers(query->db, query->arena, unit, unit_place(unit), &enrolments, &count);
    if (status == STATUS_OK)
        status = carriers_add(query, enrolments, count, reply);
    if (status == STATUS_OK)
        status = query_subtrees(query->db, query->arena, query->asker.id, &reply->subtrees,
                                &reply->n_subtrees);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
