#include "server/loop/server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/clock/clock_thread.h"
#include "server/clock/now.h"
#include "server/documents/upload_thread.h"
#include "server/ingest/verifier.h"
#include "server/ingest/worker.h"
#include "server/ingest/writer.h"
#include "server/loop/router.h"
#include "server/notify/deliver.h"
#include "server/notify/notify.h"
#include "server/query/query_thread.h"
#include "server/query/rollup.h"
#include "server/trust/zap.h"
#include "server/uplink/uplink.h"
#include "server/watch/watch_thread.h"

enum { THREADS_MAX = 64 };

struct server {
    void *context;
    const struct options *options;
    struct registry *registry;
    struct zap *zap;
    struct router *router;
    struct writer_config writer;
    struct verifier_config verifier;
    struct clock_config clock;
    struct contacts *contacts;
    struct vitals vitals;
    struct query_thread_config query;
    struct rollups *rollups;
    struct upload_thread_config upload;
    struct uplink_config uplink;
    struct notify_config notify;
    struct watch_config watch_config;
    struct watch *watch;
    atomic_bool jobs_stop; /* workers, query threads, upload thread */
    atomic_bool writer_stop;
    atomic_bool followers_stop; /* verifier and clock, which feed the writer */
    atomic_bool uplink_stop;    /* uplink and notices, which nobody waits for */
    atomic_bool failed;
    bool loop_running, writer_running, verifier_running, clock_running, upload_running;
    bool uplink_running, notify_running, watch_running, deliver_ready;
    pthread_t loop_thread, writer_thread, verifier_thread, clock_thread, upload_thread,
        uplink_thread, notify_thread, watch_thread;
    pthread_t workers[THREADS_MAX], queries[THREADS_MAX];
    int worker_count, query_count;
};

static void *loop_body(void *argument)
{
    struct server *server = argument;
    router_run(server->router);
    return NULL;
}

static void *worker_body(void *argument)
{
    struct server *server = argument;
    worker_run(server->context, server->registry, &server->jobs_stop);
    return NULL;
}

static void *query_body(void *argument)
{
    struct server *server = argument;
    query_thread_run(&server->query);
    return NULL;
}

static void *writer_body(void *argument)
{
    struct server *server = argument;
    writer_run(&server->writer);
    return NULL;
}

static void *verifier_body(void *argument)
{
    struct server *server = argument;
    verifier_run(&server->verifier);
    return NULL;
}

static void *upload_body(void *argument)
{
    struct server *server = argument;
    upload_thread_run(&server->upload);
    return NULL;
}

static void *clock_body(void *argument)
{
    struct server *server = argument;
    clock_thread_run(&server->clock);
    return NULL;
}

static void *uplink_body(void *argument)
{
    struct server *server = argument;
    uplink_run(&server->uplink);
    return NULL;
}

static void *notify_body(void *argument)
{
    struct server *server = argument;
    notify_run(&server->notify);
    return NULL;
}

static void *watch_body(void *argument)
{
    struct server *server = argument;
    watch_run(server->watch);
    return NULL;
}

static bool spawn(struct server *server, pthread_t *thread, void *(*body)(void *))
{
    if (pthread_create(thread, NULL, body, server) == 0)
        return true;
    log_error("could not start a thread");
    atomic_store(&server->failed, true);
    return false;
}

static bool threads_start(struct server *server)
{
    server->writer_running = spawn(server, &server->writer_thread, writer_body);
    server->verifier_running = spawn(server, &server->verifier_thread, verifier_body);
    server->clock_running = spawn(server, &server->clock_thread, clock_body);
    for (int i = 0; i < server->options->workers && i < THREADS_MAX; i++)
        server->worker_count += spawn(server, &server->workers[i], worker_body);
    for (int i = 0; i < server->options->query_threads && i < THREADS_MAX; i++)
        server->query_count += spawn(server, &server->queries[i], query_body);
    server->upload_running = spawn(server, &server->upload_thread, upload_body);
    server->uplink_running = spawn(server, &server->uplink_thread, uplink_body);
    server->notify_running = spawn(server, &server->notify_thread, notify_body);
    server->watch_running = spawn(server, &server->watch_thread, watch_body);
    server->loop_running = spawn(server, &server->loop_thread, loop_body);
    return !atomic_load(&server->failed);
}

