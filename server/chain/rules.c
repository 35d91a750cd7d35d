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
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_ACCEPT,         ACTOR_TOWNSHIP,   STATE_ACCEPTED },
    {MACHINE_VILLAGE_REPORT, STATE_RETURNED,      EVENT_ACCEPT,         ACTOR_TOWNSHIP,   STATE_ACCEPTED },
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_RETURN,         ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_ACCEPTED,      EVENT_RETURN,         ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_CONFIRMED,     EVENT_RETURN,         ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_ACCEPTED,      EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_CONFIRMED,     EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_FINAL,         EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },

    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_ACCEPT,         ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_TOWNSHIP_TOTAL, STATE_RETURNED,      EVENT_ACCEPT,         ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_TOWNSHIP_TOTAL, STATE_FINAL,         EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },

    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_ACCEPT,         ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_DIRECT_REPORT,  STATE_RETURNED,      EVENT_ACCEPT,         ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_DIRECT_REPORT,  STATE_FINAL,         EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },

 /* before it is accepted, the author may take it back */
    {MACHINE_VILLAGE_REPORT, STATE_STORED,        EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_VILLAGE_REPORT, STATE_RETURNED,      EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_DIRECT_REPORT,  STATE_STORED,        EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_DIRECT_REPORT,  STATE_RETURNED,      EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_TOWNSHIP_TOTAL, STATE_RETURNED,      EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},

 /* figures that are not the village's own count no longer, however far they have come */
    {MACHINE_ENTERED_REPORT, STATE_CHECKED,       EVENT_OBJECT,         ACTOR_AUTHOR,     STATE_OBJECTED },
    {MACHINE_ENTERED_REPORT, STATE_RETURNED,      EVENT_OBJECT,         ACTOR_AUTHOR,     STATE_OBJECTED },
    {MACHINE_ENTERED_REPORT, STATE_ACCEPTED,      EVENT_OBJECT,         ACTOR_AUTHOR,     STATE_OBJECTED },
    {MACHINE_ENTERED_REPORT, STATE_CONFIRMED,     EVENT_OBJECT,         ACTOR_AUTHOR,     STATE_OBJECTED },
    {MACHINE_ENTERED_REPORT, STATE_FINAL,         EVENT_OBJECT,         ACTOR_AUTHOR,     STATE_OBJECTED },

 /* a total whose villages changed has to be confirmed again */
    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_REOPEN,         ACTOR_AGGREGATOR, STATE_REOPENED },
    {MACHINE_TOWNSHIP_TOTAL, STATE_RETURNED,      EVENT_REOPEN,         ACTOR_AGGREGATOR, STATE_REOPENED },
    {MACHINE_TOWNSHIP_TOTAL, STATE_FINAL,         EVENT_REOPEN,         ACTOR_AGGREGATOR, STATE_REOPENED },

 /* a lock closes what is accepted; unlocked, it is what it was */
    {MACHINE_VILLAGE_REPORT, STATE_ACCEPTED,      EVENT_LOCK,           ACTOR_STATISTICS, STATE_LOCKED   },
    {MACHINE_VILLAGE_REPORT, STATE_CONFIRMED,     EVENT_LOCK,           ACTOR_STATISTICS, STATE_LOCKED   },
    {MACHINE_VILLAGE_REPORT, STATE_FINAL,         EVENT_LOCK,           ACTOR_STATISTICS, STATE_LOCKED   },
    {MACHINE_TOWNSHIP_TOTAL, STATE_FINAL,         EVENT_LOCK,           ACTOR_STATISTICS, STATE_LOCKED   },
    {MACHINE_DIRECT_REPORT,  STATE_FINAL,         EVENT_LOCK,           ACTOR_STATISTICS, STATE_LOCKED   },
    {MACHINE_VILLAGE_REPORT, STATE_LOCKED,        EVENT_UNLOCK,         ACTOR_STATISTICS, STATE_UNLOCKED },
    {MACHINE_TOWNSHIP_TOTAL, STATE_LOCKED,        EVENT_UNLOCK,         ACTOR_STATISTICS, STATE_UNLOCKED },
    {MACHINE_DIRECT_REPORT,  STATE_LOCKED,        EVENT_UNLOCK,         ACTOR_STATISTICS, STATE_UNLOCKED },

 /* the people of a unit sign one after the other; what needs their signatures, apply_review
  knows */
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_SIGN_REVIEWER,  ACTOR_AUTHOR,     STATE_REVIEWED },
    {MACHINE_VILLAGE_REPORT, STATE_REVIEWED,      EVENT_SIGN_PRINCIPAL, ACTOR_AUTHOR,     STATE_SIGNED   },
    {MACHINE_VILLAGE_REPORT, STATE_REVIEWED,      EVENT_ACCEPT,         ACTOR_TOWNSHIP,   STATE_ACCEPTED },
    {MACHINE_VILLAGE_REPORT, STATE_REVIEWED,      EVENT_RETURN,         ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_REVIEWED,      EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_VILLAGE_REPORT, STATE_REVIEWED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_SIGNED,        EVENT_ACCEPT,         ACTOR_TOWNSHIP,   STATE_ACCEPTED },
    {MACHINE_VILLAGE_REPORT, STATE_SIGNED,        EVENT_RETURN,         ACTOR_TOWNSHIP,   STATE_RETURNED },
    {MACHINE_VILLAGE_REPORT, STATE_SIGNED,        EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_VILLAGE_REPORT, STATE_SIGNED,        EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_SIGN_REVIEWER,  ACTOR_AUTHOR,     STATE_REVIEWED },
    {MACHINE_DIRECT_REPORT,  STATE_REVIEWED,      EVENT_SIGN_PRINCIPAL, ACTOR_AUTHOR,     STATE_SIGNED   },
    {MACHINE_DIRECT_REPORT,  STATE_REVIEWED,      EVENT_ACCEPT,         ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_DIRECT_REPORT,  STATE_REVIEWED,      EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_DIRECT_REPORT,  STATE_REVIEWED,      EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_DIRECT_REPORT,  STATE_REVIEWED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_SIGNED,        EVENT_ACCEPT,         ACTOR_STATISTICS, STATE_FINAL    },
    {MACHINE_DIRECT_REPORT,  STATE_SIGNED,        EVENT_RETURN,         ACTOR_STATISTICS, STATE_RETURNED },
    {MACHINE_DIRECT_REPORT,  STATE_SIGNED,        EVENT_WITHDRAW,       ACTOR_AUTHOR,     STATE_WITHDRAWN},
    {MACHINE_DIRECT_REPORT,  STATE_SIGNED,        EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },

 /* an amendment is a new revision: it starts again as stored */
    {MACHINE_VILLAGE_REPORT, STATE_STORED,        EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_CHECKED,       EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_ACCEPTED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_RETURNED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_CONFIRMED,     EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_FINAL,         EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_BAD_SIGNATURE, EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_WITHDRAWN,     EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_VILLAGE_REPORT, STATE_OBJECTED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_TOWNSHIP_TOTAL, STATE_CONFIRMED,     EVENT_AMEND,          ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_TOWNSHIP_TOTAL, STATE_RETURNED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_TOWNSHIP_TOTAL, STATE_FINAL,         EVENT_AMEND,          ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_TOWNSHIP_TOTAL, STATE_WITHDRAWN,     EVENT_AMEND,          ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_TOWNSHIP_TOTAL, STATE_REOPENED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_CONFIRMED},
    {MACHINE_DIRECT_REPORT,  STATE_STORED,        EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_CHECKED,       EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_RETURNED,      EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_FINAL,         EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_BAD_SIGNATURE, EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
    {MACHINE_DIRECT_REPORT,  STATE_WITHDRAWN,     EVENT_AMEND,          ACTOR_AUTHOR,     STATE_STORED   },
};

