/* JSON as a page, or someone who says so, sends it to the gateway. The first two bytes choose the
 * message. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "chosen.h"
#include "fuzz.h"
#include "web/json_message.h"
#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t written = 0;
    if (size < 2 || size > 64 * 1024)
        return 0;
    json_t *json = json_loadb((const char *)bytes + 2, size - 2, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        return 0;
    struct arena *arena = arena_create(WIRE_ARENA_MINIMUM + size * WIRE_ARENA_FACTOR);
    struct json_fault fault = {.why_zh = NULL};
    ProtobufCMessage *message = NULL;
    HOLDS(arena != NULL);
    enum status status = json_to_message(chosen(bytes), json, arena, &message, &fault);
    if (status == STATUS_OK)
        (void)message_write(arena, message, &written);
    else
        HOLDS(status == STATUS_NO_MEMORY || (fault.why_zh != NULL && fault.why_en != NULL));
    json_decref(json);
    arena_destroy(&arena);
    return 0;
}
