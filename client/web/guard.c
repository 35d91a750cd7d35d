#include "web/guard.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"

enum { TURN_S = 1 };

/* One connection: free while `socket` is -1. */
struct watched {
    int socket;
    int64_t until_ms; /* 0: not on the clock */
};

struct guard {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
    uint32_t head_ms;
    size_t count;
    struct watched list[];
};

static void *run(void *argument)
{
    struct guard *guard = argument;
    pthread_mutex_lock(&guard->lock);
    while (!guard->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += TURN_S;
        if (pthread_cond_timedwait(&guard->stop, &guard->lock, &until) != ETIMEDOUT)
            continue;
        pthread_mutex_unlock(&guard->lock);
        size_t ended = guard_turn(guard, clock_monotonic_ms());
        if (ended > 0)
            log_info("ended %zu connections that dawdled", ended);
        pthread_mutex_lock(&guard->lock);
    }
    pthread_mutex_unlock(&guard->lock);
    return NULL;
}

enum status guard_create(size_t connections, uint32_t head_ms, struct guard **out_guard)
{
    struct guard *guard = calloc(1, sizeof *guard + connections * sizeof *guard->list);
    pthread_condattr_t monotonic;
    if (guard == NULL)
        return STATUS_NO_MEMORY;
    guard->count = connections;
    guard->head_ms = head_ms;
    for (size_t i = 0; i < connections; i++)
        guard->list[i].socket = -1;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&guard->lock, NULL);
    pthread_cond_init(&guard->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&guard->thread, NULL, run, guard) != 0) {
        pthread_cond_destroy(&guard->stop);
        pthread_mutex_destroy(&guard->lock);
        free(guard);
        return STATUS_IO;
    }
    *out_guard = guard;
    return STATUS_OK;
}

void guard_destroy(struct guard **guard)
{
    if (guard == NULL || *guard == NULL)
        return;
    pthread_mutex_lock(&(*guard)->lock);
    (*guard)->stopping = true;
    pthread_cond_signal(&(*guard)->stop);
    pthread_mutex_unlock(&(*guard)->lock);
    pthread_join((*guard)->thread, NULL);
    pthread_cond_destroy(&(*guard)->stop);
    pthread_mutex_destroy(&(*guard)->lock);
    free(*guard);
    *guard = NULL;
}

void guard_begin(struct guard *guard, struct MHD_Connection *connection, void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = NULL;
    if (info == NULL)
        return;
    pthread_mutex_lock(&guard->lock);
    for (size_t i = 0; i < guard->count && *context == NULL; i++)
        if (guard->list[i].socket < 0) {
            guard->list[i] =
                (struct watched){info->connect_fd, clock_monotonic_ms() + guard->head_ms};
            *context = &guard->list[i];
        }
    pthread_mutex_unlock(&guard->lock);
}

void guard_end(struct guard *guard, void **context)
{
    struct watched *watched = *context;
    *context = NULL;
    if (watched == NULL)
        return;
    pthread_mutex_lock(&guard->lock);
    watched->socket = -1;
    pthread_mutex_unlock(&guard->lock);
}

void guard_allow(struct guard *guard, struct MHD_Connection *connection, int64_t ms)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct watched *watched = info == NULL ? NULL : info->socket_context;
    if (watched == NULL)
        return;
    pthread_mutex_lock(&guard->lock);
    watched->until_ms = ms == 0 ? 0 : clock_monotonic_ms() + ms;
    pthread_mutex_unlock(&guard->lock);
}

void guard_await_head(struct guard *guard, struct MHD_Connection *connection)
{
    guard_allow(guard, connection, guard->head_ms);
}

int64_t guard_time_ms(uint64_t bytes)
{
    return GUARD_REST_MS + (int64_t)(bytes / GUARD_LEAST_BYTES_MS);
}

/* Shut down, the socket wakes its thread, which closes it; the lock keeps its number from being
 * another connection's by then. */
size_t guard_turn(struct guard *guard, int64_t now_ms)
{
    size_t ended = 0;
    pthread_mutex_lock(&guard->lock);
    for (size_t i = 0; i < guard->count; i++) {
        struct watched *watched = &guard->list[i];
        if (watched->socket < 0 || watched->until_ms == 0 || watched->until_ms > now_ms)
            continue;
        shutdown(watched->socket, SHUT_RDWR);
        watched->until_ms = 0;
        ended++;
    }
    pthread_mutex_unlock(&guard->lock);
    return ended;
}
