/* Key changes and one-time codes, inside the writer's transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "place.pb-c.h"
#include "proof/enrol_code.h"
#include "server/ingest/apply.h"
#include "server/store/ingest_store.h"
#include "server/store/key_store.h"
#include "server/store/registry_store.h"

enum { CODES_MAX = 2000, HOUR_S = 3600, HOURS_MAX = 366 * 24, HOLDER_BYTES_MAX = 200 };

static bool office_known(const char *office)
{
    static const char *const offices[] = {"", "filler", "reviewer", "principal"};
    for (size_t i = 0; i < sizeof offices / sizeof *offices; i++)
        if (strcmp(offices[i], office) == 0)
            return true;
    return false;
}

/* The new keys beside the old one, which holds on for a while. */
static enum status apply_rotation(struct apply *apply, struct task *task)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    struct sign_public fresh = {.algorithm = (uint8_t)change->algorithm};
    memcpy(fresh.bytes, change->sign_public.data, sizeof fresh.bytes);
    struct key_id id = sign_key_id(&fresh);
    int64_t ends_us = task->leaf.received_us + (int64_t)change->overlap_hours * HOUR_S * 1000000;
    apply->registry_changed = true;
    enum status status =
        store_key_rotate(apply->db, apply->arena, &task->leaf, change, &id, ends_us);
    if (status == STATUS_CONFLICT)
        return STATUS_E_KEY_TAKEN;
    if (status == STATUS_NOT_FOUND) /* replaced or revoked since a worker looked */
        return STATUS_E_KEY_ENDING;
    if (status != STATUS_OK)
        return status;
    return store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                       change->subject);
}

enum status apply_key_change(struct apply *apply, struct task *task)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    if (change->action == ZHIBAO__KEY_ACTION__KEY_ROTATE)
        return apply_rotation(apply, task);
    bool handover = change->action == ZHIBAO__KEY_ACTION__KEY_HANDOVER;
    bool revoke = change->action == ZHIBAO__KEY_ACTION__KEY_REVOKE || handover;
    apply->registry_changed = true;
    enum status status = STATUS_OK;
    if (handover)
        status = store_key_handover(apply->db, apply->arena, change);
    if (status == STATUS_OK)
        status =
            store_key_status(apply->db, apply->arena, change->key.data, change->key.len, revoke);
    if (status == STATUS_NOT_FOUND)
        return STATUS_E_SUBJECT_STATE;
    if (status != STATUS_OK)
        return status;
    return store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                       change->subject);
}

enum status apply_enrol(struct apply *apply, struct task *task)
{
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)task->message;
    const Zhibao__Enrol *enrol = task->enrol;
    if (!office_known(change->office) || strlen(change->holder) > HOLDER_BYTES_MAX)
        return STATUS_E_TEXT;
    if (enrol->code_id.len != ENROL_CODE_ID_BYTES || enrol->secret.len != ENROL_SECRET_BYTES)
        return STATUS_E_ENROL_CODE;
    struct hash secret = hash_bytes(enrol->secret.data, enrol->secret.len);
    if (change->code_hash.len != HASH_BYTES ||
        memcmp(change->code_hash.data, secret.bytes, HASH_BYTES) != 0)
        return STATUS_E_ENROL_CODE;
    bool first = false;
    enum status status = store_code_use(apply->db, apply->arena, enrol->code_id.data, &secret,
                                        task->leaf.unit, apply->now_us, &task->leaf.key, &first);
    if (status == STATUS_NOT_FOUND)
        return STATUS_E_ENROL_CODE;
    if (status != STATUS_OK)
        return status;
    /* nobody is there to approve the first administrator; who runs zhibaod has done so */
    apply->pending = apply->options->enrol_approval && !first;
    const char *key_status = apply->pending ? "pending" : "active";
    apply->registry_changed = true;
    status = store_key_insert(apply->db, apply->arena, &task->leaf, change, key_status);
    if (status == STATUS_CONFLICT)
        return STATUS_E_ENROL_CODE;
    if (status != STATUS_OK)
        return status;
    return store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                       task->leaf.unit);
}

enum status apply_key_pending(struct apply *apply, struct task *notice, uint64_t unit,
                              const struct record_id *id)
{
    struct event_row row = {.event = "key_pending",
                            .subject_kind = ZHIBAO__RECORD_KIND__RECORD_KEY,
                            .subject_unit = unit,
                            .subject_id = id};
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, notice, &row);
}

