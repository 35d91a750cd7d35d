/* The envelope, and what is in it: each question as the aggregator reads it. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "web/proto_table.h"
#include "wire/codec.h"
#include "wire/scan.h"

static void body_read(const struct envelope *envelope)
{
    for (const struct proto_exchange *entry = proto_exchanges; entry->name != NULL; entry++) {
        if (entry->ask != envelope->kind)
            continue;
        struct arena *arena =
            arena_create(WIRE_ARENA_MINIMUM + envelope->body_size * WIRE_ARENA_FACTOR);
        ProtobufCMessage *message = NULL;
        HOLDS(arena != NULL);
        if (message_read(entry->ask_type, arena, envelope->body, envelope->body_size, &message) ==
            STATUS_OK)
            HOLDS(protobuf_c_message_check(message));
        arena_destroy(&arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct envelope envelope;
    if (envelope_read(bytes, size, &envelope) != STATUS_OK)
        return 0;
    HOLDS(envelope.body == NULL ||
          (envelope.body >= bytes && envelope.body <= bytes + size && envelope.body_size <= size));
    body_read(&envelope);
    return 0;
}
