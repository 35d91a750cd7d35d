/* Many clients at once, each with its own key and its own connection. */
#ifndef ZHIBAO_BENCH_STORM_H
#define ZHIBAO_BENCH_STORM_H

#include "world.h"

struct storm {
    const struct world *world;
    uint64_t first;   /* number of the first report; a multiple of prepared_series */
    uint64_t clients; /* at most the villages there are */
    int processes;    /* that share them: one process may have 20,000 file descriptors */
    bool hold;        /* only connect, print "up", and stay until standard input ends */
    unsigned limit_s;
    double seconds; /* result: from the first connect to the last receipt */
    uint64_t receipted;
};

/* Each client connects, submits one report, gets its receipt and leaves. */
bool storm_run(struct storm *storm);

#endif
