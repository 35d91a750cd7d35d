#include "server/chain/rules.h"

#include <string.h>

struct rule {
    enum machine machine;
    enum record_state from;
    enum chain_event event;
    enum actor actor;
    enum record_state to;
};

/* Every step that is allowed; whatever is not here is refused. */
static const struct rule rules[] = {
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_ACCEPT, ACTOR_TOWNSHIP,   STATE_ACCEPTED },
    {MACHINE_VILLAGE_REPORT, STATE_RETURNED,      EVENT_ACCEPT, ACTOR_TOWNSHIP,   STATE_ACCEPTED },
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_RETURN, ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_ACCEPTED,      EVENT_RETURN, ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_CONFIRMED,     EVENT_RETURN, ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_ACCEPTED,      EVENT_RETURN, ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_CONFIRMED,     EVENT_RETURN, ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_FINAL,         EVENT_RETURN, ACTOR_STATISTICS, STATE_RETURNED },

    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_ACCEPT, ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_TOWNSHIP_TOTAL, STATE_RETURNED,      EVENT_ACCEPT, ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_RETURN, ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_TOWNSHIP_TOTAL, STATE_FINAL,         EVENT_RETURN, ACTOR_STATISTICS, STATE_RETURNED },

    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_ACCEPT, ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_DIRECT_REPORT,  STATE_RETURNED,      EVENT_ACCEPT, ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_RETURN, ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_DIRECT_REPORT,  STATE_FINAL,         EVENT_RETURN, ACTOR_STATISTICS, STATE_RETURNED },

 /* an amendment is a new revision: it starts again as stored */
    {MACHINE_VILLAGE_REPORT, STATE_STORED,        EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_ACCEPTED,      EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_RETURNED,      EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_CONFIRMED,     EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_FINAL,         EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_BAD_SIGNATURE, EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_AMEND,  ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_TOWNSHIP_TOTAL, STATE_RETURNED,      EVENT_AMEND,  ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_TOWNSHIP_TOTAL, STATE_FINAL,         EVENT_AMEND,  ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_DIRECT_REPORT,  STATE_STORED,        EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_RETURNED,      EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_FINAL,         EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_BAD_SIGNATURE, EVENT_AMEND,  ACTOR_AUTHOR,     STATE_STORED   },
};

static const char *const state_names[] = {
    NULL,        "stored", "checked", "accepted",   "returned",
    "confirmed", "final",  "locked",  "superseded", "bad_signature",
};

/* Whether this actor may ever do this event in this machine. */
static bool actor_known(enum machine machine, enum chain_event event, enum actor actor)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].machine == machine && rules[i].event == event && rules[i].actor == actor)
            return true;
    return false;
}

enum status chain_step(enum machine machine, enum record_state from, enum chain_event event,
                       enum actor actor, enum record_state *out_to)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        if (rule->machine == machine && rule->from == from && rule->event == event &&
            rule->actor == actor) {
            *out_to = rule->to;
            return STATUS_OK;
        }
    }
    if (!actor_known(machine, event, actor))
        return STATUS_E_FORBIDDEN;
    if (from == STATE_STORED)
        return STATUS_E_NOT_CHECKED;
    if (from == STATE_SUPERSEDED)
        return STATUS_E_SUBJECT_REVISION;
    if (from == STATE_LOCKED)
        return STATUS_E_PERIOD_LOCKED;
    return STATUS_E_SUBJECT_STATE;
}

const char *record_state_name(enum record_state state)
{
    return state_names[state];
}

bool record_state_parse(const char *word, enum record_state *out_state)
{
    for (size_t i = 1; i < sizeof state_names / sizeof *state_names; i++)
        if (strcmp(state_names[i], word) == 0) {
            *out_state = (enum record_state)i;
            return true;
        }
    return false;
}
