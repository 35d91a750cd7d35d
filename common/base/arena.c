#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_BLOCK_BYTES = 16 * 1024,
    ARENA_ALIGN = 16,
};

struct block {
    struct block *next;
    size_t size; /* usable bytes behind this header */
    size_t used;
    _Alignas(ARENA_ALIGN) unsigned char bytes[];
};

struct arena {
    struct block *head; /* the block in use; older ones follow */
    size_t ceiling;
    size_t used;
    bool exhausted, refused;
    ProtobufCAllocator protobuf;
};

static struct block *block_create(size_t size, struct block *next)
{
    struct block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->next = next;
    block->size = size;
    block->used = 0;
    return block;
}

static void *protobuf_alloc(void *data, size_t size)
{
    return arena_alloc(data, size);
}

static void protobuf_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

struct arena *arena_create(size_t ceiling)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        return NULL;
    arena->ceiling = ceiling;
    arena->protobuf = (ProtobufCAllocator){
        .alloc = protobuf_alloc, .free = protobuf_free, .allocator_data = arena};
    return arena;
}

static void blocks_free(struct block *block)
{
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_destroy(struct arena **arena)
{
    if (arena == NULL || *arena == NULL)
        return;
    blocks_free((*arena)->head);
    free(*arena);
    *arena = NULL;
}

void arena_reset(struct arena *arena)
{
    struct block *keep = NULL;
    struct block *block = arena->head;
    while (block != NULL) {
        struct block *next = block->next;
        if (keep == NULL && block->size == ARENA_BLOCK_BYTES) {
            keep = block;
            keep->next = NULL;
            keep->used = 0;
        } else {
            free(block);
        }
        block = next;
    }
    arena->head = keep;
    arena->used = 0;
    arena->exhausted = arena->refused = false;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ARENA_ALIGN) {
        arena->exhausted = true;
        return NULL;
    }
    size_t rounded = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (rounded == 0)
        rounded = ARENA_ALIGN;
    if (rounded > arena->ceiling - arena->used) {
        arena->exhausted = true;
        return NULL;
    }
    struct block *block = arena->head;
    if (block == NULL || rounded > block->size - block->used) {
        size_t wanted = rounded > ARENA_BLOCK_BYTES ? rounded : ARENA_BLOCK_BYTES;
        block = block_create(wanted, arena->head);
        if (block == NULL) {
            arena->refused = true;
            return NULL;
        }
        arena->head = block;
    }
    void *result = block->bytes + block->used;
    block->used += rounded;
    arena->used += rounded;
    memset(result, 0, rounded);
    return result;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        arena->exhausted = true;
        return NULL;
    }
    return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = arena_alloc(arena, size);
    if (copy != NULL && size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return NULL;
    char *text = arena_alloc(arena, (size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

bool arena_exhausted(const struct arena *arena)
{
    return arena->exhausted;
}

bool arena_refused(const struct arena *arena)
{
    return arena->refused;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

ProtobufCAllocator *arena_protobuf(struct arena *arena)
{
    return &arena->protobuf;
}
