/* A DOCUMENT record meets its content; a receiver reviews it. */
#include <string.h>

#include "document.pb-c.h"
#include "plan/duty.h"
#include "server/documents/document.h"
#include "server/documents/upload.h"
#include "server/store/document_store.h"
#include "server/store/ingest_store.h"

/* Nothing is there: it may still come, unless there is no room for it. */
static enum status absent(struct apply *apply, const struct upload *upload)
{
    struct upload_limits limits = {
        .unit_bytes = (uint64_t)apply->options->document_unit_mb * 1024 * 1024,
        .unfinished_bytes = UINT64_MAX,
    };
    enum status status = upload_allowed(apply->db, apply->arena, upload, &limits);
    return status == STATUS_OK || status == STATUS_E_DOCUMENT_ROOM ? STATUS_E_DOCUMENT_CHUNKS
                                                                   : status;
}

/* Whether the content is there and what the record says of it is true. */
static enum status content_match(struct apply *apply, const Zhibao__Document *document,
                                 struct upload *upload)
{
    enum status status = store_upload_lock(apply->db, apply->arena, upload);
    if (status != STATUS_OK)
        return status;
    switch (upload->stage) {
    case STAGE_NONE: upload->size = document->size; return absent(apply, upload);
    case STAGE_OPEN: return STATUS_E_DOCUMENT_CHUNKS;
    case STAGE_BAD: return upload->error;
    case STAGE_COMPLETE:
    case STAGE_STORED: break;
    }
    if (upload->size != document->size)
        return STATUS_E_DOCUMENT_SIZE;
    return strcmp(upload->media_type, document->media_type) == 0 ? STATUS_OK
                                                                 : STATUS_E_DOCUMENT_TYPE;
}

static enum status report_match(struct apply *apply, const struct task *task,
                                const Zhibao__RecordRef *report, struct record_id *out_id)
{
    struct hash found;
    memcpy(out_id->bytes, report->id.data, RECORD_ID_BYTES);
    enum status status =
        store_report_hash(apply->db, apply->arena, task->district, report->unit, out_id, &found);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_E_SUBJECT_UNKNOWN : status;
    return memcmp(found.bytes, report->payload_sha256.data, HASH_BYTES) == 0
               ? STATUS_OK
               : STATUS_E_SUBJECT_REVISION;
}

/* Who reviews it: the duty's receiver, unless that is the author. */
static uint64_t receiver_of(struct apply *apply, const struct task *task,
                            const Zhibao__Document *document)
{
    const struct plan *plan = registry_plan(apply->registry, document->plan);
    const struct duty *duty = plan == NULL ? NULL : plan_duty(plan, document->duty);
    uint64_t receiver = duty == NULL ? 0 : duty_receiver(plan, duty, task->leaf.unit);
    return receiver == task->leaf.unit ? 0 : receiver;
}

enum status apply_document(struct apply *apply, struct task *task)
{
    const Zhibao__Document *document = (const Zhibao__Document *)task->message;
    struct upload upload = {.district = task->district, .unit = task->leaf.unit};
    struct record_id report;
    uint64_t receiver = 0;
    memcpy(upload.sha256.bytes, document->content_sha256.data, HASH_BYTES);
    enum status status = content_match(apply, document, &upload);
    if (status == STATUS_OK && document->report != NULL)
        status = report_match(apply, task, document->report, &report);
    if (status != STATUS_OK)
        return status;
    if (document->report == NULL)
        receiver = receiver_of(apply, task, document);
    status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                         receiver);
    if (status == STATUS_OK)
        status = store_insert_document(apply->db, apply->arena, apply->chain, apply->batch, task,
                                       document->report == NULL ? NULL : &report, receiver);
    if (status == STATUS_OK && upload.stage != STAGE_STORED) {
        upload.stage = STAGE_STORED;
        status = store_upload_update(apply->db, apply->arena, &upload, apply->now_us);
    }
    return status;
}

/* Only what waits is accepted; what waits or was accepted is returned. */
static enum status review_allowed(const struct document_subject *subject, uint64_t reviewer,
                                  bool accept)
{
    if (subject->receiver == 0 || subject->receiver != reviewer)
        return STATUS_E_FORBIDDEN;
    if (strcmp(subject->state, "superseded") == 0)
        return STATUS_E_SUBJECT_REVISION;
    bool waits = strcmp(subject->state, "stored") == 0;
    bool accepted = strcmp(subject->state, "accepted") == 0;
    return (accept ? !accepted : waits || accepted) ? STATUS_OK : STATUS_E_SUBJECT_STATE;
}

enum status apply_document_review(struct apply *apply, struct task *task)
{
    const Zhibao__Review *review = (const Zhibao__Review *)task->message;
    struct registry_unit author;
    struct document_subject subject = {.unit = review->subject->unit};
    memcpy(subject.id.bytes, review->subject->id.data, RECORD_ID_BYTES);
    if (!registry_unit(apply->registry, subject.unit, &author))
        return STATUS_E_SUBJECT_UNKNOWN;
    subject.district = author.district;
    enum status status = store_document_subject(apply->db, apply->arena, &subject);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_E_SUBJECT_UNKNOWN : status;
    if (memcmp(subject.payload_sha256.bytes, review->subject->payload_sha256.data, HASH_BYTES) != 0)
        return STATUS_E_SUBJECT_REVISION;
    bool accept = review->verdict == ZHIBAO__VERDICT__VERDICT_ACCEPT;
    status = review_allowed(&subject, task->leaf.unit, accept);
    if (status != STATUS_OK)
        return status;
    struct event_row row = {.event = accept ? "accepted" : "returned",
                            .subject_kind = ZHIBAO__RECORD_KIND__RECORD_DOCUMENT,
                            .subject_unit = subject.unit,
                            .subject_id = &subject.id,
                            .period = subject.period,
                            .reason = review->reason};
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
}
