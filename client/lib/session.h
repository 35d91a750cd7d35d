/* One conversation with the server until a deadline: the link's events made into what a request or
 * a drain needs to know, and one place that decides when to give up. The handle's thread. */
#ifndef ZHIBAO_LIB_SESSION_H
#define ZHIBAO_LIB_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/link.h"

struct zhibao;

struct session {
    struct link *link; /* NULL until first used */
    int64_t deadline_ms;
    char endpoint[256]; /* that it goes to, for the words of a failure */
    bool own;           /* to the endpoint and with the keys of the home's identity */
    bool reached, was_up;
    unsigned failed, hung_up; /* attempts since the deadline was set */
};

enum session_news {
    SESSION_QUIET,   /* nothing until `wake_ms` */
    SESSION_MESSAGE, /* see event */
    SESSION_WRITABLE,
    SESSION_LOST, /* everything in flight may be lost: send again */
};

/* Opens the link if need be and allows the handle's timeout from now. STATUS_NOT_FOUND before
 * enrolment, STATUS_UNREACHABLE without network. */
MUST_CHECK enum status session_begin(struct zhibao *zhibao);

/* The same towards another endpoint and server key with other keys, as enrolment needs; replaces
 * the link. */
struct home_keys;
MUST_CHECK enum status session_begin_at(struct zhibao *zhibao, const char *endpoint,
                                        const uint8_t *server_public, const struct home_keys *keys);

/* There was progress: allow the timeout again. */
void session_extend(struct zhibao *zhibao);

/* Waits for news, at most until `wake_ms` (CLOCK_MONOTONIC; INT64_MAX: the deadline). STATUS_OK
 * with news, or the reason to give up, with the cause set: STATUS_TIMEOUT, STATUS_UNREACHABLE,
 * STATUS_E_KEY_PENDING, STATUS_E_KEY_REVOKED. */
MUST_CHECK enum status session_wait(struct zhibao *zhibao, bool want_write, int64_t wake_ms,
                                    enum session_news *out_news, struct link_event *out_event);

void session_end(struct zhibao *zhibao);

#endif
