/* What the handlers share: replies in the request's arena, refusals, cursors, and a budget that
 * keeps a reply within what a client decodes. The query's thread. */
#ifndef ZHIBAO_SERVER_QUERY_REPLY_H
#define ZHIBAO_SERVER_QUERY_REPLY_H

#include "plan/plan.h"
#include "proof/receipt.h"
#include "query.pb-c.h"
#include "server/query/query.h"
#include "server/store/query_inbox.h"

/* A message of this type in the arena, initialised; NULL without memory. */
ProtobufCMessage *reply_new(struct arena *arena, const ProtobufCMessageDescriptor *type);

/* protobuf-c's text fields are not const though packing only reads them. */
char *reply_text(const char *constant);

/* A form's cell by its names: number, element, stratum, unit and decimals; NULL without memory. */
Zhibao__FormCell *reply_cell(struct arena *arena, const struct plan *plan, const struct cell *from);

/* Copies into the arena as a bytes field; false without memory. */
bool reply_bytes(struct arena *arena, const void *bytes, size_t size,
                 ProtobufCBinaryData *out_data);

/* Notes the problem and gives back `code`. zh and en NULL: the code's own sentence. */
enum status query_refuse(struct query *query, enum status code, const char *field, const char *zh,
                         const char *en);

/* A unit's Chinese name in the arena; "" for 0 and unknown units, NULL without memory. */
char *query_unit_name(const struct query *query, uint64_t unit);

/* Numbers joined by dots, as cursors are written: exactly `count` of them, none negative. "" gives
 * zeros. False for anything else. */
bool cursor_read(const char *text, int64_t *out_numbers, size_t count);
char *cursor_write(struct arena *arena, const int64_t *numbers, size_t count);

/* What an event of zhibao.report_event makes of its subject. An acceptance by a township makes it
 * ACCEPTED, by statistics FINAL. "stored" and "superseded" are known too. */
Zhibao__State event_state(const char *event, bool by_township);

/* STATUS_OK, or a refusal that names the field. */
MUST_CHECK enum status query_cursor(struct query *query, const char *field, const char *text,
                                    int64_t *out_numbers, size_t count);

/* An id field of 16 bytes; STATUS_OK or a refusal (E_ID) that names the field. */
MUST_CHECK enum status query_id(struct query *query, const char *field,
                                const ProtobufCBinaryData *data, struct record_id *out_id);

/* What a reply may still take, so that it stays within WIRE_MESSAGE_MAX and WIRE_FIELDS_MAX; the
 * rest of those is for the head, the cursor and the envelope. */
struct reply_budget {
    size_t bytes, fields;
    bool used; /* something was put in */
};
#define REPLY_BUDGET       ((struct reply_budget){.bytes = 700 * 1024, .fields = 14000})
#define REPLY_BUDGET_NAMES ((struct reply_budget){.bytes = 200 * 1024, .fields = 5000})

/* Whether `message` still fits; then it is counted. The first always does. */
bool reply_fits(struct reply_budget *budget, const ProtobufCMessage *message);

/* Fields of a message as the wire has them, those of nested messages included. */
size_t message_fields(const ProtobufCMessage *message);

#endif
