/* Waiting times that double from `first_ms` to `most_ms`, each spread over half to one and a half
 * times its length, so that thousands of clients do not come back at once. One thread. */
#ifndef ZHIBAO_LIB_BACKOFF_H
#define ZHIBAO_LIB_BACKOFF_H

#include <stdint.h>

struct backoff {
    uint32_t first_ms, most_ms;
    uint32_t current_ms; /* 0 to begin with, and after a success */
};

/* The next time to wait, from first_ms / 2 to most_ms * 3 / 2. */
uint32_t backoff_next(struct backoff *backoff);

#endif
