/* The uplink: a district's aggregator as a client of its city's (PROTOCOL.md section 19).
 *
 * One thread with its own database connection and a home of libzhibao (keys, pins, outbox). When
 * something was stored since the last round, it adds up what counts by the cells of the level
 * above's form; where that differs from what was last reported it puts a new revision into the
 * outbox, sends what waits, and notes what the level above says of it. Nothing here is on the path
 * of a report, and a city that cannot be reached costs only patience. */
#ifndef ZHIBAO_SERVER_UPLINK_UPLINK_H
#define ZHIBAO_SERVER_UPLINK_UPLINK_H

#include <stdatomic.h>

#include "server/loop/vitals.h"
#include "server/options.h"
#include "server/trust/registry.h"

struct uplink_config {
    const struct options *options; /* uplink_home "": the thread has nothing to do */
    struct registry *registry;
    const char *conninfo;
    const atomic_bool *stop;
    struct vitals *vitals;
};

/* Until `stop`. */
void uplink_run(const struct uplink_config *config);

#endif
