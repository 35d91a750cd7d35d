/* Worker threads: decode, authorise, validate. No database, no state of their own. */
#ifndef ZHIBAO_SERVER_INGEST_WORKER_H
#define ZHIBAO_SERVER_INGEST_WORKER_H

#include <stdatomic.h>

#include "server/trust/registry.h"

/* Thread body: jobs from PIPE_WORK to tasks on PIPE_WRITE, or replies on PIPE_REPLY. Ends when
 * `stop` is set and nothing waits. */
void worker_run(void *context, struct registry *registry, const atomic_bool *stop);

#endif
