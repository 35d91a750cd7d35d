#include "case/case_rules.h"

#define STATE(name) (1U << CASE_STATE_##name)
#define ACTOR(name) (1U << CASE_ACTOR_##name)

enum {
    HANDLED = STATE(ASSESSED) | STATE(ACTED) | STATE(ASSISTED) | STATE(REVIEWED),
    BEGUN = HANDLED | STATE(ACKNOWLEDGED),
    OPEN = BEGUN | STATE(REPORTED) | STATE(REOPENED),
    ANY = OPEN | STATE(CLOSED),
    /* whoever the others answer to, and those who take part */
    MOVES = ACTOR(LEAD) | ACTOR(SUPERVISOR),
    TAKES_PART = ACTOR(HANDLER) | ACTOR(MEMBER),
    FILED = STATE(REGISTERED), /* a child's file goes on by steps of its own */
    KEEP = CASE_STATES,        /* the state it was */
};

/* Every step that is allowed; whatever is not here is refused. What a township or a department says
 * is kept and moves nothing, so that nobody in between can end the lead's clocks. */
static const struct rule {
    enum case_action action;
    unsigned from, actors, to;
} rules[] = {
    {CASE_ACTION_REPORT,      STATE(NONE),                                             ACTOR(REPORTER),        CASE_STATE_REPORTED    },
    {CASE_ACTION_ACKNOWLEDGE, STATE(REPORTED) | STATE(REOPENED),                       MOVES,                  CASE_STATE_ACKNOWLEDGED},
    {CASE_ACTION_ACKNOWLEDGE, OPEN,                                                    TAKES_PART,             KEEP                   },
    {CASE_ACTION_ASSESS,      STATE(ACKNOWLEDGED) | STATE(ASSESSED),                   MOVES,                  CASE_STATE_ASSESSED    },
    {CASE_ACTION_ASSESS,      STATE(ACTED) | STATE(ASSISTED) | STATE(REVIEWED),        MOVES,                  KEEP                   },
    {CASE_ACTION_ASSESS,      OPEN,                                                    TAKES_PART,             KEEP                   },
 /* help does not wait for an assessment, and does not stand for it */
    {CASE_ACTION_ACT,         STATE(REPORTED) | STATE(REOPENED) | STATE(ACKNOWLEDGED), MOVES,                  KEEP                   },
    {CASE_ACTION_ACT,         HANDLED,                                                 MOVES,                  CASE_STATE_ACTED       },
    {CASE_ACTION_ACT,         OPEN,                                                    TAKES_PART,             KEEP                   },
    {CASE_ACTION_ASSIST,      STATE(REPORTED) | STATE(REOPENED) | STATE(ACKNOWLEDGED), MOVES,                  KEEP                   },
    {CASE_ACTION_ASSIST,      HANDLED,                                                 MOVES,                  CASE_STATE_ASSISTED    },
    {CASE_ACTION_ASSIST,      OPEN,                                                    TAKES_PART,             KEEP                   },
    {CASE_ACTION_REVIEW,      HANDLED,                                                 MOVES,                  CASE_STATE_REVIEWED    },
    {CASE_ACTION_OUTCOME,     BEGUN | STATE(CLOSED),                                   MOVES,                  KEEP                   },
    {CASE_ACTION_CLOSE,       HANDLED,                                                 MOVES,                  CASE_STATE_CLOSED      },
    {CASE_ACTION_REOPEN,      STATE(CLOSED),                                           MOVES | ACTOR(HANDLER), CASE_STATE_REOPENED    },
    {CASE_ACTION_REOPEN,      STATE(LEFT),                                             MOVES,                  CASE_STATE_REGISTERED  },
    {CASE_ACTION_REGISTER,    STATE(NONE),                                             ACTOR(LEAD),            CASE_STATE_REGISTERED  },
    {CASE_ACTION_VISIT,       FILED,                                                   MOVES | TAKES_PART,     KEEP                   },
    {CASE_ACTION_ASSIST,      FILED,                                                   MOVES | TAKES_PART,     KEEP                   },
    {CASE_ACTION_DEREGISTER,  FILED,                                                   MOVES,                  CASE_STATE_LEFT        },
    {CASE_ACTION_REWRAP,      ANY | FILED | STATE(LEFT),                               MOVES | ACTOR(HANDLER), KEEP                   },
    {CASE_ACTION_ADD,         OPEN | FILED,                                            MOVES,                  KEEP                   },
    {CASE_ACTION_LEAVE,       ANY | FILED | STATE(LEFT),                               MOVES | TAKES_PART,     KEEP                   },
    {CASE_ACTION_OFFER,       OPEN | FILED,                                            MOVES,                  KEEP                   },
    {CASE_ACTION_ACCEPT,      OPEN | FILED,                                            ACTOR(OFFERED),         KEEP                   },
    {CASE_ACTION_DECLINE,     OPEN | FILED,                                            ACTOR(OFFERED),         KEEP                   },
    {CASE_ACTION_SUPPLEMENT,  ANY | FILED | STATE(LEFT),                               MOVES | TAKES_PART,     KEEP                   },
};

