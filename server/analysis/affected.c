/* AFFECTED: what a correction after locking touches. The period is judged twice with the same plan:
 * from what counted when it was unlocked, and from what counts now (or when it was locked again).
 */
#include "server/analysis/affected.h"

#include <string.h>

#include "base/china_time.h"
#include "server/clock/now.h"
#include "server/query/handlers.h"

enum { YEAR_ARENA_BYTES = 64 * 1024 * 1024 };

static Zhibao__AffectedUnlock *unlock_make(const struct query *query,
                                           const struct lock_event *event)
{
    Zhibao__AffectedUnlock *unlock =
        (Zhibao__AffectedUnlock *)reply_new(query->arena, &zhibao__affected_unlock__descriptor);
    if (unlock == NULL)
        return NULL;
    unlock->batch = (uint64_t)event->batch;
    unlock->time_us = event->time_us;
    unlock->unit = event->unit;
    unlock->unit_name = query_unit_name(query, event->unit);
    unlock->reason = event->reason;
    bool made = unlock->unit_name != NULL &&
                reply_bytes(query->arena, event->id.bytes, RECORD_ID_BYTES, &unlock->id);
    return made ? unlock : NULL;
}

/* Every unlocking, and the one that is asked about. */
static enum status unlocks_fill(struct affecting *affecting, uint64_t wanted)
{
    struct query *query = affecting->query;
    Zhibao__AffectedReply *reply = affecting->reply;
    struct lock_event *events = NULL;
    size_t count = 0;
    enum status status = query_lock_events(query->db, query->arena, affecting->plan->code,
                                           affecting->place, affecting->period, &events, &count);
    if (status != STATUS_OK)
        return status;
    reply->unlocks = arena_array(query->arena, count, sizeof(Zhibao__AffectedUnlock *));
    if (reply->unlocks == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        Zhibao__AffectedUnlock *last =
            reply->n_unlocks == 0 ? NULL : reply->unlocks[reply->n_unlocks - 1];
        if (events[i].locked && last != NULL && last->locked_again == 0) {
            last->locked_again = (uint64_t)events[i].batch;
            last->locked_again_us = events[i].time_us;
        }
        if (events[i].locked)
            continue;
        reply->unlocks[reply->n_unlocks] = unlock_make(query, &events[i]);
        if (reply->unlocks[reply->n_unlocks++] == NULL)
            return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < reply->n_unlocks; i++)
        if (wanted == 0 || reply->unlocks[i]->batch == wanted) {
            reply->unlocking = reply->unlocks[i]->batch;
            affecting->before = (int64_t)reply->unlocking;
            affecting->after = reply->unlocks[i]->locked_again == 0
                                   ? 0
                                   : (int64_t)reply->unlocks[i]->locked_again + 1;
        }
    if (wanted != 0 && reply->unlocking == 0)
        return query_refuse(query, STATUS_E_SUBJECT_UNKNOWN, "unlocking", "该报告期没有这一次解锁",
                            "the period was not unlocked in this batch");
    return STATUS_OK;
}

/* One year as it was judged from batches before `before`, in the arena of `query`. */
static enum status year_judge(const struct affecting *affecting, struct query *query, int year,
                              int64_t before, struct pull_inputs *inputs,
                              Zhibao__IndicatorResult ***out_rows, size_t *out_count)
{
    struct pull *pull = arena_alloc(query->arena, sizeof *pull);
    if (pull == NULL)
        return STATUS_NO_MEMORY;
    *pull = (struct pull){.query = query,
                          .plan = affecting->plan,
                          .place = affecting->place,
                          .period = year,
                          .only = PLAN_NONE,
                          .before = before,
                          .inputs = inputs};
    enum status status = pull_gather(pull);
    return status == STATUS_OK ? pull_results(pull, out_rows, out_count) : status;
}

