/* Which message an input is for: its first two bytes are a hash of the name, so that seeds stay
 * good when messages are added; any other value chooses one too. */
#ifndef ZHIBAO_FUZZ_CHOSEN_H
#define ZHIBAO_FUZZ_CHOSEN_H

#include "web/proto_table.h"

/* FNV-1a, folded to 16 bits. */
static inline unsigned name_hash(const char *name)
{
    uint32_t hash = UINT32_C(2166136261);
    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)*name) * UINT32_C(16777619);
    return (hash >> 16) ^ (hash & 0xffff);
}

static inline const ProtobufCMessageDescriptor *chosen(const uint8_t bytes[2])
{
    unsigned wanted = (unsigned)bytes[0] << 8 | bytes[1];
    size_t count = 0;
    for (; proto_messages[count] != NULL; count++)
        if (name_hash(proto_messages[count]->short_name) == wanted)
            return proto_messages[count];
    return proto_messages[wanted % count];
}

#endif
