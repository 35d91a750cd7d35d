/* Signals only set flags, and only the main thread sees them.
 *
 * Blocked in every thread from the start and collected by the main loop, so that no code ever runs
 * inside a handler. SIGTERM and SIGINT ask to stop; SIGHUP (a closed terminal) is ignored. */
#ifndef ZHIBAO_SERVER_SIGNALS_H
#define ZHIBAO_SERVER_SIGNALS_H

#include <stdbool.h>

/* Before the first thread starts. */
void signals_block(void);

/* Waits at most `milliseconds` (0: not at all) for a signal; whether a stop was ever asked for.
 * Main thread. */
bool signals_stop_asked(int milliseconds);

#endif
