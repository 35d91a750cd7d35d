/* Reports made and signed before the clock starts, as whole envelopes ready to be sent. */
#ifndef ZHIBAO_BENCH_PREPARED_H
#define ZHIBAO_BENCH_PREPARED_H

#include "proof/receipt.h"
#include "world.h"

struct prepared {
    uint8_t *envelope; /* request = the number given */
    uint32_t size;
    uint32_t village; /* index into world->villages */
    uint32_t receipt_size;
    uint8_t *receipt; /* as it came back; NULL: not yet */
    int64_t sent_us;  /* CLOCK_MONOTONIC, of the last send */
    uint32_t took_us; /* from first send to receipt */
    struct record_id id;
    struct hash payload_sha256;
};

/* Report `number`: village by village, then period by period, then revision by revision. False
 * without memory. */
bool prepared_make(const struct world *world, uint64_t number, struct prepared *out_prepared);

/* Series (village and period) there are: report n is of series n % series. */
uint64_t prepared_series(const struct world *world);

/* All of `count` from `first` on, by `threads` threads; NULL without memory. */
struct prepared *prepared_all(const struct world *world, uint64_t first, uint64_t count,
                              int threads);
void prepared_free(struct prepared *prepared, uint64_t count);

/* How many of `samples` random ones of the first `count` have a receipt that covers the report and
 * verifies under the world's server key. */
uint64_t prepared_verify(const struct world *world, const struct prepared *prepared, uint64_t count,
                         uint64_t samples);

#endif
