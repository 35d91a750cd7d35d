/* Units of measurement and strata in words, for templates, tables and messages. Pure; any thread.
 */
#ifndef ZHIBAO_PLAN_UNIT_WORDS_H
#define ZHIBAO_PLAN_UNIT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* "%" "‰" "人" ... of the unit code of an element or indicator; an unknown code as it is. */
const char *unit_word(const char *unit, bool english);

/* "男 0-2岁", "rural" ... of the tags of a stratum, unknown ones as they are. Returns `out`, which
 * is cut at `size`. */
char *stratum_words(const char *stratum, bool english, char *out, size_t size);

#endif
