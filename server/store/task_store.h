/* Tasks (督办) in the database: the writer's look-up and insert, and the questions'. */
#ifndef ZHIBAO_SERVER_STORE_TASK_STORE_H
#define ZHIBAO_SERVER_STORE_TASK_STORE_H

#include "duty.pb-c.h"
#include "proof/receipt.h"
#include "server/chain/task_rules.h"
#include "server/ingest/task.h"
#include "server/store/db.h"

struct task_row {
    int64_t chain, batch, leaf; /* of the OPEN record */
    uint64_t office, addressee;
    struct record_id id, last; /* last: of the latest event's record */
    struct hash payload_sha256;
    enum task_state state;
    int64_t due_us;
    const char *plan, *duty, *indicator, *title;
    int period;
    /* of query_tasks only */
    uint64_t told_by, told; /* it escalated to `told` here from the server of told_by; 0: no */
    const char *office_name, *addressee_name; /* as they were told; "": of units of this server */
    int64_t told_above_us;                    /* when the level above had it; 0: not */
};

/* By office and id; STATUS_NOT_FOUND. Any connection. */
MUST_CHECK enum status store_task(struct db *db, struct arena *arena, uint64_t office,
                                  const struct record_id *id, struct task_row *out_row);

/* One event; `office`, `id` and `addressee` say of which task. The writer's transaction. */
MUST_CHECK enum status store_insert_task_event(struct db *db, struct arena *arena, int16_t chain,
                                               int64_t batch, const struct task *task,
                                               uint64_t office, const struct record_id *id,
                                               uint64_t addressee);

/* Tasks in the order of opening that concern `unit`: its own either way, those of addressees from
 * `first` to `last` (any state; only overdue ones with `below_overdue`). */
struct task_filter {
    uint64_t unit, first, last;
    bool below_overdue, unfinished, overdue;
    uint64_t addressee;         /* 0: any */
    const struct record_id *id; /* NULL: any */
    int64_t now_us;
    int64_t after[3]; /* chain, batch, leaf */
};
MUST_CHECK enum status query_tasks(struct db *db, struct arena *arena,
                                   const struct task_filter *filter, size_t limit,
                                   struct task_row **out_rows, size_t *out_count);

/* A task's events, oldest first. */
struct task_event_row {
    int action;
    uint64_t unit;
    struct record_id id;
    int64_t time_us, due_us;
    const char *text;
    const char *unit_name; /* as it was told by a server below; "": of a unit of this one */
};
MUST_CHECK enum status query_task_events(struct db *db, struct arena *arena, uint64_t office,
                                         const struct record_id *id,
                                         struct task_event_row **out_rows, size_t *out_count);

#endif