static bool is_same(const Zhibao__IndicatorResult *before, const Zhibao__IndicatorResult *after)
{
    bool value = before->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
    if (before->presence != after->presence || (value && before->value != after->value))
        return false;
    for (size_t i = 0; i < before->n_targets && i < after->n_targets; i++)
        if (before->targets[i]->attainment != after->targets[i]->attainment)
            return false;
    return true;
}

/* Texts are the plan's, so they outlive the year's arena. */
static bool targets_fill(struct arena *arena, const Zhibao__IndicatorResult *before,
                         const Zhibao__IndicatorResult *after, Zhibao__AffectedIndicator *indicator)
{
    indicator->targets = arena_array(arena, after->n_targets, sizeof(Zhibao__AffectedTarget *));
    if (indicator->targets == NULL)
        return false;
    for (size_t i = 0; i < before->n_targets && i < after->n_targets; i++) {
        const Zhibao__TargetResult *now = after->targets[i];
        Zhibao__AffectedTarget *target =
            (Zhibao__AffectedTarget *)reply_new(arena, &zhibao__affected_target__descriptor);
        if (target == NULL)
            return false;
        target->target = now->target;
        target->op = now->op;
        target->value = now->value;
        target->year = now->year;
        target->scope = now->scope;
        target->decides = now->decides;
        target->before = before->targets[i]->attainment;
        target->after = now->attainment;
        indicator->targets[indicator->n_targets++] = target;
    }
    return true;
}

static enum status indicator_add(struct affecting *affecting, int year,
                                 const Zhibao__IndicatorResult *before,
                                 const Zhibao__IndicatorResult *after)
{
    struct arena *arena = affecting->query->arena;
    Zhibao__AffectedReply *reply = affecting->reply;
    Zhibao__AffectedIndicator *indicator =
        (Zhibao__AffectedIndicator *)reply_new(arena, &zhibao__affected_indicator__descriptor);
    if (indicator == NULL)
        return STATUS_NO_MEMORY;
    indicator->period = (uint32_t)year;
    indicator->indicator = after->indicator;
    indicator->stratum = after->stratum;
    indicator->name_zh = after->name_zh;
    indicator->name_en = after->name_en;
    indicator->unit = after->unit;
    indicator->decimals = after->decimals;
    indicator->before = before->presence;
    indicator->before_value = before->value;
    indicator->after = after->presence;
    indicator->after_value = after->value;
    if (!targets_fill(arena, before, after, indicator))
        return STATUS_NO_MEMORY;
    if (reply_fits(&affecting->budget, &indicator->base))
        reply->indicators[reply->n_indicators++] = indicator;
    else
        reply->cut = true;
    return STATUS_OK;
}