enum status case_step(enum case_state from, enum case_action action, enum case_actor actor,
                      enum case_state *out_to)
{
    bool ever = false;
    if ((unsigned)from >= CASE_STATES || (unsigned)actor >= CASE_ACTORS)
        return STATUS_E_FORBIDDEN;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].action != action || (rules[i].actors & 1U << actor) == 0)
            continue;
        ever = true;
        if ((rules[i].from & 1U << from) != 0) {
            *out_to = rules[i].to == KEEP ? from : (enum case_state)rules[i].to;
            return STATUS_OK;
        }
    }
    return ever ? STATUS_E_CASE_STATE : STATUS_E_FORBIDDEN;
}

struct case_clocks case_clocks_default(void)
{
    const int64_t hour_us = INT64_C(3600) * 1000000, day_us = 24 * hour_us;
    return (struct case_clocks){.acknowledge_us = day_us,
                                .acknowledge_emergency_us = hour_us,
                                .assess_us = 3 * day_us,
                                .outcome_us = 3 * day_us,
                                .review_us = 30 * day_us};
}

static int64_t patience_us(const struct case_course *course, const struct case_clocks *clocks)
{
    return course->emergency ? clocks->acknowledge_emergency_us : clocks->acknowledge_us;
}

/* How far a clock that has run out has brought the case by itself. */
static int clock_level(const struct case_course *course, const struct case_clocks *clocks,
                       enum case_clock clock, int64_t now_us)
{
    int64_t step_us = patience_us(course, clocks);
    int64_t level = step_us <= 0 ? 1 : 1 + (now_us - course->due_us[clock]) / step_us;
    return level > CASE_LEVELS_MAX ? CASE_LEVELS_MAX : (int)level;
}

static int64_t reminder_us(const struct case_course *course, const struct case_clocks *clocks,
                           enum case_clock clock)
{
    return course->due_us[clock] - patience_us(course, clocks) / 4;
}

int case_clock_told(const struct case_course *course, const struct case_clocks *clocks,
                    enum case_clock clock, int64_t now_us)
{
    if (case_clock_overdue(course, clock, now_us))
        return clock_level(course, clocks, clock, now_us);
    return course->due_us[clock] != 0 && reminder_us(course, clocks, clock) <= now_us ? 0 : -1;
}

int64_t case_course_next(const struct case_course *course, const struct case_clocks *clocks)
{
    int64_t next_us = 0;
    for (int i = 0; i < CASE_CLOCK_COUNT; i++) {
        enum case_clock clock = (enum case_clock)i;
        if (course->due_us[clock] == 0)
            continue;
        int64_t moment_us = reminder_us(course, clocks, clock);
        if (next_us == 0 || moment_us < next_us)
            next_us = moment_us;
    }
    return next_us;
}

void case_course_pass(struct case_course *course, const struct case_clocks *clocks, int64_t now_us)
{
    for (int clock = 0; clock < CASE_CLOCK_COUNT; clock++) {
        if (!case_clock_overdue(course, (enum case_clock)clock, now_us))
            continue;
        unsigned level = (unsigned)clock_level(course, clocks, (enum case_clock)clock, now_us);
        if (level > course->level)
            course->level = level;
    }
}

