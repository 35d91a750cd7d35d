/* Any message of proto/ as JSON and back, by its protobuf-c descriptor: nothing here knows a
 * message.
 *
 * Names are those of the .proto files; every field is written, defaults included. 64-bit integers
 * are strings of decimal digits, bytes are base64 (RFC 4648 section 4, padded), enums their names,
 * doubles numbers or "NaN", "Infinity", "-Infinity", an absent sub-message null. Reading takes the
 * same and nothing else: an unknown field, a wrong type or a number out of range is an error that
 * names the field, never a guess. Pure; any thread. */
#ifndef ZHIBAO_WEB_JSON_MESSAGE_H
#define ZHIBAO_WEB_JSON_MESSAGE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/status.h"

enum { JSON_FIELD_BYTES = 200, JSON_DEPTH_MAX = 8 };

/* Where and why a JSON value was not taken. `field` is a path such as "forms[2].cells[0].decimals",
 * "" for the message itself; `why` is one of the fixed English phrases of json_read.c. */
struct json_fault {
    char field[JSON_FIELD_BYTES];
    const char *why_zh, *why_en;
};

/* A new reference, which the caller owns; NULL without memory. Text that is not UTF-8 (which
 * message_read lets nobody send) becomes null. */
json_t *json_from_message(const ProtobufCMessage *message);

/* The message, allocated in the arena with all its parts. STATUS_E_MALFORMED with *out_fault set;
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status json_to_message(const ProtobufCMessageDescriptor *type, const json_t *json,
                                       struct arena *arena, ProtobufCMessage **out_message,
                                       struct json_fault *out_fault);

/* Standard base64 with padding of bytes, as a new JSON string; NULL without memory. */
json_t *json_base64(const void *bytes, size_t size);

/* Decodes standard base64 into the arena. STATUS_E_MALFORMED, STATUS_NO_MEMORY. */
MUST_CHECK enum status base64_read(const char *text, struct arena *arena, uint8_t **out_bytes,
                                   size_t *out_size);

/* Bytes that one value of a repeated field takes in protobuf-c's array. */
size_t json_value_size(ProtobufCType type);

#endif
