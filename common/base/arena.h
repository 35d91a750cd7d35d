/* A bump allocator with a ceiling: everything one request needs, freed at once.
 *
 * Owned by whoever creates it; one thread at a time. Memory is zeroed (protobuf-c 1.4.1 leaves
 * `unknown_fields` unset under a custom allocator), aligned to 16 bytes, and bounded: an
 * allocation that would pass the ceiling fails and `arena_exhausted` says so afterwards. */
#ifndef ZHIBAO_BASE_ARENA_H
#define ZHIBAO_BASE_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* An arena that hands out at most `ceiling` bytes. NULL when memory is short. */
struct arena *arena_create(size_t ceiling);
void arena_destroy(struct arena **arena);

/* Forgets all allocations and keeps the first block for reuse. */
void arena_reset(struct arena *arena);

/* `size` zeroed bytes, or NULL past the ceiling or without memory. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count` zeroed objects of `size` bytes; NULL also when the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Copies; NULL as arena_alloc. The string copies end in NUL. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_string(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether any allocation since creation or reset was refused for the ceiling. */
bool arena_exhausted(const struct arena *arena);

/* Whether any was refused since then because the system had no memory: what protobuf-c says of
 * that is what it says of a malformed message. */
bool arena_refused(const struct arena *arena);

/* Bytes handed out since creation or reset. */
size_t arena_used(const struct arena *arena);

/* An allocator for protobuf-c's unpack functions; valid as long as the arena. free is a no-op. */
ProtobufCAllocator *arena_protobuf(struct arena *arena);

#endif
