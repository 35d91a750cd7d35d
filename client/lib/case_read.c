#include "lib/case_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/handle.h"

enum { RECORDS_MAX = 20000 };

struct reader {
    struct zhibao *zhibao;
    struct arena *arena;
    uint64_t district;
    struct record_id case_id;
    struct case_pair *pairs;
    size_t pair_count;
    struct case_reading *reading;
    const ProtobufCMessage **bodies; /* of records that verify, else NULL; parallel to entries */
};

/* The key that the directory lists for a holder, of this year where there is one. */
static const Zhibao__CaseKey *listed(const Zhibao__CaseDirectory *directory,
                                     const ProtobufCBinaryData *holder)
{
    const Zhibao__CaseKey *found = NULL;
    uint32_t year = case_year(clock_now_us());
    for (size_t i = 0; i < directory->n_keys; i++) {
        struct key_id id = case_holder_id(directory->keys[i]);
        if (holder->len != KEY_ID_BYTES || memcmp(id.bytes, holder->data, KEY_ID_BYTES) != 0)
            continue;
        if (found == NULL || directory->keys[i]->year == year)
            found = directory->keys[i];
    }
    return found;
}

static enum status read_say(struct reader *reader, Zhibao__CasePurpose purpose)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__CaseRead message = ZHIBAO__CASE_READ__INIT;
    struct zhibao_drained drained;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_CASE_READ,
                                 .payload = &message.base,
                                 .head = &head,
                                 .stream = "",
                                 .form = ""};
    message.head = &head;
    message.district = reader->district;
    message.case_id = (ProtobufCBinaryData){RECORD_ID_BYTES, reader->case_id.bytes};
    message.purpose = purpose;
    enum status status = zhibao_put(reader->zhibao, &draft, NULL);
    return status == STATUS_OK ? zhibao_drain(reader->zhibao, NULL, NULL, &drained) : status;
}

/* The body of a record that its author signed: a report by the key it brings, a step by a key that
 * the committee's directory lists for its unit. NULL for any other. */
static const ProtobufCMessage *body_verify(struct reader *reader, const Zhibao__Record *record,
                                           uint64_t *out_unit)
{
    ProtobufCMessage *message = NULL;
    bool report = record->kind == ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT;
    struct sign_public key = {.algorithm = (uint8_t)record->algorithm};
    const ProtobufCMessageDescriptor *type =
        report ? &zhibao__case_report__descriptor : &zhibao__case_event__descriptor;
    if (message_read(type, reader->arena, record->payload.data, record->payload.len, &message) !=
        STATUS_OK)
        return NULL;
    const Zhibao__CaseReport *as_report = (const Zhibao__CaseReport *)message;
    const Zhibao__CaseEvent *as_event = (const Zhibao__CaseEvent *)message;
    const Zhibao__CaseKey *author =
        report ? NULL : listed(reader->reading->directory, &record->key);
    const Zhibao__Head *head = report ? as_report->head : as_event->head;
    const ProtobufCBinaryData *sign = report           ? &as_report->sign_public
                                      : author == NULL ? NULL
                                                       : &author->sign_public;
    if (head == NULL || head->id.len != RECORD_ID_BYTES || sign == NULL ||
        sign->len != SIGN_PUBLIC_BYTES || (author != NULL && author->unit != head->unit) ||
        (report && memcmp(head->id.data, reader->case_id.bytes, RECORD_ID_BYTES) != 0))
        return NULL;
    memcpy(key.bytes, sign->data, SIGN_PUBLIC_BYTES);
    if (sign_verify(&key, record_domain((uint8_t)record->kind), record->payload.data,
                    record->payload.len, record->signature.data,
                    record->signature.len) != STATUS_OK)
        return NULL;
    *out_unit = head->unit;
    return message;
}

static void entry_add(struct reader *reader, const Zhibao__CaseRecordRow *row)
{
    struct case_reading *reading = reader->reading;
    struct case_entry *entry = &reading->entries[reading->entry_count];
    const ProtobufCMessage *body =
        row->record == NULL ? NULL : body_verify(reader, row->record, &entry->unit);
    reader->bodies[reading->entry_count++] = body;
    entry->received_us = row->received_us;
    if (body == NULL)
        return;
    entry->report = row->record->kind == ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT;
    const Zhibao__CaseReport *report = (const Zhibao__CaseReport *)body;
    const Zhibao__CaseEvent *event = (const Zhibao__CaseEvent *)body;
    const Zhibao__Head *head = entry->report ? report->head : event->head;
    Zhibao__CaseUrgency urgency = entry->report ? report->urgency : event->urgency;
    memcpy(entry->id.bytes, head->id.data, RECORD_ID_BYTES);
    entry->action = entry->report ? ZHIBAO__CASE_ACTION__CASE_REPORT : event->action;
    entry->due_us = entry->report ? 0 : event->due_us;
    entry->emergency = urgency == ZHIBAO__CASE_URGENCY__CASE_EMERGENCY;
    reading->has_reply =
        entry->report && report->reply_public.len == CASE_KEY_BYTES ? true : reading->has_reply;
    if (entry->report && report->reply_public.len == CASE_KEY_BYTES)
        memcpy(reading->reply_public.bytes, report->reply_public.data, CASE_KEY_BYTES);
}

