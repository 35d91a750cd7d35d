#include "lib/case_put.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/case_attach.h"
#include "lib/handle.h"

enum { STREAM_BYTES = 64 };

enum status zhibao_case_targets(struct zhibao *zhibao, struct arena *arena,
                                const Zhibao__CaseDirectory *directory, uint64_t place,
                                bool emergency, const struct case_named *named,
                                struct case_target **out_targets, size_t *out_count)
{
    const Zhibao__CaseKey **keys = NULL;
    struct case_recipient recipients[CASE_RECIPIENTS_MAX];
    size_t seat_count = 0, count = 0;
    cause_clear(zhibao);
    struct case_seat *seats =
        case_seats(arena, directory, case_year(clock_now_us()), &keys, &seat_count);
    struct case_target *targets = arena_array(arena, CASE_RECIPIENTS_MAX, sizeof *targets);
    if (seats == NULL || targets == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = case_route(seats, seat_count, place, emergency, named, recipients, &count);
    if (status == STATUS_NOT_FOUND)
        return cause_set(zhibao, status, "名录中没有可以受理的单位，请立即拨打值班电话 %s",
                         "nobody of the directory could take this case: call %s now",
                         directory->duty_phone);
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    for (size_t i = 0; i < count; i++)
        targets[i] =
            (struct case_target){keys[recipients[i].seat], recipients[i].role, recipients[i].level};
    *out_targets = targets;
    *out_count = count;
    return STATUS_OK;
}

/* One wrap of a content key; NULL without memory or for a public key that is none. */
static Zhibao__CaseWrap *wrap_make(struct arena *arena, const struct case_secret *key,
                                   const struct case_target *target)
{
    struct case_public public_key;
    Zhibao__CaseWrap *wrap = arena_alloc(arena, sizeof *wrap);
    uint8_t *wrapped = arena_alloc(arena, CASE_WRAP_BYTES);
    memcpy(public_key.bytes, target->key->encrypt_public.data, sizeof public_key.bytes);
    struct key_id holder = case_holder_id(target->key);
    struct key_id id = case_key_id(CASE_SEALING_X25519_XCHACHA20, &public_key);
    if (wrap == NULL || wrapped == NULL || case_wrap(key, &public_key, wrapped) != STATUS_OK)
        return NULL;
    zhibao__case_wrap__init(wrap);
    wrap->unit = target->key->unit;
    wrap->role = (Zhibao__CaseRole)target->role;
    wrap->level = target->level;
    wrap->holder.data = arena_copy(arena, holder.bytes, KEY_ID_BYTES);
    wrap->key.data = arena_copy(arena, id.bytes, KEY_ID_BYTES);
    wrap->holder.len = wrap->key.len = KEY_ID_BYTES;
    wrap->wrapped = (ProtobufCBinaryData){CASE_WRAP_BYTES, wrapped};
    return wrap->holder.data == NULL || wrap->key.data == NULL ? NULL : wrap;
}

/* A message sealed for those of the targets that have the role (0: all). NULL without memory. */
static Zhibao__CaseSealed *sealed_make(struct arena *arena, const struct case_context *context,
                                       const ProtobufCMessage *message,
                                       const struct case_target *targets, size_t count,
                                       unsigned role, struct case_secret *out_key)
{
    size_t size = 0;
    struct case_secret key;
    struct case_sealed sealed;
    uint8_t *plain = message_write(arena, message, &size);
    Zhibao__CaseSealed *made = arena_alloc(arena, sizeof *made);
    uint8_t *ciphertext = arena_alloc(arena, case_sealed_size(size));
    Zhibao__CaseWrap **wraps = arena_array(arena, count, sizeof *wraps);
    if (plain == NULL || made == NULL || ciphertext == NULL || wraps == NULL ||
        case_seal(context, plain, size, ciphertext, &key, &sealed) != STATUS_OK)
        return NULL;
    sodium_memzero(plain, size);
    zhibao__case_sealed__init(made);
    made->sealing = ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20;
    made->wraps = wraps;
    made->nonce.data = arena_copy(arena, sealed.nonce, CASE_NONCE_BYTES);
    made->nonce.len = CASE_NONCE_BYTES;
    made->commitment.data = arena_copy(arena, sealed.commitment.bytes, HASH_BYTES);
    made->commitment.len = HASH_BYTES;
    made->ciphertext = (ProtobufCBinaryData){sealed.size, ciphertext};
    for (size_t i = 0; i < count; i++)
        if (role == 0 || targets[i].role == role) {
            wraps[made->n_wraps] = wrap_make(arena, &key, &targets[i]);
            if (wraps[made->n_wraps++] == NULL)
                made = NULL;
            if (made == NULL)
                break;
        }
    *out_key = key;
    sodium_memzero(&key, sizeof key);
    return made != NULL && made->nonce.data != NULL && made->commitment.data != NULL ? made : NULL;
}

/* Who reports, signed by the unit's own key over what is sealed. */
static Zhibao__CaseSealed *reporter_make(struct zhibao *zhibao, struct arena *arena,
                                         const struct case_report_draft *draft,
                                         struct case_context context,
                                         const Zhibao__CaseSealed *content)
{
    const struct home_keys *keys = home_keys(zhibao->home);
    Zhibao__CaseReporter reporter = ZHIBAO__CASE_REPORTER__INIT;
    struct sign_public sign = keys->sign_public;
    uint8_t tie[RECORD_ID_BYTES + HASH_BYTES];
    struct case_secret key;
    memcpy(tie, context.case_id.bytes, RECORD_ID_BYTES);
    memcpy(tie + RECORD_ID_BYTES, content->commitment.data, HASH_BYTES);
    struct signature signature =
        sign_bytes(&keys->sign_secret, "zhibao/caseauthor/v1", tie, sizeof tie);
    reporter.unit = zhibao_identity(zhibao)->unit;
    reporter.name = (char *)(uintptr_t)draft->name;
    reporter.phone = (char *)(uintptr_t)draft->phone;
    reporter.sign_public = (ProtobufCBinaryData){SIGN_PUBLIC_BYTES, sign.bytes};
    reporter.signature = (ProtobufCBinaryData){sizeof signature.bytes, signature.bytes};
    context.part = CASE_PART_REPORTER;
    Zhibao__CaseSealed *made = sealed_make(arena, &context, &reporter.base, draft->targets,
                                           draft->target_count, ZHIBAO__CASE_ROLE__CASE_LEAD, &key);
    sodium_memzero(&key, sizeof key);
    return made;
}

/* What is of one case goes out in its order. */
static const char *stream_name(const struct record_id *case_id, char out[STREAM_BYTES])
{
    char hex[2 * RECORD_ID_BYTES + 1];
    snprintf(out, STREAM_BYTES, "case/%s", hex_encode(case_id->bytes, RECORD_ID_BYTES, hex));
    return out;
}

enum status zhibao_case_report_put(struct zhibao *zhibao, struct arena *arena,
                                   const struct case_report_draft *draft,
                                   struct case_code *out_code, struct record_id *out_case)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__CaseReport report = ZHIBAO__CASE_REPORT__INIT;
    struct case_code code;
    struct case_code_keys keys;
    struct case_secret key;
    char stream[STREAM_BYTES];
    struct case_context context = {.district = draft->directory->district,
                                   .part = CASE_PART_CONTENT};
    cause_clear(zhibao);
    if (zhibao_identity(zhibao) == NULL)
        return cause_plain(zhibao, STATUS_NOT_FOUND);
    random_bytes(code.bytes, sizeof code.bytes);
    random_bytes(context.case_id.bytes, sizeof context.case_id.bytes);
    context.record = context.case_id;
    case_code_keys(&code, &keys);
    struct hash lookup = hash_bytes(keys.lookup, sizeof keys.lookup);
    report.head = &head;
    report.urgency = draft->emergency ? ZHIBAO__CASE_URGENCY__CASE_EMERGENCY
                                      : ZHIBAO__CASE_URGENCY__CASE_ORDINARY;
    report.directory = draft->directory->serial;
    report.sign_public = (ProtobufCBinaryData){SIGN_PUBLIC_BYTES, keys.sign_public.bytes};
    report.reply_public = (ProtobufCBinaryData){CASE_KEY_BYTES, keys.reply_public.bytes};
    report.lookup_sha256 = (ProtobufCBinaryData){HASH_BYTES, lookup.bytes};
    report.content = sealed_make(arena, &context, &draft->content->base, draft->targets,
                                 draft->target_count, 0, &key);
    if (report.content != NULL)
        report.reporter = reporter_make(zhibao, arena, draft, context, report.content);
    if (report.reporter == NULL)
        return cause_set(zhibao, STATUS_LIMIT, "内容过长，不能密封", "too long to be sealed");
    struct zhibao_draft record = {.kind = ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT,
                                  .unit = unit_make(context.district, CASE_MAILBOX),
                                  .payload = &report.base,
                                  .head = &head,
                                  .stream = stream_name(&context.case_id, stream),
                                  .form = "",
                                  .id = &context.case_id,
                                  .signer = &keys.sign_secret};
    enum status status = zhibao_put(zhibao, &record, NULL);
    struct case_attach_to to = {context.district, context.case_id, context.case_id, &key, &keys};
    if (status == STATUS_OK && draft->attached != NULL)
        status = zhibao_case_attach_put(zhibao, draft->attached, &to);
    sodium_memzero(&key, sizeof key);
    sodium_memzero(&keys, sizeof keys);
    if (status != STATUS_OK)
        return status;
    *out_code = code;
    *out_case = context.case_id;
    return STATUS_OK;
}

