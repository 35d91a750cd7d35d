/* Connections that dawdle. libmicrohttpd ends a connection on which nothing moves; a client that
 * sends or takes a byte now and then would hold its place for ever, and a few hundred of them all
 * places there are. The guard ends a connection that has not sent a request's head, sent its body
 * or taken its answer in the time that even a slow line needs for it. Any thread. */
#ifndef ZHIBAO_WEB_GUARD_H
#define ZHIBAO_WEB_GUARD_H

#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    GUARD_REST_MS = 60 * 1000, /* for a body or an answer, and for what they weigh: */
    GUARD_LEAST_BYTES_MS = 2,  /* bytes a millisecond, a third of a slow 2G line */
};

struct guard;

/* Room for this many connections; each has `head_ms` for a handshake and a head, and between two
 * requests. STATUS_NO_MEMORY, STATUS_IO. */
MUST_CHECK enum status guard_create(size_t connections, uint32_t head_ms, struct guard **out_guard);
void guard_destroy(struct guard **guard);

/* A connection began or ended; `context` is libmicrohttpd's place for what is ours of it. It begins
 * with a head. One more than there is room for is not watched. */
void guard_begin(struct guard *guard, struct MHD_Connection *connection, void **context);
void guard_end(struct guard *guard, void **context);

/* From now on this connection has so many milliseconds; 0: as long as it takes (it waits for us).
 */
void guard_allow(struct guard *guard, struct MHD_Connection *connection, int64_t ms);

/* The next thing it sends is a head. */
void guard_await_head(struct guard *guard, struct MHD_Connection *connection);

/* How long a slow line may take over so many bytes, in ms. */
int64_t guard_time_ms(uint64_t bytes);

/* Ends what is late at `now_ms`; how many. The guard's thread calls this each second. */
size_t guard_turn(struct guard *guard, int64_t now_ms);

#endif
