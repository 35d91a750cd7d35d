#include "lib/stick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "case.pb-c.h"
#include "case/case_seal.h"
#include "lib/stick_carriers.h"
#include "lib/stick_documents.h"
#include "lib/stick_file.h"
#include "lib/verify.h"

enum status zhibao_card_save(struct zhibao *zhibao, const char *path)
{
    struct arena *arena = NULL;
    struct card own;
    enum status status = stick_begin(zhibao, &arena, &own);
    if (status != STATUS_OK)
        return status;
    status = file_save(path, own.bytes, own.size, 0644, FILE_REPLACE);
    arena_destroy(&arena);
    return status == STATUS_OK ? status : cause_save(zhibao, status, path);
}

/* --- records to a carrier --- */

enum {
    ITEM_BYTES_MAX = 512, /* an item around its record */
    STREAM_PREFIX_BYTES = 40,
};

/* One file of an export: records in order, from where the file before it was full. */
struct part {
    struct stick_content content;
    struct stick_documents documents;
    struct arena *arena;
    uint64_t unit;
    int64_t after, last; /* sequences: of the files before; of this one */
    bool full;
};

/* The content that goes with the record, if it is a document. */
static enum status find_document(struct part *part, const struct zhibao_item *item,
                                 struct stick_document *out_document)
{
    ProtobufCMessage *message = NULL;
    if (item->kind != ZHIBAO__RECORD_KIND__RECORD_DOCUMENT)
        return STATUS_NOT_FOUND;
    arena_reset(part->arena);
    enum status status = message_read(&zhibao__record__descriptor, part->arena, item->record,
                                      item->record_size, &message);
    return status == STATUS_OK
               ? stick_document_read((const Zhibao__Record *)message, part->arena, out_document)
               : status;
}

/* A case is reported as the district's mailbox: its stream, which a carrier's outbox puts the
 * author's unit before, says whose it is (proto/CASES.md section 5). */
bool stick_of_unit(const struct zhibao_item *item, uint64_t unit, bool own)
{
    char prefix[STREAM_PREFIX_BYTES];
    if (item->unit != stick_mailbox(unit))
        return item->unit == unit;
    snprintf(prefix, sizeof prefix, own ? "case/" : "%" PRIu64 "/case/", unit);
    return strncmp(item->stream, prefix, strlen(prefix)) == 0;
}

uint64_t stick_mailbox(uint64_t unit)
{
    return unit_make(place_ancestor(unit_place(unit), PLACE_DISTRICT), CASE_MAILBOX);
}

static enum status add_record(const struct zhibao_item *item, void *context)
{
    struct part *part = context;
    struct stick_content *content = &part->content;
    struct stick_document document;
    if (!stick_of_unit(item, part->unit,
                       true) || /* a carrier's own stick does not pass others' records on */
        item->sequence <= part->after ||
        part->full)
        return STATUS_OK;
    enum status status = find_document(part, item, &document);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    bool has = status == STATUS_OK;
    size_t more = item->record_size + ITEM_BYTES_MAX +
                  (has ? stick_document_room(&part->documents, &document) : 0);
    part->full = content->count == STICK_RECORDS_MAX ||
                 more > STICK_CONTENT_MAX - part->documents.bytes - content->writer.used;
    if (part->full)
        return content->count == 0 ? STATUS_LIMIT : STATUS_OK;
    if (has && stick_document_add(&part->documents, &document) != STATUS_OK)
        return STATUS_NO_MEMORY;
    part->last = item->sequence;
    stick_put(content, item->record, item->record_size, 4);
    stick_put(content, item->stream, strlen(item->stream), 2);
    stick_put(content, item->form, strlen(item->form), 2);
    if (stick_content_room(content, 16)) {
        write_number(&content->writer, item->period, 4);
        write_number(&content->writer, item->revision, 4);
        write_number(&content->writer, (uint64_t)item->created_us, 8);
    }
    content->count++;
    return content->writer.bad ? STATUS_LIMIT : STATUS_OK;
}

