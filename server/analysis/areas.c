/* AREAS: one indicator in the places just below, for maps: three years pooled, smoothed, and fit to
 * be published. */
#include <math.h>
#include <string.h>

#include "analysis.pb-c.h"
#include "assess/plan_series.h"
#include "server/query/handlers.h"
#include "server/query/publish.h"

enum { POOLED_YEARS = 3 };

struct areas {
    struct pull *pull; /* of the whole place */
    const struct indicator *indicator;
    size_t count;
    Zhibao__Area **rows;
    double hidden_events, hidden_bases; /* of the places left out together */
};

/* What one place's last three years add up to. */
static enum status area_pool(const struct areas *areas, uint64_t place, Zhibao__Area *row)
{
    struct pull below = {.query = areas->pull->query,
                         .place = place,
                         .plan = areas->pull->plan,
                         .period = areas->pull->period,
                         .only = areas->pull->only,
                         .analysis = true};
    enum status status = pull_gather(&below);
    for (int back = 0; back < POOLED_YEARS && status == STATUS_OK; back++) {
        struct indicator_value value;
        bool printed = false;
        if (pull_year_of(&below, below.period - back) == NULL)
            continue;
        status = pull_value(&below, below.only, "", below.period - back, &value, &printed);
        if (status != STATUS_OK || value.presence != PRESENCE_VALUE || !value.has_fraction)
            continue;
        row->numerator += value.numerator;
        row->denominator += value.denominator;
        row->years++;
    }
    row->has_value = row->years > 0 && row->denominator > 0;
    areas->pull->demonstration = areas->pull->demonstration || below.demonstration;
    return status;
}

static enum status areas_pool(struct areas *areas)
{
    const struct plan *plan = areas->pull->plan;
    struct arena *arena = areas->pull->query->arena;
    areas->rows = arena_array(arena, plan->place_count + 1, sizeof(Zhibao__Area *));
    if (areas->rows == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->place_count; i++) {
        if (plan->places[i].parent != areas->pull->place)
            continue;
        Zhibao__Area *row = (Zhibao__Area *)reply_new(arena, &zhibao__area__descriptor);
        if (row == NULL)
            return STATUS_NO_MEMORY;
        row->place = plan->places[i].code;
        row->name = reply_text(plan->places[i].name_zh);
        enum status status = area_pool(areas, row->place, row);
        if (status != STATUS_OK)
            return status;
        areas->rows[areas->count++] = row;
    }
    return STATUS_OK;
}

/* Smoothed rates of the places shown. What is left out of a publication enters as one place, whose
 * figures the others leave of the whole: two that are hidden could be worked out of what their own
 * spread does to the rest. `out_smoothed` is by row. */
static enum status areas_smooth(const struct areas *areas, double *out_smoothed)
{
    struct arena *arena = areas->pull->query->arena;
    double *events = arena_array(arena, areas->count + 2, sizeof *events);
    double *bases = arena_array(arena, areas->count + 2, sizeof *bases);
    double *smoothed = arena_array(arena, areas->count + 2, sizeof *smoothed);
    size_t known = 0, at = 0;
    if (events == NULL || bases == NULL || smoothed == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < areas->count; i++)
        if (areas->rows[i]->has_value) {
            events[known] = areas->rows[i]->numerator;
            bases[known++] = areas->rows[i]->denominator;
        }
    if (areas->hidden_bases > 0) {
        events[known] = areas->hidden_events;
        bases[known++] = areas->hidden_bases;
    }
    small_empirical_bayes(events, bases, known, smoothed);
    for (size_t i = 0; i < areas->count; i++)
        if (areas->rows[i]->has_value)
            out_smoothed[i] = smoothed[at++];
    return STATUS_OK;
}

/* Rates with their intervals, but none of a township's deaths: only the smoothed one is drawn. */
static enum status areas_rate(struct areas *areas)
{
    const struct plan *plan = areas->pull->plan;
    enum assess_kind kind = plan_series_kind(areas->indicator);
    bool withheld = plan_series_mortality(plan, areas->indicator) &&
                    place_level(areas->pull->place) >= PLACE_DISTRICT;
    double *smoothed = arena_array(areas->pull->query->arena, areas->count + 1, sizeof *smoothed);
    enum status status = smoothed == NULL ? STATUS_NO_MEMORY : areas_smooth(areas, smoothed);
    for (size_t i = 0; i < areas->count && status == STATUS_OK; i++) {
        Zhibao__Area *row = areas->rows[i];
        if (!row->has_value)
            continue;
        struct assess_point point = {areas->pull->period, 0, row->numerator, row->denominator};
        struct limits limits = small_interval(kind, &point);
        row->has_smoothed = true;
        row->smoothed = smoothed[i] * assess_factor(kind);
        row->has_rate = !withheld;
        if (withheld)
            continue;
        row->rate = assess_factor(kind) * row->numerator / row->denominator;
        row->low95 = limits.low;
        row->high95 = limits.high;
    }
    return status;
}

/* The places of which some year's figure is hidden where years are published: the pooled figure
 * less the other years would tell it. */
static enum status tainted_find(const struct areas *areas, bool *tainted)
{
    const struct pull *pull = areas->pull;
    bool *hidden = arena_array(pull->query->arena, areas->count + 1, sizeof *hidden);
    enum status status = hidden == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (int back = 0; back < POOLED_YEARS && status == STATUS_OK; back++) {
        struct pull year = {.query = pull->query,
                            .plan = pull->plan,
                            .place = pull->place,
                            .period = pull->period - back,
                            .only = pull->only};
        if (year.period < pull->plan->first_year)
            break;
        status = publish_below(&year, hidden);
        for (size_t i = 0; i < areas->count && status == STATUS_OK; i++)
            tainted[i] = tainted[i] || hidden[i];
    }
    return status;
}

