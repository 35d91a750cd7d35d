#include "lib/case_register.h"

#include <sodium.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "lib/handle.h"

enum { PAGES_MAX = 100000 };

/* The key file among those that this holder has; STATUS_NOT_FOUND. */
static enum status key_file_find(struct zhibao *zhibao, struct arena *arena, uint64_t district,
                                 struct record_id *out_id)
{
    Zhibao__ListCases question = ZHIBAO__LIST_CASES__INIT;
    ProtobufCMessage *message = NULL;
    question.register_ = true;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        enum status status =
            zhibao_request(zhibao, ZHIBAO__KIND__KIND_LIST_CASES, &question.base, arena, &message);
        if (status != STATUS_OK)
            return status;
        const Zhibao__CaseItems *items = (const Zhibao__CaseItems *)message;
        for (size_t i = 0; i < items->n_cases; i++)
            if (items->cases[i]->district == district &&
                items->cases[i]->register_key.len == HASH_BYTES &&
                items->cases[i]->case_id.len == RECORD_ID_BYTES) {
                memcpy(out_id->bytes, items->cases[i]->case_id.data, RECORD_ID_BYTES);
                return STATUS_OK;
            }
        if (items->next[0] == '\0')
            break;
        question.cursor = items->next;
    }
    return STATUS_NOT_FOUND;
}

enum status zhibao_register_key(struct zhibao *zhibao, struct arena *arena, uint64_t district,
                                struct case_secret *out_key)
{
    struct record_id id;
    struct case_reading reading;
    cause_clear(zhibao);
    enum status status = key_file_find(zhibao, arena, district, &id);
    if (status == STATUS_OK)
        status = zhibao_case_read(zhibao, arena, district, &id,
                                  ZHIBAO__CASE_PURPOSE__CASE_FOR_HANDLING, &reading);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    for (size_t i = 0; status == STATUS_OK && i < reading.entry_count; i++) {
        const Zhibao__CaseStep *step = reading.entries[i].step;
        if (step == NULL || step->hash_key.len != CASE_KEY_BYTES)
            continue;
        memcpy(out_key->bytes, step->hash_key.data, CASE_KEY_BYTES);
        return STATUS_OK;
    }
    return cause_set(zhibao, STATUS_NOT_FOUND,
                     "本区县还没有台账查重密钥，或没有交给本人（受理单位：zhibao register key）",
                     "the district has no key of the register yet, or it was not given to you "
                     "(the intake: zhibao register key)");
}

/* The step that opens a file, sealed to these. */
static enum status file_put(struct zhibao *zhibao, struct arena *arena, uint64_t district,
                            const struct case_target *targets, size_t count,
                            const struct case_registering *registering,
                            const Zhibao__CaseStep *step, int64_t next_us, struct record_id *out_id)
{
    struct case_step_draft draft = {.district = district,
                                    .action = ZHIBAO__CASE_ACTION__CASE_REGISTER,
                                    .content = step,
                                    .targets = targets,
                                    .target_count = count,
                                    .registering = registering,
                                    .due_us = next_us};
    random_bytes(draft.case_id.bytes, sizeof draft.case_id.bytes);
    enum status status = zhibao_case_step_put(zhibao, arena, &draft);
    if (status == STATUS_OK)
        *out_id = draft.case_id;
    return status;
}

