/* The upload thread: takes PUT_CHUNK one after another on a connection of its own, so that large
 * documents keep nobody's report waiting, and sweeps away what was left unfinished. The loop bounds
 * how many chunks are in hand (server/loop/limits.h). */
#ifndef ZHIBAO_SERVER_DOCUMENTS_UPLOAD_THREAD_H
#define ZHIBAO_SERVER_DOCUMENTS_UPLOAD_THREAD_H

#include <stdatomic.h>

#include "server/documents/upload.h"
#include "server/options.h"

#define PIPE_UPLOAD "inproc://upload" /* loop -> upload thread */

struct upload_thread_config {
    void *context;
    const struct options *options;
    struct registry *registry;
    const char *conninfo;
    const atomic_bool *stop;
};

/* Thread body. Ends when `stop` is set and nothing waits. */
void upload_thread_run(const struct upload_thread_config *config);

#endif
