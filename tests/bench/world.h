/* The made-up country that a benchmark talks to: where the aggregator is, which villages exist, who
 * carries for them, and everybody's keys.
 *
 * Keys follow from the unit's number, so that the orchestrator can put them straight into the
 * registry (`zhibao-bench keys`) and every process can make them again: enrolment is measured by
 * nothing here. All figures are made up (演示数据). */
#ifndef ZHIBAO_BENCH_WORLD_H
#define ZHIBAO_BENCH_WORLD_H

#include "proof/sign.h"

enum { WORLD_TEXT_BYTES = 256 };

struct world {
    char endpoint[WORLD_TEXT_BYTES], form[64];
    uint8_t server_transport[32];
    struct sign_public server_sign;
    uint32_t form_version, cells, first_period, periods;
    uint32_t interleave; /* 1: reports come from all over the country at once, not place by place */
    uint64_t *villages, *carriers; /* carrier of village i: carriers[carrier_of[i]] */
    size_t village_count, carrier_count, plan_count;
    uint32_t *carrier_of;
    struct world_plan *plans; /* ascending by first_village */
};

/* The plan of the villages from this one on. */
struct world_plan {
    size_t first_village;
    char code[64];
};

struct unit_keys {
    struct sign_public sign_public;
    struct sign_secret sign_secret;
    struct key_id sign_id;
    uint8_t transport_public[32], transport_secret[32];
};

/* Reads `name value` lines; see bench_world.py, which writes them. NULL after a line on stderr. */
struct world *world_read(const char *path);
void world_destroy(struct world **world);

const char *world_plan_of(const struct world *world, size_t village);

void unit_keys_derive(uint64_t unit, struct unit_keys *out_keys);

/* Rows of zhibao.unit_key for COPY, of all villages and carriers. */
bool world_print_keys(const struct world *world);

#endif
