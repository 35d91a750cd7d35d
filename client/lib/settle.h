/* What the server's answer to one submitted record means, and the outbox's transition that follows:
 * the only place where a record leaves the waiting box. Used by client/lib only. */
#ifndef ZHIBAO_LIB_SETTLE_H
#define ZHIBAO_LIB_SETTLE_H

#include "lib/handle.h"

enum settled {
    SETTLED_RECEIPTED,
    SETTLED_REFUSED,
    SETTLED_UNVERIFIED, /* the answer does not verify: still waiting */
    SETTLED_LATER,      /* an unsigned error that may pass: still waiting */
    SETTLED_STUCK,      /* an unsigned error that will not pass by itself: still waiting */
};

/* Which record an answer is for. */
struct settle_subject {
    int64_t sequence;
    uint8_t kind;
    uint64_t unit;
    struct record_id id;
    struct hash payload_sha256;
};

/* STATUS_OK when the answer's meaning was stored; then *out_settled says what it was, and for all
 * but the first two the cause is set. *out_later_ms: with SETTLED_LATER, not to ask before. */
MUST_CHECK enum status settle(struct zhibao *zhibao, const struct settle_subject *subject,
                              const struct envelope *answer, enum settled *out_settled,
                              uint32_t *out_later_ms);

/* A receipt may be of the version that was sent before the record was signed anew (renewal.h): puts
 * that one back, so that record and receipt belong together. Inside a batch. */
MUST_CHECK enum status settle_version(struct zhibao *zhibao, int64_t sequence,
                                      const struct receipt *receipt);

#endif
