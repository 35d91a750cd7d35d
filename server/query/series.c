/* SERIES: one indicator of a place over years. Of each year it takes the figures of the places that
 * were then what the place is now, adds them up as one consolidation, and says where years are not
 * comparable. */
#include <string.h>

#include "place.pb-c.h"
#include "plan/place_history.h"
#include "plan/stratum.h"
#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/pull.h"

enum { SERIES_YEARS_MAX = 60 };

struct series {
    struct query *query;
    const struct plan *plan; /* under which the place reports now */
    uint64_t place;
    const char *indicator, *stratum;
    int first, last;
};

/* Several places' tallies as one input: groups are places, so nothing is counted twice. */
static enum status inputs_join(struct arena *arena, const struct pull *pulls, size_t count,
                               struct consolidation_input *out_input)
{
    size_t tallies = 0, expectations = 0;
    for (size_t i = 0; i < count; i++) {
        tallies += pulls[i].years[0].input.tally_count;
        expectations += pulls[i].years[0].input.expectation_count;
    }
    struct tally *tally = arena_array(arena, tallies, sizeof *tally);
    struct expectation *expectation = arena_array(arena, expectations, sizeof *expectation);
    if (tally == NULL || expectation == NULL)
        return STATUS_NO_MEMORY;
    struct consolidation_input input = {
        .plan = pulls[0].plan, .tallies = tally, .expectations = expectation, .sorted = count == 1};
    for (size_t i = 0; i < count; i++) {
        const struct consolidation_input *from = &pulls[i].years[0].input;
        if (from->tally_count > 0)
            memcpy(tally + input.tally_count, from->tallies, from->tally_count * sizeof *tally);
        if (from->expectation_count > 0)
            memcpy(expectation + input.expectation_count, from->expectations,
                   from->expectation_count * sizeof *expectation);
        input.tally_count += from->tally_count;
        input.expectation_count += from->expectation_count;
    }
    *out_input = input;
    return STATUS_OK;
}

static bool is_demonstration(const struct pull *pulls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pulls[i].demonstration)
            return true;
    return false;
}

static void point_fill(Zhibao__SeriesPoint *point, const struct indicator_value *value)
{
    point->presence = (Zhibao__Presence)value->presence;
    point->value = value->presence == PRESENCE_VALUE ? value->value : 0;
    point->has_fraction = value->has_fraction;
    point->numerator = value->numerator;
    point->denominator = value->denominator;
    point->reporting = value->reporting;
    point->expected = value->expected;
}

/* What the plan prints for its own place and that year, when nobody reported. */
static void point_print(const struct pull *pull, size_t indicator, const char *stratum,
                        Zhibao__SeriesPoint *point)
{
    const struct fact *fact = pull_fact(pull, indicator, stratum, (int)point->year);
    if (point->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE || point->reporting > 0 || fact == NULL)
        return;
    point->presence = ZHIBAO__PRESENCE__PRESENCE_VALUE;
    point->value = fact->value;
    point->has_fraction = false;
    point->printed = true;
}

/* The year judged by the plan that was in force: by the target that decides. */
static enum status point_judge(const struct pull *pull, const struct indicator_value *value,
                               Zhibao__SeriesPoint *point)
{
    Zhibao__IndicatorResult row = ZHIBAO__INDICATOR_RESULT__INIT;
    enum status status = pull_targets(pull, value, &row);
    for (size_t i = 0; i < row.n_targets && status == STATUS_OK; i++) {
        const Zhibao__TargetResult *target = row.targets[i];
        if (!target->decides)
            continue;
        point->target = target->target;
        point->target_op = target->op;
        point->target_value = target->value;
        point->target_year = target->year;
        if (!point->printed)
            point->attainment = target->attainment;
    }
    return status;
}

/* The figure of one year, of the places in `territory`. */
static enum status point_value(const struct series *series, const struct plan *plan,
                               const struct territory *territory, Zhibao__SeriesPoint *point)
{
    struct arena *arena = series->query->arena;
    size_t indicator = plan_indicator(plan, series->indicator);
    struct consolidation_input input;
    struct indicator_value value;
    struct pull *pulls = arena_array(arena, territory->count, sizeof *pulls);
    if (pulls == NULL)
        return STATUS_NO_MEMORY;
    point->presence = ZHIBAO__PRESENCE__PRESENCE_NOT_COLLECTED;
    if (indicator == PLAN_NONE)
        return STATUS_OK;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < territory->count && status == STATUS_OK; i++) {
        pulls[i] = (struct pull){.query = series->query,
                                 .plan = plan,
                                 .place = territory->places[i],
                                 .period = (int)point->year,
                                 .figures_only = territory->count != 1,
                                 .only = indicator};
        status = pull_gather(&pulls[i]);
    }
    if (status == STATUS_OK)
        status = inputs_join(arena, pulls, territory->count, &input);
    if (status == STATUS_OK)
        status = consolidate(&input, indicator, series->stratum, arena, &value);
    if (status != STATUS_OK)
        return status;
    point_fill(point, &value);
    point->demonstration = is_demonstration(pulls, territory->count);
    point_print(&pulls[0], indicator, series->stratum, point);
    return territory->count == 1 ? point_judge(&pulls[0], &value, point) : STATUS_OK;
}

static Zhibao__SeriesPoint *point_new(struct arena *arena, int year,
                                      const struct territory *territory, const struct plan *plan)
{
    Zhibao__SeriesPoint *point =
        (Zhibao__SeriesPoint *)reply_new(arena, &zhibao__series_point__descriptor);
    if (point == NULL)
        return NULL;
    point->year = (uint32_t)year;
    point->plan = reply_text(plan->code);
    point->version = (uint32_t)plan->amended_from;
    point->places =
        arena_copy(arena, territory->places, territory->count * sizeof *territory->places);
    point->n_places = territory->count;
    return point->places == NULL ? NULL : point;
}

