#include "server/trust/lookup.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 64 };

void lookup_init(struct lookup *lookup, size_t row_size, size_t key_size)
{
    assert(key_size <= row_size);
    memset(lookup, 0, sizeof *lookup);
    lookup->row_size = row_size;
    lookup->key_size = key_size;
    randombytes_buf(lookup->seed, sizeof lookup->seed);
}

void lookup_clear(struct lookup *lookup)
{
    free(lookup->rows);
    free(lookup->slots);
    lookup_init(lookup, lookup->row_size, lookup->key_size);
}

void *lookup_row(const struct lookup *lookup, size_t number)
{
    return lookup->rows + number * lookup->row_size;
}

size_t lookup_number(const struct lookup *lookup, const void *row)
{
    return (size_t)((const uint8_t *)row - lookup->rows) / lookup->row_size;
}

/* The slot that holds the key, or the empty one where it belongs. At most half are taken. */
static size_t slot_of(const struct lookup *lookup, const void *key)
{
    uint64_t hash = 0;
    _Static_assert(crypto_shorthash_BYTES == sizeof hash, "SipHash gives 64 bits");
    _Static_assert(crypto_shorthash_KEYBYTES == LOOKUP_SEED_BYTES, "SipHash takes 128");
    crypto_shorthash((unsigned char *)&hash, key, lookup->key_size, lookup->seed);
    size_t mask = lookup->slot_count - 1;
    size_t slot = (size_t)hash & mask;
    while (lookup->slots[slot] != 0 &&
           memcmp(lookup_row(lookup, lookup->slots[slot] - 1), key, lookup->key_size) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

enum status lookup_reserve(struct lookup *lookup, size_t more)
{
    size_t needed = lookup->count + more;
    size_t capacity = lookup->capacity == 0 ? FIRST_ROWS : lookup->capacity;
    if (more > LOOKUP_ROWS_MAX || needed > LOOKUP_ROWS_MAX)
        return STATUS_LIMIT;
    if (needed <= lookup->capacity)
        return STATUS_OK;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *rows = realloc(lookup->rows, capacity * lookup->row_size);
    if (rows == NULL)
        return STATUS_NO_MEMORY;
    lookup->rows = rows;
    uint32_t *slots = calloc(2 * capacity, sizeof *slots);
    if (slots == NULL)
        return STATUS_NO_MEMORY;
    free(lookup->slots);
    lookup->slots = slots;
    lookup->slot_count = 2 * capacity;
    lookup->capacity = capacity;
    for (size_t i = 0; i < lookup->count; i++)
        slots[slot_of(lookup, lookup_row(lookup, i))] = (uint32_t)i + 1;
    return STATUS_OK;
}

void *lookup_find(const struct lookup *lookup, const void *key)
{
    if (lookup->count == 0)
        return NULL;
    uint32_t number = lookup->slots[slot_of(lookup, key)];
    return number == 0 ? NULL : lookup_row(lookup, number - 1);
}

void *lookup_put(struct lookup *lookup, const void *key)
{
    assert(lookup->slot_count > 0);
    size_t slot = slot_of(lookup, key);
    if (lookup->slots[slot] == 0) {
        assert(lookup->count < lookup->capacity);
        void *row = lookup_row(lookup, lookup->count++);
        memset(row, 0, lookup->row_size);
        memcpy(row, key, lookup->key_size);
        lookup->slots[slot] = (uint32_t)lookup->count;
    }
    return lookup_row(lookup, lookup->slots[slot] - 1);
}
