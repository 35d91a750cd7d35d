#include "lib/backoff.h"

#include <sodium.h>

uint32_t backoff_next(struct backoff *backoff)
{
    uint32_t length = backoff->current_ms == 0 ? backoff->first_ms : backoff->current_ms * 2;
    if (length > backoff->most_ms)
        length = backoff->most_ms;
    backoff->current_ms = length;
    return length / 2 + randombytes_uniform(length + 1);
}
