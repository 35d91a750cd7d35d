#include "server/audit/record.h"

#include <string.h>

#include "base/unit_id.h"
#include "case.pb-c.h"
#include "case/case_seal.h"
#include "server/audit/keys.h"
#include "server/audit/replay.h"
#include "server/ingest/record_type.h"

/* The row as the columns say; false when one is not of its size. */
struct row {
    struct audit_place place;
    struct leaf leaf;
    uint64_t signer;
    const uint8_t *payload, *signature;
    size_t payload_size, signature_size;
};

static bool row_read(const struct stream *stream, struct row *row)
{
    const PGresult *rows = stream->rows;
    int at = stream->row;
    memset(row, 0, sizeof *row);
    row->leaf.kind = (uint8_t)db_int(rows, at, AT_KIND);
    row->leaf.unit = (uint64_t)db_int(rows, at, AT_UNIT);
    row->leaf.received_us = db_int(rows, at, AT_RECEIVED);
    row->leaf.algorithm = (uint8_t)db_int(rows, at, AT_ALGORITHM);
    row->payload = db_bytes(rows, at, AT_PAYLOAD, &row->payload_size);
    row->signature = db_bytes(rows, at, AT_SIGNATURE, &row->signature_size);
    row->leaf.signature_sha256 = hash_bytes(row->signature, row->signature_size);
    bool whole = db_fixed(rows, at, AT_ID, row->leaf.id.bytes, RECORD_ID_BYTES) &&
                 db_fixed(rows, at, AT_KEY, row->leaf.key.bytes, KEY_ID_BYTES) &&
                 db_fixed(rows, at, AT_PAYLOAD_HASH, row->leaf.payload_sha256.bytes, HASH_BYTES);
    row->signer = row->leaf.unit;
    row->place = (struct audit_place){.table = stream->name,
                                      .batch = db_int(rows, at, AT_BATCH),
                                      .leaf = db_int(rows, at, AT_LEAF),
                                      .unit = row->leaf.unit,
                                      .id = row->leaf.id.bytes};
    return whole;
}

/* By the key that its author had enrolled and that nobody had revoked yet. */
static bool signature_good(struct audit *audit, const struct row *row)
{
    const struct sign_public *key = NULL;
    struct key_id server = sign_key_id(&audit->server_key);
    const struct audited_key *known = audit_key(audit, &row->leaf.key);
    if (row->leaf.unit == 0)
        key = memcmp(&server, &row->leaf.key, sizeof server) == 0 ? &audit->server_key : NULL;
    else if (known != NULL && known->unit == row->signer && !known->revoked &&
             (known->ends_us == 0 || row->leaf.received_us < known->ends_us))
        key = &known->sign_public;
    return key != NULL && key->algorithm == row->leaf.algorithm &&
           record_domain(row->leaf.kind) != NULL &&
           sign_verify(key, record_domain(row->leaf.kind), row->payload, row->payload_size,
                       row->signature, row->signature_size) == STATUS_OK;
}

static enum status void_note(struct audit *audit, const struct row *row)
{
    struct void_key key = {row->leaf.unit, row->leaf.id};
    enum status status = lookup_reserve(&audit->voids, 1);
    if (status != STATUS_OK)
        return status;
    struct audited_void *noted = lookup_put(&audit->voids, &key);
    noted->found = true;
    noted->batch = row->place.batch;
    return STATUS_OK;
}

/* A reporter's: of no unit, and signed with the key that it brings. */
static bool of_mailbox(const struct row *row)
{
    return row->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT ||
           (row->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_CASE_PIECE &&
            unit_number(row->leaf.unit) == CASE_MAILBOX);
}

static void head_check(struct audit *audit, const struct row *row, const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field = &message->descriptor->fields[0];
    const Zhibao__Head *head =
        *(const Zhibao__Head *const *)(const void *)((const char *)message + field->offset);
    if (head == NULL || head->unit != row->leaf.unit || head->id.len != RECORD_ID_BYTES ||
        memcmp(head->id.data, row->leaf.id.bytes, RECORD_ID_BYTES) != 0)
        audit_find(audit, &row->place, "单位或编号与签名的内容不符",
                   "its unit or id is not that of the signed content");
}

/* The aggregator says that a report's signature does not verify. */
static enum status told_note(struct audit *audit, const Zhibao__Notice *notice)
{
    struct void_key key;
    if (notice->notice != ZHIBAO__NOTICE_KIND__NOTICE_BAD_SIGNATURE || notice->subject == NULL ||
        notice->subject->id.len != RECORD_ID_BYTES)
        return STATUS_OK;
    memset(&key, 0, sizeof key);
    key.unit = notice->subject->unit;
    memcpy(key.id.bytes, notice->subject->id.data, sizeof key.id.bytes);
    enum status status = lookup_reserve(&audit->voids, 1);
    if (status == STATUS_OK)
        ((struct audited_void *)lookup_put(&audit->voids, &key))->told = true;
    return status;
}

static bool enrols(const struct row *row, const ProtobufCMessage *message)
{
    return row->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_KEY &&
           ((const Zhibao__KeyChange *)message)->action == ZHIBAO__KEY_ACTION__KEY_ENROL;
}

