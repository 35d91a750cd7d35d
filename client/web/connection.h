/* One connection of the pool: its DEALER, its monitor and the questions under way on it. Used by
 * pool.c only, in the pool's thread. */
#ifndef ZHIBAO_WEB_CONNECTION_H
#define ZHIBAO_WEB_CONNECTION_H

#include <stdbool.h>
#include <zmq.h>

#include "web/pool.h"

/* A question on its way; owned by whichever list holds it. */
struct question {
    struct question *next;
    struct pool_peer peer;
    Zhibao__Kind kind;
    uint64_t request;
    int64_t deadline_ms;
    bool sent;
    pool_callback callback;
    void *context;
    size_t size;
    uint8_t body[];
};

struct connection {
    struct pool_peer peer;
    void *socket, *monitor; /* NULL: to be built at the next question */
    struct question *asked; /* oldest first */
    unsigned asked_count;
    bool denied; /* the last handshake was refused (ZAP 400) */
    int64_t used_ms;
};

/* Answers a question and frees it. */
void question_settle(struct question *question, enum status status);

bool connection_serves(const struct connection *connection, const struct pool_peer *peer);

/* Opens the sockets when there are none. STATUS_IO. */
MUST_CHECK enum status connection_open(struct connection *connection, void *context);

/* Closes the sockets; questions under way get `status`. */
void connection_close(struct connection *connection, enum status status);

/* Takes the question over and sends it as soon as there is a connection. */
void connection_ask(struct connection *connection, struct question *question);

/* Reads what has come, sends what waits, gives up what is late. */
void connection_turn(struct connection *connection, int64_t now_ms);

#endif