/* One code for `unit`, stored as a hash and written as text. */
static enum status code_issue(struct apply *apply, const struct task *task, uint64_t unit,
                              int64_t expires_us, Zhibao__EnrolCode *out)
{
    struct enrol_code code;
    struct registry_unit row;
    memset(&code, 0, sizeof code);
    if (!registry_unit(apply->registry, unit, &row) ||
        !place_contains(unit_place(task->author.id), unit_place(unit)))
        return STATUS_E_UNIT_UNKNOWN;
    memcpy(code.transport_public, apply->keys->transport_public, sizeof code.transport_public);
    code.sign_public = apply->keys->sign_public;
    code.unit = unit;
    random_bytes(code.id, sizeof code.id);
    random_bytes(code.secret, sizeof code.secret);
    snprintf(code.endpoint, sizeof code.endpoint, "%s", apply->options->public_enrol_endpoint);
    struct hash secret = hash_bytes(code.secret, sizeof code.secret);
    enum status status = store_code_insert(apply->db, apply->arena, code.id, &secret, unit,
                                           task->author.id, expires_us);
    if (status != STATUS_OK)
        return status;
    char *text = enrol_code_text(&code);
    zhibao__enrol_code__init(out);
    out->unit = unit;
    out->expires_us = expires_us;
    out->code = text == NULL ? NULL : arena_string(apply->arena, text);
    out->name_zh = arena_string(apply->arena, row.name_zh);
    free(text);
    return out->code == NULL || out->name_zh == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* The units asked for, by name or by subtree, at most CODES_MAX. */
static enum status units_wanted(struct apply *apply, const struct task *task, uint64_t **out_units,
                                size_t *out_count, bool *out_more)
{
    const Zhibao__EnrolCodes *request = task->codes;
    if (request->n_units > CODES_MAX)
        return STATUS_E_TOO_LARGE;
    if (request->n_units > 0) {
        *out_units = request->units;
        *out_count = request->n_units;
        *out_more = false;
        return STATUS_OK;
    }
    if (!place_contains(unit_place(task->author.id), request->subtree))
        return STATUS_E_FORBIDDEN;
    return store_units_without_key(apply->db, apply->arena, request->subtree, request->after,
                                   CODES_MAX, out_units, out_count, out_more);
}

enum status apply_codes(struct apply *apply, struct task *task)
{
    uint64_t *units = NULL;
    size_t count = 0;
    bool more = false;
    enum status status = units_wanted(apply, task, &units, &count, &more);
    if (status != STATUS_OK)
        return status;
    uint32_t hours = task->codes->valid_hours != 0 ? task->codes->valid_hours
                                                   : (uint32_t)apply->options->code_valid_hours;
    if (hours > HOURS_MAX) {
        task_problem(task, STATUS_E_RANGE, "valid_hours", "有效期最长一年（8784小时）",
                     "a code is valid for a year at most (8784 hours)");
        return STATUS_E_RANGE;
    }
    int64_t expires_us = apply->now_us + (int64_t)hours * HOUR_S * 1000000;
    Zhibao__EnrolCode *codes = arena_array(apply->arena, count, sizeof *codes);
    Zhibao__EnrolCode **listed = arena_array(apply->arena, count, sizeof *listed);
    if (codes == NULL || listed == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = code_issue(apply, task, units[i], expires_us, &codes[i]);
        listed[i] = &codes[i];
    }
    if (status != STATUS_OK)
        return status;
    Zhibao__EnrolCodesIssued issued = ZHIBAO__ENROL_CODES_ISSUED__INIT;
    issued.n_codes = count;
    issued.codes = listed;
    issued.more = more;
    task->answer = reply_message(task->job, ZHIBAO__KIND__KIND_ENROL_CODES_ISSUED, &issued.base);
    return STATUS_OK;
}

enum status apply_carrier(struct apply *apply, struct task *task)
{
    const Zhibao__CarrierGrant *grant = (const Zhibao__CarrierGrant *)task->message;
    enum status status = registry_store_grant(apply->db, apply->arena, grant->unit, grant->subtree,
                                              grant->withdrawn == 0);
    if (status == STATUS_E_SUBJECT_STATE)
        task_problem(task, status, "withdrawn",
                     grant->withdrawn ? "该单位没有这项代送授权" : "该单位已有这项代送授权",
                     grant->withdrawn ? "the unit was not granted this"
                                      : "the unit was granted this already");
    if (status != STATUS_OK)
        return status;
    apply->registry_changed = true;
    return store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                       grant->unit);
}
