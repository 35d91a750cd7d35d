/* Receipts on a memory stick: what became of another unit's records, on its way back. */
#include <stdlib.h>
#include <string.h>

#include "lib/settle.h"
#include "lib/stick.h"
#include "lib/stick_file.h"
#include "lib/upload.h"
#include "lib/verify.h"

static enum status add_answer(const struct zhibao_item *item, void *context)
{
    struct outgoing *outgoing = context;
    struct stick_content *content = &outgoing->content;
    if (!stick_of_unit(item, outgoing->unit, false))
        return STATUS_OK;
    if (stick_content_room(content, 1 + RECORD_ID_BYTES)) {
        write_number(&content->writer, item->kind, 1);
        write_bytes(&content->writer, item->id.bytes, RECORD_ID_BYTES);
    }
    stick_put(content, item->receipt, item->receipt_size, 2);
    stick_put(content, item->refusal, item->refusal_size, 2);
    stick_put(content, item->error, item->refusal_size == 0 ? 0 : item->error_size, 4);
    content->count++;
    return content->writer.bad ? STATUS_LIMIT : STATUS_OK;
}

/* The card that came with the unit's stick. */
static enum status recall_card(struct zhibao *zhibao, uint64_t unit, struct arena *arena,
                               struct card *out_card)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    int64_t set_us = 0;
    char name[NOTE_NAME_BYTES], text[UNIT_TEXT_BYTES];
    enum status status =
        outbox_note_get(zhibao->outbox, stick_card_note(unit, name), &bytes, &size, &set_us);
    if (status == STATUS_NOT_FOUND)
        return cause_set(zhibao, status, "本机没有导入过 %s 的发件箱，没有可带回的回执",
                         "no outbox of %s was ever imported here: there is nothing to take back",
                         unit_format(unit, text));
    if (status != STATUS_OK)
        return cause_outbox(zhibao, status);
    uint8_t *copy = arena_copy(arena, bytes, size);
    free(bytes);
    if (copy == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    status = card_read(home_pins(zhibao->home), copy, size, arena, out_card);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}

enum status zhibao_receipts_export(struct zhibao *zhibao, uint64_t unit, const char *path,
                                   size_t *out_count)
{
    struct arena *arena = NULL;
    struct card own, to;
    struct outgoing outgoing;
    memset(&outgoing, 0, sizeof outgoing);
    enum status status = stick_begin(zhibao, &arena, &own);
    if (status != STATUS_OK)
        return status;
    status = recall_card(zhibao, unit, arena, &to);
    if (status == STATUS_OK)
        status = stick_content_begin(&outgoing.content, &own);
    if (status != STATUS_OK)
        goto cleanup;
    outgoing.unit = unit;
    status = outbox_list(zhibao->outbox, ZHIBAO_RECEIPTED, add_answer, &outgoing);
    if (status == STATUS_OK)
        status = outbox_list(zhibao->outbox, ZHIBAO_REFUSED, add_answer, &outgoing);
    status = cause_outbox(zhibao, status);
    if (status == STATUS_OK)
        status = stick_write(zhibao, &outgoing.content, STICK_RECEIPTS, &to, path);
    if (status == STATUS_OK)
        *out_count = outgoing.content.count;

cleanup:
    stick_content_end(&outgoing.content);
    arena_destroy(&arena);
    return status;
}

/* One record's answer, as the stick has it. */
struct answer {
    uint8_t kind;
    struct record_id id;
    const uint8_t *receipt, *refusal, *error;
    size_t receipt_size, refusal_size, error_size;
};

struct own_record {
    uint64_t unit; /* this home's, or of a case its district's mailbox */
    int64_t sequence;
    enum zhibao_state state;
    struct hash payload_sha256;
};

static enum status keep_own(const struct zhibao_item *item, void *context)
{
    *(struct own_record *)context =
        (struct own_record){item->unit, item->sequence, item->state, item->payload_sha256};
    return STATUS_OK;
}

/* Whether what the carrier brought is the server's word on exactly this record. */
static enum status verify_answer(struct zhibao *zhibao, const struct answer *answer,
                                 const struct own_record *own)
{
    const struct pins *pins = home_pins(zhibao->home);
    struct receipt receipt;
    struct refusal refusal;
    if (answer->receipt_size > 0)
        return verify_receipt(pins, answer->receipt, answer->receipt_size, &receipt) == STATUS_OK &&
                       receipt_covers(&receipt, answer->kind, own->unit, &answer->id,
                                      &own->payload_sha256)
                   ? STATUS_OK
                   : STATUS_MISMATCH;
    if (verify_refusal(pins, answer->refusal, answer->refusal_size, answer->error,
                       answer->error_size, &refusal) != STATUS_OK ||
        refusal.kind != answer->kind || refusal.unit != own->unit ||
        memcmp(refusal.id.bytes, answer->id.bytes, RECORD_ID_BYTES) != 0 ||
        memcmp(refusal.payload_sha256.bytes, own->payload_sha256.bytes, HASH_BYTES) != 0)
        return STATUS_MISMATCH;
    return STATUS_OK;
}

