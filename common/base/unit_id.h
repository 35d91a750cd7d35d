/* Place codes and unit numbers.
 *
 * A place is its 12-digit statistical code: 2 digits province, 2 city, 2 county-level district,
 * 3 township, 3 village; a subtree is a contiguous range. A unit is place * 1000 + its number
 * there: 0 is the place's own unit (a village, a township), 1-99 are departments (numbers from
 * catalogue/departments.csv), 100-999 institutions. Pure; any thread. */
#ifndef ZHIBAO_BASE_UNIT_ID_H
#define ZHIBAO_BASE_UNIT_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum place_level {
    PLACE_NATION,
    PLACE_PROVINCE,
    PLACE_CITY,
    PLACE_DISTRICT,
    PLACE_TOWNSHIP,
    PLACE_VILLAGE,
};

enum {
    UNIT_OWN = 0,
    UNIT_STATISTICS = 1,
    UNIT_OFFICE = 2,
    UNIT_ADMIN = 3,
    UNIT_AUDITOR = 4,
    UNIT_TEXT_BYTES = 24, /* longest text form with its NUL */
};

#define PLACE_MAX UINT64_C(999999999999)

/* The level shown by the code's trailing zeros. 0 is the nation. */
enum place_level place_level(uint64_t place);

/* The enclosing place at `level`; `place` itself when it is at or above that level. */
uint64_t place_ancestor(uint64_t place, enum place_level level);

/* First and last place code of the subtree of `place`, both inclusive. */
void place_range(uint64_t place, uint64_t *out_first, uint64_t *out_last);
bool place_contains(uint64_t subtree, uint64_t place);

/* The urban/rural proxy by code: a village whose last three digits are 001-199 is a residents'
 * committee (urban), 200-399 a villagers' committee (rural); other codes are neither. Say so
 * wherever it is used. */
bool place_is_urban(uint64_t village);
bool place_is_rural(uint64_t village);

uint64_t unit_make(uint64_t place, unsigned number);
uint64_t unit_place(uint64_t unit);
unsigned unit_number(uint64_t unit);

/* "450223101201" for a place's own unit, "450223000000:17" for others. Returns `text`. */
char *unit_format(uint64_t unit, char text[UNIT_TEXT_BYTES]);

/* The reverse; STATUS_INVALID for anything else. */
MUST_CHECK enum status unit_parse(const char *text, uint64_t *out_unit);

#endif
