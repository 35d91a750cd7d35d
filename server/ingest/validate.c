#include "server/ingest/validate.h"

#include <string.h>

#include "place.pb-c.h"
#include "plan/period_rule.h"
#include "proof/key_proof.h"
#include "text/utf8.h"

enum { REASON_BYTES_MAX = 2000, FILES_MAX = 32 };

static bool blank(const char *text)
{
    return utf8_all_blank(text);
}

static void reason_check(struct task *task, const char *reason, bool required)
{
    if (required && blank(reason))
        task_problem(task, STATUS_E_REASON, "reason", NULL, NULL);
    if (strlen(reason) > REASON_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "reason", NULL, NULL);
}

static bool reference_good(const Zhibao__RecordRef *reference)
{
    return reference != NULL && reference->id.len == RECORD_ID_BYTES &&
           reference->payload_sha256.len == HASH_BYTES;
}

void validate_review(struct task *task, struct registry *registry)
{
    (void)registry;
    const Zhibao__Review *review = (const Zhibao__Review *)task->message;
    bool accepted = review->verdict == ZHIBAO__VERDICT__VERDICT_ACCEPT;
    bool returned = review->verdict == ZHIBAO__VERDICT__VERDICT_RETURN;
    bool document = review->subject_kind == ZHIBAO__RECORD_KIND__RECORD_DOCUMENT;
    bool by_author = !document && (review->verdict == ZHIBAO__VERDICT__VERDICT_WITHDRAW ||
                                   review->verdict == ZHIBAO__VERDICT__VERDICT_OBJECT ||
                                   review->verdict == ZHIBAO__VERDICT__VERDICT_SIGN);
    if (!reference_good(review->subject) ||
        (review->subject_kind != ZHIBAO__RECORD_KIND__RECORD_REPORT &&
         review->subject_kind != ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION && !document) ||
        (!accepted && !returned && !by_author))
        task_problem(task, STATUS_E_MALFORMED, "subject", NULL, NULL);
    else if (by_author ? review->subject->unit != task->author.id
                       : !document && task->author.role != ROLE_TOWNSHIP &&
                             task->author.role != ROLE_STATISTICS)
        task_problem(task, STATUS_E_FORBIDDEN, "head.unit", NULL, NULL);
    reason_check(task, review->reason,
                 !accepted && review->verdict != ZHIBAO__VERDICT__VERDICT_SIGN);
}

void validate_confirmation(struct task *task, struct registry *registry)
{
    const Zhibao__Confirmation *confirmation = (const Zhibao__Confirmation *)task->message;
    for (size_t i = 0; i < confirmation->n_reports; i++)
        if (!reference_good(confirmation->reports[i])) {
            task_problem(task, STATUS_E_MALFORMED, "reports", NULL, NULL);
            return;
        }
    if (!registry_form(registry, confirmation->plan, confirmation->form, &task->form) ||
        strcmp(task->form.form->reporter, "village") != 0)
        task_problem(task, STATUS_E_FORM_UNKNOWN, "form", NULL, NULL);
    else if (task->form.form->version != confirmation->form_version)
        task_problem(task, STATUS_E_FORM_VERSION, "form_version", NULL, NULL);
    if (registry_locked(registry, confirmation->plan, task->district, (int)confirmation->period))
        task_problem(task, STATUS_E_PERIOD_LOCKED, "period", NULL, NULL);
}

/* Who is yet to report of a year that goes on could not any more. */
static void lock_period_check(struct task *task, int period)
{
    enum status status = period_rule_over(period, task->leaf.received_us, &task->problems);
    task->refusal = task->refusal == STATUS_OK ? status : task->refusal;
}

void validate_lock(struct task *task, struct registry *registry)
{
    const Zhibao__Lock *lock = (const Zhibao__Lock *)task->message;
    const struct plan *plan = registry_plan(registry, lock->plan);
    if (lock->place != task->district)
        task_problem(task, STATUS_E_FORBIDDEN, "place", "只有本地统计部门可以锁定或解锁",
                     "only the district's own statistics department locks and unlocks");
    if (plan == NULL)
        task_problem(task, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
    else if ((int)lock->period < plan->first_year || (int)lock->period > plan->last_year)
        task_problem(task, STATUS_E_PERIOD, "period", NULL, NULL);
    else if (!lock->unlock)
        lock_period_check(task, (int)lock->period);
    bool locked = registry_locked(registry, lock->plan, task->district, (int)lock->period);
    if (locked != (lock->unlock != 0))
        task_problem(task, STATUS_E_SUBJECT_STATE, "unlock",
                     locked ? "该报告期已经锁定" : "该报告期没有锁定",
                     locked ? "the period is locked already" : "the period is not locked");
    reason_check(task, lock->reason, lock->unlock != 0);
}

/* Of a unit's own people: who holds a key approves a colleague's and hands over his own. */
static bool key_change_own(const struct task *task, const Zhibao__KeyChange *change)
{
    if (change->subject != task->author.id)
        return false;
    return change->action == ZHIBAO__KEY_ACTION__KEY_APPROVE ||
           (change->action == ZHIBAO__KEY_ACTION__KEY_HANDOVER && change->key.len == KEY_ID_BYTES &&
            memcmp(change->key.data, task->leaf.key.bytes, KEY_ID_BYTES) == 0);
}

static void key_of_unit_check(struct task *task, struct registry *registry,
                              const ProtobufCBinaryData *named, const char *field)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    struct registry_key key;
    struct key_id id;
    memset(&id, 0, sizeof id);
    if (named->len == sizeof id.bytes)
        memcpy(id.bytes, named->data, sizeof id.bytes);
    if (!registry_key_by_id(registry, &id, &key) || key.unit != change->subject)
        task_problem(task, STATUS_E_KEY_UNKNOWN, field, NULL, NULL);
}