static enum status find_card(struct zhibao *zhibao, const char *card_path, uint64_t carrier,
                             struct arena *arena, struct card *out_card)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (card_path == NULL)
        return carriers_card(zhibao, carrier, arena, out_card);
    enum status status = file_read(card_path, CARD_FILE_MAX, &bytes, &size);
    if (status != STATUS_OK)
        return cause_set(zhibao, status, "文件 %s 读不出", "cannot read %s", card_path);
    uint8_t *copy = arena_copy(arena, bytes, size);
    free(bytes);
    if (copy == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    status = card_read(home_pins(zhibao->home), copy, size, arena, out_card);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}

/* The first file has the name that was given, the next ones a number behind it. */
static enum status part_path(const char *path, size_t number, char out[PATH_BYTES])
{
    int size = number == 1 ? snprintf(out, PATH_BYTES, "%s", path)
                           : snprintf(out, PATH_BYTES, "%s.%zu", path, number);
    return size > 0 && size < PATH_BYTES ? STATUS_OK : STATUS_INVALID;
}

/* One file, unless nothing is left to be written. */
static enum status part_write(struct zhibao *zhibao, struct part *part, const struct card *own,
                              const struct card *to, const char *path)
{
    enum status status = stick_content_begin(&part->content, own);
    if (status != STATUS_OK)
        return status;
    part->full = false;
    status = cause_outbox(zhibao, outbox_list(zhibao->outbox, ZHIBAO_WAITING, add_record, part));
    if (status == STATUS_OK && part->content.count > 0)
        status = stick_documents_put(zhibao, &part->documents, &part->content);
    if (status == STATUS_OK && part->content.count > 0)
        status = stick_write(zhibao, &part->content, STICK_RECORDS, to, path);
    return status;
}

static enum status parts_write(struct zhibao *zhibao, const struct card *own, const struct card *to,
                               const char *path, struct stick_exported *out)
{
    char name[PATH_BYTES];
    struct part part = {.unit = own->unit, .arena = arena_create(STICK_ARENA_BYTES), .full = true};
    enum status status = part.arena == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    while (status == STATUS_OK && part.full) {
        status = part_path(path, out->files + 1, name);
        if (status == STATUS_OK)
            status = part_write(zhibao, &part, own, to, name);
        out->count += part.content.count;
        out->files += part.content.count > 0;
        part.after = part.last;
        stick_content_end(&part.content);
        stick_documents_clear(&part.documents);
    }
    arena_destroy(&part.arena);
    return status;
}

enum status zhibao_stick_export(struct zhibao *zhibao, const char *path, const char *card_path,
                                uint64_t carrier, struct stick_exported *out_exported)
{
    struct arena *arena = NULL;
    struct card own, to;
    struct stick_exported exported = {0};
    enum status status = stick_begin(zhibao, &arena, &own);
    if (status != STATUS_OK)
        return status;
    status = find_card(zhibao, card_path, carrier, arena, &to);
    if (status == STATUS_OK)
        status = parts_write(zhibao, &own, &to, path, &exported);
    if (status == STATUS_OK && exported.count == 0)
        status =
            cause_set(zhibao, STATUS_NOT_FOUND, "没有待报送的材料", "nothing waits to be sent");
    exported.carrier = to.unit;
    if (status == STATUS_OK)
        *out_exported = exported;
    arena_destroy(&arena);
    return status;
}

/* A text of the stick with its NUL, in the arena. */
static const char *take_text(struct reader *items, struct arena *arena)
{
    size_t size = 0;
    const uint8_t *bytes = stick_take(items, 2, &size);
    char *text = arena_array(arena, size + 1, 1);
    if (text == NULL || items->bad || !utf8_valid(bytes, size)) {
        items->bad = true;
        return "";
    }
    memcpy(text, bytes, size);
    return text;
}

static enum status foreign(struct zhibao *zhibao, size_t number)
{
    return cause_set(zhibao, STATUS_E_STICK_FOREIGN,
                     "第%zu件材料不是文件作者所签，整个文件不予采用，未作任何改动",
                     "record %zu is not signed by the file's author: the whole file is refused, "
                     "nothing was changed",
                     number);
}

/* The key that a record from the mailbox brings, when it is a report of a case or a piece of one.
 */
