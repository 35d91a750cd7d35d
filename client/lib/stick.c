#include "lib/stick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/stick_carriers.h"
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

static enum status add_record(const struct zhibao_item *item, void *context)
{
    struct outgoing *outgoing = context;
    struct stick_content *content = &outgoing->content;
    if (item->unit != outgoing->unit) /* a carrier's own stick does not pass others' records on */
        return STATUS_OK;
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

enum status zhibao_stick_export(struct zhibao *zhibao, const char *path, const char *card_path,
                                uint64_t carrier, size_t *out_count, uint64_t *out_carrier)
{
    struct arena *arena = NULL;
    struct card own, to;
    struct outgoing outgoing;
    memset(&outgoing, 0, sizeof outgoing);
    enum status status = stick_begin(zhibao, &arena, &own);
    if (status != STATUS_OK)
        return status;
    status = find_card(zhibao, card_path, carrier, arena, &to);
    if (status == STATUS_OK)
        status = stick_content_begin(&outgoing.content, &own);
    if (status != STATUS_OK)
        goto cleanup;
    outgoing.unit = own.unit;
    status =
        cause_outbox(zhibao, outbox_list(zhibao->outbox, ZHIBAO_WAITING, add_record, &outgoing));
    if (status == STATUS_OK && outgoing.content.count == 0)
        status =
            cause_set(zhibao, STATUS_NOT_FOUND, "没有待报送的材料", "nothing waits to be sent");
    if (status == STATUS_OK)
        status = stick_write(zhibao, &outgoing.content, STICK_RECORDS, &to, path);
    if (status == STATUS_OK) {
        *out_count = outgoing.content.count;
        *out_carrier = to.unit;
    }

cleanup:
    stick_content_end(&outgoing.content);
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

/* Whether the stick's author made and signed this record; fills in unit, id and hash. */
static bool authored(const struct card *author, const Zhibao__Record *record,
                     struct zhibao_item *item)
{
    struct record_head head;
    const char *domain = record_domain((uint8_t)record->kind);
    if (domain == NULL ||
        record_head_read(record->payload.data, record->payload.len, &head) != STATUS_OK ||
        head.unit != author->unit || record->key.len != KEY_ID_BYTES ||
        memcmp(record->key.data, author->key.bytes, KEY_ID_BYTES) != 0 ||
        sign_verify(&author->sign_public, domain, record->payload.data, record->payload.len,
                    record->signature.data, record->signature.len) != STATUS_OK)
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

static enum status take_record(struct zhibao *zhibao, struct stick_read *read, size_t number,
                               struct arena *arena, size_t *fresh)
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
        !authored(&read->author, (const Zhibao__Record *)message, &item))
        return foreign(zhibao, number);
    if (own_stream[0] == '\0')
        stream[0] = '\0';
    else
        snprintf(stream, sizeof stream, "%" PRIu64 "/%.170s", item.unit, own_stream);
    struct known known = {0};
    enum status found =
        outbox_by_id(zhibao->outbox, item.kind, item.unit, &item.id, keep_known, &known);
    enum status status = outbox_put(zhibao->outbox, &item, stream);
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
    struct arena *arena = arena_create(STICK_ARENA_BYTES);
    if (arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = cause_outbox(zhibao, outbox_begin(zhibao->outbox));
    for (size_t i = 0; i < read->count && status == STATUS_OK; i++) {
        arena_reset(arena);
        status = take_record(zhibao, read, i + 1, arena, &imported->fresh);
    }
    if (status == STATUS_OK && read->items.used != read->items.size)
        status = stick_damaged(zhibao);
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
