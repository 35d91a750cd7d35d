/* The rules of a case (强制报告个案): who may do what in which state, and its clocks.
 *
 * Pure; any thread. The words are those of proto/case.proto and proto/CASES.md sections 5 and 6;
 * the rules as data are in tests/rules/case.rules. */
#ifndef ZHIBAO_CASE_CASE_RULES_H
#define ZHIBAO_CASE_CASE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Values of enum CaseState; NONE: not reported yet. */
enum case_state {
    CASE_STATE_NONE,
    CASE_STATE_REPORTED,
    CASE_STATE_ACKNOWLEDGED,
    CASE_STATE_ASSESSED,
    CASE_STATE_ACTED,
    CASE_STATE_ASSISTED,
    CASE_STATE_REVIEWED,
    CASE_STATE_CLOSED,
    CASE_STATE_REOPENED,
    CASE_STATE_REGISTERED, /* a child's file in the register */
    CASE_STATE_LEFT,
    CASE_STATES,
};

/* Values of enum CaseAction. */
enum case_action {
    CASE_ACTION_REPORT = 1,
    CASE_ACTION_ACKNOWLEDGE,
    CASE_ACTION_ASSESS,
    CASE_ACTION_ACT,
    CASE_ACTION_ASSIST,
    CASE_ACTION_REVIEW,
    CASE_ACTION_OUTCOME,
    CASE_ACTION_CLOSE,
    CASE_ACTION_REOPEN,
    CASE_ACTION_ADD,
    CASE_ACTION_LEAVE,
    CASE_ACTION_OFFER,
    CASE_ACTION_ACCEPT,
    CASE_ACTION_DECLINE,
    CASE_ACTION_SUPPLEMENT,
    CASE_ACTION_REGISTER,
    CASE_ACTION_VISIT,
    CASE_ACTION_DEREGISTER,
    CASE_ACTION_REWRAP,
    CASE_ACTION_END,
};

/* Who acts: values of enum CaseRole, and those who have no role in the case. */
enum case_actor {
    CASE_ACTOR_OTHER,
    CASE_ACTOR_LEAD,
    CASE_ACTOR_HANDLER,
    CASE_ACTOR_MEMBER,
    CASE_ACTOR_SUPERVISOR, /* of a level that the case has escalated to */
    CASE_ACTOR_OFFERED,
    CASE_ACTOR_REPORTER,
    CASE_ACTORS,
};

/* STATUS_OK and the state that it leads to, which of a handler's or member's step is the state it
 * was: only the lead and those it escalated to move a case. STATUS_E_FORBIDDEN when this is never
 * that actor's to do, STATUS_E_CASE_STATE when not now. */
MUST_CHECK enum status case_step(enum case_state from, enum case_action action,
                                 enum case_actor actor, enum case_state *out_to);

enum { CASE_LEVELS_MAX = 9 };

/* Microseconds; what is 0 in a directory is case_clocks_default. */
struct case_clocks {
    int64_t acknowledge_us, acknowledge_emergency_us, assess_us, outcome_us, review_us;
};
struct case_clocks case_clocks_default(void);

enum case_clock {
    CASE_CLOCK_ACKNOWLEDGE,
    CASE_CLOCK_ASSESS,
    CASE_CLOCK_OUTCOME,
    CASE_CLOCK_REVIEW,
    CASE_CLOCK_VISIT,
    CASE_CLOCK_COUNT
};

/* A case as its steps so far made it. */
struct case_course {
    enum case_state state;
    bool emergency;
    int64_t due_us[CASE_CLOCK_COUNT]; /* 0: this clock does not run */
    unsigned level; /* how many levels it has escalated, at most CASE_LEVELS_MAX */
};

/* One step at `time_us` by `actor`, who may do it (case_step says so): the state moves, clocks end
 * and begin. Steps are given in their order, beginning with REPORT on a course of zeros.
 * `emergency`: the step says that it is one. */
void case_course_step(struct case_course *course, const struct case_clocks *clocks,
                      enum case_action action, enum case_actor actor, bool emergency,
                      int64_t time_us, enum case_state to);

/* The step said when the next visit is due: a file's VISIT and REGISTER. */
void case_course_visit(struct case_course *course, int64_t due_us);

/* Lets the time pass up to `now_us`: the level rises by one when a clock runs out and by one more
 * each time that long passes again as the acknowledgement may take. A clock that goes back lowers
 * nothing. */
void case_course_pass(struct case_course *course, const struct case_clocks *clocks, int64_t now_us);

/* What is to be told of a clock at a moment: -1 nothing, 0 a reminder (from a quarter of the time
 * that an acknowledgement may take before it runs out), else the level that it escalated to. */
int case_clock_told(const struct case_course *course, const struct case_clocks *clocks,
                    enum case_clock clock, int64_t now_us);

/* The first moment at which that is not nothing; 0: no clock runs. */
int64_t case_course_next(const struct case_course *course, const struct case_clocks *clocks);

bool case_clock_overdue(const struct case_course *course, enum case_clock clock, int64_t now_us);

/* What has to be done for a clock to end. */
enum case_action case_clock_action(enum case_clock clock);

#endif
