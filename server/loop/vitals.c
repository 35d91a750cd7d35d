#include "server/loop/vitals.h"

const uint64_t vitals_times_us[VITALS_BUCKETS] = {500,   1000,   2500,   5000,    10000,
                                                  25000, 100000, 500000, 2000000, 10000000};
const uint64_t vitals_sizes[VITALS_BUCKETS] = {1, 2, 5, 10, 50, 100, 500, 1000, 2000, 5000};

void histogram_note(struct histogram *histogram, const uint64_t bounds[VITALS_BUCKETS],
                    uint64_t value)
{
    int at = 0;
    while (at < VITALS_BUCKETS && value > bounds[at])
        at++;
    atomic_fetch_add(&histogram->bucket[at], 1);
    atomic_fetch_add(&histogram->sum, value);
}
