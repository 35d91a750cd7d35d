/* Running another program to its end: PostgreSQL's own tools, nothing else.
 *
 * No shell. The child gets /dev/null as input, no open file of ours (an inherited listening socket
 * would outlive us in PostgreSQL), default signals and an empty signal mask. Main thread. */
#ifndef ZHIBAO_SERVER_STORE_PROCESS_H
#define ZHIBAO_SERVER_STORE_PROCESS_H

#include <stddef.h>

#include "base/status.h"

/* Runs argv[0] (a path, or a name looked up in PATH) and waits for it at most `timeout_ms`, after
 * which it is killed. What it prints is collected in `output` (ended by NUL, the beginning kept,
 * the rest read and dropped). STATUS_OK whatever its exit code; STATUS_NOT_FOUND when it cannot be
 * started; STATUS_TIMEOUT; STATUS_IO. Nothing is logged. */
MUST_CHECK enum status process_run(const char *const *argv, int timeout_ms, char *output,
                                   size_t output_size, int *out_exit_code);

#endif
