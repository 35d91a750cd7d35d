/* What a worker can tell of records of cases: sizes, roles, keys. What is sealed is not looked at,
 * because nobody here could. */
#include <string.h>

#include "base/unit_id.h"
#include "case/case_directory.h"
#include "server/cases/case_record.h"

enum { GRANTS_MAX = 2000 };

bool case_kind(int kind)
{
    return kind == ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT ||
           kind == ZHIBAO__RECORD_KIND__RECORD_CASE_EVENT ||
           kind == ZHIBAO__RECORD_KIND__RECORD_CASE_READ ||
           kind == ZHIBAO__RECORD_KIND__RECORD_CASE_PIECE;
}

static void malformed(struct task *task, const char *field)
{
    task_problem(task, STATUS_E_MALFORMED, field, NULL, NULL);
}

/* Roles stand at their levels: whoever leads or takes part sees it at once. */
static bool wrap_good(const Zhibao__CaseWrap *wrap)
{
    bool above = wrap->role == ZHIBAO__CASE_ROLE__CASE_SUPERVISOR;
    return wrap->unit != 0 && wrap->holder.len == KEY_ID_BYTES && wrap->key.len == KEY_ID_BYTES &&
           wrap->wrapped.len == CASE_WRAP_BYTES &&
           wrap->role > ZHIBAO__CASE_ROLE__CASE_ROLE_UNSPECIFIED &&
           wrap->role <= ZHIBAO__CASE_ROLE__CASE_OFFERED && above == (wrap->level > 0) &&
           wrap->level <= CASE_LEVELS_MAX;
}

/* Good wraps only. */
static bool wrap_repeated(const Zhibao__CaseSealed *sealed, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (memcmp(sealed->wraps[i]->holder.data, sealed->wraps[index]->holder.data,
                   KEY_ID_BYTES) == 0)
            return true;
    return false;
}

static void sealed_check(struct task *task, const char *field, const Zhibao__CaseSealed *sealed)
{
    if (sealed == NULL || sealed->sealing != ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20 ||
        sealed->nonce.len != CASE_NONCE_BYTES || sealed->commitment.len != HASH_BYTES ||
        !case_sealed_size_good(sealed->ciphertext.len) || sealed->n_wraps == 0 ||
        sealed->n_wraps > CASE_RECIPIENTS_MAX) {
        task_problem(task, STATUS_E_CASE_SEALED, field, NULL, NULL);
        return;
    }
    for (size_t i = 0; i < sealed->n_wraps; i++)
        if (!wrap_good(sealed->wraps[i]) || wrap_repeated(sealed, i)) {
            task_problem(task, STATUS_E_CASE_SEALED, field, NULL, NULL);
            return;
        }
}

/* A reporter's record is signed with the key it brings, by whoever brings it. */
static bool mailbox_judge(struct task *task, struct registry *registry,
                          const ProtobufCBinaryData *sign_public)
{
    struct registry_unit carrier;
    struct sign_public key = {.algorithm = task->leaf.algorithm};
    uint64_t district = unit_place(task->leaf.unit);
    if (unit_number(task->leaf.unit) != CASE_MAILBOX || place_level(district) != PLACE_DISTRICT) {
        task_problem(task, STATUS_E_UNIT_UNKNOWN, "head.unit", NULL, NULL);
        return false;
    }
    if (!registry_unit(registry, task->job->key.unit, &carrier) || carrier.district != district) {
        task_problem(task, STATUS_E_FORBIDDEN, "head.unit", "只能向本区县报告个案",
                     "cases are reported to one's own district");
        return false;
    }
    task->author.id = task->carrier = task->leaf.unit;
    task->author.role = ROLE_DEPARTMENT;
    task->author.district = task->district = district;
    if (sign_public->len == SIGN_PUBLIC_BYTES)
        memcpy(key.bytes, sign_public->data, SIGN_PUBLIC_BYTES);
    struct key_id id = sign_key_id(&key);
    if (sign_public->len != SIGN_PUBLIC_BYTES || key.algorithm != SIGN_ED25519 ||
        memcmp(id.bytes, task->leaf.key.bytes, KEY_ID_BYTES) != 0 ||
        sign_verify(&key, record_domain(task->leaf.kind), task->payload, task->payload_size,
                    task->signature, task->signature_size) != STATUS_OK) {
        task_problem(task, STATUS_E_SIGNATURE, "record.signature", NULL, NULL);
        return false;
    }
    return true;
}

