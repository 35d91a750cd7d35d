/* ASK_CASE_STATE: where a case stands, for whoever has the reporter's code. */
#include "case/case_seal.h"
#include "server/clock/now.h"
#include "server/query/case_item.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"

/* The lead's steps, and what it told the reporter; who takes part is not for him to know. */
static bool is_told(const struct case_step_row *step)
{
    bool moves = step->actor == CASE_ACTOR_LEAD || step->actor == CASE_ACTOR_SUPERVISOR;
    return moves &&
           (step->action == CASE_ACTION_OUTCOME || step->action == CASE_ACTION_ACKNOWLEDGE ||
            step->action == CASE_ACTION_ASSESS || step->action == CASE_ACTION_CLOSE ||
            step->action == CASE_ACTION_REOPEN);
}

static enum status steps_fill(struct query *query, const struct case_row *row,
                              Zhibao__CaseStateReply *reply)
{
    reply->steps = arena_array(query->arena, row->step_count, sizeof(Zhibao__CaseStateStep *));
    if (reply->steps == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < row->step_count; i++) {
        if (!is_told(&row->steps[i]))
            continue;
        Zhibao__CaseStateStep *step =
            (Zhibao__CaseStateStep *)reply_new(query->arena, &zhibao__case_state_step__descriptor);
        if (step == NULL ||
            !reply_bytes(query->arena, row->steps[i].reply, row->steps[i].reply_size, &step->reply))
            return STATUS_NO_MEMORY;
        step->action = (Zhibao__CaseAction)row->steps[i].action;
        step->time_us = row->steps[i].received_us;
        reply->steps[reply->n_steps++] = step;
    }
    return STATUS_OK;
}

enum status query_run_case_state(struct query *query, const ProtobufCMessage *request,
                                 ProtobufCMessage **out_reply)
{
    const Zhibao__AskCaseState *asked = (const Zhibao__AskCaseState *)request;
    int64_t now_us = server_now_us();
    struct case_row row;
    Zhibao__CaseStateReply *reply =
        (Zhibao__CaseStateReply *)reply_new(query->arena, &zhibao__case_state_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    if (asked->lookup.len != CASE_LOOKUP_BYTES)
        return query_refuse(query, STATUS_E_MALFORMED, "lookup", NULL, NULL);
    struct hash lookup = hash_bytes(asked->lookup.data, asked->lookup.len);
    enum status status = store_case_by_lookup(query->db, query->arena, &lookup, &row);
    if (status == STATUS_NOT_FOUND)
        return query_refuse(query, STATUS_E_CASE_UNKNOWN, "lookup", "没有与此查询码相符的个案",
                            "there is no case of this code");
    if (status != STATUS_OK)
        return status;
    struct case_course course = row.course;
    case_course_pass(&course, &row.clocks, now_us);
    reply->state = (Zhibao__CaseState)course.state;
    reply->received_us = row.steps[0].received_us;
    status = steps_fill(query, &row, reply);
    if (status == STATUS_OK)
        status = case_dues_make(query->arena, &course, now_us, &reply->due, &reply->n_due);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
