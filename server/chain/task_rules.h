/* The rules of tasks (督办): who may do what to a task in which state, when it is overdue and to
 * whom that escalates. Pure; any thread. The rule tests are in tests/rules/task.rules. */
#ifndef ZHIBAO_SERVER_CHAIN_TASK_RULES_H
#define ZHIBAO_SERVER_CHAIN_TASK_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* Values of enum TaskState and enum TaskAction in proto/duty.proto; NONE: not opened yet. */
enum task_state { TASK_STATE_NONE, TASK_STATE_OPEN, TASK_STATE_ANSWERED, TASK_STATE_CLOSED };
enum task_event { TASK_EVENT_OPEN = 1, TASK_EVENT_ANSWER, TASK_EVENT_CLOSE, TASK_EVENT_REOPEN };

/* Who acts: */
enum task_actor {
    TASK_ACTOR_OFFICE,    /* the committee office that opens or opened it */
    TASK_ACTOR_ADDRESSEE, /* the unit that is to answer */
    TASK_ACTOR_OTHER,     /* anybody else, other offices among them */
};

/* STATUS_OK and the state it leads to; STATUS_E_FORBIDDEN when this is never that actor's to do,
 * STATUS_E_TASK_STATE when it is not to be done now. */
MUST_CHECK enum status task_step(enum task_state from, enum task_event event, enum task_actor actor,
                                 enum task_state *out_to);

/* Only an open task can be overdue: an answered one waits for the office. Times in microseconds. */
bool task_is_overdue(enum task_state state, int64_t due_us, int64_t now_us);

/* The unit that is to see to an overdue task besides the office: at once the township of a village,
 * TASK_PATIENCE_US later the committee office above `office`. 0: nobody. */
#define TASK_PATIENCE_US (INT64_C(7) * 24 * 3600 * 1000000)
uint64_t task_office_above(uint64_t office); /* 0 at the top */
uint64_t task_escalates_to(uint64_t office, uint64_t addressee, int64_t due_us, int64_t now_us);

#endif