static const char *const state_names[] = {
    NULL,       "stored",   "checked",    "accepted",      "returned",  "confirmed",
    "final",    "locked",   "superseded", "bad_signature", "withdrawn", "unlocked",
    "objected", "reviewed", "signed",     "reopened",
};

/* What is entered on a village's behalf goes the way of the village's own reports, except that the
 * village objects to it where it would withdraw its own, and has nothing to sign. */
static bool machine_has(enum machine machine, const struct rule *rule)
{
    if (machine == MACHINE_ENTERED_REPORT && rule->machine == MACHINE_VILLAGE_REPORT)
        return rule->event != EVENT_WITHDRAW && rule->event != EVENT_SIGN_REVIEWER &&
               rule->event != EVENT_SIGN_PRINCIPAL;
    return rule->machine == machine;
}

/* Whether this actor may ever do this event in this machine. */
static bool actor_known(enum machine machine, enum chain_event event, enum actor actor)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (machine_has(machine, &rules[i]) && rules[i].event == event && rules[i].actor == actor)
            return true;
    return false;
}

enum status chain_step(enum machine machine, enum record_state from, enum chain_event event,
                       enum actor actor, enum record_state *out_to)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        if (machine_has(machine, rule) && rule->from == from && rule->event == event &&
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
    if (from == STATE_REOPENED)
        return STATUS_E_STALE;
    return STATUS_E_SUBJECT_STATE;
}

enum record_state chain_from(enum record_state state, bool period_locked)
{
    return period_locked && state != STATE_SUPERSEDED ? STATE_LOCKED : state;
}

const char *record_state_name(enum record_state state)
{
    return state_names[state];
}

const char *record_state_zh(enum record_state state)
{
    static const char *const words[] = {
        "",
        "已收讫",
        "已验签",
        "上级已通过",
        "已退回",
        "已计入乡镇汇总",
        "统计部门已通过",
        "已锁定",
        "已被新版本取代",
        "签名无效",
        "已撤回",
        "已解锁",
        "村有异议",
        "审核人已签",
        "负责人已签",
        "汇总须重新确认",
    };
    return words[state];
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
