#include "server/ingest/submit.h"

#include <string.h>

#include "base/unit_id.h"
#include "case/case_seal.h"
#include "server/cases/case_record.h"
#include "server/ingest/record_type.h"
#include "server/trust/rights.h"
#include "wire/codec.h"

/* Field 1 of every payload is its Head: the one thing all kinds share. */
static const Zhibao__Head *payload_head(const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(message->descriptor, 1);
    const uint8_t *place = (const uint8_t *)message + field->offset;
    Zhibao__Head *head = NULL;
    memcpy(&head, place, sizeof head);
    return head;
}

/* Whose key a record is signed with: its author's, or that of who entered it for the author. */
static uint64_t signer_of(const struct task *task)
{
    if (task->leaf.kind != ZHIBAO__RECORD_KIND__RECORD_REPORT)
        return task->leaf.unit;
    const Zhibao__Report *report = (const Zhibao__Report *)task->message;
    return report->entered_by != 0 ? report->entered_by : task->leaf.unit;
}

static bool is_too_large(const Zhibao__Record *record, size_t most)
{
    return record->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT && record->payload.len > most;
}

/* Fills the leaf and the author; definite errors are signed refusals from here on. */
static enum status record_read(struct task *task, const Zhibao__Record *record)
{
    const struct record_type *type = record_type_of((int)record->kind);
    ProtobufCMessage *message = NULL;
    if (type == NULL || type->validate == NULL)
        return STATUS_E_KIND;
    if (record->key.len != KEY_ID_BYTES)
        return STATUS_E_KEY_UNKNOWN;
    if (is_too_large(record, WIRE_CONSOLIDATION_MAX))
        return STATUS_E_TOO_LARGE;
    enum status status = message_read(type->payload, task->arena, record->payload.data,
                                      record->payload.len, &message);
    if (status != STATUS_OK)
        return status;
    if (is_too_large(record, WIRE_REPORT_MAX) &&
        ((const Zhibao__Report *)message)->n_reporters == 0)
        return STATUS_E_TOO_LARGE;
    const Zhibao__Head *head = payload_head(message);
    if (head == NULL || head->id.len != RECORD_ID_BYTES)
        return STATUS_E_ID;
    struct leaf *leaf = &task->leaf;
    leaf->kind = (uint8_t)record->kind;
    leaf->unit = head->unit;
    leaf->algorithm = (uint8_t)record->algorithm;
    leaf->received_us = task->job->received_us;
    memcpy(leaf->id.bytes, head->id.data, RECORD_ID_BYTES);
    memcpy(leaf->key.bytes, record->key.data, KEY_ID_BYTES);
    leaf->payload_sha256 = hash_bytes(record->payload.data, record->payload.len);
    leaf->signature_sha256 = hash_bytes(record->signature.data, record->signature.len);
    task->payload = record->payload.data;
    task->payload_size = record->payload.len;
    task->signature = record->signature.data;
    task->signature_size = record->signature.len;
    task->message = message;
    return STATUS_OK;
}

/* Whether a forged report would cost somebody else than who sent it: a township could use up the
 * revisions of its villages. Bulk lines of districts and above are checked afterwards. */
static bool is_anothers(const struct task *task)
{
    return task->carrier != task->leaf.unit &&
           place_level(unit_place(task->carrier)) >= PLACE_TOWNSHIP;
}

/* A unit's own reports are checked by the verifier after their receipt; everything else here.
 * `key` is the author's. */
static enum status signature_check(const struct task *task, const struct sign_public *key)
{
    if (task->leaf.algorithm != SIGN_ED25519)
        return STATUS_E_ALGORITHM;
    if (task->signature_size != SIGN_SIGNATURE_BYTES)
        return STATUS_E_SIGNATURE;
    if (task->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_REPORT && !is_anothers(task))
        return STATUS_OK;
    return sign_verify(key, record_domain(task->leaf.kind), task->payload, task->payload_size,
                       task->signature, task->signature_size);
}

