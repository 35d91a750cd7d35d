/* Running another program to its end: PostgreSQL's own tools, nothing else.
 *
 * No shell. The child gets /dev/null as input, no open file of ours (an inherited listening socket
 * would outlive us in PostgreSQL), default signals and an empty signal mask. Main thread. */
#ifndef ZHIBAO_SERVER_STORE_PROCESS_H
#define ZHIBAO_SERVER_STORE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Runs argv[0] (a path, or a name looked up in PATH) and waits for it at most `timeout_ms`, after
 * which it is killed. What it prints is collected in `output` (ended by NUL, the beginning kept,
 * the rest read and dropped). STATUS_OK whatever its exit code; STATUS_NOT_FOUND when it cannot be
 * started; STATUS_TIMEOUT; STATUS_IO. Nothing is logged. */
MUST_CHECK enum status process_run(const char *const *argv, int timeout_ms, char *output,
                                   size_t output_size, int *out_exit_code);

/* A program that runs beside us, one end of a pipe in our hands. */
struct process {
    int pid;
    int file; /* its output to read, or its input to write; ours to close */
};
enum process_pipe { PROCESS_OUTPUT, PROCESS_INPUT };

/* Starts argv[0]; what it says on its other outputs goes to our standard error. STATUS_NOT_FOUND
 * when it cannot be started, STATUS_IO, STATUS_NO_MEMORY; nothing is logged. */
MUST_CHECK enum status process_start(const char *const *argv, enum process_pipe pipe,
                                     struct process *out_process);

/* Closes our end and waits for its exit code, 128 + the signal that ended it, or -1. With `kill` it
 * is killed first: one that reads would take the closed pipe for the end of its input. */
int process_end(struct process *process, bool kill);

#endif
