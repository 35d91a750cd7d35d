/* The codes that rows use, list by list in the order of their first use, each once. What a writer
 * keeps of what has passed. One thread. */
#ifndef ZHIBAO_EXPORT_CODES_H
#define ZHIBAO_EXPORT_CODES_H

#include "export/columns.h"

struct codes;

struct code {
    const char *list, *id, *zh, *en, *note; /* note: NULL none */
    size_t index;                           /* within its list, from 0 */
};

struct codes *codes_create(void);
void codes_destroy(struct codes **codes);

/* The index of this code in its list, after adding it when it is new. SIZE_MAX without memory or
 * past the limit. `list` must outlive the codes, the rest is copied. */
enum { CODES_MAX = 200000 };
size_t codes_add(struct codes *codes, const char *list, const struct export_cell *cell);

/* Every code in the order of its first use, all lists intermingled; NULL past the last. */
const struct code *codes_at(const struct codes *codes, size_t position);

#endif
