#include "web/rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MINUTE_MS = 60000,
    WHOLE = MINUTE_MS / RATE_PER_MINUTE /* what one question costs, in ms */
};

struct entry {
    uint8_t key[RATE_KEY_BYTES];
    bool taken;
    int64_t used_ms;  /* when it was last looked at */
    int64_t saved_ms; /* time saved up, at most WHOLE * RATE_BURST */
    unsigned streams;
};

struct rate {
    pthread_mutex_t lock;
    struct entry entries[RATE_KEYS_MAX];
};

struct rate *rate_create(void)
{
    struct rate *rate = calloc(1, sizeof *rate);
    if (rate != NULL)
        pthread_mutex_init(&rate->lock, NULL);
    return rate;
}

void rate_destroy(struct rate **rate)
{
    if (rate == NULL || *rate == NULL)
        return;
    pthread_mutex_destroy(&(*rate)->lock);
    free(*rate);
    *rate = NULL;
}

/* The key's entry, or with `now_ms` one made for it; NULL when all are busy with streams. */
static struct entry *find(struct rate *rate, const uint8_t key[RATE_KEY_BYTES], int64_t now_ms)
{
    struct entry *quiet = NULL;
    for (size_t i = 0; i < RATE_KEYS_MAX; i++) {
        struct entry *entry = &rate->entries[i];
        if (entry->taken && memcmp(entry->key, key, RATE_KEY_BYTES) == 0)
            return entry;
        bool idle = !entry->taken || entry->streams == 0;
        if (idle &&
            (quiet == NULL || !entry->taken || (quiet->taken && entry->used_ms < quiet->used_ms)))
            quiet = entry;
    }
    if (quiet == NULL || now_ms < 0)
        return NULL;
    *quiet =
        (struct entry){.taken = true, .used_ms = now_ms, .saved_ms = (int64_t)WHOLE * RATE_BURST};
    memcpy(quiet->key, key, RATE_KEY_BYTES);
    return quiet;
}

bool rate_take(struct rate *rate, const uint8_t key[RATE_KEY_BYTES], int64_t now_ms,
               uint32_t *out_wait_s)
{
    const int64_t most = (int64_t)WHOLE * RATE_BURST;
    pthread_mutex_lock(&rate->lock);
    struct entry *entry = find(rate, key, now_ms);
    bool good = false;
    if (entry != NULL) {
        int64_t saved = entry->saved_ms + (now_ms - entry->used_ms);
        entry->saved_ms = saved > most ? most : saved;
        entry->used_ms = now_ms;
        good = entry->saved_ms >= WHOLE;
        if (good)
            entry->saved_ms -= WHOLE;
        else
            *out_wait_s = (uint32_t)((WHOLE - entry->saved_ms) / 1000 + 1);
    } else {
        *out_wait_s = 1;
    }
    pthread_mutex_unlock(&rate->lock);
    return good;
}

bool rate_hold(struct rate *rate, const uint8_t key[RATE_KEY_BYTES], int64_t now_ms)
{
    pthread_mutex_lock(&rate->lock);
    struct entry *entry = find(rate, key, now_ms);
    bool good = entry != NULL && entry->streams < RATE_STREAMS;
    if (good)
        entry->streams++;
    pthread_mutex_unlock(&rate->lock);
    return good;
}

void rate_release(struct rate *rate, const uint8_t key[RATE_KEY_BYTES])
{
    pthread_mutex_lock(&rate->lock);
    struct entry *entry = find(rate, key, -1);
    if (entry != NULL && entry->streams > 0)
        entry->streams--;
    pthread_mutex_unlock(&rate->lock);
}
