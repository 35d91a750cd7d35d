/* The generator's random numbers: each is computed from its name alone, so that no figure depends
 * on the order in which figures are made, on the machine or on its libraries.
 *
 * draw = mix(FNV-1a 64 over: the seed as 8 bytes, purpose, 0, name, 0, stratum, 0, the unit as 8
 * bytes, the year as 8 bytes; numbers little-endian), where mix is the output step of splitmix64
 * (S. Vigna, https://prng.di.unimi.it/splitmix64.c). Pure; any thread. */
#ifndef ZHIBAO_DEMO_DRAW_H
#define ZHIBAO_DEMO_DRAW_H

#include <stdint.h>

/* What a draw is for. Strings are never NULL. */
struct draw_name {
    const char *purpose, *name, *stratum;
    uint64_t unit;
    int year; /* 0: the same every year */
};

uint64_t draw(uint64_t seed, const struct draw_name *name);

/* 0 to limit - 1; limit is 1 to 2^32. */
int64_t draw_below(uint64_t seed, const struct draw_name *name, int64_t limit);

/* -span to +span. */
int64_t draw_around(uint64_t seed, const struct draw_name *name, int64_t span);

#endif
