/* /metrics and /health over HTTP, on 127.0.0.1 only: for Prometheus and the like on this machine. A
 * thread of libmicrohttpd's own. */
#ifndef ZHIBAO_SERVER_WATCH_PAGE_H
#define ZHIBAO_SERVER_WATCH_PAGE_H

#include "base/status.h"
#include "server/watch/metrics.h"

struct page;

/* `source` has to stay until page_stop. STATUS_IO, logged, when the port is taken. */
MUST_CHECK enum status page_start(int port, const struct metrics_source *source,
                                  struct page **out_page);
void page_stop(struct page **page);

#endif
