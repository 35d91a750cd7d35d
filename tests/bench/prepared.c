#include "prepared.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/verify.h"
#include "record.pb-c.h"
#include "wire/codec.h"

enum { CELLS_MAX = 256, ARENA_BYTES = 256 * 1024, TIMEOUT_MS = 30000, THREADS_MAX = 16 };

uint64_t prepared_series(const struct world *world)
{
    return (uint64_t)world->village_count * world->periods;
}

struct columns {
    uint32_t cell[CELLS_MAX], presence[CELLS_MAX];
    double value[CELLS_MAX];
};

static void columns_fill(const struct world *world, uint64_t number, struct columns *columns,
                         Zhibao__Observations *observations)
{
    for (uint32_t i = 0; i < world->cells; i++) {
        columns->cell[i] = i + 1;
        columns->presence[i] = ZHIBAO__PRESENCE__PRESENCE_VALUE;
        columns->value[i] = (double)(10 + number % 90);
    }
    observations->n_cell = observations->n_presence = observations->n_value = world->cells;
    observations->cell = columns->cell;
    observations->presence = columns->presence;
    observations->value = columns->value;
}

static bool wrap(struct prepared *prepared, uint64_t number, const struct unit_keys *keys,
                 const uint8_t *payload, size_t size)
{
    Zhibao__Record record = ZHIBAO__RECORD__INIT;
    Zhibao__Submit submit = ZHIBAO__SUBMIT__INIT;
    size_t whole = 0;
    struct signature signature = sign_bytes(
        &keys->sign_secret, record_domain(ZHIBAO__RECORD_KIND__RECORD_REPORT), payload, size);
    record.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT;
    record.payload = (ProtobufCBinaryData){size, (uint8_t *)(uintptr_t)payload};
    record.key = (ProtobufCBinaryData){KEY_ID_BYTES, (uint8_t *)(uintptr_t)keys->sign_id.bytes};
    record.algorithm = ZHIBAO__ALGORITHM__ALGORITHM_ED25519;
    record.signature = (ProtobufCBinaryData){sizeof signature.bytes, signature.bytes};
    submit.record = &record;
    prepared->payload_sha256 = hash_bytes(payload, size);
    if (envelope_write(number, ZHIBAO__KIND__KIND_SUBMIT, TIMEOUT_MS, &submit.base,
                       &prepared->envelope, &whole) != STATUS_OK)
        return false;
    prepared->size = (uint32_t)whole;
    return true;
}

/* A prime that is far from any count of villages: neighbours in time are far apart in place. */
enum { STRIDE = 104729 };

static uint32_t village_of(const struct world *world, uint64_t turn)
{
    bool apart = world->interleave != 0 && world->village_count % STRIDE != 0;
    return (uint32_t)(apart ? turn * STRIDE % world->village_count : turn);
}

bool prepared_make(const struct world *world, uint64_t number, struct prepared *out_prepared)
{
    uint64_t series = number % prepared_series(world);
    struct columns columns;
    struct unit_keys keys;
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Observations observations = ZHIBAO__OBSERVATIONS__INIT;
    out_prepared->village = village_of(world, series % world->village_count);
    uint64_t unit = world->villages[out_prepared->village];
    unit_keys_derive(unit, &keys);
    random_bytes(out_prepared->id.bytes, sizeof out_prepared->id.bytes);
    head.id = (ProtobufCBinaryData){sizeof out_prepared->id.bytes, out_prepared->id.bytes};
    head.unit = unit;
    head.signed_at_us = clock_now_us();
    columns_fill(world, number, &columns, &observations);
    report.head = &head;
    report.plan = (char *)(uintptr_t)world_plan_of(world, out_prepared->village);
    report.form = (char *)(uintptr_t)world->form;
    report.form_version = world->form_version;
    report.period = world->first_period + (uint32_t)(series / world->village_count);
    report.place = unit / 1000;
    report.revision = 1 + (uint32_t)(number / prepared_series(world));
    report.provenance = ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION;
    report.observations = &observations;
    struct arena *arena = arena_create(ARENA_BYTES);
    size_t size = 0;
    const uint8_t *payload = arena == NULL ? NULL : message_write(arena, &report.base, &size);
    bool good = payload != NULL && wrap(out_prepared, number, &keys, payload, size);
    arena_destroy(&arena);
    return good;
}

struct share {
    const struct world *world;
    struct prepared *prepared;
    uint64_t first, from, to;
    bool good;
};

static void *share_make(void *argument)
{
    struct share *share = argument;
    share->good = true;
    for (uint64_t i = share->from; i < share->to && share->good; i++)
        share->good = prepared_make(share->world, share->first + i, &share->prepared[i]);
    return NULL;
}

struct prepared *prepared_all(const struct world *world, uint64_t first, uint64_t count,
                              int threads)
{
    struct prepared *prepared = calloc(count, sizeof *prepared);
    struct share shares[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    bool good = prepared != NULL;
    int started = 0;
    for (; good && started < threads && started < THREADS_MAX; started++) {
        uint64_t from = count * (uint64_t)started / (uint64_t)threads;
        uint64_t to = count * (uint64_t)(started + 1) / (uint64_t)threads;
        shares[started] = (struct share){world, prepared, first, from, to, false};
        if (pthread_create(&ids[started], NULL, share_make, &shares[started]) != 0)
            break;
    }
    good = good && started == threads;
    for (int i = 0; i < started; i++) {
        pthread_join(ids[i], NULL);
        good = good && shares[i].good;
    }
    if (good)
        return prepared;
    prepared_free(prepared, count);
    return NULL;
}

void prepared_free(struct prepared *prepared, uint64_t count)
{
    for (uint64_t i = 0; prepared != NULL && i < count; i++) {
        free(prepared[i].envelope);
        free(prepared[i].receipt);
    }
    free(prepared);
}

static bool receipt_good(const struct world *world, const struct pins *pins,
                         const struct prepared *prepared)
{
    struct receipt receipt;
    return prepared->receipt != NULL &&
           verify_receipt(pins, prepared->receipt, prepared->receipt_size, &receipt) == STATUS_OK &&
           receipt.leaf.kind == ZHIBAO__RECORD_KIND__RECORD_REPORT &&
           receipt.leaf.unit == world->villages[prepared->village] &&
           memcmp(receipt.leaf.id.bytes, prepared->id.bytes, RECORD_ID_BYTES) == 0 &&
           memcmp(receipt.leaf.payload_sha256.bytes, prepared->payload_sha256.bytes, HASH_BYTES) ==
               0;
}

uint64_t prepared_verify(const struct world *world, const struct prepared *prepared, uint64_t count,
                         uint64_t samples)
{
    uint64_t good = 0;
    struct pins *pins = pins_create();
    if (pins != NULL && pins_add(pins, &world->server_sign) == STATUS_OK)
        for (uint64_t i = 0; i < samples; i++) {
            uint64_t pick = 0;
            random_bytes(&pick, sizeof pick);
            good += receipt_good(world, pins, &prepared[pick % count]);
        }
    pins_destroy(&pins);
    return good;
}
