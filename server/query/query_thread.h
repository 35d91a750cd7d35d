/* Query threads: each with its own read-only connection, answering what query_table lists. */
#ifndef ZHIBAO_SERVER_QUERY_QUERY_THREAD_H
#define ZHIBAO_SERVER_QUERY_QUERY_THREAD_H

#include "server/trust/registry.h"
#include "server/trust/server_keys.h"

struct query_thread_config {
    void *context;
    struct registry *registry;
    const struct server_keys *keys;
    const char *conninfo;
};

/* Thread body: jobs from PIPE_QUERY to replies. Ends with the pointer NULL over the pipe. */
void query_thread_run(const struct query_thread_config *config);

#endif
