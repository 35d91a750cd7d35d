/* One CURVE connection to the aggregator: a DEALER socket, its monitor, and its rebuilding.
 *
 * libzmq 4.3.4 reconnects by itself after a lost line, but not after its authentication was refused
 * (ZAP 400), when later sends succeed and go nowhere: the monitor tells, and the socket is
 * destroyed and rebuilt after a back-off with jitter. A ZAP 300 (pending key) and a wrong server
 * key look alike from here: the handshake gets no further and times out. Owned by one thread. */
#ifndef ZHIBAO_LIB_LINK_H
#define ZHIBAO_LIB_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { LINK_KEY_BYTES = 32, LINK_MESSAGE_MAX = 4 * 1024 * 1024 };

struct link;

struct link_config {
    const char *endpoint;         /* copied */
    const uint8_t *server_public; /* LINK_KEY_BYTES each; copied */
    const uint8_t *public_key, *secret_key;
};

enum link_event_kind {
    LINK_TIMEOUT,  /* nothing happened */
    LINK_MESSAGE,  /* a whole message of one frame */
    LINK_WRITABLE, /* link_send will take a message */
    LINK_UP,       /* connected and authenticated */
    LINK_DOWN,     /* the connection is gone: what was sent and not answered may be lost */
    LINK_FAILED,   /* an attempt to connect failed */
    LINK_REACHED,  /* somebody listens; the handshake begins */
    LINK_HUNG_UP,  /* the handshake ended without success and without a word */
    LINK_DENIED,   /* the server refused our key (ZAP 400) */
};

struct link_event {
    enum link_event_kind kind;
    const uint8_t *bytes; /* LINK_MESSAGE: lives until the next call on the link */
    size_t size;
};

/* Starts to connect; nothing is known of the server yet. STATUS_INVALID for an endpoint that is
 * none, STATUS_NO_MEMORY. */
MUST_CHECK enum status link_create(const struct link_config *config, struct link **out_link);
void link_destroy(struct link **link);

/* Hands one message over without waiting. STATUS_UNREACHABLE when there is no connection or no
 * room. Success says nothing about delivery. */
MUST_CHECK enum status link_send(struct link *link, const uint8_t *bytes, size_t size);

/* Waits at most `timeout_ms` for the next event; LINK_WRITABLE only when `want_write`. Messages
 * come before news about the connection. STATUS_IO when ZeroMQ itself fails. */
MUST_CHECK enum status link_wait(struct link *link, int64_t timeout_ms, bool want_write,
                                 struct link_event *out_event);

/* Whether the connection is there, as far as the events taken so far tell. */
bool link_is_up(const struct link *link);

/* Throws the socket away and connects afresh after the back-off: for a server that stays silent. */
void link_rebuild(struct link *link);

#endif
