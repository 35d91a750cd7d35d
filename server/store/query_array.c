#include "server/store/query_array.h"

#include <string.h>

static uint64_t take(struct array_reader *reader, size_t width)
{
    uint64_t number = 0;
    if (reader->bad || reader->left < width) {
        reader->bad = true;
        return 0;
    }
    for (size_t i = 0; i < width; i++)
        number = number << 8 | reader->next[i];
    reader->next += width;
    reader->left -= width;
    return number;
}

/* Header: dimensions, has-null flag, element type, then length and lower bound of each. */
void array_open(struct array_reader *reader, const PGresult *result, int row, int column)
{
    size_t size = 0;
    const uint8_t *bytes = db_bytes(result, row, column, &size);
    *reader = (struct array_reader){.next = bytes, .left = size};
    if (PQgetisnull(result, row, column))
        return;
    uint64_t dimensions = take(reader, 4);
    take(reader, 8);
    if (dimensions == 0)
        return;
    reader->count = (size_t)take(reader, 4);
    take(reader, 4);
    if (dimensions != 1 || reader->count > reader->left)
        reader->bad = true;
    if (reader->bad)
        reader->count = 0;
}

static uint64_t next(struct array_reader *reader, size_t *out_width)
{
    uint64_t width = take(reader, 4);
    if (reader->count == 0 || (width != 2 && width != 4 && width != 8))
        reader->bad = true;
    if (reader->bad)
        return 0;
    reader->count--;
    *out_width = (size_t)width;
    return take(reader, (size_t)width);
}

int64_t array_next_int(struct array_reader *reader)
{
    size_t width = 8;
    uint64_t bits = next(reader, &width);
    if (width == 2)
        return (int16_t)(uint16_t)bits;
    if (width == 4)
        return (int32_t)(uint32_t)bits;
    return (int64_t)bits;
}

double array_next_double(struct array_reader *reader)
{
    size_t width = 8;
    uint64_t bits = next(reader, &width);
    double value = 0;
    if (width != 8)
        reader->bad = true;
    else
        memcpy(&value, &bits, sizeof value);
    return value;
}

enum status observations_read(const PGresult *result, int row, int column, struct arena *arena,
                              struct observations *out_observations)
{
    struct array_reader cells;
    struct array_reader presences;
    struct array_reader values;
    array_open(&cells, result, row, column);
    array_open(&presences, result, row, column + 1);
    array_open(&values, result, row, column + 2);
    size_t count = cells.count;
    if (presences.count != count || values.count != count)
        return STATUS_MISMATCH;
    uint32_t *cell = arena_array(arena, count, sizeof *cell);
    uint32_t *presence = arena_array(arena, count, sizeof *presence);
    double *value = arena_array(arena, count, sizeof *value);
    if (cell == NULL || presence == NULL || value == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        cell[i] = (uint32_t)array_next_int(&cells);
        presence[i] = (uint32_t)array_next_int(&presences);
        value[i] = array_next_double(&values);
    }
    if (cells.bad || presences.bad || values.bad)
        return STATUS_MISMATCH;
    *out_observations =
        (struct observations){.count = count, .cell = cell, .presence = presence, .value = value};
    return STATUS_OK;
}
