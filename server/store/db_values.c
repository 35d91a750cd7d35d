/* Parameters into, and fields out of, PostgreSQL's binary formats. */
#include <endian.h>
#include <limits.h>
#include <string.h>

#include "server/store/db.h"

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_BYTEA_ARRAY = 1001,
    OID_TEXT_ARRAY = 1009,
    OID_INT8_ARRAY = 1016,
    FORMAT_TEXT = 0,
    FORMAT_BINARY = 1,
};

void db_params_init(struct db_params *params, struct arena *arena)
{
    memset(params, 0, sizeof *params);
    params->arena = arena;
}

/* Adds a value that lives as long as the arena; NULL after a failed allocation. */
static void add(struct db_params *params, const void *value, size_t size, int format, Oid type)
{
    if (value == NULL || params->count == DB_PARAMS_MAX || size > INT_MAX) {
        params->failed = true;
        return;
    }
    params->values[params->count] = value;
    params->lengths[params->count] = (int)size;
    params->formats[params->count] = format;
    params->types[params->count++] = type;
}

static void add_copy(struct db_params *params, const void *bytes, size_t size, Oid type)
{
    add(params, arena_copy(params->arena, bytes, size), size, FORMAT_BINARY, type);
}

void db_add_int(struct db_params *params, int64_t number)
{
    uint64_t big = htobe64((uint64_t)number);
    add_copy(params, &big, sizeof big, OID_INT8);
}

void db_add_bool(struct db_params *params, bool flag)
{
    uint8_t byte = flag;
    add_copy(params, &byte, sizeof byte, OID_BOOL);
}

void db_add_double(struct db_params *params, double number)
{
    uint64_t bits = 0;
    memcpy(&bits, &number, sizeof bits);
    bits = htobe64(bits);
    add_copy(params, &bits, sizeof bits, OID_FLOAT8);
}

void db_add_null(struct db_params *params)
{
    add(params, "", 0, FORMAT_TEXT, 0);
    if (!params->failed)
        params->values[params->count - 1] = NULL;
}

void db_add_text(struct db_params *params, const char *text)
{
    if (text == NULL)
        db_add_null(params);
    else
        add(params, arena_string(params->arena, text), strlen(text), FORMAT_TEXT, 0);
}

void db_add_bytes(struct db_params *params, const void *bytes, size_t size)
{
    add_copy(params, size == 0 ? "" : bytes, size, OID_BYTEA);
}

static uint8_t *put32(uint8_t *at, size_t number)
{
    uint32_t big = htobe32((uint32_t)number);
    memcpy(at, &big, sizeof big);
    return at + sizeof big;
}

/* The header of a one-dimensional array without nulls; empty arrays have no dimension. */
static uint8_t *put_array(uint8_t *at, Oid element, size_t count)
{
    at = put32(at, count == 0 ? 0 : 1);
    at = put32(at, 0);
    at = put32(at, element);
    if (count == 0)
        return at;
    at = put32(at, count);
    return put32(at, 1);
}

enum { ARRAY_HEADER = 20, EMPTY_ARRAY = 12 };

/* Room for an array whose elements take `size` bytes in all, their lengths not counted. */
static uint8_t *array_room(struct db_params *params, size_t count, size_t size, size_t *out_size)
{
    *out_size = 0;
    if (count > INT_MAX / 4 || size > INT_MAX - ARRAY_HEADER - 4 * count) {
        params->failed = true;
        return NULL;
    }
    *out_size = count == 0 ? EMPTY_ARRAY : ARRAY_HEADER + 4 * count + size;
    uint8_t *room = arena_alloc(params->arena, *out_size);
    if (room == NULL)
        params->failed = true;
    return room;
}

void db_add_ints(struct db_params *params, const int64_t *numbers, size_t count)
{
    size_t size = 0;
    uint8_t *array = array_room(params, count, 8 * count, &size);
    if (array == NULL)
        return;
    uint8_t *at = put_array(array, OID_INT8, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t big = htobe64((uint64_t)numbers[i]);
        at = put32(at, sizeof big);
        memcpy(at, &big, sizeof big);
        at += sizeof big;
    }
    add(params, array, size, FORMAT_BINARY, OID_INT8_ARRAY);
}

static void add_pieces(struct db_params *params, const struct db_bytes *items, size_t count,
                       Oid element, Oid type)
{
    size_t total = 0;
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].size > INT_MAX - total) {
            params->failed = true;
            return;
        }
        total += items[i].size;
    }
    uint8_t *array = array_room(params, count, total, &size);
    if (array == NULL)
        return;
    uint8_t *at = put_array(array, element, count);
    for (size_t i = 0; i < count; i++) {
        at = put32(at, items[i].size);
        if (items[i].size > 0)
            memcpy(at, items[i].bytes, items[i].size);
        at += items[i].size;
    }
    add(params, array, size, FORMAT_BINARY, type);
}

void db_add_bytes_array(struct db_params *params, const struct db_bytes *items, size_t count)
{
    add_pieces(params, items, count, OID_BYTEA, OID_BYTEA_ARRAY);
}

void db_add_texts(struct db_params *params, const char *const *texts, size_t count)
{
    struct db_bytes *items = arena_array(params->arena, count, sizeof *items);
    if (items == NULL) {
        params->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        items[i] = (struct db_bytes){texts[i], strlen(texts[i])};
    add_pieces(params, items, count, OID_TEXT, OID_TEXT_ARRAY);
}

int64_t db_int(const PGresult *result, int row, int column)
{
    const char *value = PQgetvalue(result, row, column);
    switch (PQgetlength(result, row, column)) {
    case 1: return (int8_t)*value;
    case 2: {
        uint16_t number = 0;
        memcpy(&number, value, sizeof number);
        return (int16_t)be16toh(number);
    }
    case 4: {
        uint32_t number = 0;
        memcpy(&number, value, sizeof number);
        return (int32_t)be32toh(number);
    }
    case 8: {
        uint64_t number = 0;
        memcpy(&number, value, sizeof number);
        return (int64_t)be64toh(number);
    }
    default: return 0;
    }
}

double db_double(const PGresult *result, int row, int column)
{
    double number = 0;
    if (PQgetlength(result, row, column) == (int)sizeof number) {
        uint64_t bits = (uint64_t)db_int(result, row, column);
        memcpy(&number, &bits, sizeof number);
    }
    return number;
}

bool db_bool(const PGresult *result, int row, int column)
{
    return db_int(result, row, column) != 0;
}

const char *db_text(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column);
}

const uint8_t *db_bytes(const PGresult *result, int row, int column, size_t *out_size)
{
    *out_size = (size_t)PQgetlength(result, row, column);
    return (const uint8_t *)PQgetvalue(result, row, column);
}

bool db_fixed(const PGresult *result, int row, int column, void *out_bytes, size_t size)
{
    size_t stored = 0;
    const uint8_t *bytes = db_bytes(result, row, column, &stored);
    if (bytes == NULL || stored != size)
        return false;
    memcpy(out_bytes, bytes, size);
    return true;
}

enum status db_rows(PGresult *result, struct arena *arena, size_t size, db_row_reader read,
                    void **out_rows, size_t *out_count)
{
    size_t count = (size_t)PQntuples(result);
    char *rows = arena_array(arena, count, size);
    enum status status = rows == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = read(result, (int)i, arena, rows + i * size);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}
