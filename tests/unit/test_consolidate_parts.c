/* Random figures of random villages: the value of a place made from parts that each township made
 * by itself has the same bits as the one made from everything at once, for every indicator and
 * stratum of a real plan. ZHIBAO_PROPERTY_SEED=N repeats one. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_fixture.h"
#include "stats/consolidate.h"

enum { PLACES_MAX = 64, STRATA = 5, SEEDS = 12, TALLIES_MAX = PLACES_MAX * 1024 };

static const char *const strata[STRATA] = {"", "area=urban", "area=rural", "sex=f", "sex=m"};

struct scene {
    struct plan *plan;
    struct arena *arena;
    uint64_t random;
    size_t place_count, part_count;
    uint64_t places[PLACES_MAX];
    struct tally *tallies;
    struct expectation *expectations;
    struct place_weight *weights;
    struct unit_figure *figures;
    struct consolidation_input whole;
};

static uint64_t next(struct scene *scene, uint64_t below)
{
    scene->random ^= scene->random << 13;
    scene->random ^= scene->random >> 7;
    scene->random ^= scene->random << 17;
    return scene->random % below;
}

static enum area area_of(const struct form *form, uint64_t place)
{
    if (strcmp(form->reporter, "village") != 0)
        return AREA_NONE;
    return place_is_urban(place) ? AREA_URBAN : place_is_rural(place) ? AREA_RURAL : AREA_NONE;
}

static bool reports(const struct form *form, uint64_t place)
{
    enum place_level level = place_level(place);
    if (strcmp(form->reporter, "village") == 0)
        return level == PLACE_VILLAGE;
    if (strcmp(form->reporter, "township") == 0)
        return level == PLACE_TOWNSHIP;
    return level == PLACE_DISTRICT;
}

/* The district, and townships of some villages each. */
static void places_make(struct scene *scene)
{
    uint64_t townships = 1 + next(scene, 6);
    scene->places[scene->place_count++] = scene->plan->place;
    for (uint64_t i = 0; i < townships; i++) {
        uint64_t township = scene->plan->place + (100 + i) * 1000;
        scene->places[scene->place_count++] = township;
        for (uint64_t k = 0, count = next(scene, 8); k < count; k++)
            scene->places[scene->place_count++] = township + (k % 2 == 0 ? 1 : 200) + k;
    }
}

static void tally_make(struct scene *scene, size_t form, size_t cell, uint64_t place)
{
    const struct form *shape = &scene->plan->forms[form];
    struct tally *tally = &scene->tallies[scene->whole.tally_count++];
    *tally = (struct tally){.group = place,
                            .area = area_of(shape, place),
                            .form = form,
                            .cell = shape->cells[cell].number};
    uint64_t pick = next(scene, 10);
    tally->units = pick < 7;
    tally->sum = tally->units ? (double)next(scene, 100000) / 10 : 0;
    tally->more = tally->units && next(scene, 20) == 0 ? (uint32_t)next(scene, 4) : 0;
    tally->not_applicable = pick == 7;
    tally->not_collected = pick == 8;
    tally->not_reported = pick == 9;
}

static void figure_make(struct scene *scene)
{
    bool has = next(scene, 4) > 0;
    scene->figures[scene->whole.figure_count++] = (struct unit_figure){
        .indicator = next(scene, scene->plan->indicator_count),
        .stratum = strata[next(scene, STRATA)],
        .district = scene->plan->place,
        .value = {.group = scene->plan->place + 100 + next(scene, 9),
                  .has_value = has,
                  .presence = has ? PRESENCE_VALUE : PRESENCE_NOT_COLLECTED,
                  .value = (double)next(scene, 1000) / 7}
    };
}

static void figures_make(struct scene *scene)
{
    const struct plan *plan = scene->plan;
    for (size_t form = 0; form < plan->form_count; form++)
        for (size_t cell = 0; cell < plan->forms[form].cell_count; cell++)
            for (size_t i = 0; i < scene->place_count; i++)
                if (reports(&plan->forms[form], scene->places[i]) &&
                    scene->places[i] % 7 != scene->random % 2)
                    tally_make(scene, form, cell, scene->places[i]);
    for (size_t form = 0; form < plan->form_count; form++)
        for (size_t i = 0; i < scene->place_count; i++)
            if (reports(&plan->forms[form], scene->places[i]) && next(scene, 12) > 0)
                scene->expectations[scene->whole.expectation_count++] =
                    (struct expectation){.group = scene->places[i],
                                         .area = area_of(&plan->forms[form], scene->places[i]),
                                         .form = form,
                                         .expected = 1};
    for (size_t i = 0; i < scene->place_count; i++)
        if (place_level(scene->places[i]) == PLACE_VILLAGE && next(scene, 9) > 0)
            scene->weights[scene->whole.weight_count++] = (struct place_weight){
                scene->places[i], next(scene, 8) > 0 ? (double)next(scene, 999) / 3 : (double)NAN};
    for (size_t i = 0, count = next(scene, 40); i < count; i++)
        figure_make(scene);
}

static void begin(struct scene *scene, uint64_t seed)
{
    *scene = (struct scene){.plan = fixture_plan("luzhai"),
                            .arena = arena_create(256u << 20),
                            .random = seed * 0x9e3779b97f4a7c15u + 1};
    scene->tallies = calloc(TALLIES_MAX, sizeof *scene->tallies);
    scene->expectations = calloc(PLACES_MAX * 64, sizeof *scene->expectations);
    scene->weights = calloc(PLACES_MAX, sizeof *scene->weights);
    scene->figures = calloc(64, sizeof *scene->figures);
    scene->whole = (struct consolidation_input){.plan = scene->plan,
                                                .tallies = scene->tallies,
                                                .expectations = scene->expectations,
                                                .weights = scene->weights,
                                                .figures = scene->figures,
                                                .sorted = true};
    places_make(scene);
    figures_make(scene);
    scene->whole.consolidated = next(scene, 3) == 0;
    if (next(scene, 3) == 0)
        scene->whole.weights = NULL;
}

