#include "web/connection.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/bytes.h"
#include "base/log.h"

enum {
    MONITORED = ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    MESSAGE_MAX = 4 * 1024 * 1024,
    TURN_MESSAGES_MAX = 32, /* read of one connection before the others have their turn */
};

void question_settle(struct question *question, enum status status)
{
    struct pool_answer answer = {.status = status};
    question->callback(question->context, &answer);
    sodium_memzero(&question->peer, sizeof question->peer);
    free(question);
}

bool connection_serves(const struct connection *connection, const struct pool_peer *peer)
{
    return memcmp(connection->peer.transport_public, peer->transport_public, POOL_KEY_BYTES) == 0 &&
           memcmp(connection->peer.server_public, peer->server_public, POOL_KEY_BYTES) == 0 &&
           strcmp(connection->peer.endpoint, peer->endpoint) == 0;
}

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_options(const struct connection *connection, void *socket)
{
    int64_t largest = MESSAGE_MAX;
    const struct pool_peer *peer = &connection->peer;
    return set_number(socket, ZMQ_LINGER, 0) && set_number(socket, ZMQ_IMMEDIATE, 1) &&
           set_number(socket, ZMQ_HANDSHAKE_IVL, 5000) &&
           set_number(socket, ZMQ_HEARTBEAT_IVL, 15000) &&
           set_number(socket, ZMQ_HEARTBEAT_TIMEOUT, 30000) &&
           set_number(socket, ZMQ_RECONNECT_IVL, 200) &&
           set_number(socket, ZMQ_RECONNECT_IVL_MAX, 5000) && set_number(socket, ZMQ_IPV6, 1) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, peer->server_public, POOL_KEY_BYTES) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, peer->transport_public, POOL_KEY_BYTES) ==
               0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, peer->transport_secret, POOL_KEY_BYTES) == 0;
}

static bool open_monitor(struct connection *connection, void *context)
{
    char address[64];
    snprintf(address, sizeof address, "inproc://monitor-%p", connection->socket);
    if (zmq_socket_monitor(connection->socket, address, MONITORED) != 0)
        return false;
    connection->monitor = zmq_socket(context, ZMQ_PAIR);
    return connection->monitor != NULL && set_number(connection->monitor, ZMQ_LINGER, 0) &&
           zmq_connect(connection->monitor, address) == 0;
}

/* Puts a socket's descriptor into the epoll, or takes it out. */
static bool watch(struct connection *connection, void *socket, int operation)
{
    int descriptor = -1;
    size_t size = sizeof descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    return zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size) == 0 &&
           epoll_ctl(connection->events, operation, descriptor, &event) == 0;
}

static void close_sockets(struct connection *connection)
{
    if (connection->socket != NULL)
        watch(connection, connection->socket, EPOLL_CTL_DEL);
    if (connection->monitor != NULL)
        watch(connection, connection->monitor, EPOLL_CTL_DEL);
    if (connection->socket != NULL) {
        zmq_socket_monitor(connection->socket, NULL, 0);
        zmq_close(connection->socket);
    }
    if (connection->monitor != NULL)
        zmq_close(connection->monitor);
    connection->socket = connection->monitor = NULL;
}

enum status connection_open(struct connection *connection, void *context, int events)
{
    if (connection->socket != NULL)
        return STATUS_OK;
    connection->denied = false;
    connection->events = events;
    connection->socket = zmq_socket(context, ZMQ_DEALER);
    if (connection->socket != NULL && set_options(connection, connection->socket) &&
        open_monitor(connection, context) && watch(connection, connection->socket, EPOLL_CTL_ADD) &&
        watch(connection, connection->monitor, EPOLL_CTL_ADD) &&
        zmq_connect(connection->socket, connection->peer.endpoint) == 0)
        return STATUS_OK;
    log_warning("could not open a connection: %s", zmq_strerror(errno));
    close_sockets(connection);
    return STATUS_IO;
}