void case_report_judge(struct task *task, struct registry *registry)
{
    const Zhibao__CaseReport *report = (const Zhibao__CaseReport *)task->message;
    if (mailbox_judge(task, registry, &report->sign_public))
        validate_case_report(task, registry);
}

void case_piece_judge(struct task *task, struct registry *registry)
{
    const Zhibao__CasePiece *piece = (const Zhibao__CasePiece *)task->message;
    if (mailbox_judge(task, registry, &piece->sign_public))
        validate_case_piece(task, registry);
}

/* The holder's key is good, and its unit's. */
static bool holder_active(struct registry *registry, const Zhibao__CaseWrap *wrap)
{
    struct registry_key key;
    struct key_id id;
    memcpy(id.bytes, wrap->holder.data, sizeof id.bytes);
    return registry_key_by_id(registry, &id, &key) && key.unit == wrap->unit &&
           key.status == KEY_ACTIVE;
}

/* Somebody has to be able to see it, now or when it has escalated; who reports is for the lead. */
static void recipients_check(struct task *task, struct registry *registry,
                             const Zhibao__CaseReport *report)
{
    bool anybody = false;
    for (size_t i = 0; i < report->content->n_wraps; i++) {
        const Zhibao__CaseWrap *wrap = report->content->wraps[i];
        anybody = anybody || holder_active(registry, wrap);
        if (wrap->role == ZHIBAO__CASE_ROLE__CASE_MEMBER ||
            wrap->role == ZHIBAO__CASE_ROLE__CASE_OFFERED)
            malformed(task, "content.wraps.role");
    }
    for (size_t i = 0; i < report->reporter->n_wraps; i++)
        if (report->reporter->wraps[i]->role != ZHIBAO__CASE_ROLE__CASE_LEAD)
            malformed(task, "reporter.wraps.role");
    if (!anybody)
        task_problem(task, STATUS_E_CASE_RECIPIENT, "content.wraps", NULL, NULL);
}

void validate_case_report(struct task *task, struct registry *registry)
{
    const Zhibao__CaseReport *report = (const Zhibao__CaseReport *)task->message;
    if (report->urgency != ZHIBAO__CASE_URGENCY__CASE_ORDINARY &&
        report->urgency != ZHIBAO__CASE_URGENCY__CASE_EMERGENCY)
        malformed(task, "urgency");
    if (report->reply_public.len != CASE_KEY_BYTES || report->lookup_sha256.len != HASH_BYTES)
        malformed(task, "reply_public");
    sealed_check(task, "content", report->content);
    sealed_check(task, "reporter", report->reporter);
    if (task->refusal == STATUS_OK)
        recipients_check(task, registry, report);
}

void validate_case_directory(struct task *task, struct registry *registry)
{
    const Zhibao__CaseDirectoryRecord *record = (const Zhibao__CaseDirectoryRecord *)task->message;
    Zhibao__CaseDirectory *directory = NULL;
    (void)registry;
    if (record->signature.len != SIGN_SIGNATURE_BYTES || record->committee.len != KEY_ID_BYTES ||
        record->algorithm != ZHIBAO__ALGORITHM__ALGORITHM_ED25519 ||
        case_directory_read(task->arena, record->directory.data, record->directory.len,
                            &directory) != STATUS_OK)
        task_problem(task, STATUS_E_CASE_DIRECTORY, "directory", NULL, NULL);
    else if (!place_contains(unit_place(task->leaf.unit), directory->district))
        task_problem(task, STATUS_E_FORBIDDEN, "directory.district", NULL, NULL);
}

static bool case_named(uint64_t district, const ProtobufCBinaryData *id)
{
    return place_level(district) == PLACE_DISTRICT && id->len == RECORD_ID_BYTES;
}

static void grants_check(struct task *task, struct registry *registry,
                         const Zhibao__CaseEvent *event)
{
    bool add = event->action == ZHIBAO__CASE_ACTION__CASE_ADD;
    bool offer = event->action == ZHIBAO__CASE_ACTION__CASE_OFFER;
    bool rewrap = event->action == ZHIBAO__CASE_ACTION__CASE_REWRAP;
    Zhibao__CaseRole role = add ? ZHIBAO__CASE_ROLE__CASE_MEMBER : ZHIBAO__CASE_ROLE__CASE_OFFERED;
    if ((event->n_grants > 0) != (add || offer || rewrap) || event->n_grants > GRANTS_MAX) {
        malformed(task, "grants");
        return;
    }
    for (size_t i = 0; i < event->n_grants; i++) {
        const Zhibao__CaseGrant *grant = event->grants[i];
        if (grant->record.len != RECORD_ID_BYTES || grant->wrap == NULL ||
            !wrap_good(grant->wrap) || (!rewrap && grant->wrap->role != role)) {
            malformed(task, "grants");
            return;
        }
        if (!holder_active(registry, grant->wrap)) {
            task_problem(task, STATUS_E_CASE_RECIPIENT, "grants.wrap.holder",
                         "新加入的单位没有这个有效密钥",
                         "the unit to be added has no such active key");
            return;
        }
    }
}