static enum status pages_fetch(struct reader *reader, Zhibao__CaseFile **out_last)
{
    Zhibao__GetCase question = ZHIBAO__GET_CASE__INIT;
    ProtobufCMessage *message = NULL;
    question.district = reader->district;
    question.case_id = (ProtobufCBinaryData){RECORD_ID_BYTES, reader->case_id.bytes};
    for (;;) {
        enum status status = zhibao_request(reader->zhibao, ZHIBAO__KIND__KIND_GET_CASE,
                                            &question.base, reader->arena, &message);
        if (status != STATUS_OK)
            return status;
        Zhibao__CaseFile *file = (Zhibao__CaseFile *)message;
        for (size_t i = 0; i < file->n_records && reader->reading->entry_count < RECORDS_MAX; i++)
            entry_add(reader, file->records[i]);
        *out_last = file;
        if (!file->more || file->n_records == 0 || reader->reading->entry_count == RECORDS_MAX)
            return STATUS_OK;
        struct case_entry *last = &reader->reading->entries[reader->reading->entry_count - 1];
        question.after = (ProtobufCBinaryData){RECORD_ID_BYTES, last->id.bytes};
    }
}

static bool wrap_open(const struct reader *reader, const Zhibao__CaseWrap *wrap,
                      struct case_secret *out_key)
{
    for (size_t i = 0; wrap->wrapped.len == CASE_WRAP_BYTES && i < reader->pair_count; i++)
        if (wrap->key.len == KEY_ID_BYTES &&
            memcmp(wrap->key.data, reader->pairs[i].id.bytes, KEY_ID_BYTES) == 0 &&
            case_unwrap(wrap->wrapped.data, &reader->pairs[i].secret, out_key) == STATUS_OK)
            return true;
    return false;
}

/* The content key of a sealed part: among its own wraps, or in a grant of another record. */
static bool key_find(const struct reader *reader, const Zhibao__CaseSealed *sealed,
                     const struct record_id *record, struct case_secret *out_key)
{
    for (size_t i = 0; i < sealed->n_wraps; i++)
        if (wrap_open(reader, sealed->wraps[i], out_key))
            return true;
    for (size_t e = 0; record != NULL && e < reader->reading->entry_count; e++) {
        const Zhibao__CaseEvent *event = (const Zhibao__CaseEvent *)reader->bodies[e];
        if (event == NULL || reader->reading->entries[e].report)
            continue;
        for (size_t i = 0; i < event->n_grants; i++)
            if (event->grants[i]->wrap != NULL && event->grants[i]->record.len == RECORD_ID_BYTES &&
                memcmp(event->grants[i]->record.data, record->bytes, RECORD_ID_BYTES) == 0 &&
                wrap_open(reader, event->grants[i]->wrap, out_key))
                return true;
    }
    return false;
}

/* The message inside; NULL when it does not open. */
static ProtobufCMessage *part_open(const struct reader *reader, const struct case_entry *entry,
                                   const Zhibao__CaseSealed *part, enum case_part which,
                                   const ProtobufCMessageDescriptor *type,
                                   struct case_secret *out_key)
{
    ProtobufCMessage *message = NULL;
    size_t size = 0;
    struct case_context context = {reader->district, reader->case_id, entry->id, which};
    if (part == NULL || part->nonce.len != CASE_NONCE_BYTES || part->commitment.len != HASH_BYTES ||
        !key_find(reader, part, which == CASE_PART_CONTENT ? &entry->id : NULL, out_key))
        return NULL;
    struct case_sealed sealed = {.ciphertext = part->ciphertext.data, .size = part->ciphertext.len};
    memcpy(sealed.nonce, part->nonce.data, CASE_NONCE_BYTES);
    memcpy(sealed.commitment.bytes, part->commitment.data, HASH_BYTES);
    uint8_t *plain = arena_alloc(reader->arena, sealed.size);
    if (plain == NULL || case_open(&context, out_key, &sealed, plain, &size) != STATUS_OK ||
        message_read(type, reader->arena, plain, size, &message) != STATUS_OK)
        return NULL;
    return message;
}