void connection_close(struct connection *connection, enum status status)
{
    close_sockets(connection);
    while (connection->asked != NULL) {
        struct question *question = connection->asked;
        connection->asked = question->next;
        question_settle(question, status);
    }
    connection->asked_count = 0;
}

/* False when it has to wait for a connection. */
static bool send_question(struct connection *connection, struct question *question)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    int64_t left = question->deadline_ms - clock_monotonic_ms();
    if (envelope_wrap(question->request, question->kind, left > 0 ? (uint32_t)left : 1,
                      question->body, question->size, &bytes, &size) != STATUS_OK)
        return false;
    question->sent = zmq_send(connection->socket, bytes, size, ZMQ_DONTWAIT) >= 0;
    free(bytes);
    return question->sent;
}

void connection_ask(struct connection *connection, struct question *question)
{
    struct question **last = &connection->asked;
    while (*last != NULL)
        last = &(*last)->next;
    question->next = NULL;
    *last = question;
    connection->asked_count++;
    connection->used_ms = clock_monotonic_ms();
    random_bytes(&question->request, sizeof question->request);
    send_question(connection, question);
}

static void digest(struct connection *connection, const uint8_t *bytes, size_t size)
{
    struct envelope envelope = {0};
    if (envelope_read(bytes, size, &envelope) != STATUS_OK) {
        log_warning("could not read an answer of %zu bytes", size);
        return;
    }
    struct question **at = &connection->asked;
    while (*at != NULL && (*at)->request != envelope.request)
        at = &(*at)->next;
    struct question *question = *at;
    if (question == NULL)
        return; /* given up long ago */
    *at = question->next;
    connection->asked_count--;
    struct pool_answer answer = {STATUS_OK, envelope.kind, envelope.body, envelope.body_size};
    question->callback(question->context, &answer);
    sodium_memzero(&question->peer, sizeof question->peer);
    free(question);
}

static void read_answers(struct connection *connection)
{
    for (int i = 0; i < TURN_MESSAGES_MAX; i++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, connection->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&message);
            return;
        }
        bool whole = zmq_msg_more(&message) == 0;
        if (whole)
            digest(connection, zmq_msg_data(&message), zmq_msg_size(&message));
        zmq_msg_close(&message);
    }
}

/* Whether the aggregator refused our key for good. */
static bool read_refusal(struct connection *connection)
{
    uint8_t frame[6];
    char address[256];
    bool refused = false;
    while (zmq_recv(connection->monitor, frame, sizeof frame, ZMQ_DONTWAIT) == sizeof frame) {
        uint32_t value = 0;
        memcpy(&value, frame + 2, sizeof value);
        zmq_recv(connection->monitor, address, sizeof address, ZMQ_DONTWAIT);
        refused = refused || (value >= 400 && value < 500);
    }
    return refused;
}

static bool give_up_late(struct connection *connection, int64_t now_ms)
{
    bool silent = false;
    for (struct question **at = &connection->asked; *at != NULL;) {
        struct question *question = *at;
        if (question->deadline_ms > now_ms) {
            at = &question->next;
            continue;
        }
        *at = question->next;
        connection->asked_count--;
        silent = true;
        question_settle(question, question->sent ? STATUS_TIMEOUT : STATUS_UNREACHABLE);
    }
    return silent;
}

void connection_turn(struct connection *connection, int64_t now_ms)
{
    if (connection->socket == NULL)
        return;
    if (read_refusal(connection)) {
        connection_close(connection, STATUS_E_KEY_REVOKED);
        return;
    }
    for (struct question *question = connection->asked; question != NULL; question = question->next)
        if (!question->sent && !send_question(connection, question))
            break;
    /* last, because sending may take notice of what has come without its being told again */
    read_answers(connection);
    if (give_up_late(connection, now_ms) && connection->asked == NULL)
        close_sockets(connection);
}