/* Holders of this year; `chosen` says as what, 0: not. STATUS_NOT_FOUND when this unit has none. */
static enum status targets_choose(struct zhibao *zhibao, struct arena *arena,
                                  const Zhibao__CaseDirectory *directory,
                                  unsigned (*chosen)(const Zhibao__CaseKey *key, uint64_t place),
                                  uint64_t place, struct case_target **out_targets,
                                  size_t *out_count)
{
    uint64_t own = zhibao_identity(zhibao)->unit;
    uint32_t year = case_directory_year(directory, case_year(clock_now_us()));
    struct case_target *targets = arena_array(arena, CASE_RECIPIENTS_MAX, sizeof *targets);
    size_t count = 0;
    bool leads = false;
    if (targets == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    for (size_t i = 0; i < directory->n_keys && count < CASE_RECIPIENTS_MAX; i++) {
        const Zhibao__CaseKey *key = directory->keys[i];
        unsigned role = key->unit == own ? ZHIBAO__CASE_ROLE__CASE_LEAD : chosen(key, place);
        if (key->year != year || role == 0)
            continue;
        unsigned level = role != ZHIBAO__CASE_ROLE__CASE_SUPERVISOR             ? 0
                         : key->duty == ZHIBAO__CASE_DUTY__CASE_DUTY_SUPERVISOR ? 1
                                                                                : 2;
        leads = leads || role == ZHIBAO__CASE_ROLE__CASE_LEAD;
        targets[count++] = (struct case_target){key, role, level};
    }
    if (!leads)
        return cause_set(zhibao, STATUS_NOT_FOUND, "名录中没有本单位今年的密钥，不能建立台账档案",
                         "the directory has no key of your unit for this year: it cannot open a "
                         "file of the register");
    *out_targets = targets;
    *out_count = count;
    return STATUS_OK;
}

static unsigned for_key(const Zhibao__CaseKey *key, uint64_t place)
{
    (void)place;
    return key->duty == ZHIBAO__CASE_DUTY__CASE_DUTY_TOWNSHIP ||
                   key->duty == ZHIBAO__CASE_DUTY__CASE_DUTY_INTAKE
               ? ZHIBAO__CASE_ROLE__CASE_MEMBER
               : 0;
}

enum status zhibao_register_key_put(struct zhibao *zhibao, struct arena *arena, uint64_t district)
{
    Zhibao__CaseDirectory *directory = NULL;
    struct case_target *targets = NULL;
    struct case_secret key;
    struct record_id id;
    size_t count = 0;
    Zhibao__CaseStep step = ZHIBAO__CASE_STEP__INIT;
    enum status status = zhibao_case_directory(zhibao, district, arena, &directory);
    if (status == STATUS_OK)
        status = targets_choose(zhibao, arena, directory, for_key, 0, &targets, &count);
    if (status != STATUS_OK)
        return status;
    random_bytes(key.bytes, sizeof key.bytes);
    step.hash_key = (ProtobufCBinaryData){sizeof key.bytes, key.bytes};
    const struct case_registering registering = {.key_id = case_register_key_id(&key),
                                                 .key_file = true};
    status = file_put(zhibao, arena, district, targets, count, &registering, &step, 0, &id);
    sodium_memzero(&key, sizeof key);
    return status;
}

static unsigned for_child(const Zhibao__CaseKey *key, uint64_t place)
{
    switch (key->duty) {
    case ZHIBAO__CASE_DUTY__CASE_DUTY_INTAKE: return ZHIBAO__CASE_ROLE__CASE_HANDLER;
    case ZHIBAO__CASE_DUTY__CASE_DUTY_TOWNSHIP:
        return place != 0 && place_contains(unit_place(key->unit), place)
                   ? ZHIBAO__CASE_ROLE__CASE_HANDLER
                   : 0;
    case ZHIBAO__CASE_DUTY__CASE_DUTY_SUPERVISOR:
    case ZHIBAO__CASE_DUTY__CASE_DUTY_ABOVE: return ZHIBAO__CASE_ROLE__CASE_SUPERVISOR;
    default: return 0;
    }
}

enum status zhibao_register_put(struct zhibao *zhibao, struct arena *arena, uint64_t district,
                                const struct case_secret *key, Zhibao__CaseRegistered *content,
                                int64_t next_us, struct record_id *out_id)
{
    Zhibao__CaseDirectory *directory = NULL;
    struct case_target *targets = NULL;
    size_t count = 0;
    char number[CASE_IDENTITY_BYTES] = "";
    struct case_registering registering = {.hashed = content->identity[0] != '\0'};
    Zhibao__CaseStep step = ZHIBAO__CASE_STEP__INIT;
    step.registered = content;
    cause_clear(zhibao);
    if (registering.hashed && case_identity_read(content->identity, number) != STATUS_OK)
        return cause_set(zhibao, STATUS_INVALID, "身份证号抄错了，请核对",
                         "the identity number is not copied rightly");
    enum status status = zhibao_case_directory(zhibao, district, arena, &directory);
    if (status == STATUS_OK)
        status =
            targets_choose(zhibao, arena, directory, for_child, content->place, &targets, &count);
    if (status != STATUS_OK)
        return status;
    if (registering.hashed) {
        registering.identity = case_identity_hash(key, number);
        registering.key_id = case_register_key_id(key);
    }
    sodium_memzero(number, sizeof number);
    return file_put(zhibao, arena, district, targets, count, &registering, &step, next_us, out_id);
}
