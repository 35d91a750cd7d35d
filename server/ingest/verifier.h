/* Checks clients' signatures on stored reports, off the path of the receipt.
 *
 * A thread with its own read-only connection. It follows the chain batch by batch; what it found
 * goes through the writer, so that the mark "checked up to batch N" is never ahead of the
 * bad_signature events that belong to it. After a crash it goes on from the mark. */
#ifndef ZHIBAO_SERVER_INGEST_VERIFIER_H
#define ZHIBAO_SERVER_INGEST_VERIFIER_H

#include <stdatomic.h>

#include "server/trust/registry.h"

struct verifier_config {
    void *context;
    struct registry *registry;
    const char *conninfo;
    const atomic_bool *stop;
};

/* Thread body, until *stop. */
void verifier_run(const struct verifier_config *config);

#endif
