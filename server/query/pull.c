/* PULL: the consolidated results of a place and year against the targets of its plan. */
#include "server/query/pull.h"

#include <string.h>

#include "base/log.h"
#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/rollup.h"
#include "server/store/query_changes.h"

struct reply_bytes {
    uint8_t *bytes;
    size_t size;
};

/* A plan that asks nobody for reports holds published figures only: they are for everyone. */
static bool is_published(const struct plan *plan)
{
    return plan->form_count == 0;
}

const struct plan *pull_plan(const struct query *query, const char *code, uint64_t place)
{
    static const unsigned numbers[] = {UNIT_OWN, UNIT_STATISTICS, UNIT_OFFICE, UNIT_ADMIN};
    struct registry_unit unit;
    if (code[0] != '\0')
        return registry_plan(query->registry, code);
    const struct plan *own = registry_plan(query->registry, query->asker.plan);
    if (own != NULL && plan_place(own, place) != NULL && place_contains(own->place, place))
        return own;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (registry_unit(query->registry, unit_make(place, numbers[i]), &unit))
            return registry_plan(query->registry, unit.plan);
    return own;
}

static bool has_fact_of(const struct plan *plan, int period)
{
    for (size_t i = 0; i < plan->fact_count; i++)
        if (plan->facts[i].year == period)
            return true;
    return false;
}

