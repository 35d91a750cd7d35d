/* The loop thread: owns both ROUTER sockets, authorises every message, hands out jobs, sends
 * replies. Nothing here blocks or touches the database. */
#ifndef ZHIBAO_SERVER_LOOP_ROUTER_H
#define ZHIBAO_SERVER_LOOP_ROUTER_H

#include "server/clock/contacts.h"
#include "server/loop/job.h"
#include "server/loop/vitals.h"
#include "server/options.h"
#include "server/trust/server_keys.h"

/* Inproc endpoints of the server's pipes. */
#define PIPE_WORK   "inproc://work"   /* loop -> workers */
#define PIPE_QUERY  "inproc://query"  /* loop -> query threads */
#define PIPE_WRITE  "inproc://write"  /* workers, verifier, clock -> writer */
#define PIPE_REPLY  "inproc://reply"  /* all -> loop */
#define PIPE_VERIFY "inproc://verify" /* writer -> verifier */

struct router;

/* Creates and binds the sockets on the calling thread; router_run must be called on the thread
 * that then owns them (a full fence lies between: pthread_create). */
MUST_CHECK enum status router_create(void *context, const struct options *options,
                                     struct registry *registry, const struct server_keys *keys,
                                     struct contacts *contacts, struct vitals *vitals,
                                     struct router **out_router);
void router_destroy(struct router **router);

/* Runs until router_stop; then takes no new work, waits (bounded) for the jobs in flight and
 * sends their replies. */
void router_run(struct router *router);

/* From any thread. */
void router_stop(struct router *router);

/* After router_run has returned: this many workers and query threads, and the upload thread, look
 * at their flags. */
void router_wake(struct router *router, int workers, int queries);

#endif
