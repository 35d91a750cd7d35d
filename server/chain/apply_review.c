/* Reviews: accept, return, withdraw and object, of reports and of confirmed totals. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "server/chain/rules.h"
#include "server/documents/document.h"
#include "server/ingest/apply.h"
#include "server/store/ingest_store.h"

enum { CAUSE_BYTES = 80, SENTENCE_BYTES = 160 };

static enum machine machine_of(const struct chain_subject *subject)
{
    if (subject->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION)
        return MACHINE_TOWNSHIP_TOTAL;
    if (!subject->village_form)
        return MACHINE_DIRECT_REPORT;
    return subject->entered_by != 0 ? MACHINE_ENTERED_REPORT : MACHINE_VILLAGE_REPORT;
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
    /* what a district's statistics report up is reviewed by those of the city */
    if (reviewer->role == ROLE_STATISTICS && author->role == ROLE_STATISTICS &&
        unit_place(reviewer->id) != place &&
        unit_place(reviewer->id) == place_ancestor(place, PLACE_CITY))
        return ACTOR_STATISTICS;
    return ACTOR_OTHER;
}

/* What each verdict does and is stored as. */
static const struct verdict_word {
    Zhibao__Verdict verdict;
    enum chain_event event;
    const char *stored;
} verdict_words[] = {
    {ZHIBAO__VERDICT__VERDICT_ACCEPT,   EVENT_ACCEPT,        "accepted" },
    {ZHIBAO__VERDICT__VERDICT_RETURN,   EVENT_RETURN,        "returned" },
    {ZHIBAO__VERDICT__VERDICT_WITHDRAW, EVENT_WITHDRAW,      "withdrawn"},
    {ZHIBAO__VERDICT__VERDICT_OBJECT,   EVENT_OBJECT,        "objected" },
    {ZHIBAO__VERDICT__VERDICT_SIGN,     EVENT_SIGN_REVIEWER, "reviewed" }, /* or the principal's */
};

static const struct verdict_word *verdict_word_of(Zhibao__Verdict verdict)
{
    for (size_t i = 0; i < sizeof verdict_words / sizeof *verdict_words; i++)
        if (verdict_words[i].verdict == verdict)
            return &verdict_words[i];
    return NULL;
}

/* Tells the loser of a race what happened meanwhile. */
static enum status refuse(struct task *task, const struct chain_subject *subject,
                          enum status status)
{
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    bool worded = true;
    if (status == STATUS_E_SUBJECT_REVISION && subject->newest > subject->revision) {
        snprintf(zh, sizeof zh, "所办理的是第%d版，其后已报来第%d版", subject->revision,
                 subject->newest);
        snprintf(en, sizeof en, "this is revision %d; revision %d has come since",
                 subject->revision, subject->newest);
    } else if (status == STATUS_E_SUBJECT_STATE) {
        snprintf(zh, sizeof zh, "该材料现为“%s”，不允许此操作", record_state_zh(subject->state));
        snprintf(en, sizeof en, "the record is %s now: this is not allowed",
                 record_state_name(subject->state));
    } else {
        worded = false;
    }
    problems_add(&task->problems, status, 0, "subject", worded ? zh : NULL, worded ? en : NULL);
    return status;
}

static enum status subject_find(struct apply *apply, const Zhibao__Review *review,
                                struct registry_unit *out_author, struct chain_subject *out_subject)
{
    struct chain_subject subject = {.kind = (int)review->subject_kind,
                                    .unit = review->subject->unit};
    memcpy(subject.id.bytes, review->subject->id.data, RECORD_ID_BYTES);
    if (!registry_unit(apply->registry, subject.unit, out_author))
        return STATUS_E_SUBJECT_UNKNOWN;
    subject.district = out_author->district;
    enum status status = store_subject(apply->db, apply->arena, &subject);
    if (status == STATUS_NOT_FOUND)
        return STATUS_E_SUBJECT_UNKNOWN;
    if (status == STATUS_OK)
        *out_subject = subject;
    return status;
}

/* Which signature this is: the key's office says. The report's own key has signed already. */
static enum status signature_event(struct apply *apply, struct task *task,
                                   const struct chain_subject *subject,
                                   struct verdict_word *out_word)
{
    const char *office = "";
    enum status status = store_key_office(apply->db, apply->arena, &task->leaf.key, &office);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_E_KEY_UNKNOWN : status;
    bool reviewer = strcmp(office, "reviewer") == 0;
    if ((!reviewer && strcmp(office, "principal") != 0) ||
        memcmp(task->leaf.key.bytes, subject->key.bytes, KEY_ID_BYTES) == 0) {
        problems_add(&task->problems, STATUS_E_FORBIDDEN, 0, "record.key",
                     "签字须用审核人或负责人自己的密钥，且不能是填表人的密钥",
                     "a reviewer or principal signs, with a key other than the report's own");
        return STATUS_E_FORBIDDEN;
    }
    out_word->event = reviewer ? EVENT_SIGN_REVIEWER : EVENT_SIGN_PRINCIPAL;
    out_word->stored = reviewer ? "reviewed" : "signed";
    return STATUS_OK;
}

/* Whether an acceptance comes before signatures that the form asks for. What a township entered is
 * signed by the township alone. */
static bool unsigned_yet(struct apply *apply, const struct chain_subject *subject)
{
    struct registry_form form;
    return subject->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT && subject->entered_by == 0 &&
           !subject->signed_off && registry_form_by_id(apply->registry, subject->form_id, &form) &&
           form.form != NULL && form.form->sign_off[0] != '\0';
}

