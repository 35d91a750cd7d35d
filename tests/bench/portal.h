/* Users at the portal: each opens pages over a connection of its own, thinks, and reports once. */
#ifndef ZHIBAO_BENCH_PORTAL_H
#define ZHIBAO_BENCH_PORTAL_H

#include <stdbool.h>

struct portal_load {
    const char *address; /* https://127.0.0.1:port */
    const char *users;   /* a file: one line a user, "cookie token form report", the last a file
                            with a signed Record, or "-" */
    int period;
    int seconds; /* how long they go on */
};

/* Prints `name value` lines: p50_ms... of page data while all are at work, instant_p50_ms... when
 * all open their pages in the same instant, submit_p50_ms... False when any answer was no 200. */
bool portal_run(const struct portal_load *load);

#endif