static bool grants_make(struct arena *arena, const struct case_step_draft *draft,
                        Zhibao__CaseEvent *event)
{
    event->grants = arena_array(arena, draft->share_count, sizeof *event->grants);
    for (size_t i = 0; event->grants != NULL && i < draft->share_count; i++) {
        const struct case_share *share = &draft->shares[i];
        Zhibao__CaseGrant *grant = arena_alloc(arena, sizeof *grant);
        if (grant == NULL)
            return false;
        zhibao__case_grant__init(grant);
        grant->record.data = arena_copy(arena, share->record.bytes, RECORD_ID_BYTES);
        grant->record.len = RECORD_ID_BYTES;
        grant->wrap = wrap_make(arena, &share->key, &share->newcomer);
        if (grant->record.data == NULL || grant->wrap == NULL)
            return false;
        event->grants[event->n_grants++] = grant;
    }
    return event->grants != NULL;
}

static bool reply_make(struct arena *arena, const struct case_step_draft *draft,
                       Zhibao__CaseEvent *event)
{
    size_t size = 0;
    Zhibao__CaseReply reply = ZHIBAO__CASE_REPLY__INIT;
    if (draft->reply == NULL)
        return true;
    reply.text = (char *)(uintptr_t)draft->reply;
    uint8_t *plain = message_write(arena, &reply.base, &size);
    uint8_t *sealed = arena_alloc(arena, CASE_REPLY_BYTES);
    if (plain == NULL || sealed == NULL ||
        case_reply_seal(draft->reply_public, plain, size, sealed) != STATUS_OK)
        return false;
    sodium_memzero(plain, size);
    event->reply = (ProtobufCBinaryData){CASE_REPLY_BYTES, sealed};
    return true;
}