static bool case_key(const Zhibao__Record *record, struct arena *arena, struct sign_public *out_key)
{
    ProtobufCMessage *message = NULL;
    bool report = record->kind == ZHIBAO__RECORD_KIND__RECORD_CASE_REPORT;
    if ((!report && record->kind != ZHIBAO__RECORD_KIND__RECORD_CASE_PIECE) ||
        message_read(report ? &zhibao__case_report__descriptor : &zhibao__case_piece__descriptor,
                     arena, record->payload.data, record->payload.len, &message) != STATUS_OK)
        return false;
    const ProtobufCBinaryData *key = report ? &((Zhibao__CaseReport *)message)->sign_public
                                            : &((Zhibao__CasePiece *)message)->sign_public;
    if (key->len != SIGN_PUBLIC_BYTES)
        return false;
    out_key->algorithm = SIGN_ED25519;
    memcpy(out_key->bytes, key->data, SIGN_PUBLIC_BYTES);
    return true;
}

/* Whether the stick's author made and signed this record, or it is a case from the mailbox of the
 * author's district, signed by the key it brings; fills in unit, id and hash. */
static bool authored(const struct card *author, const Zhibao__Record *record, struct arena *arena,
                     struct zhibao_item *item)
{
    struct record_head head;
    struct sign_public key = author->sign_public;
    struct key_id key_id = author->key;
    const char *domain = record_domain((uint8_t)record->kind);
    if (domain == NULL ||
        record_head_read(record->payload.data, record->payload.len, &head) != STATUS_OK)
        return false;
    bool mailbox = head.unit == stick_mailbox(author->unit) && case_key(record, arena, &key);
    if (mailbox)
        key_id = sign_key_id(&key);
    if ((!mailbox && head.unit != author->unit) || record->key.len != KEY_ID_BYTES ||
        memcmp(record->key.data, key_id.bytes, KEY_ID_BYTES) != 0 ||
        sign_verify(&key, domain, record->payload.data, record->payload.len, record->signature.data,
                    record->signature.len) != STATUS_OK)
        return false;
    item->kind = (uint8_t)record->kind;
    item->unit = head.unit;
    item->id = head.id;
    item->payload_sha256 = hash_bytes(record->payload.data, record->payload.len);
    return true;
}

struct known {
    int64_t sequence;
    enum zhibao_state state;
    struct hash payload_sha256;
};

static enum status keep_known(const struct zhibao_item *item, void *context)
{
    *(struct known *)context = (struct known){item->sequence, item->state, item->payload_sha256};
    return STATUS_OK;
}

struct bytes {
    const uint8_t *bytes;
    size_t size;
};

static enum status find_same(const uint8_t *record, size_t size, void *context)
{
    const struct bytes *wanted = context;
    bool same = size == wanted->size && memcmp(record, wanted->bytes, size) == 0;
    return same ? STATUS_CANCELLED : STATUS_OK;
}

/* The author signed the same payload anew, with another key: what waits here is sent so, unless
 * this is the version before, from an old stick. */
static enum status renew_record(struct zhibao *zhibao, const struct known *known,
                                const struct zhibao_item *item)
{
    struct bytes wanted = {item->record, item->record_size};
    if (known->state != ZHIBAO_WAITING)
        return STATUS_OK;
    enum status status = outbox_former(zhibao->outbox, known->sequence, find_same, &wanted);
    if (status == STATUS_CANCELLED)
        return STATUS_OK;
    return status != STATUS_OK
               ? status
               : outbox_replace(zhibao->outbox, known->sequence, item->record, item->record_size);
}

/* A document's content has to come along. */
static enum status expect_content(struct zhibao *zhibao, const Zhibao__Record *record,
                                  struct arena *arena, struct stick_documents *documents)
{
    struct stick_document document;
    if (record->kind != ZHIBAO__RECORD_KIND__RECORD_DOCUMENT)
        return STATUS_OK;
    if (stick_document_read(record, arena, &document) != STATUS_OK)
        return stick_damaged(zhibao);
    return stick_document_add(documents, &document);
}

