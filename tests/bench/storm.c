#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "flood.h"
#include "wire/codec.h"

enum { PAUSE_NS = 5000000, PROCESSES_MAX = 16 };

/* What one process does: clients from..to. */
struct share {
    const struct storm *storm;
    struct prepared *prepared;
    uint64_t count, answered, receipted;
    void *context, **sockets;
    zmq_pollitem_t *items;
};

static bool open_all(struct share *share, uint64_t from)
{
    const struct world *world = share->storm->world;
    share->context = zmq_ctx_new();
    share->sockets = calloc(share->count, sizeof(void *));
    share->items = calloc(share->count, sizeof *share->items);
    if (!share->context || !share->sockets || !share->items)
        return false;
    zmq_ctx_set(share->context, ZMQ_MAX_SOCKETS, (int)share->count + 16);
    for (uint64_t i = 0; i < share->count; i++) {
        void *socket = flood_connect(share->context, world, world->villages[from + i]);
        if (socket == NULL)
            return false;
        share->sockets[i] = socket;
        share->items[i] = (zmq_pollitem_t){.socket = socket, .events = ZMQ_POLLIN};
    }
    return true;
}

static bool send_one(struct share *share, uint64_t i)
{
    uint8_t *ping = NULL;
    size_t size = 0;
    if (!share->storm->hold)
        return zmq_send(share->sockets[i], share->prepared[i].envelope, share->prepared[i].size,
                        ZMQ_DONTWAIT) >= 0;
    if (envelope_wrap(i, ZHIBAO__KIND__KIND_PING, 0, NULL, 0, &ping, &size) != STATUS_OK)
        return false;
    bool sent = zmq_send(share->sockets[i], ping, size, ZMQ_DONTWAIT) >= 0;
    free(ping);
    return sent;
}

/* Takes client i's answer, if it is there. A client that is done leaves at once. */
static void take(struct share *share, uint64_t i)
{
    char bytes[4096];
    struct envelope envelope;
    int size = zmq_recv(share->sockets[i], bytes, sizeof bytes, ZMQ_DONTWAIT);
    if (size < 0 || (size_t)size > sizeof bytes ||
        envelope_read((uint8_t *)bytes, (size_t)size, &envelope) != STATUS_OK)
        return;
    if (envelope.kind == ZHIBAO__KIND__KIND_ERROR) {
        (void)send_one(share, i);
        return;
    }
    share->answered++;
    share->receipted += envelope.kind == ZHIBAO__KIND__KIND_RECEIPT;
    if (share->storm->hold)
        return;
    zmq_close(share->sockets[i]);
    share->items[i] = share->items[share->count - 1];
    share->sockets[i] = share->sockets[share->count - 1];
    share->prepared[i] = share->prepared[share->count - 1];
    share->count--;
}

static void answers_await(struct share *share)
{
    uint64_t all = share->count;
    int64_t end = monotonic_us() + (int64_t)share->storm->limit_s * 1000000;
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    while (share->answered < all && share->count > 0 && monotonic_us() < end) {
        nanosleep(&pause, NULL); /* looking at thousands of sockets costs more than it finds */
        if (zmq_poll(share->items, (int)share->count, 100) <= 0)
            continue;
        for (uint64_t i = share->count; i-- > 0;)
            if ((share->items[i].revents & ZMQ_POLLIN) != 0)
                take(share, i);
    }
}

static void hold_on(void)
{
    puts("up");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
}

/* In a child process: tells how many receipts it got through `out`. */
static void share_run(const struct storm *storm, uint64_t from, uint64_t to, int start, int out)
{
    struct share share = {.storm = storm, .count = to - from};
    char go = 0;
    share.prepared = calloc(share.count, sizeof *share.prepared);
    bool good = share.prepared != NULL;
    for (uint64_t i = 0; i < share.count && good && !storm->hold; i++)
        good = prepared_make(storm->world, storm->first + from + i, &share.prepared[i]);
    char ready = good ? '1' : '0';
    good = write(out, &ready, 1) == 1 && read(start, &go, 1) >= 0 && good && open_all(&share, from);
    for (uint64_t i = 0; i < share.count && good; i++)
        good = send_one(&share, i);
    if (good)
        answers_await(&share);
    uint64_t told = storm->hold ? share.answered : share.receipted;
    if (write(out, &told, sizeof told) != sizeof told)
        _exit(1);
    if (storm->hold)
        hold_on();
    _exit(0); /* the sockets go with the process */
}

static bool children_start(struct storm *storm, int start[2], int outs[])
{
    for (int i = 0; i < storm->processes; i++) {
        int out[2];
        if (pipe(out) != 0)
            return false;
        pid_t child = fork();
        if (child < 0)
            return false;
        if (child == 0) {
            close(start[1]);
            close(out[0]);
            share_run(storm, storm->clients * (uint64_t)i / (uint64_t)storm->processes,
                      storm->clients * (uint64_t)(i + 1) / (uint64_t)storm->processes, start[0],
                      out[1]);
        }
        close(out[1]);
        outs[i] = out[0];
    }
    return true;
}

bool storm_run(struct storm *storm)
{
    int start[2], outs[PROCESSES_MAX];
    char ready = '0';
    bool good =
        storm->processes <= PROCESSES_MAX && pipe(start) == 0 && children_start(storm, start, outs);
    for (int i = 0; i < storm->processes && good; i++)
        good = read(outs[i], &ready, 1) == 1 && ready == '1';
    int64_t begun_us = monotonic_us();
    close(start[1]); /* all children go */
    for (int i = 0; i < storm->processes && good; i++) {
        uint64_t told = 0;
        good = read(outs[i], &told, sizeof told) == sizeof told;
        storm->receipted += told;
    }
    storm->seconds = (double)(monotonic_us() - begun_us) / 1e6;
    while (wait(NULL) > 0)
        continue;
    return good && storm->receipted == storm->clients;
}