/* Whether the new keys have their sizes and the new signing key has signed for them. */
static bool key_proof_good(const Zhibao__KeyChange *change)
{
    struct key_proof proof = {.sign.algorithm = (uint8_t)change->algorithm};
    if (change->sign_public.len != sizeof proof.sign.bytes ||
        change->transport_public.len != sizeof proof.transport ||
        change->encrypt_public.len != sizeof proof.encrypt)
        return false;
    memcpy(proof.old.bytes, change->key.data, sizeof proof.old.bytes);
    memcpy(proof.sign.bytes, change->sign_public.data, sizeof proof.sign.bytes);
    memcpy(proof.transport, change->transport_public.data, sizeof proof.transport);
    memcpy(proof.encrypt, change->encrypt_public.data, sizeof proof.encrypt);
    return key_proof_verify(&proof, change->proof.data, change->proof.len) == STATUS_OK;
}

/* By the key itself. */
static void validate_rotation(struct task *task)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    if (change->subject != task->author.id || change->key.len != KEY_ID_BYTES ||
        memcmp(change->key.data, task->leaf.key.bytes, KEY_ID_BYTES) != 0)
        task_problem(task, STATUS_E_FORBIDDEN, "key", "只能更换本机自己的密钥",
                     "a key is replaced by itself alone");
    else if (change->algorithm != ZHIBAO__ALGORITHM__ALGORITHM_ED25519)
        task_problem(task, STATUS_E_ALGORITHM, "algorithm", NULL, NULL);
    else if (!key_proof_good(change))
        task_problem(task, STATUS_E_KEY_PROOF, "proof", NULL, NULL);
    if (change->overlap_hours > KEY_OVERLAP_HOURS_MAX)
        task_problem(task, STATUS_E_RANGE, "overlap_hours", "新旧密钥并用最长90天",
                     "old and new keys hold together for 90 days at most");
}

/* A key that has been replaced signs what waits, and nothing about keys. */
static bool key_ending(const struct task *task, struct registry *registry)
{
    struct registry_key key;
    return registry_key_by_id(registry, &task->leaf.key, &key) && key.ends_us != 0;
}

void validate_key(struct task *task, struct registry *registry)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    struct registry_unit subject;
    if (key_ending(task, registry)) {
        task_problem(task, STATUS_E_KEY_ENDING, "record.key", NULL, NULL);
        return;
    }
    if (change->action == ZHIBAO__KEY_ACTION__KEY_ROTATE) {
        validate_rotation(task);
        return;
    }
    bool handover = change->action == ZHIBAO__KEY_ACTION__KEY_HANDOVER;
    bool known = change->action == ZHIBAO__KEY_ACTION__KEY_APPROVE ||
                 change->action == ZHIBAO__KEY_ACTION__KEY_REVOKE || handover;
    if (!known || (task->author.role != ROLE_ADMIN && !key_change_own(task, change))) {
        task_problem(task, STATUS_E_FORBIDDEN, "action", NULL, NULL);
        return;
    }
    if (!registry_unit(registry, change->subject, &subject) ||
        (task->author.id != subject.id &&
         !place_contains(unit_place(task->author.id), unit_place(subject.id))))
        task_problem(task, STATUS_E_UNIT_UNKNOWN, "subject", NULL, NULL);
    key_of_unit_check(task, registry, &change->key, "key");
    if (handover)
        key_of_unit_check(task, registry, &change->successor, "successor");
    reason_check(task, change->reason, change->action != ZHIBAO__KEY_ACTION__KEY_APPROVE);
}

void validate_carrier(struct task *task, struct registry *registry)
{
    const Zhibao__CarrierGrant *grant = (const Zhibao__CarrierGrant *)task->message;
    struct registry_unit unit;
    uint64_t own = unit_place(task->author.id);
    if (!place_contains(own, unit_place(grant->unit)) || !place_contains(own, grant->subtree))
        task_problem(task, STATUS_E_FORBIDDEN, "subtree",
                     "只有管理员可以授权代送，且代送单位和所代送的地方都须在其辖区内",
                     "an administrator grants this, for a unit and a place within its own");
    else if (!registry_unit(registry, grant->unit, &unit))
        task_problem(task, STATUS_E_UNIT_UNKNOWN, "unit", NULL, NULL);
    reason_check(task, grant->reason, true);
}

void validate_plan(struct task *task, struct registry *registry)
{
    (void)registry;
    const Zhibao__PlanImport *import = (const Zhibao__PlanImport *)task->message;
    if (import->n_files == 0 || import->n_files > FILES_MAX)
        task_problem(task, STATUS_E_PLAN_INVALID, "files", NULL, NULL);
}