static enum status points_add(const struct series *series, Zhibao__SeriesReply *reply)
{
    struct query *query = series->query;
    const struct place_history *history = registry_places(query->registry);
    unsigned breaks = 0;
    enum status status = STATUS_OK;
    for (int year = series->first; year <= series->last && status == STATUS_OK; year++) {
        struct territory territory;
        const struct plan *plan = registry_plan_of_year(query->registry, series->plan, year);
        status = place_territory(history, series->place, year, &territory);
        if (status != STATUS_OK)
            return status;
        Zhibao__SeriesPoint *point = point_new(query->arena, year, &territory, plan);
        if (point == NULL)
            return STATUS_NO_MEMORY;
        point->break_before = reply->n_points > 0 && territory.breaks < breaks;
        breaks = territory.breaks;
        status = point_value(series, plan, &territory, point);
        reply->points[reply->n_points++] = point;
    }
    return status;
}

static enum status names_add(struct query *query, Zhibao__SeriesReply *reply)
{
    size_t room = 0;
    for (size_t i = 0; i < reply->n_points; i++)
        room += reply->points[i]->n_places;
    reply->names = arena_array(query->arena, room, sizeof(Zhibao__PlaceName *));
    if (reply->names == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < reply->n_points; i++)
        for (size_t k = 0; k < reply->points[i]->n_places; k++) {
            uint64_t place = reply->points[i]->places[k];
            bool known = false;
            for (size_t j = 0; j < reply->n_names; j++)
                known = known || reply->names[j]->place == place;
            Zhibao__PlaceName *name =
                known
                    ? NULL
                    : (Zhibao__PlaceName *)reply_new(query->arena, &zhibao__place_name__descriptor);
            if (known)
                continue;
            if (name == NULL)
                return STATUS_NO_MEMORY;
            name->place = place;
            name->name = query_unit_name(query, unit_make(place, UNIT_OWN));
            if (name->name == NULL)
                return STATUS_NO_MEMORY;
            reply->names[reply->n_names++] = name;
        }
    return STATUS_OK;
}

/* The plan named, the asker's own if it covers the place, or the one the place reports under. */
static const struct plan *plan_find(const struct query *query, const char *code, uint64_t place)
{
    struct registry_unit unit;
    if (code[0] != '\0')
        return registry_plan(query->registry, code);
    const struct plan *own = registry_plan(query->registry, query->asker.plan);
    if (own != NULL && plan_place(own, place) != NULL)
        return own;
    if (registry_unit(query->registry, unit_make(place, UNIT_OWN), &unit) ||
        registry_unit(query->registry, unit_make(place, UNIT_STATISTICS), &unit))
        return registry_plan(query->registry, unit.plan);
    return own;
}

static enum status series_begin(struct series *series, const Zhibao__Series *asked,
                                const struct indicator **out_indicator)
{
    struct query *query = series->query;
    const struct plan *plan = plan_find(query, asked->plan, series->place);
    if (plan == NULL)
        return query_refuse(query, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
    if (!query_may_see_place(query, series->place) && plan->form_count > 0)
        return query_refuse(query, STATUS_E_FORBIDDEN, "place",
                            "该行政区划的汇总结果不在本单位可查看的范围内",
                            "the results of this place are outside what your unit may see");
    if (!place_contains(plan->place, series->place) || plan_place(plan, series->place) == NULL)
        return query_refuse(query, STATUS_E_PLACE_FOREIGN, "place", "该行政区划不属于此规划",
                            "the plan does not cover this place");
    size_t indicator = plan_indicator(plan, asked->indicator);
    if (indicator == PLAN_NONE)
        return query_refuse(query, STATUS_E_CELL_UNKNOWN, "indicator", "没有这个监测指标",
                            "there is no such indicator");
    int begin = registry_plan_of_year(query->registry, plan, 0)->first_year;
    series->first = asked->first_year == 0 ? begin : (int)asked->first_year;
    series->last = asked->last_year == 0 ? plan->last_year : (int)asked->last_year;
    if (asked->first_year > INT16_MAX || asked->last_year > INT16_MAX ||
        series->last < series->first || series->last - series->first >= SERIES_YEARS_MAX)
        return query_refuse(query, STATUS_E_PERIOD, "first_year", NULL, NULL);
    series->plan = plan;
    *out_indicator = &plan->indicators[indicator];
    return STATUS_OK;
}

enum status query_run_series(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    const Zhibao__Series *asked = (const Zhibao__Series *)request;
    struct series series = {.query = query,
                            .place = asked->place,
                            .indicator = asked->indicator,
                            .stratum = asked->stratum};
    const struct indicator *indicator = NULL;
    Zhibao__SeriesReply *reply =
        (Zhibao__SeriesReply *)reply_new(query->arena, &zhibao__series_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = series_begin(&series, asked, &indicator);
    if (status != STATUS_OK)
        return status;
    reply->place = series.place;
    reply->indicator = reply_text(indicator->code);
    reply->name_zh = reply_text(indicator->name_zh);
    reply->name_en = reply_text(indicator->name_en);
    reply->unit = reply_text(indicator->unit);
    reply->kind = reply_text(pull_kind_text(indicator->kind));
    reply->decimals = indicator->decimals;
    reply->points = arena_array(query->arena, SERIES_YEARS_MAX, sizeof(Zhibao__SeriesPoint *));
    if (reply->points == NULL)
        return STATUS_NO_MEMORY;
    status = points_add(&series, reply);
    if (status == STATUS_OK)
        status = names_add(query, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
