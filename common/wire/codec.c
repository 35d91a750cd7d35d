#include "wire/codec.h"

#include <stdlib.h>
#include <string.h>

#include "wire/scan.h"

enum status envelope_read(const uint8_t *bytes, size_t size, struct envelope *out_envelope)
{
    struct envelope envelope = {0};
    uint64_t version = 0;
    size_t position = 0;
    while (position < size) {
        struct wire_field field;
        if (wire_next(bytes, size, &position, &field) != STATUS_OK)
            return STATUS_E_MALFORMED;
        if (field.tag == 1 && field.wire_type == 0)
            version = field.number;
        else if (field.tag == 2 && field.wire_type == 1)
            envelope.request = field.number;
        else if (field.tag == 3 && field.wire_type == 0 && field.number <= INT32_MAX)
            envelope.kind = (Zhibao__Kind)field.number;
        else if (field.tag == 4 && field.wire_type == 0)
            envelope.timeout_ms = (uint32_t)field.number;
        else if (field.tag == 5 && field.wire_type == 2) {
            envelope.body = field.bytes;
            envelope.body_size = field.size;
        } else if (field.tag <= 5)
            return STATUS_E_MALFORMED;
    }
    if (size > WIRE_MESSAGE_MAX) {
        out_envelope->request = envelope.request;
        return STATUS_E_TOO_LARGE;
    }
    if (version != WIRE_VERSION) {
        out_envelope->request = envelope.request;
        return size == 0 ? STATUS_E_MALFORMED : STATUS_E_VERSION;
    }
    *out_envelope = envelope;
    return STATUS_OK;
}

enum status message_read(const ProtobufCMessageDescriptor *type, struct arena *arena,
                         const uint8_t *bytes, size_t size, ProtobufCMessage **out_message)
{
    enum status status = wire_scan(type, bytes, size);
    if (status != STATUS_OK)
        return status;
    ProtobufCMessage *message = protobuf_c_message_unpack(type, arena_protobuf(arena), size, bytes);
    if (message == NULL)
        return arena_exhausted(arena) ? STATUS_E_TOO_LARGE
               : arena_refused(arena) ? STATUS_NO_MEMORY
                                      : STATUS_E_MALFORMED;
    *out_message = message;
    return STATUS_OK;
}

enum status envelope_wrap(uint64_t request, Zhibao__Kind kind, uint32_t timeout_ms,
                          const uint8_t *body, size_t body_size, uint8_t **out_bytes,
                          size_t *out_size)
{
    Zhibao__Envelope envelope = ZHIBAO__ENVELOPE__INIT;
    envelope.version = WIRE_VERSION;
    envelope.request = request;
    envelope.kind = kind;
    envelope.timeout_ms = timeout_ms;
    envelope.body.data = (uint8_t *)(uintptr_t)body; /* protobuf-c only reads it */
    envelope.body.len = body_size;
    size_t size = zhibao__envelope__get_packed_size(&envelope);
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    zhibao__envelope__pack(&envelope, bytes);
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

enum status envelope_write(uint64_t request, Zhibao__Kind kind, uint32_t timeout_ms,
                           const ProtobufCMessage *body, uint8_t **out_bytes, size_t *out_size)
{
    size_t size = protobuf_c_message_get_packed_size(body);
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    protobuf_c_message_pack(body, bytes);
    enum status status = envelope_wrap(request, kind, timeout_ms, bytes, size, out_bytes, out_size);
    free(bytes);
    return status;
}

uint8_t *message_write(struct arena *arena, const ProtobufCMessage *message, size_t *out_size)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, size);
    if (bytes != NULL) {
        protobuf_c_message_pack(message, bytes);
        *out_size = size;
    }
    return bytes;
}

/* Length of the valid sequence at `bytes`, 0 when there is none (Unicode 15, table 3-7). */
static size_t utf8_sequence(const uint8_t *bytes, size_t size)
{
    uint8_t first = bytes[0];
    if (first >= 0x01 && first <= 0x7f)
        return 1;
    size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                    : first >= 0xe0 && first <= 0xef ? 3
                    : first >= 0xf0 && first <= 0xf4 ? 4
                                                     : 0;
    if (length == 0 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    if ((first == 0xe0 && bytes[1] < 0xa0) || (first == 0xed && bytes[1] > 0x9f) ||
        (first == 0xf0 && bytes[1] < 0x90) || (first == 0xf4 && bytes[1] > 0x8f))
        return 0;
    return length;
}

bool utf8_valid(const uint8_t *bytes, size_t size)
{
    size_t position = 0;
    while (position < size) {
        size_t length = utf8_sequence(bytes + position, size - position);
        if (length == 0)
            return false;
        position += length;
    }
    return true;
}
