/* Writing and reading big-endian fields of fixed layouts, bounds checked. Pure; any thread. */
#ifndef ZHIBAO_BASE_CURSOR_H
#define ZHIBAO_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A position in a buffer the caller owns. `bad` once set stays set and makes all else no-ops. */
struct writer {
    uint8_t *bytes;
    size_t size, used;
    bool bad;
};

struct reader {
    const uint8_t *bytes;
    size_t size, used;
    bool bad;
};

static inline void write_bytes(struct writer *writer, const void *bytes, size_t size)
{
    if (writer->bad || size > writer->size - writer->used) {
        writer->bad = true;
        return;
    }
    if (size > 0)
        memcpy(writer->bytes + writer->used, bytes, size);
    writer->used += size;
}

/* The low `width` bytes of `number`, most significant first. */
static inline void write_number(struct writer *writer, uint64_t number, size_t width)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(number >> (8 * (width - 1 - i)));
    write_bytes(writer, bytes, width);
}

static inline void read_bytes(struct reader *reader, void *out_bytes, size_t size)
{
    if (reader->bad || size > reader->size - reader->used) {
        reader->bad = true;
        memset(out_bytes, 0, size);
        return;
    }
    if (size > 0)
        memcpy(out_bytes, reader->bytes + reader->used, size);
    reader->used += size;
}

static inline uint64_t read_number(struct reader *reader, size_t width)
{
    uint8_t bytes[8];
    uint64_t number = 0;
    read_bytes(reader, bytes, width);
    for (size_t i = 0; i < width; i++)
        number = number << 8 | bytes[i];
    return number;
}

#endif