enum status server_start(const struct options *options, struct registry *registry,
                         const struct server_keys *keys, const char *conninfo,
                         struct server **out_server)
{
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return STATUS_NO_MEMORY;
    server->options = options;
    server->vitals.started_us = server_now_us();
    server->vitals.data = options->data;
    server->registry = registry;
    server->context = zmq_ctx_new();
    atomic_store(&server->vitals.loop_ms, clock_monotonic_ms());
    atomic_store(&server->vitals.writer_ms, clock_monotonic_ms());
    atomic_store(&server->vitals.database, true);
    server->writer = (struct writer_config){
        server->context, options, registry, keys, conninfo, &server->writer_stop, &server->vitals};
    server->watch_config =
        (struct watch_config){options, &server->vitals, conninfo, &server->uplink_stop};
    server->rollups = strcmp(options->rollups, "no") == 0
                          ? NULL
                          : rollups_create(strcmp(options->rollups, "check") == 0);
    server->query =
        (struct query_thread_config){server->context,    registry,        keys,           conninfo,
                                     &server->jobs_stop, &server->vitals, server->rollups};
    server->upload = (struct upload_thread_config){server->context, options, registry, conninfo,
                                                   &server->jobs_stop};
    server->verifier =
        (struct verifier_config){server->context, registry, conninfo, &server->followers_stop};
    server->uplink =
        (struct uplink_config){options, registry, conninfo, &server->uplink_stop, &server->vitals};
    server->notify =
        (struct notify_config){options, registry, keys, conninfo, &server->uplink_stop};
    enum status status = contacts_create(&server->contacts);
    if (status == STATUS_OK)
        status = watch_create(&server->watch_config, &server->watch);
    server->deliver_ready = deliver_init();
    if (status == STATUS_OK && strcmp(options->rollups, "no") != 0 && server->rollups == NULL)
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK && !server->deliver_ready)
        status = STATUS_NO_MEMORY;
    server->clock = (struct clock_config){server->context,  options,  registry,
                                          server->contacts, conninfo, &server->followers_stop};
    (void)test_clock_follow(options->test_clock);
    if (status == STATUS_OK && server->context == NULL)
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        zmq_ctx_set(server->context, ZMQ_MAX_SOCKETS, 16384);
        zmq_ctx_set(server->context, ZMQ_IO_THREADS, options->io_threads);
        status = zap_start(server->context, registry, &server->zap);
    }
    if (status == STATUS_OK)
        status = router_create(server->context, options, registry, keys, server->contacts,
                               &server->vitals, &server->router);
    if (status == STATUS_OK && !threads_start(server))
        status = STATUS_IO;
    if (status != STATUS_OK) {
        server_stop(&server);
        return status;
    }
    *out_server = server;
    return STATUS_OK;
}

const struct vitals *server_vitals(const struct server *server)
{
    return &server->vitals;
}

bool server_failed(const struct server *server)
{
    return atomic_load(&server->failed);
}

/* The loop goes first: when it has ended, no job is under way any more (or its time is over), so
 * the others' queues are empty. */
static void threads_stop(struct server *server)
{
    if (server->loop_running) {
        router_stop(server->router);
        pthread_join(server->loop_thread, NULL);
    }
    atomic_store(&server->followers_stop, true);
    atomic_store(&server->uplink_stop, true);
    if (server->verifier_running)
        pthread_join(server->verifier_thread, NULL);
    if (server->clock_running)
        pthread_join(server->clock_thread, NULL);
    atomic_store(&server->jobs_stop, true);
    if (server->router != NULL)
        router_wake(server->router, server->worker_count, server->query_count);
    for (int i = 0; i < server->worker_count; i++)
        pthread_join(server->workers[i], NULL);
    for (int i = 0; i < server->query_count; i++)
        pthread_join(server->queries[i], NULL);
    if (server->upload_running)
        pthread_join(server->upload_thread, NULL);
    if (server->uplink_running)
        pthread_join(server->uplink_thread, NULL);
    if (server->notify_running)
        pthread_join(server->notify_thread, NULL);
    if (server->watch_running)
        pthread_join(server->watch_thread, NULL);
    if (server->writer_running) {
        atomic_store(&server->writer_stop, true);
        pthread_join(server->writer_thread, NULL);
    }
}

void server_stop(struct server **server)
{
    if (server == NULL || *server == NULL)
        return;
    threads_stop(*server);
    router_destroy(&(*server)->router);
    zap_stop(&(*server)->zap);
    rollups_destroy(&(*server)->rollups);
    contacts_destroy(&(*server)->contacts);
    watch_destroy(&(*server)->watch);
    if ((*server)->context != NULL)
        zmq_ctx_term((*server)->context);
    if ((*server)->deliver_ready)
        deliver_end();
    free(*server);
    *server = NULL;
}
