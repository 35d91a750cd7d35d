/* From JSON to a message. */
#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/json_message.h"

struct reader {
    struct arena *arena;
    struct json_fault *fault;
    char path[JSON_FIELD_BYTES]; /* of the value being read */
    unsigned depth;
};

static enum status fault(struct reader *reader, const char *zh, const char *en)
{
    memcpy(reader->fault->field, reader->path, sizeof reader->path);
    reader->fault->why_zh = zh;
    reader->fault->why_en = en;
    return STATUS_E_MALFORMED;
}

enum status base64_read(const char *text, struct arena *arena, uint8_t **out_bytes,
                        size_t *out_size)
{
    size_t length = strlen(text), size = 0;
    uint8_t *bytes = arena_alloc(arena, length / 4 * 3 + 3);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    if (sodium_base642bin(bytes, length / 4 * 3 + 3, text, length, NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return STATUS_E_MALFORMED;
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

static enum status read_small(struct reader *reader, const json_t *json, json_int_t least,
                              json_int_t most, json_int_t *out_value)
{
    if (!json_is_integer(json))
        return fault(reader, "应为整数", "must be a whole number");
    json_int_t value = json_integer_value(json);
    if (value < least || value > most)
        return fault(reader, "超出整数的范围", "is outside the range of its integer type");
    *out_value = value;
    return STATUS_OK;
}

/* A string of digits, a sign before it where `negative` is allowed. */
static bool is_decimal(const char *text, bool negative)
{
    if (negative && *text == '-')
        text++;
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 20 && text[digits] == '\0';
}

static enum status read_large(struct reader *reader, const json_t *json, bool is_signed,
                              uint64_t *out_bits)
{
    const char *text = json_string_value(json);
    if (text == NULL || strlen(text) != json_string_length(json) || !is_decimal(text, is_signed))
        return fault(reader, "应为用引号括起的整数", "must be a whole number in quotes");
    errno = 0;
    uint64_t bits =
        is_signed ? (uint64_t)strtoll(text, NULL, 10) : (uint64_t)strtoull(text, NULL, 10);
    if (errno != 0)
        return fault(reader, "超出整数的范围", "is outside the range of its integer type");
    *out_bits = bits;
    return STATUS_OK;
}

static enum status read_double(struct reader *reader, const json_t *json, double *out_value)
{
    const char *text = json_string_value(json);
    if (json_is_number(json))
        *out_value = json_number_value(json);
    else if (text != NULL && strcmp(text, "NaN") == 0)
        *out_value = NAN;
    else if (text != NULL && strcmp(text, "Infinity") == 0)
        *out_value = INFINITY;
    else if (text != NULL && strcmp(text, "-Infinity") == 0)
        *out_value = -INFINITY;
    else
        return fault(reader, "应为数值", "must be a number");
    return STATUS_OK;
}

static enum status read_enum(struct reader *reader, const ProtobufCEnumDescriptor *type,
                             const json_t *json, int *out_value)
{
    const ProtobufCEnumValue *known =
        json_is_string(json)
            ? protobuf_c_enum_descriptor_get_value_by_name(type, json_string_value(json))
            : NULL;
    if (known == NULL)
        return fault(reader, "不是允许的取值", "is not one of the names allowed");
    *out_value = known->value;
    return STATUS_OK;
}

static enum status read_text(struct reader *reader, const json_t *json, char **out_text)
{
    const char *text = json_string_value(json);
    if (text == NULL)
        return fault(reader, "应为文字", "must be text");
    if (strlen(text) != json_string_length(json))
        return fault(reader, "文字中有空字符", "holds a NUL character");
    *out_text = arena_string(reader->arena, text);
    return *out_text == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status read_bytes(struct reader *reader, const json_t *json, ProtobufCBinaryData *out)
{
    const char *text = json_string_value(json);
    enum status status = text == NULL || strlen(text) != json_string_length(json)
                             ? STATUS_E_MALFORMED
                             : base64_read(text, reader->arena, &out->data, &out->len);
    if (status == STATUS_E_MALFORMED)
        return fault(reader, "应为 base64 文字", "must be base64 text");
    return status;
}

static enum status read_message(struct reader *reader, const ProtobufCMessageDescriptor *type,
                                const json_t *json, ProtobufCMessage **out_message);

/* A value of 32 bits or fewer that JSON writes as a number. */
static enum status read_number(struct reader *reader, ProtobufCType type, const json_t *json,
                               void *at)
{
    bool is_unsigned = type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32;
    json_int_t value = 0;
    enum status status = is_unsigned ? read_small(reader, json, 0, UINT32_MAX, &value)
                                     : read_small(reader, json, INT32_MIN, INT32_MAX, &value);
    if (status == STATUS_OK && is_unsigned)
        *(uint32_t *)at = (uint32_t)value;
    else if (status == STATUS_OK)
        *(int32_t *)at = (int32_t)value;
    return status;
}

static enum status read_value(struct reader *reader, const ProtobufCFieldDescriptor *field,
                              const json_t *json, void *at)
{
    enum status status;
    double number = 0;
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32: return read_number(reader, field->type, json, at);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64: return read_large(reader, json, true, at);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: return read_large(reader, json, false, at);
    case PROTOBUF_C_TYPE_FLOAT:
        status = read_double(reader, json, &number);
        *(float *)at = (float)number;
        return status;
    case PROTOBUF_C_TYPE_DOUBLE: return read_double(reader, json, at);
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_is_boolean(json))
            return fault(reader, "应为 true 或 false", "must be true or false");
        *(protobuf_c_boolean *)at = json_is_true(json);
        return STATUS_OK;
    case PROTOBUF_C_TYPE_ENUM: return read_enum(reader, field->descriptor, json, at);
    case PROTOBUF_C_TYPE_STRING: return read_text(reader, json, at);
    case PROTOBUF_C_TYPE_BYTES: return read_bytes(reader, json, at);
    case PROTOBUF_C_TYPE_MESSAGE:
        if (json_is_null(json) && field->label != PROTOBUF_C_LABEL_REPEATED)
            return STATUS_OK;
        return read_message(reader, field->descriptor, json, at);
    }
    return STATUS_E_MALFORMED;
}

static enum status read_repeated(struct reader *reader, const ProtobufCFieldDescriptor *field,
                                 const json_t *json, char *message)
{
    if (!json_is_array(json))
        return fault(reader, "应为数组", "must be an array");
    size_t count = json_array_size(json), size = json_value_size(field->type);
    if (count == 0)
        return STATUS_OK;
    char *values = arena_array(reader->arena, count, size);
    if (values == NULL)
        return STATUS_NO_MEMORY;
    size_t length = strlen(reader->path);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        snprintf(reader->path + length, sizeof reader->path - length, "[%zu]", i);
        status = read_value(reader, field, json_array_get(json, i), values + i * size);
    }
    reader->path[length] = '\0';
    *(size_t *)(void *)(message + field->quantifier_offset) = count;
    *(char **)(void *)(message + field->offset) = values;
    return status;
}

static enum status read_fields(struct reader *reader, const ProtobufCMessageDescriptor *type,
                               const json_t *json, char *message)
{
    const char *name;
    json_t *value;
    size_t length = strlen(reader->path);
    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(type, name);
        snprintf(reader->path + length, sizeof reader->path - length, "%s%.60s",
                 length == 0 ? "" : ".", name);
        if (field == NULL)
            return fault(reader, "没有这个字段", "is not a field of this message");
        enum status status = field->label == PROTOBUF_C_LABEL_REPEATED
                                 ? read_repeated(reader, field, value, message)
                                 : read_value(reader, field, value, message + field->offset);
        if (status != STATUS_OK)
            return status;
        reader->path[length] = '\0';
    }
    return STATUS_OK;
}

static enum status read_message(struct reader *reader, const ProtobufCMessageDescriptor *type,
                                const json_t *json, ProtobufCMessage **out_message)
{
    if (!json_is_object(json))
        return fault(reader, "应为对象", "must be an object");
    if (reader->depth == JSON_DEPTH_MAX)
        return fault(reader, "嵌套过深", "is nested too deeply");
    char *message = arena_alloc(reader->arena, type->sizeof_message);
    if (message == NULL)
        return STATUS_NO_MEMORY;
    protobuf_c_message_init(type, message);
    reader->depth++;
    enum status status = read_fields(reader, type, json, message);
    reader->depth--;
    if (status == STATUS_OK)
        *out_message = (ProtobufCMessage *)(void *)message;
    return status;
}

enum status json_to_message(const ProtobufCMessageDescriptor *type, const json_t *json,
                            struct arena *arena, ProtobufCMessage **out_message,
                            struct json_fault *out_fault)
{
    struct reader reader = {.arena = arena, .fault = out_fault};
    *out_fault = (struct json_fault){.why_zh = "", .why_en = ""};
    return read_message(&reader, type, json, out_message);
}