static struct answer answer_read(struct reader *items)
{
    struct answer answer;
    memset(&answer, 0, sizeof answer);
    answer.kind = (uint8_t)read_number(items, 1);
    read_bytes(items, answer.id.bytes, RECORD_ID_BYTES);
    answer.receipt = stick_take(items, 2, &answer.receipt_size);
    answer.refusal = stick_take(items, 2, &answer.refusal_size);
    answer.error = stick_take(items, 4, &answer.error_size);
    return answer;
}

/* *out_sequence: of the record that this settled; 0 when it was settled before. */
static enum status take_answer(struct zhibao *zhibao, struct stick_read *read, size_t number,
                               int64_t *out_sequence)
{
    struct answer answer = answer_read(&read->items);
    struct own_record own = {0};
    if (read->items.bad)
        return stick_damaged(zhibao);
    uint64_t unit = home_identity(zhibao->home)->unit;
    enum status status =
        outbox_by_id(zhibao->outbox, answer.kind, unit, &answer.id, keep_own, &own);
    if (status == STATUS_NOT_FOUND)
        status = outbox_by_id(zhibao->outbox, answer.kind, stick_mailbox(unit), &answer.id,
                              keep_own, &own);
    if (status == STATUS_NOT_FOUND)
        return cause_set(zhibao, STATUS_E_STICK_FOREIGN,
                         "第%zu份回执不属于本机的任何材料，未作任何改动",
                         "receipt %zu is of no record of this home: nothing was changed", number);
    if (status != STATUS_OK)
        return cause_outbox(zhibao, status);
    if (verify_answer(zhibao, &answer, &own) != STATUS_OK)
        return cause_set(zhibao, STATUS_MISMATCH, "第%zu份回执核验不通过，未作任何改动",
                         "receipt %zu does not verify: nothing was changed", number);
    bool receipted = answer.receipt_size > 0;
    if (own.state == ZHIBAO_RECEIPTED || (own.state == ZHIBAO_REFUSED && !receipted))
        return STATUS_OK;
    *out_sequence = own.sequence;
    struct receipt receipt;
    if (receipted && receipt_decode(answer.receipt, answer.receipt_size, &receipt) == STATUS_OK)
        status = settle_version(zhibao, own.sequence, &receipt);
    if (status != STATUS_OK)
        return status;
    return cause_outbox(zhibao, receipted ? outbox_receipted(zhibao->outbox, own.sequence,
                                                             answer.receipt, answer.receipt_size)
                                          : outbox_refused(zhibao->outbox, own.sequence,
                                                           answer.refusal, answer.refusal_size,
                                                           answer.error, answer.error_size));
}

static enum status take_answers(struct zhibao *zhibao, struct stick_read *read, int64_t *sequences,
                                struct stick_imported *imported)
{
    enum status status = cause_outbox(zhibao, outbox_begin(zhibao->outbox));
    for (size_t i = 0; i < read->count && status == STATUS_OK; i++) {
        int64_t sequence = 0;
        status = take_answer(zhibao, read, i + 1, &sequence);
        if (status == STATUS_OK && sequence != 0)
            sequences[imported->fresh++] = sequence;
    }
    if (status == STATUS_OK && read->items.used != read->items.size)
        status = stick_damaged(zhibao);
    if (status == STATUS_OK)
        status = cause_outbox(zhibao, outbox_commit(zhibao->outbox));
    outbox_rollback(zhibao->outbox);
    return status;
}

enum status zhibao_receipts_import(struct zhibao *zhibao, const char *path, zhibao_visit *settled,
                                   void *context, struct stick_imported *out_imported)
{
    struct arena *arena = NULL;
    struct card own;
    struct stick_read read;
    int64_t *sequences = NULL;
    memset(&read, 0, sizeof read);
    enum status status = stick_begin(zhibao, &arena, &own);
    if (status != STATUS_OK)
        return status;
    status = stick_read(zhibao, path, STICK_RECEIPTS, arena, &read);
    struct stick_imported imported = {.from = read.head.from, .total = read.count};
    if (status == STATUS_OK) {
        sequences = arena_array(arena, read.count, sizeof *sequences);
        status = sequences == NULL ? cause_plain(zhibao, STATUS_NO_MEMORY)
                                   : take_answers(zhibao, &read, sequences, &imported);
    }
    if (status == STATUS_OK)
        uploads_tidy(zhibao); /* copies of documents that have their receipts now */
    for (size_t i = 0; status == STATUS_OK && settled != NULL && i < imported.fresh; i++)
        status = cause_outbox(zhibao, outbox_item(zhibao->outbox, sequences[i], settled, context));
    if (status == STATUS_OK)
        *out_imported = imported;
    free(read.content);
    arena_destroy(&arena);
    return status;
}