enum status pull_begin(struct pull *pull, const Zhibao__Pull *asked)
{
    struct query *query = pull->query;
    const struct plan *plan =
        pull->plan != NULL ? pull->plan : pull_plan(query, asked->plan, pull->place);
    if (plan == NULL)
        return query_refuse(query, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
    if (pull->plan == NULL && asked->period <= INT16_MAX)
        plan = asked->plan[0] == '\0'
                   ? registry_plan_of_year(query->registry, plan, (int)asked->period)
                   : plan_version(plan, (int)asked->period);
    if (!query_may_see_place(query, pull->place) && !is_published(plan))
        return query_refuse(query, STATUS_E_FORBIDDEN, "place",
                            "该行政区划的汇总结果不在本单位可查看的范围内",
                            "the results of this place are outside what your unit may see");
    if (!place_contains(plan->place, pull->place) || plan_place(plan, pull->place) == NULL)
        return query_refuse(query, STATUS_E_PLACE_FOREIGN, "place", "该行政区划不属于此规划",
                            "the plan does not cover this place");
    if (asked->period > INT16_MAX ||
        (((int)asked->period < plan->first_year || (int)asked->period > plan->last_year) &&
         !has_fact_of(plan, (int)asked->period)))
        return query_refuse(query, STATUS_E_PERIOD, "period", NULL, NULL);
    if (pull->plan == NULL)
        pull->plan = plan;
    pull->period = (int)asked->period;
    pull->only = PLAN_NONE;
    if (asked->indicator[0] == '\0')
        return STATUS_OK;
    pull->only = plan_indicator(plan, asked->indicator);
    if (pull->only == PLAN_NONE)
        return query_refuse(query, STATUS_E_CELL_UNKNOWN, "indicator", "没有这个监测指标",
                            "there is no such indicator");
    return STATUS_OK;
}

enum status pull_begin_year(struct pull *pull, uint64_t place, uint32_t period, const char *plan)
{
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    pull->place = place == 0 ? unit_place(pull->query->asker.id) : place;
    asked.place = pull->place;
    asked.period = period;
    asked.plan = reply_text(plan);
    enum status status = pull_begin(pull, &asked);
    if (status == STATUS_OK && place_level(pull->place) < PLACE_CITY)
        return query_refuse(pull->query, STATUS_E_PLACE_FOREIGN, "place", "这类问题最高问到一个市",
                            "this is answered for a city or below");
    return status;
}

/* Every district at or around the place is locked. */
static bool is_locked(const struct pull *pull)
{
    const struct plan *plan = pull->plan;
    struct registry *locks = pull->query->registry;
    bool any = false;
    if (place_level(pull->place) >= PLACE_DISTRICT)
        return registry_locked(locks, plan->code, place_ancestor(pull->place, PLACE_DISTRICT),
                               pull->period);
    for (size_t i = 0; i < plan->place_count; i++) {
        uint64_t code = plan->places[i].code;
        if (place_level(code) != PLACE_DISTRICT || !place_contains(pull->place, code))
            continue;
        if (!registry_locked(locks, plan->code, code, pull->period))
            return false;
        any = true;
    }
    return any;
}

void pull_head(const struct pull *pull, Zhibao__Pulled *reply)
{
    const struct place *place = plan_place(pull->plan, pull->place);
    reply->place = pull->place;
    reply->place_name = reply_text(place->name_zh);
    reply->period = (uint32_t)pull->period;
    reply->plan = reply_text(pull->plan->code);
    reply->plan_name_zh = reply_text(pull->plan->name_zh);
    reply->plan_name_en = reply_text(pull->plan->name_en);
    reply->locked = is_locked(pull);
    reply->demonstration = pull->demonstration;
}

static enum status pull_answer(struct query *query, const Zhibao__Pull *asked, bool rolling,
                               ProtobufCMessage **out_reply)
{
    struct pull pull = {.query = query,
                        .place = asked->place,
                        .analysis = asked->analysis && !asked->published,
                        .published = asked->published,
                        .across = asked->across_breaks,
                        .rolling = rolling};
    Zhibao__IndicatorResult **rows = NULL;
    size_t count = 0;
    int64_t first = 0;
    Zhibao__Pulled *reply = (Zhibao__Pulled *)reply_new(query->arena, &zhibao__pulled__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_cursor(query, "cursor", asked->cursor, &first, 1);
    if (status == STATUS_OK)
        status = pull_begin(&pull, asked);
    if (status == STATUS_OK)
        status = pull_gather(&pull);
    if (status != STATUS_OK)
        return status;
    pull_head(&pull, reply);
    status = pull_results(&pull, &rows, &count);
    if (status == STATUS_OK && pull.published)
        status = pull_publish(&pull, rows, count);
    if (status == STATUS_OK && !pull.published)
        status = pull_explained(&pull, rows, count);
    if (status == STATUS_OK && first == 0)
        status = pull_completeness(&pull, reply);
    if (status == STATUS_OK && first == 0)
        status = pull_summary(&pull, rows, count, reply);
    if (status == STATUS_OK)
        status = pull_page(&pull, rows, count, (size_t)first, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}

/* The bytes of an answer, or its length alone without memory. */
static struct reply_bytes packed(struct arena *arena, const ProtobufCMessage *reply)
{
    size_t size = protobuf_c_message_get_packed_size(reply);
    uint8_t *bytes = arena_alloc(arena, size);
    if (bytes != NULL)
        protobuf_c_message_pack(reply, bytes);
    return (struct reply_bytes){bytes, size};
}

static bool same_marks(const struct chain_marks *left, const struct chain_marks *right)
{
    bool same = left->count == right->count;
    for (size_t i = 0; i < left->count && same; i++)
        same = left->chains[i] == right->chains[i] && left->batches[i] == right->batches[i];
    return same;
}

/* Both ways, and whether nothing was stored meanwhile, so that they have to be the same. */
static enum status both_answer(struct query *query, const Zhibao__Pull *asked,
                               ProtobufCMessage **reply, ProtobufCMessage **anew, bool *out_still)
{
    struct chain_marks before, after;
    enum status status = query_marks(query->db, query->arena, &before);
    if (status == STATUS_OK)
        status = pull_answer(query, asked, true, reply);
    if (status == STATUS_OK)
        status = pull_answer(query, asked, false, anew);
    if (status == STATUS_OK)
        status = query_marks(query->db, query->arena, &after);
    if (status == STATUS_OK)
        *out_still = same_marks(&before, &after);
    return status;
}

/* The same question without roll-ups has to have the same answer, byte for byte. Where reports come
 * so fast that something was always stored in between, there is nothing to compare. */
static enum status answer_check(struct query *query, const Zhibao__Pull *asked,
                                ProtobufCMessage **reply)
{
    enum { TRIES = 3 };
    ProtobufCMessage *anew = NULL;
    bool still = false;
    enum status status = STATUS_OK;
    for (int i = 0; i < TRIES && status == STATUS_OK && !still; i++)
        status = both_answer(query, asked, reply, &anew, &still);
    if (status != STATUS_OK || !still)
        return status;
    struct reply_bytes left = packed(query->arena, *reply), right = packed(query->arena, anew);
    if (left.bytes == NULL || right.bytes == NULL)
        return STATUS_NO_MEMORY;
    if (left.size == right.size && memcmp(left.bytes, right.bytes, left.size) == 0)
        return STATUS_OK;
    log_error("roll-ups give another answer than the reports place=%llu period=%u analysis=%d",
              (unsigned long long)asked->place, asked->period, asked->analysis);
    return STATUS_MISMATCH;
}

enum status query_run_pull(struct query *query, const ProtobufCMessage *request,
                           ProtobufCMessage **out_reply)
{
    const Zhibao__Pull *asked = (const Zhibao__Pull *)request;
    bool rolling =
        query->rollups != NULL && !asked->published && place_level(asked->place) <= PLACE_DISTRICT;
    enum status status = pull_answer(query, asked, rolling, out_reply);
    return status == STATUS_OK && rolling && rollups_check(query->rollups)
               ? answer_check(query, asked, out_reply)
               : status;
}