/* A file is named by the record that opens it. What is hashed names its key; the key file has
 * nothing but the key's id. */
static void register_check(struct task *task, const Zhibao__CaseEvent *event)
{
    bool hashed = event->identity.len == HASH_BYTES;
    if (event->case_id.len != RECORD_ID_BYTES ||
        memcmp(event->case_id.data, task->leaf.id.bytes, RECORD_ID_BYTES) != 0 ||
        event->district != task->district)
        malformed(task, "case_id");
    if ((event->identity.len != 0 && !hashed) ||
        event->register_key.len != (hashed || event->key_file ? HASH_BYTES : 0) ||
        (hashed && event->key_file))
        malformed(task, "identity");
    if ((event->due_us == 0) != event->key_file)
        malformed(task, "due_us");
}

static bool takes_time(Zhibao__CaseAction action)
{
    return action == ZHIBAO__CASE_ACTION__CASE_ADD || action == ZHIBAO__CASE_ACTION__CASE_VISIT ||
           action == ZHIBAO__CASE_ACTION__CASE_REGISTER;
}

void validate_case_step(struct task *task, struct registry *registry)
{
    const Zhibao__CaseEvent *event = (const Zhibao__CaseEvent *)task->message;
    bool outcome = event->action == ZHIBAO__CASE_ACTION__CASE_OUTCOME;
    bool leave = event->action == ZHIBAO__CASE_ACTION__CASE_LEAVE;
    if (!case_named(event->district, &event->case_id) ||
        (event->seen.len != 0 && event->seen.len != RECORD_ID_BYTES))
        malformed(task, "case_id");
    if (event->action <= ZHIBAO__CASE_ACTION__CASE_REPORT ||
        event->action > ZHIBAO__CASE_ACTION__CASE_REWRAP)
        malformed(task, "action");
    if (event->urgency > ZHIBAO__CASE_URGENCY__CASE_EMERGENCY || event->urgency < 0)
        malformed(task, "urgency");
    if (event->reply.len != (outcome ? CASE_REPLY_BYTES : 0))
        task_problem(task, STATUS_E_CASE_SEALED, "reply", NULL, NULL);
    if (event->action == ZHIBAO__CASE_ACTION__CASE_REGISTER)
        register_check(task, event);
    else if (event->identity.len != 0 || event->register_key.len != 0 || event->key_file)
        malformed(task, "identity");
    if ((event->leaver != 0) != leave)
        malformed(task, "leaver");
    if (event->due_us < 0 || (event->due_us != 0 && !takes_time(event->action)))
        malformed(task, "due_us");
    sealed_check(task, "content", event->content);
    grants_check(task, registry, event);
}

void validate_case_piece(struct task *task, struct registry *registry)
{
    const Zhibao__CasePiece *piece = (const Zhibao__CasePiece *)task->message;
    bool reporter = unit_number(task->leaf.unit) == CASE_MAILBOX;
    (void)registry;
    if (!case_named(piece->district, &piece->case_id) ||
        (reporter && piece->district != unit_place(task->leaf.unit)))
        malformed(task, "case_id");
    if ((piece->sign_public.len != 0) != reporter)
        malformed(task, "sign_public");
    if (piece->record.len != RECORD_ID_BYTES)
        malformed(task, "record");
    if (piece->sealing != ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20 ||
        piece->nonce.len != CASE_NONCE_BYTES || !case_sealed_size_good(piece->ciphertext.len))
        task_problem(task, STATUS_E_CASE_SEALED, "ciphertext", NULL, NULL);
}

void validate_case_read(struct task *task, struct registry *registry)
{
    const Zhibao__CaseRead *reading = (const Zhibao__CaseRead *)task->message;
    (void)registry;
    if (!case_named(reading->district, &reading->case_id))
        malformed(task, "case_id");
    if (reading->purpose <= ZHIBAO__CASE_PURPOSE__CASE_PURPOSE_UNSPECIFIED ||
        reading->purpose > ZHIBAO__CASE_PURPOSE__CASE_FOR_COMPLAINT)
        task_problem(task, STATUS_E_CASE_PURPOSE, "purpose", NULL, NULL);
}
