#include "demo/draw.h"

static uint64_t add_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = add_byte(hash, (unsigned char)*text);
    return add_byte(hash, 0);
}

static uint64_t add_number(uint64_t hash, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        hash = add_byte(hash, (unsigned char)(number >> (8 * i)));
    return hash;
}

static uint64_t mix(uint64_t bits)
{
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

uint64_t draw(uint64_t seed, const struct draw_name *name)
{
    uint64_t hash = add_number(UINT64_C(0xcbf29ce484222325), seed);
    hash = add_text(hash, name->purpose);
    hash = add_text(hash, name->name);
    hash = add_text(hash, name->stratum);
    hash = add_number(hash, name->unit);
    return mix(add_number(hash, (uint64_t)name->year));
}

int64_t draw_below(uint64_t seed, const struct draw_name *name, int64_t limit)
{
    return (int64_t)(((draw(seed, name) >> 32) * (uint64_t)limit) >> 32);
}

int64_t draw_around(uint64_t seed, const struct draw_name *name, int64_t span)
{
    return draw_below(seed, name, 2 * span + 1) - span;
}
