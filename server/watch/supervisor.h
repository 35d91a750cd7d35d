/* What systemd is told (sd_notify(3), without its library): ready, still alive, stopping. Without
 * systemd all of it does nothing. Main thread. */
#ifndef ZHIBAO_SERVER_WATCH_SUPERVISOR_H
#define ZHIBAO_SERVER_WATCH_SUPERVISOR_H

#include <stdint.h>

#include "server/loop/vitals.h"

struct supervisor {
    char socket[108]; /* "": none; '@' first: abstract */
    int64_t every_ms; /* 0: no watchdog */
    int64_t told_ms;
};

/* Takes NOTIFY_SOCKET and WATCHDOG_USEC out of the environment: PostgreSQL must not inherit them.
 */
void supervisor_open(struct supervisor *supervisor);

/* "READY=1", "STOPPING=1", with a line "STATUS=..." for systemctl status. */
void supervisor_tell(const struct supervisor *supervisor, const char *state);

/* One of main's chores: says that all is well, as long as the loop that takes requests goes round.
 * When it stands still, systemd ends the process and starts another. */
void supervisor_pulse(struct supervisor *supervisor, const struct vitals *vitals);

#endif
