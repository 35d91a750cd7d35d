/* PostgreSQL arrays in binary form, read element by element. One dimension, no NULL elements, as
 * every array column of ours. Pure apart from reading a PGresult; the result's thread. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_ARRAY_H
#define ZHIBAO_SERVER_STORE_QUERY_ARRAY_H

#include "plan/form_check.h"
#include "server/store/db.h"

struct array_reader {
    const uint8_t *next;
    size_t left;
    size_t count; /* elements not yet read */
    bool bad;     /* set by anything unexpected; reads then give 0 */
};

/* A NULL field is an array without elements. */
void array_open(struct array_reader *reader, const PGresult *result, int row, int column);

/* The next element, of 2, 4 or 8 bytes; of 8 for the double. */
int64_t array_next_int(struct array_reader *reader);
double array_next_double(struct array_reader *reader);

/* The columns cell, presence and value (int2[], int2[], float8[]) starting at `column`, copied
 * into the arena. STATUS_MISMATCH when they differ in length or are not such arrays. */
MUST_CHECK enum status observations_read(const PGresult *result, int row, int column,
                                         struct arena *arena,
                                         struct observations *out_observations);

#endif
