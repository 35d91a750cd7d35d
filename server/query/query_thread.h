/* Query threads: each with its own read-only connection, answering what query_table lists. */
#ifndef ZHIBAO_SERVER_QUERY_QUERY_THREAD_H
#define ZHIBAO_SERVER_QUERY_QUERY_THREAD_H

#include <stdatomic.h>

#include "server/trust/registry.h"
#include "server/trust/server_keys.h"

struct query_thread_config {
    void *context;
    struct registry *registry;
    const struct server_keys *keys;
    const char *conninfo;
    const atomic_bool *stop;
    const struct vitals *vitals;
    struct rollups *rollups; /* shared by all; NULL: none */
};

/* Thread body: jobs from PIPE_QUERY to replies. Ends when `stop` is set and nothing waits. */
void query_thread_run(const struct query_thread_config *config);

#endif