static void entry_open(const struct reader *reader, struct case_entry *entry,
                       const ProtobufCMessage *body)
{
    struct case_secret reporter_key;
    if (body == NULL)
        return;
    if (entry->report) {
        const Zhibao__CaseReport *report = (const Zhibao__CaseReport *)body;
        entry->content =
            (Zhibao__CaseContent *)part_open(reader, entry, report->content, CASE_PART_CONTENT,
                                             &zhibao__case_content__descriptor, &entry->key);
        entry->reporter =
            (Zhibao__CaseReporter *)part_open(reader, entry, report->reporter, CASE_PART_REPORTER,
                                              &zhibao__case_reporter__descriptor, &reporter_key);
        entry->opened = entry->content != NULL;
        return;
    }
    entry->step = (Zhibao__CaseStep *)part_open(
        reader, entry, ((const Zhibao__CaseEvent *)body)->content, CASE_PART_CONTENT,
        &zhibao__case_step__descriptor, &entry->key);
    entry->opened = entry->step != NULL;
}

/* Whether a record that verifies names the holder among those it is for: the aggregator's word
 * alone makes nobody a recipient. */
static bool vouched(const struct reader *reader, const ProtobufCBinaryData *holder)
{
    for (size_t e = 0; e < reader->reading->entry_count; e++) {
        const ProtobufCMessage *body = reader->bodies[e];
        if (body == NULL)
            continue;
        const Zhibao__CaseSealed *content = reader->reading->entries[e].report
                                                ? ((const Zhibao__CaseReport *)body)->content
                                                : ((const Zhibao__CaseEvent *)body)->content;
        for (size_t i = 0; content != NULL && i < content->n_wraps; i++)
            if (content->wraps[i]->holder.len == KEY_ID_BYTES && holder->len == KEY_ID_BYTES &&
                memcmp(content->wraps[i]->holder.data, holder->data, KEY_ID_BYTES) == 0)
                return true;
    }
    return false;
}

static enum status targets_make(struct reader *reader, const Zhibao__CaseFile *file)
{
    struct case_reading *reading = reader->reading;
    reading->targets = arena_array(reader->arena, file->n_members, sizeof *reading->targets);
    reading->members = file->members;
    reading->member_count = file->n_members;
    if (reading->targets == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < file->n_members; i++) {
        const Zhibao__CaseMember *member = file->members[i];
        const Zhibao__CaseKey *key = listed(reading->directory, &member->holder);
        if (key == NULL || key->unit != member->unit || !vouched(reader, &member->holder))
            reading->unlisted++;
        else
            reading->targets[reading->target_count++] =
                (struct case_target){key, (unsigned)member->role, member->level};
    }
    return STATUS_OK;
}

enum status zhibao_case_read(struct zhibao *zhibao, struct arena *arena, uint64_t district,
                             const struct record_id *case_id, Zhibao__CasePurpose purpose,
                             struct case_reading *out_reading)
{
    struct case_reading reading = {.district = district, .case_id = *case_id};
    Zhibao__CaseDirectory *directory = NULL;
    Zhibao__CaseFile *file = NULL;
    struct reader reader = {.zhibao = zhibao,
                            .arena = arena,
                            .district = district,
                            .case_id = *case_id,
                            .reading = &reading};
    enum status status = zhibao_case_directories(zhibao, district, arena, &directory);
    if (status == STATUS_OK)
        status = zhibao_case_keys(zhibao, arena, &reader.pairs, &reader.pair_count);
    reading.directory = directory;
    reading.entries = arena_array(arena, RECORDS_MAX, sizeof *reading.entries);
    reader.bodies = arena_array(arena, RECORDS_MAX, sizeof *reader.bodies);
    if (status == STATUS_OK && (reading.entries == NULL || reader.bodies == NULL))
        status = cause_plain(zhibao, STATUS_NO_MEMORY);
    if (status == STATUS_OK)
        status = read_say(&reader, purpose);
    if (status == STATUS_OK)
        status = pages_fetch(&reader, &file);
    if (status != STATUS_OK)
        return status;
    reading.item = file->item;
    for (size_t i = 0; i < reading.entry_count; i++)
        entry_open(&reader, &reading.entries[i], reader.bodies[i]);
    status = targets_make(&reader, file);
    if (status == STATUS_OK)
        *out_reading = reading;
    return status;
}

bool case_reading_names(const struct case_reading *reading, const Zhibao__CaseKey *key)
{
    struct key_id holder = case_holder_id(key);
    for (size_t i = 0; i < reading->entry_count; i++)
        if (reading->entries[i].content != NULL &&
            case_text_names(reading->entries[i].content->named, key->unit, &holder))
            return true;
    return false;
}