static void record_judge(struct task *task, struct registry *registry)
{
    struct registry_key key;
    if (task->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT) {
        case_report_judge(task, registry);
        return;
    }
    if (task->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_CASE_PIECE &&
        unit_number(task->leaf.unit) == CASE_MAILBOX) {
        case_piece_judge(task, registry);
        return;
    }
    task->carrier = task->job->key.unit;
    if (!registry_unit(registry, task->leaf.unit, &task->author)) {
        task_problem(task, STATUS_E_UNIT_UNKNOWN, "head.unit", NULL, NULL);
        return;
    }
    task->district = task->author.district;
    if (!registry_may_carry(registry, task->carrier, task->leaf.unit)) {
        task_problem(task, STATUS_E_FORBIDDEN, "head.unit", "本连接的单位无权为该单位报送",
                     "this connection may not carry for that unit");
        return;
    }
    if (!registry_key_by_id(registry, &task->leaf.key, &key) || key.unit != signer_of(task)) {
        task_problem(task, STATUS_E_KEY_UNKNOWN, "record.key", NULL, NULL);
        return;
    }
    if (key.status != KEY_ACTIVE) {
        task_problem(task, key.status == KEY_PENDING ? STATUS_E_KEY_PENDING : STATUS_E_KEY_REVOKED,
                     "record.key", NULL, NULL);
        return;
    }
    enum status status = signature_check(task, &key.sign_public);
    if (status != STATUS_OK) {
        task_problem(task, status, "record.signature", NULL, NULL);
        return;
    }
    task->refusal = rights_check(task->author.role, RIGHT_RECORD, task->leaf.kind, task->message,
                                 "head.unit", &task->problems);
    if (task->refusal == STATUS_OK)
        record_type_of(task->leaf.kind)->validate(task, registry);
}

/* An enrolment is signed by the very key it brings; the writer looks at code and unit. */
static void enrol_judge(struct task *task)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    struct sign_public key = {.algorithm = task->leaf.algorithm};
    if (task->leaf.kind != ZHIBAO__RECORD_KIND__RECORD_KEY ||
        change->action != ZHIBAO__KEY_ACTION__KEY_ENROL || change->subject != task->leaf.unit ||
        task->enrol->unit != task->leaf.unit || change->sign_public.len != SIGN_PUBLIC_BYTES ||
        change->encrypt_public.len != 32 || change->transport_public.len != 32 ||
        memcmp(change->transport_public.data, task->job->key.transport_public, 32) != 0) {
        task_problem(task, STATUS_E_MALFORMED, "enrol.record", NULL, NULL);
        return;
    }
    memcpy(key.bytes, change->sign_public.data, SIGN_PUBLIC_BYTES);
    struct key_id id = sign_key_id(&key);
    if (memcmp(id.bytes, task->leaf.key.bytes, KEY_ID_BYTES) != 0 ||
        signature_check(task, &key) != STATUS_OK)
        task_problem(task, STATUS_E_SIGNATURE, "enrol.record.signature", NULL, NULL);
}

/* Decodes the body as the job's kind; sets what the type needs. */
static enum status body_read(struct task *task, struct registry *registry)
{
    const ProtobufCMessageDescriptor *type = &zhibao__submit__descriptor;
    ProtobufCMessage *message = NULL;
    if (task->type == TASK_ENROL)
        type = &zhibao__enrol__descriptor;
    else if (task->type == TASK_CODES)
        type = &zhibao__enrol_codes__descriptor;
    enum status status =
        message_read(type, task->arena, task->job->body, task->job->body_size, &message);
    if (status != STATUS_OK)
        return status;
    if (task->type == TASK_CODES) {
        task->codes = (const Zhibao__EnrolCodes *)message;
        task->carrier = task->job->key.unit;
        if (!registry_unit(registry, task->carrier, &task->author))
            return STATUS_E_FORBIDDEN;
        return rights_check(task->author.role, RIGHT_ASK, (int)task->job->kind, NULL, "",
                            &task->problems);
    }
    if (task->type == TASK_ENROL)
        task->enrol = (const Zhibao__Enrol *)message;
    const Zhibao__Record *record =
        task->type == TASK_ENROL ? task->enrol->record : ((const Zhibao__Submit *)message)->record;
    if (record == NULL)
        return STATUS_E_MALFORMED;
    status = record_read(task, record);
    if (status == STATUS_OK && task->type == TASK_ENROL)
        enrol_judge(task);
    else if (status == STATUS_OK)
        record_judge(task, registry);
    return status;
}

static enum task_type type_of(Zhibao__Kind kind)
{
    return kind == ZHIBAO__KIND__KIND_ENROL         ? TASK_ENROL
           : kind == ZHIBAO__KIND__KIND_ENROL_CODES ? TASK_CODES
                                                    : TASK_RECORD;
}

struct task *submit_prepare(struct job *job, struct registry *registry, struct reply **out_reply)
{
    size_t ceiling = WIRE_ARENA_MINIMUM + WIRE_ARENA_FACTOR * job->body_size;
    struct task *task = task_create(type_of(job->kind), job, ceiling);
    if (task == NULL) {
        *out_reply = reply_error(job, STATUS_E_BUSY, NULL);
        job_destroy(&job);
        return NULL;
    }
    enum status status = body_read(task, registry);
    if (status != STATUS_OK) {
        *out_reply = reply_error(job, status, &task->problems);
        task_destroy(&task);
        return NULL;
    }
    task->judged = task->refusal;
    task->judged_problems = task->problems.count;
    return task;
}
