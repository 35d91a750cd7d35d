/* How much in how much time: leaky buckets, of keys by limits.h and of addresses here.
 *
 * The loop's thread only. Time is clock_monotonic_ms, given by the caller. */
#ifndef ZHIBAO_SERVER_LOOP_RATE_H
#define ZHIBAO_SERVER_LOOP_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* At most `most` at once, and as many again in each window_ms. Both above 0. */
struct rate {
    int64_t most;
    int64_t window_ms;
};

/* All zero: empty. */
struct bucket {
    int64_t level, at_ms;
};

/* Whether nothing more may go in at this moment. */
bool bucket_full(struct bucket *bucket, const struct rate *rate, int64_t now_ms);

/* `amount` is put in, even over the rim: the next has to wait for it. */
void bucket_add(struct bucket *bucket, int64_t amount);

struct rate_peers;

/* NULL without memory. */
struct rate_peers *rate_peers_create(const struct rate *rate);
void rate_peers_destroy(struct rate_peers **peers);

/* Counts one attempt of `address` (as libzmq writes it; NULL: unknown ones together); false when it
 * is over its rate, or there is no memory to know. An attempt over the rate is not counted. */
bool rate_peers_take(struct rate_peers *peers, const char *address, int64_t now_ms);

#endif
