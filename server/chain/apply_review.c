/* Reviews: accept and return, of reports and of confirmed totals. */
#include <string.h>

#include "base/log.h"
#include "server/chain/rules.h"
#include "server/documents/document.h"
#include "server/ingest/apply.h"
#include "server/store/chain_store.h"
#include "server/store/ingest_store.h"

static enum machine machine_of(const struct chain_subject *subject)
{
    if (subject->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION)
        return MACHINE_TOWNSHIP_TOTAL;
    return subject->village_form ? MACHINE_VILLAGE_REPORT : MACHINE_DIRECT_REPORT;
}

static enum actor actor_of(const struct registry_unit *reviewer, const struct registry_unit *author)
{
    uint64_t place = unit_place(author->id);
    if (reviewer->id == author->id)
        return ACTOR_AUTHOR;
    if (reviewer->role == ROLE_TOWNSHIP &&
        reviewer->id == unit_make(place_ancestor(place, PLACE_TOWNSHIP), UNIT_OWN))
        return ACTOR_TOWNSHIP;
    if (reviewer->role == ROLE_STATISTICS && unit_place(reviewer->id) == author->district)
        return ACTOR_STATISTICS;
    return ACTOR_OTHER;
}

enum status apply_review(struct apply *apply, struct task *task)
{
    const Zhibao__Review *review = (const Zhibao__Review *)task->message;
    struct registry_unit author;
    struct chain_subject subject = {.kind = (int)review->subject_kind};
    if (review->subject_kind == ZHIBAO__RECORD_KIND__RECORD_DOCUMENT)
        return apply_document_review(apply, task);
    memcpy(subject.id.bytes, review->subject->id.data, RECORD_ID_BYTES);
    subject.unit = review->subject->unit;
    if (!registry_unit(apply->registry, subject.unit, &author))
        return STATUS_E_SUBJECT_UNKNOWN;
    subject.district = author.district;
    enum status status = store_subject(apply->db, apply->arena, &subject);
    if (status == STATUS_NOT_FOUND)
        return STATUS_E_SUBJECT_UNKNOWN;
    if (status != STATUS_OK)
        return status;
    if (memcmp(subject.payload_sha256.bytes, review->subject->payload_sha256.data, HASH_BYTES) != 0)
        return STATUS_E_SUBJECT_REVISION;
    bool accept = review->verdict == ZHIBAO__VERDICT__VERDICT_ACCEPT;
    enum record_state state = STATE_STORED;
    status = chain_step(machine_of(&subject), subject.state, accept ? EVENT_ACCEPT : EVENT_RETURN,
                        actor_of(&task->author, &author), &state);
    if (status != STATUS_OK)
        return status;
    struct event_row row = {.event = accept ? "accepted" : "returned",
                            .subject_kind = subject.kind,
                            .subject_unit = subject.unit,
                            .subject_id = &subject.id,
                            .period = subject.period,
                            .form_id = subject.form_id,
                            .reason = review->reason};
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
}

enum status apply_lock(struct apply *apply, struct task *task)
{
    const Zhibao__Lock *lock = (const Zhibao__Lock *)task->message;
    struct event_row row = {.event = lock->unlock ? "unlocked" : "locked",
                            .plan = lock->plan,
                            .place = lock->place,
                            .period = (int)lock->period,
                            .reason = lock->reason};
    apply->registry_changed = true;
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
}

enum status apply_bad_signature(struct apply *apply, struct task *notice,
                                const struct bad_signature *bad)
{
    struct event_row row = {.event = "bad_signature",
                            .subject_kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                            .subject_unit = bad->unit,
                            .subject_id = &bad->id,
                            .reason = "signature does not verify"};
    log_warning("returned a report: signature invalid unit=%llu", (unsigned long long)bad->unit);
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, notice, &row);
}
