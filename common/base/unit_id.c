#include "base/unit_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint64_t level_divisor(enum place_level level)
{
    switch (level) {
    case PLACE_NATION: return UINT64_C(1000000000000);
    case PLACE_PROVINCE: return UINT64_C(10000000000);
    case PLACE_CITY: return UINT64_C(100000000);
    case PLACE_DISTRICT: return UINT64_C(1000000);
    case PLACE_TOWNSHIP: return UINT64_C(1000);
    case PLACE_VILLAGE: return 1;
    }
    return 1;
}

enum place_level place_level(uint64_t place)
{
    for (enum place_level level = PLACE_NATION; level < PLACE_VILLAGE; level++)
        if (place % level_divisor(level) == 0)
            return level;
    return PLACE_VILLAGE;
}

uint64_t place_ancestor(uint64_t place, enum place_level level)
{
    return place - place % level_divisor(level);
}

void place_range(uint64_t place, uint64_t *out_first, uint64_t *out_last)
{
    *out_first = place;
    *out_last = place + level_divisor(place_level(place)) - 1;
}

bool place_contains(uint64_t subtree, uint64_t place)
{
    uint64_t first = 0;
    uint64_t last = 0;
    place_range(subtree, &first, &last);
    return place >= first && place <= last;
}

bool place_is_urban(uint64_t village)
{
    return village % 1000 >= 1 && village % 1000 <= 199;
}

bool place_is_rural(uint64_t village)
{
    return village % 1000 >= 200 && village % 1000 <= 399;
}

uint64_t unit_make(uint64_t place, unsigned number)
{
    return place * 1000 + number;
}

uint64_t unit_place(uint64_t unit)
{
    return unit / 1000;
}

unsigned unit_number(uint64_t unit)
{
    return (unsigned)(unit % 1000);
}

char *unit_format(uint64_t unit, char text[UNIT_TEXT_BYTES])
{
    uint64_t place = unit_place(unit);
    if (place > PLACE_MAX)
        snprintf(text, UNIT_TEXT_BYTES, "%" PRIu64, unit);
    else if (unit_number(unit) == UNIT_OWN)
        snprintf(text, UNIT_TEXT_BYTES, "%012" PRIu64, place);
    else
        snprintf(text, UNIT_TEXT_BYTES, "%012" PRIu64 ":%u", place, unit_number(unit));
    return text;
}

enum status unit_parse(const char *text, uint64_t *out_unit)
{
    uint64_t place = 0;
    size_t i = 0;
    for (; i < 12; i++) {
        if (text[i] < '0' || text[i] > '9')
            return STATUS_INVALID;
        place = place * 10 + (uint64_t)(text[i] - '0');
    }
    unsigned number = 0;
    if (text[i] == ':') {
        const char *digits = text + i + 1;
        size_t length = strlen(digits);
        if (length < 1 || length > 3)
            return STATUS_INVALID;
        for (size_t k = 0; k < length; k++) {
            if (digits[k] < '0' || digits[k] > '9')
                return STATUS_INVALID;
            number = number * 10 + (unsigned)(digits[k] - '0');
        }
    } else if (text[i] != '\0') {
        return STATUS_INVALID;
    }
    *out_unit = unit_make(place, number);
    return STATUS_OK;
}
