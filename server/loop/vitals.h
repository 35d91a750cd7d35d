/* How the running server does: counted by its threads, read for HEALTH, /metrics and alarms. Made
 * by server_start before any thread; the plain fields never change after that. */
#ifndef ZHIBAO_SERVER_LOOP_VITALS_H
#define ZHIBAO_SERVER_LOOP_VITALS_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    VITALS_CODES = 512,  /* of enum status */
    VITALS_BUCKETS = 10, /* of a histogram, beside the one without a bound */
};

/* What was observed, by upper bound (see vitals_seconds, vitals_sizes). */
struct histogram {
    atomic_ullong bucket[VITALS_BUCKETS + 1]; /* not cumulative */
    atomic_ullong sum;                        /* microseconds, or pieces */
};

/* Upper bounds in microseconds and in pieces. */
extern const uint64_t vitals_times_us[VITALS_BUCKETS];
extern const uint64_t vitals_sizes[VITALS_BUCKETS];

struct vitals {
    int64_t started_us;
    const char *data; /* the data directory */
    uint32_t in_hand_most;
    atomic_uint in_hand;                 /* jobs taken and not answered yet */
    atomic_ullong answered, turned_away; /* since the start */
    atomic_ullong over_rate, unsent;     /* messages of a key or address; answers nobody took */
    atomic_ullong refused[VITALS_CODES]; /* answers with an error, by its code */
    atomic_llong connected;              /* TCP connections; only counted with metrics_port */
    atomic_ullong handshakes, handshakes_failed;

    atomic_ullong records;                  /* stored */
    struct histogram batch, commit, in_one; /* a transaction; its COMMIT; records in one */
    atomic_bool database;                   /* the writer's connection is good */

    atomic_llong loop_ms, writer_ms; /* when each last went round, clock_monotonic_ms */

    atomic_uint uplink_waiting; /* records in the outbox to the level above */
    atomic_llong uplink_oldest_us;
};

void histogram_note(struct histogram *histogram, const uint64_t bounds[VITALS_BUCKETS],
                    uint64_t value);

#endif
