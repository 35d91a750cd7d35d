#include "world.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { LINE_BYTES = 512 };

/* Room for one more unit; doubles. */
static bool unit_add(uint64_t **units, size_t *count, uint64_t unit)
{
    if ((*count & (*count - 1)) == 0) {
        uint64_t *grown = realloc(*units, (*count == 0 ? 1 : 2 * *count) * sizeof *grown);
        if (grown == NULL)
            return false;
        *units = grown;
    }
    (*units)[(*count)++] = unit;
    return true;
}

static bool plan_add(struct world *world, const char *code)
{
    struct world_plan *grown = reallocarray(world->plans, world->plan_count + 1, sizeof *grown);
    if (grown == NULL)
        return false;
    world->plans = grown;
    struct world_plan *plan = &grown[world->plan_count++];
    plan->first_village = world->village_count;
    return snprintf(plan->code, sizeof plan->code, "%s", code) > 0;
}

const char *world_plan_of(const struct world *world, size_t village)
{
    size_t first = 0, end = world->plan_count;
    while (end - first > 1) {
        size_t middle = first + (end - first) / 2;
        if (world->plans[middle].first_village <= village)
            first = middle;
        else
            end = middle;
    }
    return world->plans[first].code;
}

static bool take_line(struct world *world, const char *name, const char *value)
{
    if (strcmp(name, "endpoint") == 0)
        return snprintf(world->endpoint, sizeof world->endpoint, "%s", value) > 0;
    if (strcmp(name, "server_transport") == 0)
        return hex_decode(value, world->server_transport, 32) == STATUS_OK;
    if (strcmp(name, "server_sign") == 0) {
        world->server_sign.algorithm = SIGN_ED25519;
        return hex_decode(value, world->server_sign.bytes, SIGN_PUBLIC_BYTES) == STATUS_OK;
    }
    if (strcmp(name, "plan") == 0)
        return plan_add(world, value);
    if (strcmp(name, "form") == 0)
        return snprintf(world->form, sizeof world->form, "%s", value) > 0;
    uint64_t number = strtoull(value, NULL, 10);
    if (strcmp(name, "village") == 0)
        return unit_add(&world->villages, &world->village_count, number);
    if (strcmp(name, "carrier") == 0)
        return unit_add(&world->carriers, &world->carrier_count, number);
    uint32_t *const fields[] = {&world->form_version, &world->cells, &world->first_period,
                                &world->periods, &world->interleave};
    static const char *const names[] = {"form_version", "cells", "first_period", "periods",
                                        "interleave"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(name, names[i]) == 0) {
            *fields[i] = (uint32_t)number;
            return true;
        }
    return false;
}

/* Villages and carriers are ascending by number: a village's carrier is the last one at or below
 * it. */
static bool assign_carriers(struct world *world)
{
    size_t carrier = 0;
    world->carrier_of = calloc(world->village_count, sizeof *world->carrier_of);
    if (world->carrier_of == NULL || world->carrier_count == 0 || world->plan_count == 0)
        return false;
    for (size_t i = 0; i < world->village_count; i++) {
        while (carrier + 1 < world->carrier_count &&
               world->carriers[carrier + 1] <= world->villages[i])
            carrier++;
        world->carrier_of[i] = (uint32_t)carrier;
    }
    return true;
}

struct world *world_read(const char *path)
{
    FILE *file = fopen(path, "re");
    struct world *world = calloc(1, sizeof *world);
    char line[LINE_BYTES], name[64], value[LINE_BYTES];
    bool good = file != NULL && world != NULL;
    while (good && fgets(line, sizeof line, file) != NULL)
        good = sscanf(line, "%63s %511s", name, value) == 2 && take_line(world, name, value);
    if (file != NULL)
        fclose(file);
    if (good && assign_carriers(world))
        return world;
    fprintf(stderr, "could not read the world %s\n", path);
    world_destroy(&world);
    return NULL;
}

void world_destroy(struct world **world)
{
    if (*world == NULL)
        return;
    free((*world)->villages);
    free((*world)->carriers);
    free((*world)->carrier_of);
    free((*world)->plans);
    free(*world);
    *world = NULL;
}

static void seed_of(uint64_t unit, char purpose, uint8_t seed[32])
{
    char text[64];
    int length = snprintf(text, sizeof text, "zhibao/bench/%c/%" PRIu64, purpose, unit);
    struct hash hash = hash_bytes(text, (size_t)length);
    memcpy(seed, hash.bytes, 32);
}

void unit_keys_derive(uint64_t unit, struct unit_keys *out_keys)
{
    uint8_t seed[32];
    seed_of(unit, 's', seed);
    out_keys->sign_public.algorithm = out_keys->sign_secret.algorithm = SIGN_ED25519;
    crypto_sign_seed_keypair(out_keys->sign_public.bytes, out_keys->sign_secret.bytes, seed);
    out_keys->sign_id = sign_key_id(&out_keys->sign_public);
    seed_of(unit, 't', out_keys->transport_secret);
    crypto_scalarmult_base(out_keys->transport_public, out_keys->transport_secret);
}

static bool print_key(uint64_t unit)
{
    struct unit_keys keys;
    char id[2 * KEY_ID_BYTES + 1], sign[65], transport[65];
    unit_keys_derive(unit, &keys);
    return printf("\\\\x%s\t%" PRIu64 "\t%d\t\\\\x%s\t\\\\x%s\t\\\\x%s\tactive\n",
                  hex_encode(keys.sign_id.bytes, KEY_ID_BYTES, id), unit, SIGN_ED25519,
                  hex_encode(keys.sign_public.bytes, 32, sign),
                  hex_encode(keys.transport_public, 32, transport), transport) > 0;
}

bool world_print_keys(const struct world *world)
{
    bool good = true;
    for (size_t i = 0; i < world->village_count && good; i++)
        good = print_key(world->villages[i]);
    for (size_t i = 0; i < world->carrier_count && good; i++)
        good = print_key(world->carriers[i]);
    return good;
}
