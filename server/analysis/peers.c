#include "server/analysis/peers.h"

#include <math.h>
#include <stdlib.h>

#include "assess/plan_series.h"
#include "server/analysis/outlook.h"

struct peers {
    bool gathered;
    size_t count, own; /* places of the level, ascending, and which is asked for */
    uint64_t *places;
    size_t year_count;
    int *years;                         /* ascending */
    struct consolidation_input *inputs; /* by year, then place */
    struct panel *panel;
};

struct peers *peers_create(struct arena *arena)
{
    return arena_array(arena, 1, sizeof(struct peers));
}

static int by_code(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* The peer in which a group's figures lie; SIZE_MAX: none, they are of a larger place. */
static size_t peer_of(const struct peers *peers, enum place_level level, uint64_t group)
{
    if (place_level(group) < level)
        return SIZE_MAX;
    uint64_t code = place_ancestor(group, level);
    const uint64_t *found = bsearch(&code, peers->places, peers->count, sizeof code, by_code);
    return found == NULL ? SIZE_MAX : (size_t)(found - peers->places);
}

static enum status peers_list(struct peers *peers, const struct pull *pull)
{
    const struct plan *plan = pull->plan;
    enum place_level level = place_level(pull->place);
    peers->places = arena_array(pull->query->arena, plan->place_count + 1, sizeof *peers->places);
    if (peers->places == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->place_count; i++) { /* which ascend */
        if (place_level(plan->places[i].code) != level ||
            !place_contains(plan->place, plan->places[i].code))
            continue;
        if (plan->places[i].code == pull->place)
            peers->own = peers->count;
        peers->places[peers->count++] = plan->places[i].code;
    }
    return STATUS_OK;
}

/* One year's tallies and expectations, dealt out to the peers in their order. */
static enum status year_deal(struct peers *peers, const struct pull *pull,
                             const struct consolidation_input *whole,
                             struct consolidation_input *inputs)
{
    struct arena *arena = pull->query->arena;
    enum place_level level = place_level(pull->place);
    struct tally *tallies = arena_array(arena, whole->tally_count + 1, sizeof *tallies);
    struct expectation *expectations =
        arena_array(arena, whole->expectation_count + 1, sizeof *expectations);
    size_t *dealt = arena_array(arena, peers->count * 2 + 1, sizeof *dealt);
    size_t tally_used = 0, expectation_used = 0;
    if (tallies == NULL || expectations == NULL || dealt == NULL)
        return STATUS_NO_MEMORY;
    size_t *dealt_tallies = dealt, *dealt_expectations = dealt + peers->count;
    for (size_t i = 0; i < whole->tally_count; i++) {
        size_t peer = peer_of(peers, level, whole->tallies[i].group);
        if (peer != SIZE_MAX)
            dealt_tallies[peer]++;
    }
    for (size_t i = 0; i < whole->expectation_count; i++) {
        size_t peer = peer_of(peers, level, whole->expectations[i].group);
        if (peer != SIZE_MAX)
            dealt_expectations[peer]++;
    }
    for (size_t i = 0; i < peers->count; i++) {
        inputs[i] = (struct consolidation_input){.plan = pull->plan,
                                                 .tallies = tallies + tally_used,
                                                 .expectations = expectations + expectation_used,
                                                 .sorted = whole->sorted};
        tally_used += dealt_tallies[i];
        expectation_used += dealt_expectations[i];
    }
    for (size_t i = 0; i < whole->tally_count; i++) {
        size_t peer = peer_of(peers, level, whole->tallies[i].group);
        if (peer == SIZE_MAX)
            continue;
        size_t at = (size_t)(inputs[peer].tallies - tallies) + inputs[peer].tally_count++;
        tallies[at] = whole->tallies[i];
    }
    for (size_t i = 0; i < whole->expectation_count; i++) {
        size_t peer = peer_of(peers, level, whole->expectations[i].group);
        if (peer == SIZE_MAX)
            continue;
        size_t at =
            (size_t)(inputs[peer].expectations - expectations) + inputs[peer].expectation_count++;
        expectations[at] = whole->expectations[i];
    }
    return STATUS_OK;
}

/* The whole plan's years, once a request. */
static enum status peers_gather(struct peers *peers, const struct pull *pull)
{
    struct arena *arena = pull->query->arena;
    struct pull *whole = arena_alloc(arena, sizeof *whole);
    if (whole == NULL)
        return STATUS_NO_MEMORY;
    *whole = (struct pull){.query = pull->query,
                           .plan = pull->plan,
                           .place = pull->plan->place,
                           .period = pull->period,
                           .only = pull->only,
                           .analysis = true,
                           .before = pull->before};
    enum status status = pull_gather(whole);
    if (status != STATUS_OK)
        return status;
    peers->years = arena_array(arena, whole->year_count, sizeof *peers->years);
    peers->inputs = arena_array(arena, whole->year_count * peers->count + 1, sizeof *peers->inputs);
    if (peers->years == NULL || peers->inputs == NULL)
        return STATUS_NO_MEMORY;
    for (int year = pull->plan->first_year; year <= pull->period && status == STATUS_OK; year++) {
        const struct pull_year *found = pull_year_of(whole, year);
        if (found == NULL)
            continue;
        status =
            year_deal(peers, pull, &found->input, &peers->inputs[peers->year_count * peers->count]);
        peers->years[peers->year_count++] = year;
    }
    return status;
}

static enum status peers_ready(struct peers *peers, const struct pull *pull)
{
    if (peers->gathered)
        return STATUS_OK;
    peers->gathered = true;
    enum status status = peers_list(peers, pull);
    if (status == STATUS_OK && peers->count >= PANEL_LEAST)
        status = peers_gather(peers, pull);
    return status;
}

/* One peer's figures over the years. */
static enum status series_make(const struct peers *peers, const struct pull *pull, size_t peer,
                               struct assess_series *series, struct assess_point *points)
{
    size_t indicator = plan_indicator(pull->plan, series->name);
    series->points = points;
    for (size_t i = 0; i < peers->year_count; i++) {
        struct indicator_value value;
        enum status status = consolidate(&peers->inputs[i * peers->count + peer], indicator,
                                         series->stratum, pull->query->arena, &value);
        if (status != STATUS_OK)
            return status;
        if (value.presence != PRESENCE_VALUE || !isfinite(value.value))
            continue;
        points[series->count++] =
            plan_series_point(pull->plan, &pull->plan->indicators[indicator], peers->years[i],
                              value.value, value.has_fraction ? value.numerator : (double)NAN,
                              value.has_fraction ? value.denominator : (double)NAN);
    }
    return STATUS_OK;
}

enum status peers_learn(const struct pull *pull, size_t indicator, const char *stratum)
{
    struct peers *peers = pull->peers;
    struct arena *arena = pull->query->arena;
    struct assess_series like;
    peers_forget(pull);
    enum status status = peers == NULL ? STATUS_OK : peers_ready(peers, pull);
    if (status != STATUS_OK || peers == NULL || peers->count < PANEL_LEAST)
        return status;
    status = outlook_like(pull, indicator, stratum, &like);
    struct assess_series *series = arena_array(arena, peers->count, sizeof *series);
    const struct assess_series **members = arena_array(arena, peers->count, sizeof *members);
    size_t *counts = arena_array(arena, peers->count, sizeof *counts);
    if (series == NULL || members == NULL || counts == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < peers->count && status == STATUS_OK; i++) {
        struct assess_point *points = arena_array(arena, peers->year_count + 1, sizeof *points);
        if (points == NULL)
            return STATUS_NO_MEMORY;
        series[i] = like;
        status = series_make(peers, pull, i, &series[i], points);
        if (status == STATUS_OK && !pull->across)
            series[i] = assess_comparable(&series[i], pull->period);
        members[i] = &series[i];
        counts[i] = series[i].count;
    }
    if (status == STATUS_OK)
        status = panel_learn(members, counts, peers->count, &peers->panel);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

const struct panel *peers_panel(const struct pull *pull, size_t *out_member)
{
    *out_member = pull->peers == NULL ? 0 : pull->peers->own;
    return pull->peers == NULL ? NULL : pull->peers->panel;
}

void peers_forget(const struct pull *pull)
{
    if (pull->peers != NULL)
        panel_destroy(&pull->peers->panel);
}
