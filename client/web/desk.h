/* One thread that does what must not hold up the HTTP threads. At most DESK_QUEUE_MAX jobs of each
 * kind wait; quick ones go first, each kind runs in order. It yields the processor to the threads
 * that answer questions, so that a morning's logins do not slow down who works already. */
#ifndef ZHIBAO_WEB_DESK_H
#define ZHIBAO_WEB_DESK_H

#include <stdbool.h>

#include "base/status.h"

enum { DESK_QUEUE_MAX = 400 };

struct desk;

MUST_CHECK enum status desk_create(struct desk **out_desk);

/* Runs what is queued, then ends the thread; later jobs get STATUS_E_BUSY. */
void desk_stop(struct desk *desk);

/* Frees the desk, stopped or not: nobody has anything for it any more. */
void desk_destroy(struct desk **desk);

/* Queues work(context) for the desk's thread; `quick`: it takes next to no time, so it need not
 * wait behind what does. STATUS_E_BUSY when too much waits. */
MUST_CHECK enum status desk_do(struct desk *desk, bool quick, void (*work)(void *context),
                               void *context);

#endif
