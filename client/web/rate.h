/* How much each token may ask: RATE_BURST questions at once, RATE_PER_MINUTE in the long run, and
 * RATE_STREAMS long answers at a time. A bounded table in memory; when it is full, whoever has been
 * quiet longest is forgotten. Any thread. */
#ifndef ZHIBAO_WEB_RATE_H
#define ZHIBAO_WEB_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RATE_KEYS_MAX = 1024,
    RATE_KEY_BYTES = 32,
    RATE_BURST = 30,
    RATE_PER_MINUTE = 120,
    RATE_STREAMS = 2
};

struct rate;

struct rate *rate_create(void);
void rate_destroy(struct rate **rate);

/* Whether one more question may be asked now; if not, *out_wait_s says after how long. */
bool rate_take(struct rate *rate, const uint8_t key[RATE_KEY_BYTES], int64_t now_ms,
               uint32_t *out_wait_s);

/* Whether one more long answer may begin; if so, rate_release ends it. */
bool rate_hold(struct rate *rate, const uint8_t key[RATE_KEY_BYTES], int64_t now_ms);
void rate_release(struct rate *rate, const uint8_t key[RATE_KEY_BYTES]);

#endif
