/* Where in the chain the reports behind the figures are: each one's receipt, verified. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/verify.h"
#include "yearbook/book.h"

struct proving {
    struct context *context;
    struct book *book;
    struct source **order; /* by unit and id */
    size_t proved;
};

static int by_unit_id(const void *left, const void *right)
{
    const struct source *a = *(struct source *const *)left, *b = *(struct source *const *)right;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, RECORD_ID_BYTES);
}

static struct source *source_find(const struct proving *proving,
                                  const Zhibao__TrackedReport *report)
{
    struct source key = {.unit = report->unit}, *pointer = &key;
    if (report->id.len != RECORD_ID_BYTES || proving->book->source_count == 0)
        return NULL;
    memcpy(key.id.bytes, report->id.data, RECORD_ID_BYTES);
    struct source **found = bsearch(&pointer, proving->order, proving->book->source_count,
                                    sizeof(struct source *), by_unit_id);
    return found == NULL ? NULL : *found;
}

/* False after a complaint: a receipt that does not prove the report must not be printed as proof.
 */
static bool source_prove(struct proving *proving, const Zhibao__TrackedReport *report)
{
    struct source *source = source_find(proving, report);
    struct receipt receipt;
    char id[2 * RECORD_ID_BYTES + 1];
    if (source == NULL || source->proved || report->n_steps == 0 ||
        report->kind != ZHIBAO__RECORD_KIND__RECORD_REPORT)
        return true;
    const ProtobufCBinaryData *bytes = &report->steps[0]->receipt;
    if (verify_receipt(zhibao_pins(proving->context->zhibao), bytes->data, bytes->len, &receipt) !=
            STATUS_OK ||
        !receipt_covers(&receipt, ZHIBAO__RECORD_KIND__RECORD_REPORT, source->unit, &source->id,
                        &source->payload_sha256)) {
        hex_encode(source->id.bytes, RECORD_ID_BYTES, id);
        complain(proving->context, "报告 %s 的回执核验不通过，没有写出年报",
                 "the receipt of report %s does not verify: nothing was written", id);
        return false;
    }
    source->proved = true;
    source->leaf = leaf_hash(&receipt.leaf);
    source->root = receipt.header.root;
    source->batch = receipt.header.number;
    source->index = receipt.index;
    source->received_us = receipt.leaf.received_us;
    source->unit_name = arena_string(proving->context->arena, report->unit_name);
    if (source->received_us > proving->book->latest_us)
        proving->book->latest_us = source->received_us;
    proving->proved++;
    return source->unit_name != NULL;
}

/* Any unit of the place: with `subtree` TRACK takes it for the place. */
static uint64_t unit_at(const struct book *book)
{
    for (size_t i = 0; i < book->plan->unit_count; i++)
        if (unit_place(book->plan->units[i].id) == book->place)
            return book->plan->units[i].id;
    return 0;
}

/* All reports of a year at the place and below; the pages are not kept. */
static bool year_prove(struct proving *proving, uint32_t period, struct arena *arena,
                       enum exit_code *out_code)
{
    struct context *context = proving->context;
    Zhibao__Track question = ZHIBAO__TRACK__INIT;
    char cursor[256] = "";
    question.unit = unit_at(proving->book);
    question.period = period;
    question.subtree = true;
    for (;;) {
        ProtobufCMessage *message = NULL;
        arena_reset(arena);
        question.cursor = cursor;
        enum status status = zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_TRACK,
                                            &question.base, arena, &message);
        if (status != STATUS_OK) {
            *out_code = failed(context, status);
            return false;
        }
        const Zhibao__Tracked *page = (const Zhibao__Tracked *)message;
        for (size_t i = 0; i < page->n_reports; i++)
            if (!source_prove(proving, page->reports[i])) {
                *out_code = EXIT_REFUSED;
                return false;
            }
        if (page->next[0] == '\0' || strlen(page->next) >= sizeof cursor)
            return true;
        memcpy(cursor, page->next, strlen(page->next) + 1);
    }
}

bool book_gather_proof(struct context *context, struct book *book, enum exit_code *out_code)
{
    struct proving proving = {.context = context, .book = book};
    struct arena *arena = arena_create(ZHIBAO_ARENA_MAX);
    proving.order = arena_array(context->arena, book->source_count + 1, sizeof(struct source *));
    bool good = arena != NULL && proving.order != NULL;
    for (size_t i = 0; good && i < book->source_count; i++)
        proving.order[i] = &book->sources[i];
    if (good && book->source_count > 1)
        qsort(proving.order, book->source_count, sizeof(struct source *), by_unit_id);
    for (size_t i = 0; good && i < book->year_count; i++) {
        complain(context, "核验%d年每份报告的回执 …",
                 "verifying the receipt of every report of %d ...", book->years[i]);
        good = year_prove(&proving, (uint32_t)book->years[i], arena, out_code);
    }
    arena_destroy(&arena);
    return good;
}
