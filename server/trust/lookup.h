/* Rows found by a fixed-size key: an array that only grows, with an open-addressing index.
 *
 * A row begins with its key; rows are never removed and keep their number, but may move when the
 * array grows. Keyed SipHash, so that chosen keys cannot pile up. Not locked: the owner's lock. */
#ifndef ZHIBAO_SERVER_TRUST_LOOKUP_H
#define ZHIBAO_SERVER_TRUST_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { LOOKUP_SEED_BYTES = 16, LOOKUP_ROWS_MAX = 1 << 28 };

struct lookup {
    uint8_t *rows;
    size_t row_size, key_size;
    size_t count, capacity;
    uint32_t *slots;   /* row number + 1; 0: empty */
    size_t slot_count; /* power of two */
    uint8_t seed[LOOKUP_SEED_BYTES];
};

/* Keys are compared byte by byte: padding must be zero. */
void lookup_init(struct lookup *lookup, size_t row_size, size_t key_size);
void lookup_clear(struct lookup *lookup);

/* Room for `more` new rows, so that as many calls of lookup_put cannot fail. STATUS_NO_MEMORY,
 * STATUS_LIMIT. */
MUST_CHECK enum status lookup_reserve(struct lookup *lookup, size_t more);

/* The row with this key, or NULL. Valid until rows are added. */
void *lookup_find(const struct lookup *lookup, const void *key);

/* The same; a missing row is added, zero but for its key. Needs reserved room. */
void *lookup_put(struct lookup *lookup, const void *key);

/* Of a row that find or put gave. */
size_t lookup_number(const struct lookup *lookup, const void *row);
void *lookup_row(const struct lookup *lookup, size_t number);

#endif
