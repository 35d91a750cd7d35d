#include "cli/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/verify.h"
#include "oversight.pb-c.h"
#include "proof/root.h"
#include "witness.pb-c.h"

enum { TAKEN_MAX = 200000 };

static void put_length(FILE *out, size_t size)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(size >> shift & 0xff), out);
}

void evidence_part(struct evidence *evidence, enum evidence_part part, const void *bytes,
                   size_t size)
{
    fputc((int)part, evidence->out);
    put_length(evidence->out, size);
    fwrite(bytes, 1, size, evidence->out);
}

static bool is_taken(const struct evidence *evidence, uint8_t kind, uint64_t unit,
                     const ProtobufCBinaryData *id)
{
    for (size_t i = 0; i < evidence->count; i++)
        if (evidence->taken[i].kind == kind && evidence->taken[i].unit == unit &&
            memcmp(evidence->taken[i].id.bytes, id->data, RECORD_ID_BYTES) == 0)
            return true;
    return false;
}

/* Room for one more. */
static bool grow(struct evidence *evidence)
{
    if (evidence->count < evidence->capacity)
        return true;
    size_t capacity = evidence->capacity == 0 ? 256 : 2 * evidence->capacity;
    struct evidence_taken *taken =
        capacity > TAKEN_MAX ? NULL : realloc(evidence->taken, capacity * sizeof *taken);
    if (taken == NULL)
        return false;
    evidence->taken = taken;
    evidence->capacity = capacity;
    return true;
}

static enum exit_code record_add(struct evidence *evidence, const Zhibao__RecordReply *reply)
{
    struct context *context = evidence->context;
    struct receipt receipt;
    size_t size = 0;
    uint8_t *bytes =
        reply->record == NULL ? NULL : message_write(context->arena, &reply->record->base, &size);
    if (bytes == NULL ||
        verify_receipt(zhibao_pins(context->zhibao), reply->receipt.data, reply->receipt.len,
                       &receipt) != STATUS_OK ||
        verify_record(&receipt, reply->record) != STATUS_OK) {
        complain(context, "服务器给出的材料或其回执核验不通过，不可采信",
                 "a record that the server gave, or its receipt, does not verify: do not trust it");
        return EXIT_REFUSED;
    }
    if (!grow(evidence))
        return failed(context, STATUS_LIMIT);
    evidence->taken[evidence->count++] = (struct evidence_taken){
        receipt.leaf.kind, receipt.leaf.unit, receipt.leaf.id, receipt.leaf.key};
    fputc(EVIDENCE_RECORD, evidence->out);
    put_length(evidence->out, 4 + size + reply->receipt.len);
    put_length(evidence->out, size);
    fwrite(bytes, 1, size, evidence->out);
    fwrite(reply->receipt.data, 1, reply->receipt.len, evidence->out);
    return EXIT_DONE;
}

enum exit_code evidence_take(struct evidence *evidence, uint8_t kind, uint64_t unit,
                             const ProtobufCBinaryData *id, bool optional)
{
    struct context *context = evidence->context;
    Zhibao__GetRecord ask = ZHIBAO__GET_RECORD__INIT;
    ProtobufCMessage *answer = NULL;
    enum exit_code code = EXIT_DONE;
    if (id->len != RECORD_ID_BYTES || is_taken(evidence, kind, unit, id))
        return EXIT_DONE;
    ask.kind = (Zhibao__RecordKind)kind;
    ask.unit = unit;
    ask.id = *id;
    if (optional) {
        enum status status = zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_GET_RECORD,
                                            &ask.base, context->arena, &answer);
        if (status == STATUS_E_SUBJECT_UNKNOWN)
            return EXIT_DONE;
        if (status != STATUS_OK)
            return failed(context, status);
    } else if (!context_ask(context, ZHIBAO__KIND__KIND_GET_RECORD, &ask.base, &answer, &code)) {
        return code;
    }
    return record_add(evidence, (const Zhibao__RecordReply *)answer);
}

static bool signs(const struct evidence *evidence, const ProtobufCBinaryData *key)
{
    if (key->len == KEY_ID_BYTES && memcmp(evidence->own.bytes, key->data, KEY_ID_BYTES) == 0)
        return true;
    for (size_t i = 0; key->len == KEY_ID_BYTES && i < evidence->count; i++)
        if (memcmp(evidence->taken[i].key.bytes, key->data, KEY_ID_BYTES) == 0)
            return true;
    return false;
}

enum exit_code evidence_take_keys(struct evidence *evidence, uint64_t place)
{
    Zhibao__Events ask = ZHIBAO__EVENTS__INIT;
    ProtobufCMessage *answer = NULL;
    enum exit_code code = EXIT_DONE;
    ask.place = place;
    ask.kind = ZHIBAO__RECORD_KIND__RECORD_KEY;
    do {
        if (!context_ask(evidence->context, ZHIBAO__KIND__KIND_EVENTS, &ask.base, &answer, &code))
            return code;
        const Zhibao__EventRows *rows = (const Zhibao__EventRows *)answer;
        for (size_t i = 0; i < rows->n_events && code == EXIT_DONE; i++) {
            const Zhibao__EventRow *row = rows->events[i];
            if (signs(evidence, &row->key)) /* an enrolment is signed by the key that it brings */
                code = evidence_take(evidence, (uint8_t)row->kind, row->unit, &row->id, false);
        }
        ask.cursor = rows->next;
    } while (code == EXIT_DONE && ask.cursor[0] != '\0');
    return code;
}

enum exit_code evidence_take_roots(struct evidence *evidence)
{
    Zhibao__GetRoots ask = ZHIBAO__GET_ROOTS__INIT;
    ProtobufCMessage *answer = NULL;
    enum exit_code code = EXIT_DONE;
    const Zhibao__Roots *roots = NULL;
    do {
        if (!context_ask(evidence->context, ZHIBAO__KIND__KIND_GET_ROOTS, &ask.base, &answer,
                         &code))
            return code;
        roots = (const Zhibao__Roots *)answer;
        for (size_t i = 0; i < roots->n_roots; i++)
            if (roots->roots[i].len != ROOT_BYTES)
                return failed(evidence->context, STATUS_E_MALFORMED);
        fputc(EVIDENCE_ROOTS, evidence->out);
        put_length(evidence->out, roots->n_roots * ROOT_BYTES);
        for (size_t i = 0; i < roots->n_roots; i++)
            fwrite(roots->roots[i].data, 1, ROOT_BYTES, evidence->out);
        ask.after += roots->n_roots;
    } while (roots->n_roots > 0 && ask.after < roots->latest);
    return EXIT_DONE;
}
