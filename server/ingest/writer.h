/* The one ingest writer: takes whatever waits, one transaction, then the receipts.
 *
 * A thread of its own with its own connection. Promise 1 lives here: nothing is answered with a
 * receipt before its COMMIT came back. When the outcome of a COMMIT is unknown, everybody is told
 * to ask again, and the next connection waits for the old one's end (a session lock) before it
 * reads the chain's head: a record is then found stored, or stored anew, never twice. */
#ifndef ZHIBAO_SERVER_INGEST_WRITER_H
#define ZHIBAO_SERVER_INGEST_WRITER_H

#include <stdatomic.h>

#include "server/loop/vitals.h"
#include "server/options.h"
#include "server/trust/registry.h"
#include "server/trust/server_keys.h"

struct writer_config {
    void *context; /* ZeroMQ */
    const struct options *options;
    struct registry *registry;
    const struct server_keys *keys;
    const char *conninfo;
    const atomic_bool *stop;
    struct vitals *vitals;
};

/* Thread body. Runs until `stop` is set and all tasks that were sent before are answered. */
void writer_run(const struct writer_config *config);

#endif