static void end(struct scene *scene)
{
    free(scene->tallies);
    free(scene->expectations);
    free(scene->weights);
    free(scene->figures);
    arena_destroy(&scene->arena);
    plan_destroy(&scene->plan);
}

/* What of the input lies in one township, or is of the place above itself. */
static struct consolidation_input cut(struct scene *scene, uint64_t township)
{
    struct consolidation_input input = scene->whole;
    struct tally *tallies = arena_array(scene->arena, input.tally_count, sizeof *tallies);
    struct expectation *expectations =
        arena_array(scene->arena, input.expectation_count, sizeof *expectations);
    input.tally_count = input.expectation_count = 0;
    for (size_t i = 0; i < scene->whole.tally_count; i++)
        if (place_ancestor(scene->tallies[i].group, PLACE_TOWNSHIP) == township)
            tallies[input.tally_count++] = scene->tallies[i];
    for (size_t i = 0; i < scene->whole.expectation_count; i++)
        if (place_ancestor(scene->expectations[i].group, PLACE_TOWNSHIP) == township)
            expectations[input.expectation_count++] = scene->expectations[i];
    input.tallies = tallies;
    input.expectations = expectations;
    return input;
}

static bool same_bits(double left, double right)
{
    uint64_t bits[2];
    memcpy(&bits[0], &left, sizeof left);
    memcpy(&bits[1], &right, sizeof right);
    return bits[0] == bits[1];
}

static bool same_group(const struct group_value *left, const struct group_value *right)
{
    return left->group == right->group && left->has_value == right->has_value &&
           left->presence == right->presence && left->averaged == right->averaged &&
           same_bits(left->value, right->value) && same_bits(left->numerator, right->numerator) &&
           same_bits(left->denominator, right->denominator);
}

static bool same(const struct indicator_value *left, const struct indicator_value *right)
{
    bool equal =
        left->presence == right->presence && same_bits(left->value, right->value) &&
        left->has_fraction == right->has_fraction && left->averaged == right->averaged &&
        same_bits(left->numerator, right->numerator) &&
        same_bits(left->denominator, right->denominator) && left->reporting == right->reporting &&
        left->expected == right->expected && left->not_applicable == right->not_applicable &&
        left->not_collected == right->not_collected && left->not_reported == right->not_reported &&
        same_bits(left->covered, right->covered) &&
        same_bits(left->covered_of, right->covered_of) && left->weightless == right->weightless &&
        left->unpaired == right->unpaired && left->worst_group == right->worst_group &&
        left->group_count == right->group_count;
    for (size_t i = 0; equal && i < left->group_count; i++)
        equal = same_group(&left->groups[i], &right->groups[i]);
    return equal;
}

static size_t compare(struct scene *scene, const struct consolidation_input *cuts, size_t cut_count,
                      size_t indicator, const char *stratum)
{
    struct indicator_value at_once, joined;
    const struct consolidation_part *list[PLACES_MAX];
    struct consolidation_part *made[PLACES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < cut_count; i++) {
        size_t parts = 0;
        cr_assert_eq(
            consolidate_parts(&cuts[i], indicator, stratum, scene->arena, &made[i], &parts),
            STATUS_OK);
        cr_assert_leq(parts, 1);
        if (parts > 0)
            list[count++] = made[i];
    }
    cr_assert_eq(consolidate(&scene->whole, indicator, stratum, scene->arena, &at_once), STATUS_OK);
    cr_assert_eq(
        consolidate_join(scene->plan, indicator, stratum, list, count, scene->arena, &joined),
        STATUS_OK);
    cr_assert(same(&at_once, &joined), "%s {%s}: %.17g and %.17g, %u and %u of %u and %u",
              scene->plan->indicators[indicator].code, stratum, at_once.value, joined.value,
              at_once.reporting, joined.reporting, at_once.expected, joined.expected);
    for (size_t i = 0; i < cut_count; i++)
        free(made[i]);
    return at_once.presence == PRESENCE_VALUE;
}

/* How many values there were. */
static size_t run(uint64_t seed)
{
    struct scene scene;
    struct consolidation_input cuts[PLACES_MAX];
    size_t cut_count = 0, values = 0;
    begin(&scene, seed);
    for (size_t i = 0; i < scene.place_count; i++)
        if (place_level(scene.places[i]) != PLACE_VILLAGE)
            cuts[cut_count++] = cut(&scene, scene.places[i]);
    for (size_t i = 0; i < scene.plan->indicator_count; i++)
        for (size_t k = 0; k < STRATA; k++)
            values += compare(&scene, cuts, cut_count, i, strata[k]);
    end(&scene);
    return values;
}

Test(consolidate_parts, joined_they_are_the_whole, .timeout = 300)
{
    const char *given = getenv("ZHIBAO_PROPERTY_SEED");
    size_t values = 0;
    if (given != NULL) {
        (void)run(strtoull(given, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        printf("seed %llu\n", (unsigned long long)seed);
        values += run(seed);
    }
    cr_assert_gt(values, SEEDS * 50, "only %zu values were compared", values);
}
