/* The gateway's CURVE connections to the aggregator: one DEALER for each account in use, each with
 * that account's own transport key, so that no question is ever asked with more authority than the
 * asker's. All sockets belong to one thread; any thread may ask.
 *
 * At most POOL_CONNECTIONS_MAX connections are open: the one unused longest is closed for another.
 * A connection has at most POOL_ASKED_MAX questions under way; beyond, and past the queue's limit,
 * the answer is STATUS_E_BUSY at once. A question without an answer in time gets STATUS_TIMEOUT and
 * its connection is built anew: libzmq never reconnects a socket whose key was once refused. */
#ifndef ZHIBAO_WEB_POOL_H
#define ZHIBAO_WEB_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "wire/codec.h"

enum {
    POOL_CONNECTIONS_MAX = 400,
    POOL_ASKED_MAX = 64,
    POOL_QUEUE_MAX = 2000,
    POOL_KEY_BYTES = 32
};

struct pool;

/* Whom to connect to, and as whom. */
struct pool_peer {
    char endpoint[200];
    uint8_t server_public[POOL_KEY_BYTES];
    uint8_t transport_public[POOL_KEY_BYTES], transport_secret[POOL_KEY_BYTES];
};

/* What became of a question. STATUS_OK: `kind` and `body` are the answer's, a KIND_ERROR among
 * them. STATUS_UNREACHABLE, STATUS_TIMEOUT, STATUS_E_KEY_REVOKED (the handshake was refused),
 * STATUS_E_BUSY, STATUS_CANCELLED, STATUS_NO_MEMORY. `body` lives during the call only. */
struct pool_answer {
    enum status status;
    Zhibao__Kind kind;
    const uint8_t *body;
    size_t body_size;
};

/* Called once for each question, from the pool's thread (or the asker's, when refused at once).
 * Must not block. */
typedef void (*pool_callback)(void *context, const struct pool_answer *answer);

/* Starts the thread. STATUS_NO_MEMORY, STATUS_IO. */
MUST_CHECK enum status pool_create(uint32_t timeout_ms, struct pool **out_pool);

/* Answers what is under way with STATUS_CANCELLED, then ends the thread. Whatever is asked later,
 * by a request that had begun, gets STATUS_CANCELLED too. */
void pool_stop(struct pool *pool);

/* Frees the pool, stopped or not: nobody asks any more. */
void pool_destroy(struct pool **pool);

/* Asks `kind` with this serialised body, both copied. The callback always comes. */
void pool_ask(struct pool *pool, const struct pool_peer *peer, Zhibao__Kind kind,
              const uint8_t *body, size_t body_size, pool_callback callback, void *context);

#endif