/* What of a content the audit itself goes by. */
static enum status content_take(struct audit *audit, const struct row *row,
                                const ProtobufCMessage *message)
{
    if (row->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_KEY)
        return audit_key_change(audit, &row->place, (const Zhibao__KeyChange *)message,
                                row->leaf.received_us);
    if (row->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_NOTICE)
        return told_note(audit, (const Zhibao__Notice *)message);
    return STATUS_OK;
}

/* A reporter's record: by the key that it brings. */
static bool case_signature_good(const struct row *row, const ProtobufCMessage *message)
{
    const ProtobufCBinaryData *sign_public =
        row->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT
            ? &((const Zhibao__CaseReport *)message)->sign_public
            : &((const Zhibao__CasePiece *)message)->sign_public;
    struct sign_public key = {.algorithm = row->leaf.algorithm};
    if (sign_public->len != SIGN_PUBLIC_BYTES)
        return false;
    memcpy(key.bytes, sign_public->data, SIGN_PUBLIC_BYTES);
    struct key_id id = sign_key_id(&key);
    return memcmp(&id, &row->leaf.key, sizeof id) == 0 &&
           sign_verify(&key, record_domain(row->leaf.kind), row->payload, row->payload_size,
                       row->signature, row->signature_size) == STATUS_OK;
}

static enum status signature_check(struct audit *audit, const struct stream *stream,
                                   const struct row *row, const ProtobufCMessage *message)
{
    if (of_mailbox(row) ? case_signature_good(row, message) : signature_good(audit, row))
        return STATUS_OK;
    if (stream->table == RECORD_TABLE_REPORT)
        return void_note(audit, row);
    audit_find(audit, &row->place, "签名与其作者当时的密钥不符",
               "its signature does not verify under its author's key of that time");
    return STATUS_OK;
}

/* What the columns say, as the writer had it. */
static enum status row_replay(struct audit *audit, const struct stream *stream,
                              const struct row *row, const ProtobufCMessage *message)
{
    struct task task;
    memset(&task, 0, sizeof task);
    task.leaf = row->leaf;
    task.index = (uint32_t)row->place.leaf;
    task.carrier = (uint64_t)db_int(stream->rows, stream->row, AT_CARRIER);
    task.payload = row->payload;
    task.payload_size = row->payload_size;
    task.signature = row->signature;
    task.signature_size = row->signature_size;
    return replay_record(audit->replay, &row->place, &task, message);
}

static void leaf_check(struct audit *audit, const struct stream *stream, const struct row *row,
                       bool whole, const struct hash *leaf)
{
    struct hash payload = hash_bytes(row->payload, row->payload_size);
    struct hash own = leaf_hash(&row->leaf);
    if (!whole || db_int(stream->rows, stream->row, AT_CHAIN) != 1)
        audit_find(audit, &row->place, "长度或链号不对", "has a field of a wrong size or chain");
    if (memcmp(&payload, &row->leaf.payload_sha256, sizeof payload) != 0)
        audit_find(audit, &row->place, "内容与其摘要不符", "its content is not what its hash says");
    if (memcmp(&own, leaf, sizeof own) != 0)
        audit_find(audit, &row->place, "与该批的哈希树不符：已被改动",
                   "is not what the batch's tree holds: it was altered");
}

enum status audit_record(struct audit *audit, const struct stream *stream, const struct hash *leaf)
{
    struct row row;
    bool whole = row_read(stream, &row);
    audit->records++;
    leaf_check(audit, stream, &row, whole, leaf);
    const struct record_type *type = record_type_of(row.leaf.kind);
    ProtobufCMessage *message =
        type == NULL || type->table != stream->table
            ? NULL
            : protobuf_c_message_unpack(type->payload, NULL, row.payload_size, row.payload);
    if (message == NULL) {
        audit_find(audit, &row.place, "内容不是这一类材料",
                   "its content is no record of this kind");
        return STATUS_OK;
    }
    if (stream->table == RECORD_TABLE_REPORT && ((const Zhibao__Report *)message)->entered_by != 0)
        row.signer = ((const Zhibao__Report *)message)->entered_by;
    head_check(audit, &row, message);
    /* an enrolment is signed with the key that it brings, a handover with the one that it ends */
    bool first = enrols(&row, message);
    enum status status = first ? content_take(audit, &row, message) : STATUS_OK;
    if (status == STATUS_OK)
        status = signature_check(audit, stream, &row, message);
    if (status == STATUS_OK && !first)
        status = content_take(audit, &row, message);
    if (status == STATUS_OK)
        status = row_replay(audit, stream, &row, message);
    protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

void audit_voids_compare(struct audit *audit)
{
    for (size_t i = 0; i < audit->voids.count; i++) {
        const struct audited_void *one = lookup_row(&audit->voids, i);
        struct audit_place place = {.table = "report",
                                    .batch = one->batch,
                                    .leaf = -1,
                                    .unit = one->key.unit,
                                    .id = one->key.id.bytes};
        if (one->found && !one->told && one->batch <= audit->checked)
            audit_find(audit, &place, "签名核验不通过，而没有作废的记录",
                       "its signature does not verify and no notice says so");
        if (!one->found && one->told)
            audit_find(audit, &place, "签名核验通过，却被作废",
                       "its signature verifies and a notice says that it does not");
    }
}