static void registering_fill(const struct case_registering *registering, struct hash *identity,
                             struct hash *key_id, Zhibao__CaseEvent *event)
{
    *identity = registering->identity;
    *key_id = registering->key_id;
    event->seen = (ProtobufCBinaryData){0, NULL};
    event->key_file = registering->key_file;
    if (registering->hashed)
        event->identity = (ProtobufCBinaryData){HASH_BYTES, identity->bytes};
    if (registering->hashed || registering->key_file)
        event->register_key = (ProtobufCBinaryData){HASH_BYTES, key_id->bytes};
}

enum status zhibao_case_step_put(struct zhibao *zhibao, struct arena *arena,
                                 const struct case_step_draft *draft)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__CaseEvent event = ZHIBAO__CASE_EVENT__INIT;
    struct case_context context = {
        .district = draft->district, .case_id = draft->case_id, .part = CASE_PART_CONTENT};
    struct record_id case_id = draft->case_id, seen = draft->seen;
    struct hash identity, key_id;
    struct case_secret key;
    char stream[STREAM_BYTES];
    cause_clear(zhibao);
    if (draft->registering != NULL)
        context.record = context.case_id;
    else
        random_bytes(context.record.bytes, sizeof context.record.bytes);
    event.head = &head;
    event.district = draft->district;
    event.case_id = (ProtobufCBinaryData){RECORD_ID_BYTES, case_id.bytes};
    event.seen = (ProtobufCBinaryData){RECORD_ID_BYTES, seen.bytes};
    event.action = draft->action;
    event.leaver = draft->leaver;
    event.due_us = draft->due_us;
    if (draft->emergency)
        event.urgency = ZHIBAO__CASE_URGENCY__CASE_EMERGENCY;
    if (draft->registering != NULL)
        registering_fill(draft->registering, &identity, &key_id, &event);
    event.content = sealed_make(arena, &context, &draft->content->base, draft->targets,
                                draft->target_count, 0, &key);
    if (event.content == NULL || !grants_make(arena, draft, &event) ||
        !reply_make(arena, draft, &event))
        return cause_set(zhibao, STATUS_LIMIT, "内容过长，不能密封", "too long to be sealed");
    struct zhibao_draft record = {.kind = ZHIBAO__RECORD_KIND__RECORD_CASE_EVENT,
                                  .payload = &event.base,
                                  .head = &head,
                                  .stream = stream_name(&case_id, stream),
                                  .form = "",
                                  .id = &context.record};
    enum status status = zhibao_put(zhibao, &record, NULL);
    struct case_attach_to to = {draft->district, case_id, context.record, &key, NULL};
    if (status == STATUS_OK && draft->attached != NULL)
        status = zhibao_case_attach_put(zhibao, draft->attached, &to);
    sodium_memzero(&key, sizeof key);
    return status;
}
