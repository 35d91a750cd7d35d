#include "lib/link.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "lib/backoff.h"

enum {
    MONITORED = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED |
                ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    REBUILD_FIRST_MS = 1000,
    REBUILD_MOST_MS = 60000,
};

struct link {
    void *context, *socket, *monitor;
    char endpoint[256];
    uint8_t server_public[LINK_KEY_BYTES], public_key[LINK_KEY_BYTES], secret_key[LINK_KEY_BYTES];
    bool up;
    int64_t rebuild_at_ms; /* while there is no socket */
    struct backoff backoff;
    zmq_msg_t message;
};

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_options(const struct link *link, void *socket)
{
    int64_t largest = LINK_MESSAGE_MAX;
    /* Own jitter beside libzmq's: no two clients share a rhythm. */
    int retry_ms = 1000 + (int)randombytes_uniform(500);
    return set_number(socket, ZMQ_LINGER, 0) && set_number(socket, ZMQ_IMMEDIATE, 1) &&
           set_number(socket, ZMQ_HANDSHAKE_IVL, 5000) &&
           set_number(socket, ZMQ_HEARTBEAT_IVL, 15000) &&
           set_number(socket, ZMQ_HEARTBEAT_TIMEOUT, 30000) &&
           set_number(socket, ZMQ_RECONNECT_IVL, retry_ms) &&
           set_number(socket, ZMQ_RECONNECT_IVL_MAX, 60000) &&
           set_number(socket, ZMQ_SNDHWM, 1000) && set_number(socket, ZMQ_RCVHWM, 1000) &&
           set_number(socket, ZMQ_IPV6, 1) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, link->server_public, LINK_KEY_BYTES) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, link->public_key, LINK_KEY_BYTES) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, link->secret_key, LINK_KEY_BYTES) == 0;
}

/* A PAIR socket that hears what becomes of `socket`. */
static void *open_monitor(struct link *link, void *socket)
{
    static const char address[] = "inproc://link-monitor";
    if (zmq_socket_monitor(socket, address, MONITORED) != 0)
        return NULL;
    void *monitor = zmq_socket(link->context, ZMQ_PAIR);
    if (monitor != NULL && set_number(monitor, ZMQ_LINGER, 0) && zmq_connect(monitor, address) == 0)
        return monitor;
    if (monitor != NULL)
        zmq_close(monitor);
    return NULL;
}

static void close_sockets(struct link *link)
{
    link->up = false;
    if (link->socket != NULL) {
        zmq_socket_monitor(link->socket, NULL, 0);
        zmq_close(link->socket);
    }
    if (link->monitor != NULL)
        zmq_close(link->monitor);
    link->socket = link->monitor = NULL;
}

static enum status open_sockets(struct link *link)
{
    link->socket = zmq_socket(link->context, ZMQ_DEALER);
    if (link->socket == NULL || !set_options(link, link->socket))
        goto failed;
    link->monitor = open_monitor(link, link->socket);
    if (link->monitor == NULL)
        goto failed;
    if (zmq_connect(link->socket, link->endpoint) == 0)
        return STATUS_OK;

failed:;
    int reason = errno;
    close_sockets(link);
    return reason == EINVAL || reason == EPROTONOSUPPORT || reason == ENODEV ||
                   reason == ENOCOMPATPROTO
               ? STATUS_INVALID
               : STATUS_IO;
}

enum status link_create(const struct link_config *config, struct link **out_link)
{
    /* TCP with CURVE is all that is ever spoken. */
    if (strncmp(config->endpoint, "tcp://", 6) != 0 ||
        strlen(config->endpoint) >= sizeof((struct link *)NULL)->endpoint)
        return STATUS_INVALID;
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return STATUS_NO_MEMORY;
    zmq_msg_init(&link->message);
    memcpy(link->endpoint, config->endpoint, strlen(config->endpoint) + 1);
    memcpy(link->server_public, config->server_public, LINK_KEY_BYTES);
    memcpy(link->public_key, config->public_key, LINK_KEY_BYTES);
    memcpy(link->secret_key, config->secret_key, LINK_KEY_BYTES);
    link->backoff = (struct backoff){.first_ms = REBUILD_FIRST_MS, .most_ms = REBUILD_MOST_MS};
    link->context = zmq_ctx_new();
    enum status status = link->context == NULL ? STATUS_NO_MEMORY : open_sockets(link);
    if (status != STATUS_OK) {
        link_destroy(&link);
        return status;
    }
    *out_link = link;
    return STATUS_OK;
}

void link_destroy(struct link **link)
{
    if (link == NULL || *link == NULL)
        return;
    zmq_msg_close(&(*link)->message);
    close_sockets(*link);
    if ((*link)->context != NULL)
        while (zmq_ctx_term((*link)->context) != 0 && errno == EINTR)
            ;
    sodium_memzero(*link, sizeof **link);
    free(*link);
    *link = NULL;
}

