#include "flood.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "record.pb-c.h"
#include "wire/codec.h"

enum { POLL_MS = 1, UP_S = 600, TELL_US = 5000000, ARENA_BYTES = 64 * 1024, LATER_US = 20000 };

struct connections {
    void *context;
    void **sockets;
    zmq_pollitem_t *items;
    size_t count;
};

struct progress {
    struct flood *flood;
    struct connections *connections;
    struct arena *arena;
    uint64_t next, in_flight;
    uint64_t *later; /* numbers to be sent again */
    size_t later_count;
    int64_t later_us, begun_us;
    bool bad;
};

int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void *flood_connect(void *context, const struct world *world, uint64_t unit)
{
    struct unit_keys keys;
    int linger = 0, high_water = 0;
    void *socket = zmq_socket(context, ZMQ_DEALER);
    unit_keys_derive(unit, &keys);
    if (socket != NULL &&
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, world->server_transport, 32) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys.transport_public, 32) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys.transport_secret, 32) == 0 &&
        zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water, sizeof high_water) == 0 &&
        zmq_setsockopt(socket, ZMQ_RCVHWM, &high_water, sizeof high_water) == 0 &&
        zmq_connect(socket, world->endpoint) == 0)
        return socket;
    if (socket != NULL)
        zmq_close(socket);
    return NULL;
}

static void connections_close(struct connections *connections)
{
    for (size_t i = 0; i < connections->count; i++)
        if (connections->sockets[i] != NULL)
            zmq_close(connections->sockets[i]);
    if (connections->context != NULL)
        zmq_ctx_term(connections->context);
    free(connections->sockets);
    free(connections->items);
}

/* Each connection asks PING and waits for its PONG: then all handshakes are over. */
static bool connections_up(struct connections *connections)
{
    size_t up = 0;
    int64_t end = monotonic_us() + UP_S * 1000000LL;
    uint8_t *ping = NULL;
    size_t size = 0;
    if (envelope_wrap(UINT64_MAX, ZHIBAO__KIND__KIND_PING, 0, NULL, 0, &ping, &size) != STATUS_OK)
        return false;
    for (size_t i = 0; i < connections->count; i++)
        (void)zmq_send(connections->sockets[i], ping, size, 0);
    free(ping);
    while (up < connections->count && monotonic_us() < end) {
        zmq_poll(connections->items, (int)connections->count, 100);
        for (size_t i = 0; i < connections->count; i++) {
            char answer[512];
            if ((connections->items[i].revents & ZMQ_POLLIN) != 0 &&
                zmq_recv(connections->sockets[i], answer, sizeof answer, ZMQ_DONTWAIT) > 0)
                up++;
        }
    }
    return up == connections->count;
}

static bool connections_open(struct connections *connections, const struct world *world)
{
    connections->count = world->carrier_count;
    connections->context = zmq_ctx_new();
    connections->sockets = calloc(connections->count, sizeof(void *));
    connections->items = calloc(connections->count, sizeof *connections->items);
    if (!connections->context || !connections->sockets || !connections->items)
        return false;
    zmq_ctx_set(connections->context, ZMQ_MAX_SOCKETS, (int)connections->count + 16);
    for (size_t i = 0; i < connections->count; i++) {
        connections->sockets[i] = flood_connect(connections->context, world, world->carriers[i]);
        if (connections->sockets[i] == NULL)
            return false;
        connections->items[i] =
            (zmq_pollitem_t){.socket = connections->sockets[i], .events = ZMQ_POLLIN};
    }
    return connections_up(connections);
}

static void send_number(struct progress *progress, uint64_t number)
{
    struct prepared *prepared = &progress->flood->prepared[number];
    uint32_t carrier = progress->flood->world->carrier_of[prepared->village];
    if (prepared->sent_us == 0 || progress->flood->over_s > 0)
        prepared->sent_us = monotonic_us();
    progress->flood->sent++;
    if (zmq_send(progress->connections->sockets[carrier], prepared->envelope, prepared->size,
                 ZMQ_DONTWAIT) < 0)
        progress->bad = true;
    progress->in_flight++;
}

/* Whether the rate allows one more send. */
static bool is_due(const struct progress *progress, uint64_t sent)
{
    double rate = progress->flood->rate;
    return rate <= 0 || (double)sent <= rate * (double)(monotonic_us() - progress->begun_us) / 1e6;
}

/* A revision is sent when the one before it has its receipt. */
static bool may_send(const struct progress *progress)
{
    const struct flood *flood = progress->flood;
    uint64_t series = prepared_series(flood->world);
    if (progress->next >= flood->count || progress->in_flight >= flood->window)
        return false;
    if (!is_due(progress, flood->over_s > 0 ? flood->sent : progress->next))
        return false;
    return progress->next < series || flood->prepared[progress->next - series].receipt != NULL;
}

static void take_receipt(struct progress *progress, uint64_t number,
                         const struct envelope *envelope)
{
    struct prepared *prepared = &progress->flood->prepared[number];
    ProtobufCMessage *message = NULL;
    arena_reset(progress->arena);
    if (message_read(&zhibao__receipt_reply__descriptor, progress->arena, envelope->body,
                     envelope->body_size, &message) != STATUS_OK)
        return;
    const ProtobufCBinaryData *bytes = &((Zhibao__ReceiptReply *)message)->receipt;
    prepared->receipt = malloc(bytes->len);
    if (prepared->receipt == NULL)
        return;
    memcpy(prepared->receipt, bytes->data, bytes->len);
    prepared->receipt_size = (uint32_t)bytes->len;
    prepared->took_us = (uint32_t)(monotonic_us() - prepared->sent_us);
    progress->flood->receipted++;
}

