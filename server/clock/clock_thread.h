/* The clock: reminders before a cut-off, escalations after it, outages that move it, and the mark
 * that shows when the aggregator could last store something.
 *
 * A thread with its own read-only connection. What it finds goes through the writer, which makes
 * each notice a signed record; what was made is known from the database alone. */
#ifndef ZHIBAO_SERVER_CLOCK_CLOCK_THREAD_H
#define ZHIBAO_SERVER_CLOCK_CLOCK_THREAD_H

#include <stdatomic.h>

#include "server/clock/contacts.h"
#include "server/options.h"
#include "server/trust/registry.h"

struct clock_config {
    void *context;
    const struct options *options;
    struct registry *registry;
    struct contacts *contacts;
    const char *conninfo;
    const atomic_bool *stop;
};

/* Thread body, until *stop. */
void clock_thread_run(const struct clock_config *config);

#endif
