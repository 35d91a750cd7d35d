/* Notices by e-mail and webhook (PROTOCOL.md section 23).
 *
 * One thread with its own database connection. It looks at what was committed since it last looked,
 * puts what concerns a unit with an address into a table that is its queue, and delivers from
 * there, with back-off until notice_days are over. Nothing waits for it: not the writer, which only
 * commits, and not a stop, which ends an attempt within a second. What was sent and not yet noted
 * when the process died is sent again, with the same id. */
#ifndef ZHIBAO_SERVER_NOTIFY_NOTIFY_H
#define ZHIBAO_SERVER_NOTIFY_NOTIFY_H

#include <stdatomic.h>

#include "server/options.h"
#include "server/trust/registry.h"
#include "server/trust/server_keys.h"

struct notify_config {
    const struct options *options; /* no smtp_url and no webhook_hosts: nothing to do */
    struct registry *registry;
    const struct server_keys *keys;
    const char *conninfo;
    const atomic_bool *stop;
};

/* Until `stop`. */
void notify_run(const struct notify_config *config);

/* When to try again after `tries` attempts that failed: first_s, doubled each time, at most an hour
 * (or first_s, where that is more). In microseconds from now. */
int64_t notify_pause_us(int first_s, int tries);

#endif
