/* Every message of proto/ from bytes, into JSON as the gateway gives it to a page, and back: the
 * same bytes come out. The first two bytes choose the message. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "chosen.h"
#include "fuzz.h"
#include "web/json_message.h"
#include "wire/codec.h"

static bool any_nan(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isnan(values[i]))
            return true;
    return false;
}

/* What JSON does not carry: fields that the type does not know, which protobuf-c packs as they
 * came, and which of the many NaNs one is. */
static bool holds_more(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (message->n_unknown_fields > 0)
        return true;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        const char *at = (const char *)message + field->offset;
        size_t count = 1;
        const void *values = at;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
            memcpy(&values, at, sizeof values);
        }
        if (field->type == PROTOBUF_C_TYPE_DOUBLE && any_nan(values, count))
            return true;
        const ProtobufCMessage *const *parts = values;
        for (size_t k = 0; field->type == PROTOBUF_C_TYPE_MESSAGE && k < count; k++)
            if (parts[k] != NULL && holds_more(parts[k]))
                return true;
    }
    return false;
}

static void through_json(struct arena *arena, const ProtobufCMessage *message)
{
    struct json_fault fault;
    ProtobufCMessage *again = NULL;
    size_t size = 0, size_again = 0;
    json_t *json = json_from_message(message);
    HOLDS(json != NULL);
    enum status status = json_to_message(message->descriptor, json, arena, &again, &fault);
    json_decref(json);
    if (status != STATUS_OK)
        return; /* an enum's number without a name has none in JSON either */
    const uint8_t *bytes = message_write(arena, message, &size);
    const uint8_t *bytes_again = message_write(arena, again, &size_again);
    if (bytes == NULL || bytes_again == NULL || holds_more(message))
        return;
    HOLDS(size == size_again && memcmp(bytes, bytes_again, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2 || size > 64 * 1024)
        return 0;
    struct arena *arena = arena_create(WIRE_ARENA_MINIMUM + 8 * size * WIRE_ARENA_FACTOR);
    ProtobufCMessage *message = NULL;
    HOLDS(arena != NULL);
    if (message_read(chosen(bytes), arena, bytes + 2, size - 2, &message) == STATUS_OK)
        through_json(arena, message);
    arena_destroy(&arena);
    return 0;
}
