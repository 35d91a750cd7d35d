/* The uplink's tasks: what escalated to an office that another server has is told there, and what
 * is done to it afterwards (PROTOCOL.md section 20). The uplink's thread. */
#ifndef ZHIBAO_SERVER_UPLINK_UPLINK_TASKS_H
#define ZHIBAO_SERVER_UPLINK_UPLINK_TASKS_H

#include "lib/zhibao.h"
#include "server/store/db.h"
#include "server/trust/registry.h"

struct uplink_tasks {
    struct zhibao *zhibao;
    struct db *db;
    struct registry *registry;
    struct arena *arena;
};

/* Puts what was not told yet into the outbox. The record's id is that of the step it tells of, so a
 * crash between any two steps tells nothing twice. */
MUST_CHECK enum status uplink_tasks_put(const struct uplink_tasks *tasks);

/* Notes which of them the level above has taken. */
MUST_CHECK enum status uplink_tasks_settle(const struct uplink_tasks *tasks);

#endif
