/* The rules of comments on figures: who answers for a figure, who may comment on it, and which step
 * leads where. Pure; any thread. The rule tests are in tests/rules/comment.rules. */
#ifndef ZHIBAO_SERVER_CHAIN_COMMENT_RULES_H
#define ZHIBAO_SERVER_CHAIN_COMMENT_RULES_H

#include "base/status.h"
#include "comment.pb-c.h"
#include "plan/plan.h"

/* Values of enum CommentState and enum CommentAction in proto/comment.proto; NONE: not raised yet.
 */
enum comment_state {
    COMMENT_NONE,
    COMMENT_NOTED,
    COMMENT_FLAGGED,
    COMMENT_ANSWERED,
    COMMENT_CLOSED,
};
enum comment_event { COMMENT_EVENT_OPEN = 1, COMMENT_EVENT_ANSWER, COMMENT_EVENT_CLOSE };

/* Who acts; a unit that comments on its own figure is both author and reporter. */
struct comment_actor {
    bool author, reporter;
};

/* STATUS_OK and the state it leads to; STATUS_E_FORBIDDEN when this is never that actor's to do,
 * STATUS_E_COMMENT_STATE when it is not to be done now. OPEN: see comment_opened. */
MUST_CHECK enum status comment_step(enum comment_state from, enum comment_event event,
                                    struct comment_actor actor, enum comment_state *out_to);

/* What raising it makes of it. */
enum comment_state comment_opened(bool follow_up);

/* The unit that answers for a figure of the plan, 0 when there is no such figure: of a cell
 * `reporter`, if it owes the form and the form has the cell; of a result the place's own unit
 * (village, township), else the department that owns the indicator, else the place's statistics. */
uint64_t comment_reporter(const struct plan *plan, const Zhibao__FigureRef *figure,
                          uint64_t reporter);

/* Whether a unit of this role may comment on figures of that place and reporter. */
bool comment_may_open(enum unit_role role, uint64_t unit, uint64_t place, uint64_t reporter);

#endif
