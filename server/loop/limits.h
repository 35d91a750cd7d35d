/* How much work is in hand: in all, by class, and for each key, so that one client's thousand
 * questions leave room for everybody else's one. The loop's thread only. */
#ifndef ZHIBAO_SERVER_LOOP_LIMITS_H
#define ZHIBAO_SERVER_LOOP_LIMITS_H

#include <stddef.h>

#include "base/status.h"
#include "proof/sign.h"

enum job_class {
    JOB_RECORD, /* to be stored: records, enrolments, one-time codes */
    JOB_QUERY,
    JOB_UPLOAD, /* a chunk of a document */
};

struct limits;

/* `most`: jobs in hand in all. NULL without memory. */
struct limits *limits_create(size_t most);
void limits_destroy(struct limits **limits);

/* Counts one more job of the key, or STATUS_E_BUSY when its class, its key or the whole is full. */
MUST_CHECK enum status limits_take(struct limits *limits, enum job_class class,
                                   const struct key_id *key);

/* One that limits_take counted is answered. */
void limits_give(struct limits *limits, enum job_class class, const struct key_id *key);

size_t limits_in_hand(const struct limits *limits);

#endif
