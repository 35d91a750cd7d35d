/* Envelopes and messages to and from bytes, with limits that hold before anything is decoded.
 *
 * protobuf-c 1.4.1 has no depth limit and expands empty sub-messages more than a hundredfold:
 * every message is pre-scanned (size, fields, depth) and decoded into a capped arena. Pure; the
 * arena's thread. Message types are those that protoc-c generates from proto/ (the only generated
 * code). */
#ifndef ZHIBAO_WIRE_CODEC_H
#define ZHIBAO_WIRE_CODEC_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "envelope.pb-c.h"

enum {
    WIRE_VERSION = 1,
    WIRE_MESSAGE_MAX = 1024 * 1024,      /* an envelope, its body included */
    WIRE_REPORT_MAX = 64 * 1024,         /* the payload of a report */
    WIRE_CONSOLIDATION_MAX = 256 * 1024, /* of one that says how many units are behind it */
    WIRE_FIELDS_MAX = 20000,             /* fields of one message, nested ones included */
    WIRE_DEPTH_MAX = 8,
    WIRE_ARENA_FACTOR = 16, /* arena bytes allowed for a byte of message */
    WIRE_ARENA_MINIMUM = 64 * 1024,
};

/* An envelope with its body still encoded; `body` points into the bytes it was read from. */
struct envelope {
    uint64_t request;
    Zhibao__Kind kind;
    uint32_t timeout_ms;
    const uint8_t *body;
    size_t body_size;
};

/* STATUS_E_TOO_LARGE, STATUS_E_MALFORMED, STATUS_E_VERSION. With E_TOO_LARGE and
 * E_VERSION, out_envelope->request is set so that the answer can be addressed. Allocates nothing.
 */
MUST_CHECK enum status envelope_read(const uint8_t *bytes, size_t size,
                                     struct envelope *out_envelope);

/* Decodes `bytes` as `type` into the arena. STATUS_E_MALFORMED for bytes that do not decode, pass
 * the pre-scan's limits or hold text that is not UTF-8; STATUS_NO_MEMORY. */
MUST_CHECK enum status message_read(const ProtobufCMessageDescriptor *type, struct arena *arena,
                                    const uint8_t *bytes, size_t size,
                                    ProtobufCMessage **out_message);

/* The envelope with `body` serialised inside it, malloc'ed: the caller frees *out_bytes. */
MUST_CHECK enum status envelope_write(uint64_t request, Zhibao__Kind kind, uint32_t timeout_ms,
                                      const ProtobufCMessage *body, uint8_t **out_bytes,
                                      size_t *out_size);

/* The same around a body that is already bytes. */
MUST_CHECK enum status envelope_wrap(uint64_t request, Zhibao__Kind kind, uint32_t timeout_ms,
                                     const uint8_t *body, size_t body_size, uint8_t **out_bytes,
                                     size_t *out_size);

/* Serialises a message into the arena. NULL without memory. */
uint8_t *message_write(struct arena *arena, const ProtobufCMessage *message, size_t *out_size);

/* Whether `bytes` are valid UTF-8 (no surrogates, no overlong forms, no NUL). */
bool utf8_valid(const uint8_t *bytes, size_t size);

#endif
