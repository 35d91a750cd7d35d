#include "server/loop/rate.h"

#include <stdlib.h>
#include <string.h>

#include "server/trust/lookup.h"

enum {
    ADDRESS_BYTES = 64,
    /* beyond, all begin again: whoever has as many addresses is not kept out by this anyway */
    ADDRESSES_MOST = 16384,
};

struct peer {
    char address[ADDRESS_BYTES];
    struct bucket bucket;
};

struct rate_peers {
    struct rate rate;
    struct lookup rows;
};

/* What has leaked since at_ms; at_ms moves by whole units only, so that nothing is lost to
 * rounding when it is looked at often. */
static void leak(struct bucket *bucket, const struct rate *rate, int64_t now_ms)
{
    int64_t passed_ms = now_ms - bucket->at_ms;
    if (bucket->level <= 0 || passed_ms >= rate->window_ms * (bucket->level / rate->most + 1)) {
        bucket->level = 0;
        bucket->at_ms = now_ms;
        return;
    }
    int64_t leaked = passed_ms * rate->most / rate->window_ms;
    if (leaked <= 0)
        return;
    bucket->level = leaked < bucket->level ? bucket->level - leaked : 0;
    bucket->at_ms += leaked * rate->window_ms / rate->most;
}

bool bucket_full(struct bucket *bucket, const struct rate *rate, int64_t now_ms)
{
    leak(bucket, rate, now_ms);
    return bucket->level >= rate->most;
}

void bucket_add(struct bucket *bucket, int64_t amount)
{
    bucket->level += amount;
}

struct rate_peers *rate_peers_create(const struct rate *rate)
{
    struct rate_peers *peers = calloc(1, sizeof *peers);
    if (peers == NULL)
        return NULL;
    peers->rate = *rate;
    lookup_init(&peers->rows, sizeof(struct peer), ADDRESS_BYTES);
    return peers;
}

void rate_peers_destroy(struct rate_peers **peers)
{
    if (peers == NULL || *peers == NULL)
        return;
    lookup_clear(&(*peers)->rows);
    free(*peers);
    *peers = NULL;
}

bool rate_peers_take(struct rate_peers *peers, const char *address, int64_t now_ms)
{
    char key[ADDRESS_BYTES] = {0};
    size_t length = address == NULL ? 0 : strlen(address);
    memcpy(key, address == NULL ? "" : address, length < sizeof key ? length : sizeof key);
    if (peers->rows.count >= ADDRESSES_MOST)
        lookup_clear(&peers->rows);
    if (lookup_reserve(&peers->rows, 1) != STATUS_OK)
        return false;
    struct peer *peer = lookup_put(&peers->rows, key);
    if (bucket_full(&peer->bucket, &peers->rate, now_ms))
        return false;
    bucket_add(&peer->bucket, 1);
    return true;
}
