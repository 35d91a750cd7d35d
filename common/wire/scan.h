/* The pre-scan: walks a protobuf message's bytes against its type before anything is allocated.
 * Pure; any thread. */
#ifndef ZHIBAO_WIRE_SCAN_H
#define ZHIBAO_WIRE_SCAN_H

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

#include "base/status.h"

/* A position in protobuf wire bytes. */
struct wire_field {
    uint32_t tag;
    unsigned wire_type;   /* 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes */
    uint64_t number;      /* wire types 0, 1, 5 */
    const uint8_t *bytes; /* wire type 2 */
    size_t size;
};

/* Reads the field at *position and moves past it. STATUS_E_MALFORMED for cut, overlong or
 * out-of-range fields and for groups. */
MUST_CHECK enum status wire_next(const uint8_t *bytes, size_t size, size_t *position,
                                 struct wire_field *out_field);

/* STATUS_E_MALFORMED when the bytes are not well-formed for `type`, nest deeper than
 * WIRE_DEPTH_MAX, hold more than WIRE_FIELDS_MAX fields, or hold text that is not UTF-8. */
MUST_CHECK enum status wire_scan(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                                 size_t size);

#endif