static void clock_begin(struct case_course *course, enum case_clock clock, int64_t due_us)
{
    course->due_us[clock] = due_us;
}

static void all_end(struct case_course *course)
{
    for (int clock = 0; clock < CASE_CLOCK_COUNT; clock++)
        course->due_us[clock] = 0;
}

/* It has become an emergency: what is still to be acknowledged is so sooner. */
static void emergency_begin(struct case_course *course, const struct case_clocks *clocks,
                            int64_t time_us)
{
    int64_t *due_us = &course->due_us[CASE_CLOCK_ACKNOWLEDGE];
    course->emergency = true;
    if (*due_us > time_us + clocks->acknowledge_emergency_us)
        *due_us = time_us + clocks->acknowledge_emergency_us;
}

static void reception_begin(struct case_course *course, const struct case_clocks *clocks,
                            int64_t time_us)
{
    all_end(course);
    clock_begin(course, CASE_CLOCK_ACKNOWLEDGE, time_us + patience_us(course, clocks));
    clock_begin(course, CASE_CLOCK_ASSESS, time_us + clocks->assess_us);
}

/* What the step of one who moves the case does to its clocks. */
static void clocks_move(struct case_course *course, const struct case_clocks *clocks,
                        enum case_action action, int64_t time_us, enum case_state to)
{
    if (to == CASE_STATE_REGISTERED && action == CASE_ACTION_REOPEN)
        action = CASE_ACTION_VISIT; /* a file that comes back is visited */
    switch (action) {
    case CASE_ACTION_REPORT:
    case CASE_ACTION_REOPEN: reception_begin(course, clocks, time_us); break;
    case CASE_ACTION_ACKNOWLEDGE:
        clock_begin(course, CASE_CLOCK_ACKNOWLEDGE, 0);
        clock_begin(course, CASE_CLOCK_OUTCOME, time_us + clocks->outcome_us);
        break;
    case CASE_ACTION_ASSESS:
        if (course->due_us[CASE_CLOCK_REVIEW] == 0)
            clock_begin(course, CASE_CLOCK_REVIEW, time_us + clocks->review_us);
        clock_begin(course, CASE_CLOCK_ASSESS, 0);
        break;
    case CASE_ACTION_REVIEW:
        clock_begin(course, CASE_CLOCK_REVIEW, time_us + clocks->review_us);
        break;
    case CASE_ACTION_OUTCOME: clock_begin(course, CASE_CLOCK_OUTCOME, 0); break;
    case CASE_ACTION_CLOSE:
        all_end(course);
        clock_begin(course, CASE_CLOCK_OUTCOME, time_us + clocks->outcome_us);
        break;
    case CASE_ACTION_VISIT:
        clock_begin(course, CASE_CLOCK_VISIT, time_us + clocks->review_us);
        break;
    case CASE_ACTION_DEREGISTER: all_end(course); break;
    default: break;
    }
}

void case_course_visit(struct case_course *course, int64_t due_us)
{
    clock_begin(course, CASE_CLOCK_VISIT, due_us);
}

void case_course_step(struct case_course *course, const struct case_clocks *clocks,
                      enum case_action action, enum case_actor actor, bool emergency,
                      int64_t time_us, enum case_state to)
{
    case_course_pass(course, clocks, time_us);
    if (emergency && !course->emergency)
        emergency_begin(course, clocks, time_us);
    course->state = to;
    bool takes_part = actor == CASE_ACTOR_HANDLER || actor == CASE_ACTOR_MEMBER;
    if (!takes_part || action == CASE_ACTION_REOPEN || action == CASE_ACTION_VISIT)
        clocks_move(course, clocks, action, time_us, to);
}

bool case_clock_overdue(const struct case_course *course, enum case_clock clock, int64_t now_us)
{
    return course->due_us[clock] != 0 && course->due_us[clock] <= now_us;
}

enum case_action case_clock_action(enum case_clock clock)
{
    static const enum case_action actions[CASE_CLOCK_COUNT] = {
        CASE_ACTION_ACKNOWLEDGE, CASE_ACTION_ASSESS, CASE_ACTION_OUTCOME, CASE_ACTION_REVIEW,
        CASE_ACTION_VISIT};
    return actions[clock];
}
