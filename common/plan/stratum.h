/* Tags of a stratum: "" or "key=value" joined by ';', as in "area=rural;sex=f". Order means
 * nothing. Pure; any thread. */
#ifndef ZHIBAO_PLAN_STRATUM_H
#define ZHIBAO_PLAN_STRATUM_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"

/* Whether `text` is "" or well-formed tags. */
bool stratum_valid(const char *text);

/* Whether every tag of `filter` ("area=rural;sex=f") is among `tags`. "" matches all. */
bool stratum_matches(const char *filter, const char *tags);

/* The same tags, in any order. */
bool stratum_equal(const char *left, const char *right);

/* The same keys, whatever their values. */
bool stratum_same_keys(const char *left, const char *right);

/* The value of `key`, not NUL-terminated; NULL without that key. */
const char *stratum_value(const char *tags, const char *key, size_t *out_length);

/* Both filters as one in `out`, without the tags of `without` (NULL: with all); false when `size`
 * is too small. Tags that contradict each other are kept, and match nothing. */
bool stratum_join(const char *left, const char *right, const char *without, char *out, size_t size);

/* Which cells of a form make up an element under a filter: the cell with exactly the filter's
 * tags where the form has one, else every matching cell with the same keys as the first matching
 * one, so that a form that splits the same children by sex and again by age counts them once. */
struct cell_choice {
    size_t element;
    const char *filter;
    const char *pattern; /* tags of a chosen cell; NULL when the form has none */
    bool exact;
};
struct cell_choice form_choose(const struct form *form, size_t element, const char *filter);
bool cell_chosen(const struct cell_choice *choice, const struct cell *cell);

#endif
