/* One village of the load: its home, its series of reports and its history, driven by a thread.
 *
 * A series is the reports of one period, revision by revision. Each is one stream of the outbox, so
 * that libzhibao sends a revision only after the one before has its receipt. */
#ifndef ZHIBAO_FAULT_VILLAGE_H
#define ZHIBAO_FAULT_VILLAGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "figures.h"

enum { VILLAGE_SERIES = 6, VILLAGE_FIRST_PERIOD = 2021, VILLAGE_PATH_BYTES = 512 };

/* What the villages share. The counters are 64-bit, in this order, in the status file as well. */
struct counters {
    _Atomic uint64_t offered;   /* durable in an outbox */
    _Atomic uint64_t sent;      /* handed to a connection, repetitions included */
    _Atomic uint64_t resent;    /* the repetitions */
    _Atomic uint64_t receipted; /* with a receipt that verifies */
    _Atomic uint64_t refused;
    _Atomic uint64_t waiting; /* in the outboxes */
    _Atomic uint64_t failed;  /* villages that could not go on */
    _Atomic uint64_t epoch;   /* set by whoever watches: one more with each kill */
    _Atomic uint64_t entered; /* reports sent for the first time in their epoch */
    _Atomic uint64_t left;    /* of those, settled in the same epoch: the rest is in flight */
};

struct load {
    const char *server; /* NULL: where the homes enrolled */
    const struct figures *figures;
    struct counters *counters;
    double rate;          /* reports a second each village offers, whatever the server does */
    double most;          /* and at most, where waiting for receipts leaves it the time */
    uint32_t patience_ms; /* how long a drain waits without progress; then more is offered */
    uint32_t periods;
    int64_t begun_us;
    atomic_bool stop;    /* offer nothing more, drain */
    int64_t deadline_us; /* for draining; set before `stop` */
};

struct village {
    struct load *load;
    char home[VILLAGE_PATH_BYTES], history[VILLAGE_PATH_BYTES];
    uint64_t left; /* reports that still wait when the thread has ended */
};

/* The thread: runs until `stop`, then until the outbox is empty or the deadline. */
void *village_run(void *argument);

#endif
