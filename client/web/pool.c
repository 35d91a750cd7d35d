#include "web/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "web/connection.h"

enum { TURN_MS = 50, IDLE_MS = 1000, READY_MAX = 64 };

struct pool {
    uint32_t timeout_ms;
    pthread_t thread;
    int wake; /* eventfd: something is in the queue */

    pthread_mutex_t lock; /* guards the four below */
    struct question *first, **last;
    unsigned queued;
    bool stopping;

    /* the thread's own */
    void *context;
    struct connection connections[POOL_CONNECTIONS_MAX];
    size_t count;
    int events; /* epoll: `wake`, whose data is NULL, and the connections' sockets */
    int64_t swept_ms;
};

/* The peer's connection; a new one, or the one unused longest, when it has none. NULL: all busy. */
static struct connection *find_connection(struct pool *pool, const struct pool_peer *peer)
{
    struct connection *oldest = NULL;
    for (size_t i = 0; i < pool->count; i++) {
        struct connection *connection = &pool->connections[i];
        if (connection_serves(connection, peer))
            return connection;
        if (connection->asked == NULL && (oldest == NULL || connection->used_ms < oldest->used_ms))
            oldest = connection;
    }
    if (pool->count < POOL_CONNECTIONS_MAX)
        oldest = &pool->connections[pool->count++];
    else if (oldest != NULL)
        connection_close(oldest, STATUS_CANCELLED);
    if (oldest != NULL)
        *oldest = (struct connection){.peer = *peer};
    return oldest;
}

static void begin(struct pool *pool, struct question *question)
{
    struct connection *connection = find_connection(pool, &question->peer);
    if (connection == NULL || connection->asked_count >= POOL_ASKED_MAX)
        question_settle(question, STATUS_E_BUSY);
    else if (connection_open(connection, pool->context, pool->events) != STATUS_OK)
        question_settle(question, STATUS_UNREACHABLE);
    else {
        connection_ask(connection, question);
        connection_turn(connection, clock_monotonic_ms());
    }
}

/* Takes all that waits; false when the pool is to stop. */
static bool take_queue(struct pool *pool)
{
    uint64_t count;
    if (read(pool->wake, &count, sizeof count) < 0 && errno != EAGAIN)
        log_warning("could not read the pool's wake-up");
    pthread_mutex_lock(&pool->lock);
    struct question *question = pool->first;
    pool->first = NULL;
    pool->last = &pool->first;
    pool->queued = 0;
    bool stopping = pool->stopping;
    pthread_mutex_unlock(&pool->lock);
    while (question != NULL) {
        struct question *next = question->next;
        if (stopping)
            question_settle(question, STATUS_CANCELLED);
        else
            begin(pool, question);
        question = next;
    }
    return !stopping;
}

/* Sleeps until something happens, and sees to those it happened to; to all of them now and then,
 * for what is late and for what libzmq told of once too often to be told again. A thousand idle
 * connections cost an answer nothing. */
static void wait_turn(struct pool *pool)
{
    struct epoll_event ready[READY_MAX];
    bool busy = false;
    for (size_t i = 0; i < pool->count && !busy; i++)
        busy = pool->connections[i].asked != NULL;
    int count = epoll_wait(pool->events, ready, READY_MAX, busy ? TURN_MS : IDLE_MS);
    int64_t now_ms = clock_monotonic_ms();
    for (int i = 0; i < count; i++)
        if (ready[i].data.ptr != NULL)
            connection_turn(ready[i].data.ptr, now_ms);
    if (now_ms - pool->swept_ms < TURN_MS)
        return;
    pool->swept_ms = now_ms;
    for (size_t i = 0; i < pool->count; i++)
        connection_turn(&pool->connections[i], now_ms);
}

static void *run(void *argument)
{
    struct pool *pool = argument;
    while (take_queue(pool))
        wait_turn(pool);
    for (size_t i = 0; i < pool->count; i++)
        connection_close(&pool->connections[i], STATUS_CANCELLED);
    return NULL;
}

enum status pool_create(uint32_t timeout_ms, struct pool **out_pool)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return STATUS_NO_MEMORY;
    pool->timeout_ms = timeout_ms;
    pool->last = &pool->first;
    pool->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pool->events = epoll_create1(EPOLL_CLOEXEC);
    pool->context = zmq_ctx_new();
    struct epoll_event woken = {.events = EPOLLIN};
    pthread_mutex_init(&pool->lock, NULL);
    if (pool->wake < 0 || pool->events < 0 || pool->context == NULL ||
        epoll_ctl(pool->events, EPOLL_CTL_ADD, pool->wake, &woken) != 0 ||
        zmq_ctx_set(pool->context, ZMQ_MAX_SOCKETS, 4 * POOL_CONNECTIONS_MAX) != 0 ||
        pthread_create(&pool->thread, NULL, run, pool) != 0) {
        if (pool->wake >= 0)
            close(pool->wake);
        if (pool->events >= 0)
            close(pool->events);
        if (pool->context != NULL)
            zmq_ctx_term(pool->context);
        pthread_mutex_destroy(&pool->lock);
        free(pool);
        return STATUS_IO;
    }
    *out_pool = pool;
    return STATUS_OK;
}

static void wake(const struct pool *pool)
{
    uint64_t one = 1;
    if (write(pool->wake, &one, sizeof one) < 0)
        log_warning("could not wake the pool");
}

void pool_stop(struct pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    bool stopped = pool->stopping;
    pool->stopping = true;
    pthread_mutex_unlock(&pool->lock);
    if (stopped)
        return;
    wake(pool);
    pthread_join(pool->thread, NULL);
    while (zmq_ctx_term(pool->context) != 0 && errno == EINTR)
        ;
}

void pool_destroy(struct pool **pool)
{
    if (pool == NULL || *pool == NULL)
        return;
    pool_stop(*pool);
    close((*pool)->wake);
    close((*pool)->events);
    pthread_mutex_destroy(&(*pool)->lock);
    sodium_memzero(*pool, sizeof **pool);
    free(*pool);
    *pool = NULL;
}

void pool_ask(struct pool *pool, const struct pool_peer *peer, Zhibao__Kind kind,
              const uint8_t *body, size_t body_size, pool_callback callback, void *context)
{
    struct question *question = malloc(sizeof *question + body_size);
    if (question == NULL) {
        struct pool_answer answer = {.status = STATUS_NO_MEMORY};
        callback(context, &answer);
        return;
    }
    *question = (struct question){.peer = *peer,
                                  .kind = kind,
                                  .deadline_ms = clock_monotonic_ms() + pool->timeout_ms,
                                  .callback = callback,
                                  .context = context,
                                  .size = body_size};
    if (body_size > 0)
        memcpy(question->body, body, body_size);
    pthread_mutex_lock(&pool->lock);
    enum status refused = pool->stopping                   ? STATUS_CANCELLED
                          : pool->queued >= POOL_QUEUE_MAX ? STATUS_E_BUSY
                                                           : STATUS_OK;
    if (refused == STATUS_OK) {
        *pool->last = question;
        pool->last = &question->next;
        pool->queued++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (refused != STATUS_OK)
        question_settle(question, refused);
    else
        wake(pool);
}
