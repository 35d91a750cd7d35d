/* /metrics in the text form of Prometheus (version 0.0.4), and /health in words. Any thread. */
#ifndef ZHIBAO_SERVER_WATCH_METRICS_H
#define ZHIBAO_SERVER_WATCH_METRICS_H

#include <stdbool.h>
#include <stdio.h>

#include "server/loop/vitals.h"
#include "server/watch/alarms.h"

/* What the watch thread found last. */
struct observed {
    atomic_ullong disk_bytes, disk_free_bytes, database_bytes;
    atomic_llong batch, notices_waiting, notices_given_up, notices_oldest_us, unchecked, silent;
    atomic_llong certificate_ends_us, backup_us; /* 0: none known */
};

struct metrics_source {
    const struct vitals *vitals;
    const struct alarms *alarms;
    const struct observed *observed;
};

void metrics_write(const struct metrics_source *source, FILE *out);

/* False when the server cannot do its work: the loop or the writer stands still, or the database is
 * away. Alarms are listed, and do not make it unwell. */
bool health_write(const struct metrics_source *source, FILE *out);

#endif
