/* GET_RECEIPT and GET_RECORD: what was signed, and the proof that it is stored. */
#include "query.pb-c.h"
#include "server/cases/case_record.h"
#include "server/ingest/record_type.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_record.h"
#include "server/store/query_reports.h"

static enum status not_there(struct query *query)
{
    return query_refuse(query, STATUS_E_SUBJECT_UNKNOWN, "id",
                        "没有这条记录，或不在本单位可查看的范围内",
                        "there is no such record, or it is outside what your unit may see");
}

/* Whether the record, though another's, acts on the asker: a review of its report, a document for
 * it, a lock of its district, an approval of its key, the plan it reports under. */
static bool acts_on_asker(const struct query *query, const struct stored_record *record)
{
    uint64_t own = unit_place(query->asker.id);
    switch (record->row.leaf.kind) {
    case ZHIBAO__RECORD_KIND__RECORD_REVIEW:
    case ZHIBAO__RECORD_KIND__RECORD_DOCUMENT:
    case ZHIBAO__RECORD_KIND__RECORD_TASK:
    case ZHIBAO__RECORD_KIND__RECORD_TASK_ESCALATION:
    case ZHIBAO__RECORD_KIND__RECORD_COMMENT:
    case ZHIBAO__RECORD_KIND__RECORD_KEY: return record->subject_unit == query->asker.id;
    case ZHIBAO__RECORD_KIND__RECORD_LOCK: return place_contains(record->place, own);
    case ZHIBAO__RECORD_KIND__RECORD_PLAN:
        return place_contains(unit_place(record->row.leaf.unit), own);
    default: return false;
    }
}

/* In which districts the record's row may be. False for a unit that does not exist. */
static bool districts_of(const struct query *query, Zhibao__RecordKind kind, uint64_t unit,
                         uint64_t *out_first, uint64_t *out_last)
{
    struct registry_unit author;
    if (kind == ZHIBAO__RECORD_KIND__RECORD_NOTICE) {
        struct unit_span span = unit_span_of(unit_place(query->asker.id));
        *out_first = (uint64_t)span.first_district;
        *out_last = (uint64_t)span.last_district;
        return true;
    }
    if (!registry_unit(query->registry, unit, &author))
        return false;
    *out_first = *out_last = author.district;
    return true;
}

/* A notice has no author but the aggregator: whoever may see what it is about may see it. */
static bool is_visible(const struct query *query, const struct stored_record *record)
{
    const struct leaf *leaf = &record->row.leaf;
    if (leaf->kind == ZHIBAO__RECORD_KIND__RECORD_NOTICE && record->subject_unit == 0)
        return place_contains(record->place, unit_place(query->asker.id));
    if (leaf->kind == ZHIBAO__RECORD_KIND__RECORD_NOTICE)
        return query_may_see(query, record->subject_unit);
    return query_may_see(query, leaf->unit) || acts_on_asker(query, record);
}

/* Finds the record if the asker may see it. A receipt tells no figures, so the receipts of
 * confirmations and of their reviews are also for the villages they name. */
static enum status record_find(struct query *query, Zhibao__RecordKind kind, uint64_t unit,
                               const ProtobufCBinaryData *id_data, bool receipt_only,
                               struct stored_record *out_record)
{
    struct record_id id;
    uint64_t first = 0, last = 0;
    enum status status = query_id(query, "id", id_data, &id);
    if (status != STATUS_OK)
        return status;
    if (record_type_of((int)kind) == NULL || case_kind((int)kind))
        return query_refuse(query, STATUS_E_KIND, "kind", "没有这类记录",
                            "there are no records of this kind");
    if (unit == 0 && kind != ZHIBAO__RECORD_KIND__RECORD_NOTICE)
        unit = query->asker.id;
    if (!districts_of(query, kind, unit, &first, &last))
        return not_there(query);
    status =
        query_record(query->db, query->arena, first, last, unit, (uint8_t)kind, &id, out_record);
    if (status == STATUS_NOT_FOUND)
        return not_there(query);
    if (status != STATUS_OK)
        return status;
    bool visible = is_visible(query, out_record);
    if (!visible && receipt_only)
        status = query_record_names(query->db, query->arena, out_record, query->asker.district,
                                    query->asker.id, &visible);
    if (status == STATUS_OK && !visible)
        return not_there(query);
    return status;
}

static enum status receipt_find(struct query *query, const struct stored_record *record,
                                ProtobufCBinaryData *out_receipt)
{
    struct receipt_bytes receipt;
    enum status status = receipts_of_rows(query->db, query->arena, &record->row, 1, &receipt);
    if (status != STATUS_OK)
        return status;
    if (receipt.size == 0)
        return query_refuse(query, STATUS_E_INTERNAL, "id", "存储的记录与批次不符，请报告管理员",
                            "the stored record does not match its batch: tell the administrator");
    *out_receipt = (ProtobufCBinaryData){.len = receipt.size, .data = receipt.bytes};
    return STATUS_OK;
}

enum status query_run_receipt(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply)
{
    const Zhibao__GetReceipt *asked = (const Zhibao__GetReceipt *)request;
    struct stored_record record;
    Zhibao__ReceiptReply *reply =
        (Zhibao__ReceiptReply *)reply_new(query->arena, &zhibao__receipt_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = record_find(query, asked->kind, asked->unit, &asked->id, true, &record);
    if (status == STATUS_OK)
        status = receipt_find(query, &record, &reply->receipt);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}

enum status query_run_record(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    const Zhibao__GetRecord *asked = (const Zhibao__GetRecord *)request;
    struct stored_record record;
    Zhibao__RecordReply *reply =
        (Zhibao__RecordReply *)reply_new(query->arena, &zhibao__record_reply__descriptor);
    Zhibao__Record *signed_record =
        (Zhibao__Record *)reply_new(query->arena, &zhibao__record__descriptor);
    if (reply == NULL || signed_record == NULL)
        return STATUS_NO_MEMORY;
    enum status status = record_find(query, asked->kind, asked->unit, &asked->id, false, &record);
    if (status == STATUS_OK)
        status = receipt_find(query, &record, &reply->receipt);
    if (status != STATUS_OK)
        return status;
    signed_record->kind = (Zhibao__RecordKind)record.row.leaf.kind;
    signed_record->algorithm = (Zhibao__Algorithm)record.row.leaf.algorithm;
    signed_record->payload =
        (ProtobufCBinaryData){.len = record.payload_size, .data = record.payload};
    signed_record->signature =
        (ProtobufCBinaryData){.len = record.signature_size, .data = record.signature};
    if (!reply_bytes(query->arena, record.row.leaf.key.bytes, KEY_ID_BYTES, &signed_record->key))
        return STATUS_NO_MEMORY;
    reply->record = signed_record;
    reply->carrier = record.carrier;
    *out_reply = &reply->base;
    return STATUS_OK;
}