/* A village's report that begins or ceases to count puts its township's total out of date. */
static void change_note(struct apply *apply, const struct chain_subject *subject,
                        enum chain_event event)
{
    bool report = subject->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT && subject->village_form;
    apply->changed =
        report && (event == EVENT_ACCEPT || event == EVENT_RETURN || event == EVENT_OBJECT);
    apply->change =
        (struct village_change){.district = subject->district,
                                .unit = subject->unit,
                                .form_id = subject->form_id,
                                .period = subject->period,
                                .id = subject->id,
                                .change = event == EVENT_ACCEPT ? CHANGE_ACCEPTED : CHANGE_LOST};
}

/* Once a period has been locked its figures may have been published: what changes them is told. */
static enum status correction_note(struct apply *apply, const struct chain_subject *subject,
                                   enum chain_event event)
{
    bool counted = subject->state == STATE_ACCEPTED || subject->state == STATE_CONFIRMED ||
                   subject->state == STATE_FINAL;
    bool lost = counted && (event == EVENT_RETURN || event == EVENT_OBJECT);
    if (subject->kind != ZHIBAO__RECORD_KIND__RECORD_REPORT || (event != EVENT_ACCEPT && !lost))
        return STATUS_OK;
    apply->correction = (struct correction){.district = subject->district,
                                            .unit = subject->unit,
                                            .id = subject->id,
                                            .payload_sha256 = subject->payload_sha256,
                                            .form_id = subject->form_id,
                                            .period = subject->period,
                                            .revision = subject->revision,
                                            .lost = lost};
    return store_once_locked(apply->db, apply->arena, subject, &apply->corrected);
}

enum status apply_review(struct apply *apply, struct task *task)
{
    const Zhibao__Review *review = (const Zhibao__Review *)task->message;
    const struct verdict_word *found = verdict_word_of(review->verdict);
    struct registry_unit author;
    struct chain_subject subject;
    enum record_state state = STATE_STORED;
    if (review->subject_kind == ZHIBAO__RECORD_KIND__RECORD_DOCUMENT)
        return apply_document_review(apply, task);
    if (found == NULL)
        return STATUS_E_MALFORMED;
    struct verdict_word word = *found;
    enum status status = subject_find(apply, review, &author, &subject);
    if (status != STATUS_OK)
        return status;
    if (memcmp(subject.payload_sha256.bytes, review->subject->payload_sha256.data, HASH_BYTES) != 0)
        return STATUS_E_SUBJECT_REVISION;
    if (word.verdict == ZHIBAO__VERDICT__VERDICT_SIGN)
        status = signature_event(apply, task, &subject, &word);
    if (status != STATUS_OK)
        return status;
    status = chain_step(machine_of(&subject), chain_from(subject.state, subject.locked), word.event,
                        actor_of(&task->author, &author), &state);
    if (status != STATUS_OK)
        return refuse(task, &subject, status);
    if (word.event == EVENT_ACCEPT && unsigned_yet(apply, &subject))
        return STATUS_E_SIGN_OFF;
    struct event_row row = {.event = word.stored,
                            .subject_kind = subject.kind,
                            .subject_unit = subject.unit,
                            .subject_id = &subject.id,
                            .period = subject.period,
                            .form_id = subject.form_id,
                            .reason = review->reason};
    change_note(apply, &subject, word.event);
    status = correction_note(apply, &subject, word.event);
    if (status != STATUS_OK)
        return status;
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
}

enum status apply_lock(struct apply *apply, struct task *task)
{
    const Zhibao__Lock *lock = (const Zhibao__Lock *)task->message;
    bool locked = false;
    struct event_row row = {.event = lock->unlock ? "unlocked" : "locked",
                            .plan = lock->plan,
                            .place = lock->place,
                            .period = (int)lock->period,
                            .reason = lock->reason};
    enum status status = store_locked(apply->db, apply->arena, lock->plan, task->district,
                                      (int)lock->period, &locked);
    if (status != STATUS_OK)
        return status;
    if (locked != (lock->unlock != 0)) /* another one came first */
        return STATUS_E_SUBJECT_STATE;
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

enum status apply_reopened(struct apply *apply, struct task *notice,
                           const struct reopened_total *total, const struct village_change *change)
{
    static const char *const words[] = {
        [CHANGE_AMENDED] = "已报新版本 amended",
        [CHANGE_ACCEPTED] = "新通过 accepted",
        [CHANGE_LOST] = "不再计入 no longer counts",
    };
    char cause[CAUSE_BYTES];
    struct event_row row = {.event = "reopened",
                            .subject_kind = ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION,
                            .subject_unit = total->unit,
                            .subject_id = &total->id,
                            .form_id = change->form_id,
                            .period = change->period,
                            .reason = cause};
    snprintf(cause, sizeof cause, "%" PRIu64 " %s", unit_place(change->unit),
             words[change->change]);
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, notice, &row);
}

enum status apply_corrected(struct apply *apply, struct task *notice,
                            const struct correction *correction)
{
    char reason[CAUSE_BYTES];
    struct event_row row = {.event = "corrected",
                            .subject_kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                            .subject_unit = correction->unit,
                            .subject_id = &correction->id,
                            .form_id = correction->form_id,
                            .period = correction->period,
                            .reason = reason};
    snprintf(reason, sizeof reason,
             correction->lost ? "第%d版不再计入 revision %d no longer counts"
                              : "第%d版计入 revision %d counts",
             correction->revision, correction->revision);
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, notice, &row);
}
