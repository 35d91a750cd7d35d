/* Sends prepared reports over their carriers' connections and collects the receipts. */
#ifndef ZHIBAO_BENCH_FLOOD_H
#define ZHIBAO_BENCH_FLOOD_H

#include "prepared.h"

struct flood {
    const struct world *world;
    struct prepared *prepared; /* reports first, first + 1 ... */
    uint64_t first, count;     /* first: a multiple of prepared_series */
    uint64_t window;           /* most in flight */
    double rate;               /* reports a second; 0: as fast as the window allows */
    unsigned limit_s;          /* gives up after this long */
    double over_s;             /* not 0: for so long `rate` sends a second, again what is told to
                                  come later; then it ends, whatever is left. took_us: of the send
                                  that was taken */
    bool tell;                 /* how far it is, on stderr every few seconds */
    /* results */
    double seconds; /* from the first send to the last receipt */
    uint64_t receipted, refused, told_later, sent;
    int64_t late_us; /* over_s: from the last send to the last answer */
};

/* Opens one connection a carrier, waits until all are up, then floods. False, with a line on
 * stderr, when something other than receipts and "try later" came back or time ran out. */
bool flood_run(struct flood *flood);

int64_t monotonic_us(void);

/* A DEALER with the unit's own key, connecting; NULL when the socket cannot be made. */
void *flood_connect(void *context, const struct world *world, uint64_t unit);

/* The p-th percentile (0 to 100) of took_us over the reports that have receipts, in ms. */
double flood_percentile_ms(const struct flood *flood, double p);

#endif