static void area_blank(struct areas *areas, Zhibao__Area *row)
{
    areas->hidden_events += row->numerator;
    areas->hidden_bases += row->denominator;
    row->suppressed = true;
    row->has_value = false;
    row->numerator = row->denominator = 0;
}

/* Hides small numbers of events and of those without it, with what would give them away: the whole
 * place's figures are published too, and so is each year. */
static enum status areas_suppress(struct areas *areas)
{
    struct arena *arena = areas->pull->query->arena;
    size_t count = areas->count;
    struct suppress_cell *cells = arena_array(arena, count + 1, sizeof *cells);
    size_t *parts = arena_array(arena, count + 1, sizeof *parts);
    bool *tainted = arena_array(arena, count + 1, sizeof *tainted);
    struct suppress_sum sum = {.total = count, .count = count};
    struct suppress_system system = {cells, count + 1, &sum, count > 1, parts};
    if (cells == NULL || parts == NULL || tainted == NULL)
        return STATUS_NO_MEMORY;
    enum status status = tainted_find(areas, tainted);
    cells[count].fixed = true;
    for (size_t i = 0; i < count; i++) {
        const Zhibao__Area *row = areas->rows[i];
        parts[i] = i;
        cells[i].fixed = tainted[i] || !row->has_value;
        cells[i].hidden = tainted[i] && row->has_value;
        if (!row->has_value)
            continue;
        cells[i].counts[0] = (uint64_t)row->numerator;
        cells[i].counts[1] = (uint64_t)fmax(0, row->denominator - row->numerator);
    }
    if (status == STATUS_OK && !suppress_settle(&system))
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (cells[i].hidden)
            area_blank(areas, areas->rows[i]);
    return status;
}

/* The gap between the extremes of those shown. Of many pairs the widest is taken, so that the
 * test's p is multiplied by how many there are (Bonferroni). */
static enum status gap_fill(const struct areas *areas, Zhibao__AreaRows *reply)
{
    const Zhibao__Area *high = NULL, *low = NULL;
    enum assess_kind kind = plan_series_kind(areas->indicator);
    double known = 0;
    for (size_t i = 0; i < areas->count; i++) {
        const Zhibao__Area *row = areas->rows[i];
        if (!row->has_rate)
            continue;
        known++;
        high = high == NULL || row->rate > high->rate ? row : high;
        low = low == NULL || row->rate < low->rate ? row : low;
    }
    if (known < 2 || high == low)
        return STATUS_OK;
    Zhibao__AreaGap *gap =
        (Zhibao__AreaGap *)reply_new(areas->pull->query->arena, &zhibao__area_gap__descriptor);
    if (gap == NULL)
        return STATUS_NO_MEMORY;
    const struct assess_point left = {0, low->rate, low->numerator, low->denominator};
    const struct assess_point right = {0, high->rate, high->numerator, high->denominator};
    gap->highest = high->place;
    gap->highest_name = high->name;
    gap->lowest = low->place;
    gap->lowest_name = low->name;
    gap->difference = high->rate - low->rate;
    gap->has_ratio = low->rate > 0;
    gap->ratio = gap->has_ratio ? high->rate / low->rate : 0;
    gap->p = fmin(1, small_change(kind, &left, &right) * known * (known - 1) / 2);
    reply->gap = gap;
    return STATUS_OK;
}

enum status query_run_areas(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__Areas *asked = (const Zhibao__Areas *)request;
    Zhibao__Pull same = ZHIBAO__PULL__INIT;
    struct pull pull = {.query = query, .place = asked->place};
    struct areas areas = {.pull = &pull};
    Zhibao__AreaRows *reply =
        (Zhibao__AreaRows *)reply_new(query->arena, &zhibao__area_rows__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    same.place = asked->place;
    same.period = asked->period;
    same.plan = asked->plan;
    same.indicator = asked->indicator;
    enum status status = pull_begin(&pull, &same);
    if (status != STATUS_OK)
        return status;
    if (pull.only == PLAN_NONE ||
        !plan_series_counted(pull.plan, &pull.plan->indicators[pull.only]))
        return query_refuse(query, STATUS_E_CELL_UNKNOWN, "indicator", "请指定一个由人数相除的指标",
                            "name an indicator that divides counts");
    if (place_level(pull.place) < PLACE_CITY)
        return query_refuse(query, STATUS_E_PLACE_FOREIGN, "place", "按市或以下查看",
                            "ask for a city or a place below it");
    areas.indicator = &pull.plan->indicators[pull.only];
    status = areas_pool(&areas);
    if (status == STATUS_OK && asked->published)
        status = areas_suppress(&areas);
    if (status == STATUS_OK)
        status = areas_rate(&areas);
    if (status == STATUS_OK)
        status = gap_fill(&areas, reply);
    if (status != STATUS_OK)
        return status;
    reply->place = pull.place;
    reply->place_name = reply_text(plan_place(pull.plan, pull.place)->name_zh);
    reply->period = (uint32_t)pull.period;
    reply->indicator = reply_text(areas.indicator->code);
    reply->name_zh = reply_text(areas.indicator->name_zh);
    reply->name_en = reply_text(areas.indicator->name_en);
    reply->unit = reply_text(areas.indicator->unit);
    reply->decimals = areas.indicator->decimals;
    reply->mortality = plan_series_mortality(pull.plan, areas.indicator);
    reply->demonstration = pull.demonstration;
    reply->areas = areas.rows;
    reply->n_areas = areas.count;
    *out_reply = &reply->base;
    return STATUS_OK;
}
