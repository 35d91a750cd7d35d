#include "server/loop/limits.h"

#include <stdint.h>
#include <stdlib.h>

#include "server/trust/lookup.h"

enum {
    CLASSES = JOB_UPLOAD + 1,
    QUERIES_MOST = 1000, /* what the query threads answer in less than the time to stop */
    QUERIES_A_KEY = 32,
    UPLOADS_MOST = 64, /* 256 KiB each */
    UPLOADS_A_KEY = 8,
    RECORDS_SHARE = 4, /* one key's part of all: a carrier brings many records at once */
};

/* What one key has in hand. Rows stay: there are no more of them than registered keys. */
struct row {
    struct key_id key;
    uint32_t in_hand[CLASSES];
    struct bucket messages, answers;
};

struct limits {
    struct limits_most most;
    size_t in_hand;
    size_t class_most[CLASSES], key_most[CLASSES], class_in_hand[CLASSES];
    struct lookup keys;
};

struct limits *limits_create(const struct limits_most *most)
{
    struct limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL)
        return NULL;
    limits->most = *most;
    limits->class_most[JOB_RECORD] = most->in_hand;
    limits->class_most[JOB_QUERY] = QUERIES_MOST;
    limits->class_most[JOB_UPLOAD] = UPLOADS_MOST;
    limits->key_most[JOB_RECORD] = most->in_hand / RECORDS_SHARE;
    limits->key_most[JOB_QUERY] = QUERIES_A_KEY;
    limits->key_most[JOB_UPLOAD] = UPLOADS_A_KEY;
    lookup_init(&limits->keys, sizeof(struct row), sizeof(struct key_id));
    return limits;
}

void limits_destroy(struct limits **limits)
{
    if (limits == NULL || *limits == NULL)
        return;
    lookup_clear(&(*limits)->keys);
    free(*limits);
    *limits = NULL;
}

enum status limits_take(struct limits *limits, enum job_class class, const struct key_id *key)
{
    if (limits->in_hand >= limits->most.in_hand ||
        limits->class_in_hand[class] >= limits->class_most[class])
        return STATUS_E_BUSY;
    if (lookup_reserve(&limits->keys, 1) != STATUS_OK)
        return STATUS_E_BUSY;
    struct row *row = lookup_put(&limits->keys, key);
    if (row->in_hand[class] >= limits->key_most[class])
        return STATUS_E_BUSY;
    row->in_hand[class]++;
    limits->class_in_hand[class]++;
    limits->in_hand++;
    return STATUS_OK;
}

enum status limits_pass(struct limits *limits, const struct key_id *key, int64_t now_ms)
{
    if (lookup_reserve(&limits->keys, 1) != STATUS_OK)
        return STATUS_E_BUSY;
    struct row *row = lookup_put(&limits->keys, key);
    if (bucket_full(&row->messages, &limits->most.key_messages, now_ms) ||
        bucket_full(&row->answers, &limits->most.key_answers, now_ms))
        return STATUS_E_BUSY;
    bucket_add(&row->messages, 1);
    return STATUS_OK;
}

void limits_sent(struct limits *limits, const struct key_id *key, size_t bytes)
{
    struct row *row = lookup_find(&limits->keys, key);
    if (row != NULL)
        bucket_add(&row->answers, (int64_t)bytes);
}

void limits_give(struct limits *limits, enum job_class class, const struct key_id *key)
{
    struct row *row = lookup_find(&limits->keys, key);
    if (row != NULL)
        row->in_hand[class]--;
    limits->class_in_hand[class]--;
    limits->in_hand--;
}

size_t limits_in_hand(const struct limits *limits)
{
    return limits->in_hand;
}