void link_rebuild(struct link *link)
{
    close_sockets(link);
    link->rebuild_at_ms = clock_monotonic_ms() + backoff_next(&link->backoff);
}

bool link_is_up(const struct link *link)
{
    return link->up;
}

enum status link_send(struct link *link, const uint8_t *bytes, size_t size)
{
    if (link->socket == NULL)
        return STATUS_UNREACHABLE;
    while (zmq_send(link->socket, bytes, size, ZMQ_DONTWAIT) < 0) {
        if (errno == EINTR)
            continue;
        return errno == EAGAIN ? STATUS_UNREACHABLE : STATUS_IO;
    }
    return STATUS_OK;
}

/* Drops the frames that follow one; a message of several frames is no answer. */
static bool drop_rest(struct link *link)
{
    bool more = zmq_msg_more(&link->message) != 0, several = more;
    while (more && zmq_msg_recv(&link->message, link->socket, ZMQ_DONTWAIT) >= 0)
        more = zmq_msg_more(&link->message) != 0;
    return several;
}

static bool take_message(struct link *link, struct link_event *out_event)
{
    if (zmq_msg_recv(&link->message, link->socket, ZMQ_DONTWAIT) < 0)
        return false;
    if (drop_rest(link)) {
        log_warning("could not read answer: message has several frames");
        return false;
    }
    *out_event = (struct link_event){LINK_MESSAGE, zmq_msg_data(&link->message),
                                     zmq_msg_size(&link->message)};
    return true;
}

/* What a monitor event means for the user of the link; LINK_TIMEOUT for nothing. */
static enum link_event_kind interpret(struct link *link, unsigned event, uint32_t value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        link->up = true;
        link->backoff.current_ms = 0;
        return LINK_UP;
    case ZMQ_EVENT_DISCONNECTED:
        if (!link->up)
            return LINK_TIMEOUT; /* the end of a failed handshake, which has its own event */
        link->up = false;
        return LINK_DOWN;
    case ZMQ_EVENT_CONNECTED: return LINK_REACHED;
    case ZMQ_EVENT_CONNECT_RETRIED: return link->up ? LINK_TIMEOUT : LINK_FAILED;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: return LINK_HUNG_UP;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        link_rebuild(link);
        log_debug("could not authenticate: refused status=%u", value);
        return value >= 400 && value < 500 ? LINK_DENIED : LINK_HUNG_UP;
    default: return LINK_TIMEOUT;
    }
}

/* Takes one event off the monitor. */
static bool take_news(struct link *link, struct link_event *out_event)
{
    uint8_t frame[6];
    int size = zmq_recv(link->monitor, frame, sizeof frame, ZMQ_DONTWAIT);
    if (size < 0)
        return false;
    char address[512];
    zmq_recv(link->monitor, address, sizeof address, ZMQ_DONTWAIT);
    if (size != sizeof frame)
        return false;
    uint16_t event = 0;
    uint32_t value = 0;
    memcpy(&event, frame, sizeof event);
    memcpy(&value, frame + 2, sizeof value);
    out_event->kind = interpret(link, event, value);
    return out_event->kind != LINK_TIMEOUT;
}

/* Sleeps until the back-off is over, at most `timeout_ms`, then opens the sockets. */
static enum status wait_rebuild(struct link *link, int64_t timeout_ms)
{
    int64_t left = link->rebuild_at_ms - clock_monotonic_ms();
    if (left > timeout_ms) {
        zmq_poll(NULL, 0, (long)timeout_ms);
        return STATUS_OK;
    }
    if (left > 0)
        zmq_poll(NULL, 0, (long)left);
    return open_sockets(link);
}

enum status link_wait(struct link *link, int64_t timeout_ms, bool want_write,
                      struct link_event *out_event)
{
    int64_t deadline = clock_monotonic_ms() + (timeout_ms > 0 ? timeout_ms : 0);
    struct link_event event = {.kind = LINK_TIMEOUT};
    do {
        int64_t left = deadline - clock_monotonic_ms();
        left = left > 0 ? left : 0;
        if (link->socket == NULL) {
            enum status status = wait_rebuild(link, left);
            if (status != STATUS_OK)
                return status;
            continue;
        }
        zmq_pollitem_t items[] = {
            {link->socket,  0, (short)(want_write ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN), 0},
            {link->monitor, 0, ZMQ_POLLIN,                                                  0},
        };
        if (zmq_poll(items, 2, (long)left) < 0 && errno != EINTR)
            return STATUS_IO;
        if ((items[0].revents & ZMQ_POLLIN) != 0 && take_message(link, &event))
            break;
        if (items[1].revents != 0 && take_news(link, &event))
            break;
        if ((items[0].revents & ZMQ_POLLOUT) != 0) {
            event.kind = LINK_WRITABLE;
            break;
        }
    } while (clock_monotonic_ms() < deadline);
    *out_event = event;
    return STATUS_OK;
}