static enum status take_record(struct zhibao *zhibao, struct stick_read *read, size_t number,
                               struct arena *arena, struct stick_documents *documents,
                               size_t *fresh)
{
    struct zhibao_item item;
    char stream[OUTBOX_STREAM_MAX + 1];
    ProtobufCMessage *message = NULL;
    memset(&item, 0, sizeof item);
    item.record = stick_take(&read->items, 4, &item.record_size);
    const char *own_stream = take_text(&read->items, arena);
    item.form = take_text(&read->items, arena);
    item.period = (uint32_t)read_number(&read->items, 4);
    item.revision = (uint32_t)read_number(&read->items, 4);
    item.created_us = (int64_t)read_number(&read->items, 8);
    if (read->items.bad)
        return stick_damaged(zhibao);
    if (message_read(&zhibao__record__descriptor, arena, item.record, item.record_size, &message) !=
            STATUS_OK ||
        !authored(&read->author, (const Zhibao__Record *)message, arena, &item))
        return foreign(zhibao, number);
    enum status status = expect_content(zhibao, (const Zhibao__Record *)message, arena, documents);
    if (status != STATUS_OK)
        return status;
    stream[0] = '\0';
    if (own_stream[0] != '\0')
        snprintf(stream, sizeof stream, "%" PRIu64 "/%.170s", read->author.unit, own_stream);
    struct known known = {0};
    enum status found =
        outbox_by_id(zhibao->outbox, item.kind, item.unit, &item.id, keep_known, &known);
    status = outbox_put(zhibao->outbox, &item, stream);
    if (status == STATUS_CONFLICT && memcmp(known.payload_sha256.bytes, item.payload_sha256.bytes,
                                            sizeof item.payload_sha256.bytes) == 0)
        status = renew_record(zhibao, &known, &item);
    if (status == STATUS_CONFLICT)
        return cause_set(
            zhibao, STATUS_E_ID_CONFLICT, "第%zu件材料的编号已用于不同内容，未作任何改动",
            "the id of record %zu is used for other content: nothing was changed", number);
    *fresh += found == STATUS_NOT_FOUND;
    return cause_outbox(zhibao, status);
}

/* All of it in one transaction, with the author's card: the way back for its receipts. */
static enum status take_records(struct zhibao *zhibao, struct stick_read *read,
                                struct stick_imported *imported)
{
    char name[NOTE_NAME_BYTES];
    struct stick_documents documents = {0};
    struct arena *arena = arena_create(STICK_ARENA_BYTES);
    if (arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = cause_outbox(zhibao, outbox_begin(zhibao->outbox));
    for (size_t i = 0; i < read->count && status == STATUS_OK; i++) {
        arena_reset(arena);
        status = take_record(zhibao, read, i + 1, arena, &documents, &imported->fresh);
    }
    if (status == STATUS_OK) /* before the records are: no document waits without its content */
        status = stick_documents_take(zhibao, &read->items, &documents);
    stick_documents_clear(&documents);
    if (status == STATUS_OK)
        status = cause_outbox(zhibao, outbox_note_set(zhibao->outbox,
                                                      stick_card_note(read->author.unit, name),
                                                      read->author.bytes, read->author.size));
    if (status == STATUS_OK)
        status = cause_outbox(zhibao, outbox_commit(zhibao->outbox));
    outbox_rollback(zhibao->outbox);
    arena_destroy(&arena);
    return status;
}

enum status zhibao_stick_import(struct zhibao *zhibao, const char *path,
                                struct stick_imported *out_imported)
{
    struct arena *arena = NULL;
    struct card own;
    struct stick_read read;
    memset(&read, 0, sizeof read);
    enum status status = stick_begin(zhibao, &arena, &own);
    if (status != STATUS_OK)
        return status;
    status = stick_read(zhibao, path, STICK_RECORDS, arena, &read);
    struct stick_imported imported = {.from = read.head.from, .total = read.count};
    if (status == STATUS_OK)
        status = carriers_allow(zhibao, read.author.unit, arena);
    if (status == STATUS_OK)
        status = take_records(zhibao, &read, &imported);
    if (status == STATUS_OK)
        *out_imported = imported;
    free(read.content);
    arena_destroy(&arena);
    return status;
}
