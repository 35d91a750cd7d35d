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
    int events;             /* the epoll that both are in */
    struct question *asked; /* oldest first */
    unsigned asked_count;
    bool denied; /* the last handshake was refused (ZAP 400) */
    int64_t used_ms;
};

/* Answers a question and frees it. */
void question_settle(struct question *question, enum status status);

bool connection_serves(const struct connection *connection, const struct pool_peer *peer);

/* Opens the sockets when there are none, and puts them into the epoll `events` with the connection
 * as their data. STATUS_IO. */
MUST_CHECK enum status connection_open(struct connection *connection, void *context, int events);

/* Closes the sockets; questions under way get `status`. */
void connection_close(struct connection *connection, enum status status);

/* Takes the question over and sends it as soon as there is a connection. */
void connection_ask(struct connection *connection, struct question *question);

/* Sends what waits, reads what has come, gives up what is late. To be called when one of the
 * sockets has an event, and now and then: libzmq tells of an event once. */
void connection_turn(struct connection *connection, int64_t now_ms);

#endif
