#include "wire/scan.h"

#include <string.h>

#include "wire/codec.h"

static enum status read_varint(const uint8_t *bytes, size_t size, size_t *position,
                               uint64_t *out_number)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (*position >= size)
            return STATUS_E_MALFORMED;
        uint8_t byte = bytes[(*position)++];
        if (shift == 63 && byte > 1)
            return STATUS_E_MALFORMED;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            *out_number = number;
            return STATUS_OK;
        }
    }
    return STATUS_E_MALFORMED;
}

static enum status read_fixed(const uint8_t *bytes, size_t size, size_t *position, size_t width,
                              uint64_t *out_number)
{
    if (size - *position < width)
        return STATUS_E_MALFORMED;
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number |= (uint64_t)bytes[*position + i] << (8 * i);
    *position += width;
    *out_number = number;
    return STATUS_OK;
}

enum status wire_next(const uint8_t *bytes, size_t size, size_t *position,
                      struct wire_field *out_field)
{
    struct wire_field field = {0};
    uint64_t key = 0;
    enum status status = read_varint(bytes, size, position, &key);
    if (status != STATUS_OK || key >> 3 == 0 || key >> 3 > 0x1fffffff)
        return STATUS_E_MALFORMED;
    field.tag = (uint32_t)(key >> 3);
    field.wire_type = (unsigned)(key & 7);
    switch (field.wire_type) {
    case 0: status = read_varint(bytes, size, position, &field.number); break;
    case 1: status = read_fixed(bytes, size, position, 8, &field.number); break;
    case 5: status = read_fixed(bytes, size, position, 4, &field.number); break;
    case 2: {
        uint64_t length = 0;
        status = read_varint(bytes, size, position, &length);
        if (status != STATUS_OK || length > size - *position)
            return STATUS_E_MALFORMED;
        field.bytes = bytes + *position;
        field.size = (size_t)length;
        *position += field.size;
        break;
    }
    default: return STATUS_E_MALFORMED;
    }
    if (status == STATUS_OK)
        *out_field = field;
    return status;
}

static enum status scan_level(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                              size_t size, unsigned depth, uint32_t *fields)
{
    size_t position = 0;
    while (position < size) {
        struct wire_field field;
        enum status status = wire_next(bytes, size, &position, &field);
        if (status != STATUS_OK)
            return status;
        if (++*fields > WIRE_FIELDS_MAX)
            return STATUS_E_MALFORMED;
        const ProtobufCFieldDescriptor *known =
            protobuf_c_message_descriptor_get_field(type, field.tag);
        if (known == NULL || field.wire_type != 2)
            continue;
        if (known->type == PROTOBUF_C_TYPE_STRING && !utf8_valid(field.bytes, field.size))
            return STATUS_E_MALFORMED;
        if (known->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        if (depth + 1 >= WIRE_DEPTH_MAX)
            return STATUS_E_MALFORMED;
        status = scan_level(known->descriptor, field.bytes, field.size, depth + 1, fields);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

enum status wire_scan(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t size)
{
    uint32_t fields = 0;
    return scan_level(type, bytes, size, 0, &fields);
}