static void take_answer(struct progress *progress, const void *bytes, size_t size)
{
    struct envelope envelope;
    if (envelope_read(bytes, size, &envelope) != STATUS_OK)
        return;
    uint64_t number = envelope.request - progress->flood->first;
    if (number >= progress->flood->count)
        return;
    progress->in_flight--;
    if (envelope.kind == ZHIBAO__KIND__KIND_RECEIPT) {
        take_receipt(progress, number, &envelope);
    } else if (envelope.kind == ZHIBAO__KIND__KIND_ERROR) {
        progress->flood->told_later++;
        progress->later[progress->later_count++] = number;
        progress->later_us = monotonic_us() + LATER_US;
    } else {
        progress->flood->refused++;
        progress->bad = true;
    }
}

static void receive_all(struct progress *progress)
{
    struct connections *connections = progress->connections;
    for (size_t i = 0; i < connections->count; i++) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        while ((connections->items[i].revents & ZMQ_POLLIN) != 0 &&
               zmq_msg_recv(&message, connections->sockets[i], ZMQ_DONTWAIT) >= 0)
            take_answer(progress, zmq_msg_data(&message), zmq_msg_size(&message));
        zmq_msg_close(&message);
    }
}

static bool loop(struct progress *progress)
{
    struct flood *flood = progress->flood;
    int64_t end = monotonic_us() + (int64_t)flood->limit_s * 1000000;
    progress->begun_us = monotonic_us();
    int64_t told_us = progress->begun_us;
    while (flood->receipted < flood->count && !progress->bad && monotonic_us() < end) {
        while (progress->later_count > 0 && monotonic_us() >= progress->later_us)
            send_number(progress, progress->later[--progress->later_count]);
        while (may_send(progress))
            send_number(progress, progress->next++);
        if (zmq_poll(progress->connections->items, (int)progress->connections->count, POLL_MS) > 0)
            receive_all(progress);
        if (flood->tell && monotonic_us() > told_us + TELL_US) {
            told_us = monotonic_us();
            fprintf(stderr, "#   %.0f s: %" PRIu64 " of %" PRIu64 " receipts\n",
                    (double)(told_us - progress->begun_us) / 1e6, flood->receipted, flood->count);
        }
    }
    flood->seconds = (double)(monotonic_us() - progress->begun_us) / 1e6;
    return flood->receipted == flood->count && !progress->bad;
}

/* Far more than is taken: the first sends are new ones as long as there are any. */
static bool loop_over(struct progress *progress)
{
    struct flood *flood = progress->flood;
    int64_t end = monotonic_us() + (int64_t)(flood->over_s * 1e6);
    int64_t drained = end + (int64_t)flood->limit_s * 1000000;
    progress->begun_us = monotonic_us();
    while (!progress->bad && monotonic_us() < drained &&
           (monotonic_us() < end || progress->in_flight > 0)) {
        while (monotonic_us() < end && may_send(progress))
            send_number(progress, progress->next++);
        while (monotonic_us() < end && progress->later_count > 0 &&
               monotonic_us() >= progress->later_us && is_due(progress, flood->sent))
            send_number(progress, progress->later[--progress->later_count]);
        if (zmq_poll(progress->connections->items, (int)progress->connections->count, POLL_MS) > 0)
            receive_all(progress);
    }
    flood->late_us = monotonic_us() - end;
    flood->seconds = flood->over_s;
    return progress->in_flight == 0 && !progress->bad;
}

bool flood_run(struct flood *flood)
{
    struct connections connections = {0};
    struct progress progress = {.flood = flood,
                                .connections = &connections,
                                .arena = arena_create(ARENA_BYTES),
                                .later = calloc(flood->count, sizeof(uint64_t))};
    bool good = progress.arena != NULL && progress.later != NULL &&
                connections_open(&connections, flood->world) &&
                (flood->over_s > 0 ? loop_over(&progress) : loop(&progress));
    if (!good)
        fprintf(stderr,
                "the flood ended early: %" PRIu64 " of %" PRIu64 " receipts, %" PRIu64
                " refused, %" PRIu64 " told to try later\n",
                flood->receipted, flood->count, flood->refused, flood->told_later);
    connections_close(&connections);
    arena_destroy(&progress.arena);
    free(progress.later);
    return good;
}

static int compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

double flood_percentile_ms(const struct flood *flood, double p)
{
    uint32_t *took = calloc(flood->count, sizeof *took);
    uint64_t count = 0;
    if (took == NULL)
        return -1;
    for (uint64_t i = 0; i < flood->count; i++)
        if (flood->prepared[i].receipt != NULL)
            took[count++] = flood->prepared[i].took_us;
    qsort(took, count, sizeof *took, compare);
    double value = count == 0 ? -1 : took[(uint64_t)(p / 100 * (double)(count - 1))] / 1000.0;
    free(took);
    return value;
}
