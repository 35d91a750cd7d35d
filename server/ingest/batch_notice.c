/* The aggregator's own notices, signed with its key. */
#include "base/bytes.h"
#include "server/ingest/batch_run.h"
#include "wire/codec.h"

static Zhibao__RecordRef reference_to(uint64_t unit, const struct record_id *id,
                                      const struct hash *payload_sha256)
{
    Zhibao__RecordRef reference = ZHIBAO__RECORD_REF__INIT;
    reference.unit = unit;
    reference.id = (ProtobufCBinaryData){RECORD_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    if (payload_sha256 != NULL)
        reference.payload_sha256 =
            (ProtobufCBinaryData){HASH_BYTES, (uint8_t *)(uintptr_t)payload_sha256->bytes};
    return reference;
}

static uint8_t *notice_write(struct run *run, const struct finding *finding,
                             const struct record_id *id, size_t *out_size)
{
    Zhibao__Notice notice = ZHIBAO__NOTICE__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__RecordRef subject = ZHIBAO__RECORD_REF__INIT;
    Zhibao__RecordRef cause = ZHIBAO__RECORD_REF__INIT;
    head.id = (ProtobufCBinaryData){sizeof id->bytes, (uint8_t *)(uintptr_t)id->bytes};
    head.signed_at_us = run->now_us;
    notice.head = &head;
    notice.notice = finding->notice;
    notice.subject_kind = (Zhibao__RecordKind)finding->subject_kind;
    notice.cutoff = (Zhibao__CutoffNotice *)(uintptr_t)finding->cutoff;
    notice.task = (Zhibao__TaskNotice *)(uintptr_t)finding->task;
    notice.uplink = (Zhibao__UplinkNotice *)(uintptr_t)finding->uplink;
    notice.case_due = (Zhibao__CaseNotice *)(uintptr_t)finding->case_due;
    if (finding->id != NULL) {
        subject = reference_to(finding->unit, finding->id, finding->payload_sha256);
        notice.subject = &subject;
    }
    if (finding->cause != NULL) {
        const struct leaf *leaf = &finding->cause->leaf;
        cause = reference_to(leaf->unit, &leaf->id, &leaf->payload_sha256);
        notice.cause_kind = (Zhibao__RecordKind)leaf->kind;
        notice.cause = &cause;
    }
    return message_write(run->batch->arena, &notice.base, out_size);
}

struct task *run_notice_create(struct run *run, const struct finding *finding)
{
    struct batch *batch = run->batch;
    struct task *task = arena_alloc(batch->arena, sizeof *task);
    struct record_id *id = arena_alloc(batch->arena, sizeof *id);
    struct signature *signature = arena_alloc(batch->arena, sizeof *signature);
    if (task == NULL || id == NULL || signature == NULL)
        return NULL;
    random_bytes(id->bytes, sizeof id->bytes);
    task->payload = notice_write(run, finding, id, &task->payload_size);
    if (task->payload == NULL)
        return NULL;
    *signature =
        sign_bytes(&batch->keys->sign_secret, record_domain(ZHIBAO__RECORD_KIND__RECORD_NOTICE),
                   task->payload, task->payload_size);
    task->signature = signature->bytes;
    task->signature_size = sizeof signature->bytes;
    task->district = finding->district;
    task->leaf.kind = ZHIBAO__RECORD_KIND__RECORD_NOTICE;
    task->leaf.id = *id;
    task->leaf.received_us = run->now_us;
    task->leaf.algorithm = batch->keys->sign_public.algorithm;
    task->leaf.key = batch->keys->sign_id;
    task->leaf.payload_sha256 = hash_bytes(task->payload, task->payload_size);
    task->leaf.signature_sha256 = hash_bytes(signature->bytes, sizeof signature->bytes);
    task->index = (uint32_t)run->leaf_count;
    return task;
}
