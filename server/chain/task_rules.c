#include "server/chain/task_rules.h"

#include <stddef.h>

#include "base/unit_id.h"

/* Every step that is allowed; whatever is not here is refused. */
static const struct rule {
    enum task_state from;
    enum task_event event;
    enum task_actor actor;
    enum task_state to;
} rules[] = {
    {TASK_STATE_NONE,     TASK_EVENT_OPEN,   TASK_ACTOR_OFFICE,    TASK_STATE_OPEN    },
    {TASK_STATE_OPEN,     TASK_EVENT_ANSWER, TASK_ACTOR_ADDRESSEE, TASK_STATE_ANSWERED},
    {TASK_STATE_ANSWERED, TASK_EVENT_ANSWER, TASK_ACTOR_ADDRESSEE, TASK_STATE_ANSWERED},
    {TASK_STATE_OPEN,     TASK_EVENT_CLOSE,  TASK_ACTOR_OFFICE,    TASK_STATE_CLOSED  },
    {TASK_STATE_ANSWERED, TASK_EVENT_CLOSE,  TASK_ACTOR_OFFICE,    TASK_STATE_CLOSED  },
    {TASK_STATE_ANSWERED, TASK_EVENT_REOPEN, TASK_ACTOR_OFFICE,    TASK_STATE_OPEN    },
    {TASK_STATE_CLOSED,   TASK_EVENT_REOPEN, TASK_ACTOR_OFFICE,    TASK_STATE_OPEN    },
};

enum status task_step(enum task_state from, enum task_event event, enum task_actor actor,
                      enum task_state *out_to)
{
    bool ever = false;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].event != event || rules[i].actor != actor)
            continue;
        ever = true;
        if (rules[i].from == from) {
            *out_to = rules[i].to;
            return STATUS_OK;
        }
    }
    return ever ? STATUS_E_TASK_STATE : STATUS_E_FORBIDDEN;
}

bool task_is_overdue(enum task_state state, int64_t due_us, int64_t now_us)
{
    return state == TASK_STATE_OPEN && due_us != 0 && due_us <= now_us;
}

uint64_t task_office_above(uint64_t office)
{
    uint64_t place = unit_place(office);
    enum place_level level = place_level(place);
    if (level <= PLACE_PROVINCE)
        return 0;
    return unit_make(place_ancestor(place, (enum place_level)(level - 1)), UNIT_OFFICE);
}

uint64_t task_escalates_to(uint64_t office, uint64_t addressee, int64_t due_us, int64_t now_us)
{
    uint64_t place = unit_place(addressee);
    if (now_us - due_us >= TASK_PATIENCE_US)
        return task_office_above(office);
    return place_level(place) == PLACE_VILLAGE
               ? unit_make(place_ancestor(place, PLACE_TOWNSHIP), UNIT_OWN)
               : 0;
}