/* What is judged otherwise in one year; of the period itself also what counts instead of what. */
static enum status year_compare(struct affecting *affecting, int year,
                                struct replaced_report **out_replaced, size_t *out_count)
{
    struct query query = *affecting->query;
    struct pull_inputs before = {0}, after = {0};
    Zhibao__IndicatorResult **then = NULL, **now = NULL;
    size_t then_count = 0, now_count = 0;
    query.arena = arena_create(YEAR_ARENA_BYTES);
    if (query.arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status =
        year_judge(affecting, &query, year, affecting->before, &before, &then, &then_count);
    if (status == STATUS_OK)
        status = year_judge(affecting, &query, year, affecting->after, &after, &now, &now_count);
    if (status == STATUS_OK && year == affecting->period)
        status = affected_reports(affecting, &before, &after, out_replaced, out_count);
    for (size_t i = 0; status == STATUS_OK && i < then_count && i < now_count; i++)
        if (strcmp(then[i]->indicator, now[i]->indicator) == 0 && !is_same(then[i], now[i]))
            status = indicator_add(affecting, year, then[i], now[i]);
    arena_destroy(&query.arena);
    return status;
}

static enum status results_fill(struct affecting *affecting, const struct replaced_report *replaced,
                                size_t replaced_count)
{
    struct query *query = affecting->query;
    Zhibao__AffectedReply *reply = affecting->reply;
    struct affected_scope scope = {.plan = affecting->plan->code,
                                   .place = affecting->place,
                                   .period = affecting->period,
                                   .unlocked = affecting->before,
                                   .replaced = replaced,
                                   .replaced_count = replaced_count};
    struct affected_result *results = NULL;
    size_t count = 0;
    enum status status = query_affected_results(query->db, query->arena, &scope, &results, &count);
    if (status != STATUS_OK)
        return status;
    reply->results = arena_array(query->arena, count, sizeof(Zhibao__AffectedResult *));
    reply->cut = reply->cut || count == AFFECTED_RESULTS_MAX;
    for (size_t i = 0; reply->results != NULL && i < count; i++) {
        Zhibao__AffectedResult *result =
            (Zhibao__AffectedResult *)reply_new(query->arena, &zhibao__affected_result__descriptor);
        if (result == NULL)
            return STATUS_NO_MEMORY;
        result->what = results[i].what;
        result->unit = results[i].unit;
        result->unit_name = query_unit_name(query, results[i].unit);
        result->kind = (Zhibao__RecordKind)results[i].kind;
        result->time_us = results[i].time_us;
        result->revision = (uint32_t)results[i].revision;
        result->state = (Zhibao__State)results[i].state;
        result->form = results[i].form;
        result->detail = results[i].detail;
        result->of_unit = results[i].of_unit;
        if (result->unit_name == NULL ||
            (result->kind != 0 &&
             !reply_bytes(query->arena, results[i].id.bytes, RECORD_ID_BYTES, &result->id)))
            return STATUS_NO_MEMORY;
        if (reply_fits(&affecting->budget, &result->base))
            reply->results[reply->n_results++] = result;
        else
            reply->cut = true;
    }
    return reply->results == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* Targets of later years may look back to this one (a base year, a rise on the year before). */
static enum status years_compare(struct affecting *affecting)
{
    struct replaced_report *replaced = NULL;
    size_t replaced_count = 0;
    int last = china_year(server_now_us());
    if (last > affecting->plan->last_year)
        last = affecting->plan->last_year;
    affecting->reply->indicators =
        arena_array(affecting->query->arena,
                    2 *
                        (affecting->plan->indicator_count + affecting->plan->target_count +
                         affecting->plan->fact_count) *
                        (size_t)(last >= affecting->period ? last - affecting->period + 1 : 1),
                    sizeof(Zhibao__AffectedIndicator *));
    if (affecting->reply->indicators == NULL)
        return STATUS_NO_MEMORY;
    enum status status = year_compare(affecting, affecting->period, &replaced, &replaced_count);
    for (int year = affecting->period + 1; replaced_count > 0 && year <= last; year++)
        if (status == STATUS_OK)
            status = year_compare(affecting, year, NULL, NULL);
    if (status == STATUS_OK && replaced_count > 0)
        status = results_fill(affecting, replaced, replaced_count);
    return status;
}

enum status query_run_affected(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply)
{
    const Zhibao__Affected *asked = (const Zhibao__Affected *)request;
    struct pull pull = {.query = query};
    Zhibao__AffectedReply *reply =
        (Zhibao__AffectedReply *)reply_new(query->arena, &zhibao__affected_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = pull_begin_year(&pull, asked->place, asked->period, asked->plan);
    if (status != STATUS_OK)
        return status;
    struct affecting affecting = {.query = query,
                                  .plan = pull.plan,
                                  .place = pull.place,
                                  .period = pull.period,
                                  .budget = REPLY_BUDGET,
                                  .reply = reply};
    reply->place = pull.place;
    reply->place_name = reply_text(plan_place(pull.plan, pull.place)->name_zh);
    reply->period = asked->period;
    reply->plan = reply_text(pull.plan->code);
    status = unlocks_fill(&affecting, asked->unlocking);
    if (status == STATUS_OK && reply->unlocking != 0)
        status = years_compare(&affecting);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
