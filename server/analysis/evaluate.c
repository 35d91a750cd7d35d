/* EVALUATE: a plan's year judged from named inputs, as of any time. */
#include <string.h>

#include "server/analysis/evaluate.h"
#include "server/query/handlers.h"
#include "server/store/query_as_of.h"
#include "wire/codec.h"

/* annual: the year's attainment. midterm: with what the years so far foretell. final: with the
 * targets of the plan's end deciding. */
static bool kind_read(const char *text, struct pull *pull)
{
    bool midterm = strcmp(text, "midterm") == 0, final = strcmp(text, "final") == 0;
    pull->analysis = midterm || final;
    if (final)
        pull->decide_year = pull->plan->last_year;
    return midterm || final || strcmp(text, "annual") == 0;
}

static enum status locked_fill(const struct pull *pull, Zhibao__Pulled *result)
{
    const int64_t places[] = {
        (int64_t)place_ancestor(pull->place, PLACE_PROVINCE),
        (int64_t)place_ancestor(pull->place, PLACE_CITY),
        (int64_t)place_ancestor(pull->place, PLACE_DISTRICT),
    };
    bool locked = false;
    enum status status =
        query_locked_before(pull->query->db, pull->query->arena, pull->plan->code, places,
                            sizeof places / sizeof *places, pull->period, pull->before, &locked);
    result->locked = locked;
    return status;
}

static enum status result_make(struct pull *pull, size_t first, Zhibao__Pulled *result)
{
    Zhibao__IndicatorResult **rows = NULL;
    size_t count = 0;
    enum status status = pull_gather(pull);
    if (status != STATUS_OK)
        return status;
    pull_head(pull, result);
    status = locked_fill(pull, result);
    if (status == STATUS_OK)
        status = pull_results(pull, &rows, &count);
    if (status == STATUS_OK && first == 0)
        status = pull_completeness(pull, result);
    if (status == STATUS_OK && first == 0)
        status = pull_summary(pull, rows, count, result);
    return status == STATUS_OK ? pull_page(pull, rows, count, first, result) : status;
}

/* Where the next page goes on: rows first, inputs beside them. */
static enum status next_make(const struct pull *pull, const int64_t at[2],
                             Zhibao__Evaluation *reply)
{
    int64_t next[2] = {at[0] + (int64_t)reply->result->n_indicators,
                       at[1] + (int64_t)reply->n_input_unit};
    bool more = reply->result->next[0] != '\0' || next[1] < (int64_t)pull->inputs->count;
    if (more)
        reply->next = cursor_write(pull->query->arena, next, 2);
    reply->result->next = reply_text("");
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* A copy that stands without the plan whose texts it borrows. */
static enum status reply_detach(struct arena *arena, Zhibao__Evaluation *reply,
                                ProtobufCMessage **out_reply)
{
    size_t size = 0;
    uint8_t *bytes = message_write(arena, &reply->base, &size);
    return bytes == NULL
               ? STATUS_NO_MEMORY
               : message_read(&zhibao__evaluation__descriptor, arena, bytes, size, out_reply);
}

static enum status batch_choose(struct pull *pull, const Zhibao__Evaluate *asked)
{
    if (asked->as_of_us < 0 || asked->batch > INT64_MAX - 1)
        return query_refuse(pull->query, STATUS_E_MALFORMED, "as_of_us", NULL, NULL);
    pull->before = (int64_t)asked->batch + 1;
    if (asked->batch > 0)
        return STATUS_OK;
    return query_batch_after(pull->query->db, pull->query->arena, asked->as_of_us, &pull->before);
}

static enum status evaluate(struct pull *pull, const Zhibao__Evaluate *asked,
                            Zhibao__Evaluation *reply, struct plan **out_past)
{
    Zhibao__Pull same = ZHIBAO__PULL__INIT;
    int64_t at[2] = {0, 0};
    same.place = asked->place;
    same.period = asked->period;
    same.plan = asked->plan;
    enum status status = query_cursor(pull->query, "cursor", asked->cursor, at, 2);
    if (status == STATUS_OK)
        status = pull_begin(pull, &same);
    if (status == STATUS_OK)
        status = batch_choose(pull, asked);
    if (status == STATUS_OK)
        status = evaluate_plan(pull, pull->plan->code, reply, out_past);
    if (status != STATUS_OK)
        return status;
    if (*out_past != NULL) {
        pull->plan = *out_past;
        status = pull_begin(pull, &same);
    }
    if (status == STATUS_OK && !kind_read(asked->kind, pull))
        status = query_refuse(pull->query, STATUS_E_MALFORMED, "kind",
                              "评估种类应为 annual、midterm 或 final",
                              "the kind of an evaluation is annual, midterm or final");
    if (status == STATUS_OK)
        status = result_make(pull, (size_t)at[0], reply->result);
    if (status == STATUS_OK)
        status = evaluate_inputs(pull, (size_t)at[1], reply);
    return status == STATUS_OK ? next_make(pull, at, reply) : status;
}

enum status query_run_evaluate(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply)
{
    const Zhibao__Evaluate *asked = (const Zhibao__Evaluate *)request;
    struct pull_inputs inputs = {0};
    struct pull pull = {.query = query, .place = asked->place, .inputs = &inputs};
    struct plan *past = NULL;
    Zhibao__Evaluation *reply =
        (Zhibao__Evaluation *)reply_new(query->arena, &zhibao__evaluation__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    reply->result = (Zhibao__Pulled *)reply_new(query->arena, &zhibao__pulled__descriptor);
    if (reply->result == NULL)
        return STATUS_NO_MEMORY;
    enum status status = evaluate(&pull, asked, reply, &past);
    reply->kind = asked->kind;
    reply->as_of_us = asked->as_of_us;
    reply->batch = (uint64_t)(pull.before > 0 ? pull.before - 1 : 0);
    if (status == STATUS_OK && past != NULL)
        status = reply_detach(query->arena, reply, out_reply);
    else if (status == STATUS_OK)
        *out_reply = &reply->base;
    plan_destroy(&past);
    return status;
}
