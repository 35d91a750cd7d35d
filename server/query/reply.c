#include "server/query/reply.h"

#include <inttypes.h>
#include <string.h>

ProtobufCMessage *reply_new(struct arena *arena, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);
    if (message != NULL)
        protobuf_c_message_init(type, message);
    return message;
}

char *reply_text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

Zhibao__FormCell *reply_cell(struct arena *arena, const struct plan *plan, const struct cell *from)
{
    const struct element *element = &plan->elements[from->element];
    Zhibao__FormCell *cell = (Zhibao__FormCell *)reply_new(arena, &zhibao__form_cell__descriptor);
    if (cell == NULL)
        return NULL;
    cell->cell = from->number;
    cell->element = reply_text(element->code);
    cell->stratum = reply_text(from->stratum);
    cell->name_zh = reply_text(element->name_zh);
    cell->name_en = reply_text(element->name_en);
    cell->unit = reply_text(element->unit);
    cell->decimals = element->decimals;
    return cell;
}

bool reply_bytes(struct arena *arena, const void *bytes, size_t size, ProtobufCBinaryData *out_data)
{
    uint8_t *copy = arena_copy(arena, bytes, size);
    if (copy == NULL)
        return false;
    *out_data = (ProtobufCBinaryData){.len = size, .data = copy};
    return true;
}

enum status query_refuse(struct query *query, enum status code, const char *field, const char *zh,
                         const char *en)
{
    problems_add(query->problems, code, 0, field, zh, en);
    return code;
}

char *query_unit_name(const struct query *query, uint64_t unit)
{
    struct registry_unit found;
    if (unit == 0 || !registry_unit(query->registry, unit, &found))
        return arena_string(query->arena, "");
    return arena_string(query->arena, found.name_zh);
}

bool cursor_read(const char *text, int64_t *out_numbers, size_t count)
{
    memset(out_numbers, 0, count * sizeof *out_numbers);
    if (text[0] == '\0')
        return true;
    for (size_t i = 0; i < count; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 18) /* 18 digits fit in an int64_t */
            return false;
        for (size_t k = 0; k < digits; k++)
            out_numbers[i] = out_numbers[i] * 10 + (text[k] - '0');
        text += digits;
        if (*text != (i + 1 < count ? '.' : '\0'))
            return false;
        text += *text == '.';
    }
    return true;
}

char *cursor_write(struct arena *arena, const int64_t *numbers, size_t count)
{
    const char *text = "";
    for (size_t i = 0; text != NULL && i < count; i++)
        text = arena_printf(arena, "%s%s%" PRId64, text, i > 0 ? "." : "", numbers[i]);
    return reply_text(text);
}

enum status query_cursor(struct query *query, const char *field, const char *text,
                         int64_t *out_numbers, size_t count)
{
    if (cursor_read(text, out_numbers, count))
        return STATUS_OK;
    return query_refuse(query, STATUS_E_MALFORMED, field, "游标无效：请原样送回上一页给出的游标",
                        "invalid cursor: send back the one that the page before gave");
}

enum status query_id(struct query *query, const char *field, const ProtobufCBinaryData *data,
                     struct record_id *out_id)
{
    if (data->len != RECORD_ID_BYTES)
        return query_refuse(query, STATUS_E_ID, field, NULL, NULL);
    memcpy(out_id->bytes, data->data, RECORD_ID_BYTES);
    return STATUS_OK;
}

size_t message_fields(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const uint8_t *base = (const uint8_t *)message;
    size_t fields = 0;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        bool nested = field->type == PROTOBUF_C_TYPE_MESSAGE;
        size_t count = 1;
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            memcpy(&count, base + field->quantifier_offset, sizeof count);
        bool packed = (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED) != 0;
        fields += packed ? 1 : count;
        if (!nested)
            continue;
        const void *at = NULL;
        memcpy(&at, base + field->offset, sizeof at);
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            fields += at == NULL ? 0 : message_fields(at);
            continue;
        }
        for (size_t k = 0; k < count; k++)
            fields += message_fields(((ProtobufCMessage *const *)at)[k]);
    }
    return fields;
}

bool reply_fits(struct reply_budget *budget, const ProtobufCMessage *message)
{
    size_t bytes = protobuf_c_message_get_packed_size(message) + 8; /* tag and length */
    size_t fields = message_fields(message) + 1;
    if (budget->used && (bytes > budget->bytes || fields > budget->fields))
        return false;
    budget->bytes -= bytes < budget->bytes ? bytes : budget->bytes;
    budget->fields -= fields < budget->fields ? fields : budget->fields;
    budget->used = true;
    return true;
}

Zhibao__State event_state(const char *event, bool by_township)
{
    static const struct {
        const char *event;
        Zhibao__State state;
    } words[] = {
        {"stored",        ZHIBAO__STATE__STATE_STORED       },
        {"accepted",      ZHIBAO__STATE__STATE_FINAL        },
        {"returned",      ZHIBAO__STATE__STATE_RETURNED     },
        {"withdrawn",     ZHIBAO__STATE__STATE_WITHDRAWN    },
        {"objected",      ZHIBAO__STATE__STATE_OBJECTED     },
        {"reviewed",      ZHIBAO__STATE__STATE_REVIEWED     },
        {"signed",        ZHIBAO__STATE__STATE_SIGNED       },
        {"confirmed",     ZHIBAO__STATE__STATE_CONFIRMED    },
        {"reopened",      ZHIBAO__STATE__STATE_REOPENED     },
        {"locked",        ZHIBAO__STATE__STATE_LOCKED       },
        {"unlocked",      ZHIBAO__STATE__STATE_UNLOCKED     },
        {"corrected",     ZHIBAO__STATE__STATE_CORRECTED    },
        {"superseded",    ZHIBAO__STATE__STATE_SUPERSEDED   },
        {"bad_signature", ZHIBAO__STATE__STATE_BAD_SIGNATURE},
    };
    if (by_township && strcmp(event, "accepted") == 0)
        return ZHIBAO__STATE__STATE_ACCEPTED;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].event, event) == 0)
            return words[i].state;
    return ZHIBAO__STATE__STATE_UNSPECIFIED;
}
