/* The aggregator's threads: loop, workers, query threads, writer, verifier, clock, ZAP.
 *
 * Started and stopped by main; everything in between happens on the threads themselves. */
#ifndef ZHIBAO_SERVER_LOOP_SERVER_H
#define ZHIBAO_SERVER_LOOP_SERVER_H

#include "server/loop/vitals.h"
#include "server/options.h"
#include "server/trust/registry.h"
#include "server/trust/server_keys.h"

struct server;

/* Binds both endpoints (STATUS_IO with a log line when it cannot) and starts all threads. The
 * arguments are borrowed until server_stop. `conninfo` names the database. */
MUST_CHECK enum status server_start(const struct options *options, struct registry *registry,
                                    const struct server_keys *keys, const char *conninfo,
                                    struct server **out_server);

/* Whether a thread gave up for good: main should stop and exit 1. */
bool server_failed(const struct server *server);

/* Takes no more work, finishes and answers the batch in hand, joins all threads. */
void server_stop(struct server **server);

/* What its threads count; good until server_stop. */
const struct vitals *server_vitals(const struct server *server);

#endif
