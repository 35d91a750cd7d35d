/* Looks every WATCH_S seconds whether there is something for an administrator to see to, raises and
 * ends alarms, and serves /metrics. A thread with its own connection; nothing waits for it. */
#ifndef ZHIBAO_SERVER_WATCH_WATCH_THREAD_H
#define ZHIBAO_SERVER_WATCH_WATCH_THREAD_H

#include <stdatomic.h>

#include "server/options.h"
#include "server/watch/metrics.h"

struct watch_config {
    const struct options *options;
    const struct vitals *vitals;
    const char *conninfo;
    const atomic_bool *stop;
};

struct watch;

/* Serves /metrics from here on, where metrics_port says so; goes on without it, logged, when the
 * port is taken. STATUS_NO_MEMORY. */
MUST_CHECK enum status watch_create(const struct watch_config *config, struct watch **out_watch);
void watch_destroy(struct watch **watch);

/* Thread body, until config->stop. */
void watch_run(struct watch *watch);

/* Notes in the data directory that there was a backup, and when the latest was (0: never). */
MUST_CHECK enum status watch_backup_note(const char *data, int64_t now_us);
int64_t watch_backup_noted_us(const char *data);

#endif
