/* How much work is in hand: in all, by class, and for each key, so that one client's thousand
 * questions leave room for everybody else's one; and how fast a key may ask and be answered. The
 * loop's thread only. */
#ifndef ZHIBAO_SERVER_LOOP_LIMITS_H
#define ZHIBAO_SERVER_LOOP_LIMITS_H

#include <stddef.h>

#include "base/status.h"
#include "proof/sign.h"
#include "server/loop/rate.h"

enum job_class {
    JOB_RECORD, /* to be stored: records, enrolments, one-time codes */
    JOB_QUERY,
    JOB_UPLOAD, /* a chunk of a document */
};

struct limits;

struct limits_most {
    size_t in_hand;           /* jobs, in all */
    struct rate key_messages; /* of one key, whatever they are */
    struct rate key_answers;  /* bytes of answers to one key: what it may leave unread */
};

/* NULL without memory. */
struct limits *limits_create(const struct limits_most *most);
void limits_destroy(struct limits **limits);

/* Counts one more job of the key, or STATUS_E_BUSY when its class, its key or the whole is full. */
MUST_CHECK enum status limits_take(struct limits *limits, enum job_class class,
                                   const struct key_id *key);

/* Counts a message of the key; STATUS_E_BUSY when it sends too many, or has been sent so much that
 * it may have left unread what the server can hold for it. */
MUST_CHECK enum status limits_pass(struct limits *limits, const struct key_id *key, int64_t now_ms);

/* So many bytes go to the key. */
void limits_sent(struct limits *limits, const struct key_id *key, size_t bytes);

/* One that limits_take counted is answered. */
void limits_give(struct limits *limits, enum job_class class, const struct key_id *key);

size_t limits_in_hand(const struct limits *limits);

#endif
