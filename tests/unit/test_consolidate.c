#include "stats/consolidate.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "plan_fixture.h"

enum { TALLIES_MAX = 64 };

static const uint64_t county = 450223000000, town_a = 450223100000, town_b = 450223101000,
                      town_c = 450223102000;

struct scene {
    struct plan *plan;
    struct arena *arena;
    struct tally tallies[TALLIES_MAX];
    struct expectation expectations[TALLIES_MAX];
    struct consolidation_input input;
};

static void begin(struct scene *scene)
{
    *scene = (struct scene){.plan = fixture_plan("luzhai"), .arena = arena_create(1 << 20)};
    scene->input = (struct consolidation_input){
        .plan = scene->plan, .tallies = scene->tallies, .expectations = scene->expectations};
}

static void end(struct scene *scene)
{
    arena_destroy(&scene->arena);
    plan_destroy(&scene->plan);
}

static size_t form_index(const struct scene *scene, const char *code)
{
    const struct form *form = plan_form(scene->plan, code);
    cr_assert_not_null(form, "no form %s", code);
    return (size_t)(form - scene->plan->forms);
}

/* A tally of `units` reports of the form's cell for this element and stratum. */
static struct tally *add(struct scene *scene, const char *form, const char *element,
                         const char *stratum, uint64_t group, enum area area, double sum,
                         uint32_t units)
{
    size_t index = form_index(scene, form);
    const struct form *found = &scene->plan->forms[index];
    for (size_t i = 0; i < found->cell_count; i++) {
        if (strcmp(scene->plan->elements[found->cells[i].element].code, element) != 0 ||
            !stratum_equal(found->cells[i].stratum, stratum))
            continue;
        struct tally *tally = &scene->tallies[scene->input.tally_count++];
        *tally = (struct tally){.group = group,
                                .area = area,
                                .form = index,
                                .cell = found->cells[i].number,
                                .sum = sum,
                                .units = units};
        return tally;
    }
    cr_assert_fail("no cell for %s %s", element, stratum);
    return NULL;
}

static void expect_units(struct scene *scene, const char *form, uint64_t group, enum area area,
                         uint32_t expected)
{
    scene->expectations[scene->input.expectation_count++] =
        (struct expectation){.group = group,
                             .area = area,
                             .form = form_index(scene, form),
                             .expected = expected,
                             .accepted = expected};
}

static struct indicator_value value_of(struct scene *scene, const char *indicator,
                                       const char *stratum)
{
    struct indicator_value value;
    size_t index = plan_indicator(scene->plan, indicator);
    cr_assert_neq(index, PLAN_NONE);
    cr_assert_eq(consolidate(&scene->input, index, stratum, scene->arena, &value), STATUS_OK);
    return value;
}

static void expect_value(struct scene *scene, const char *indicator, const char *stratum,
                         double wanted)
{
    struct indicator_value value = value_of(scene, indicator, stratum);
    cr_expect_eq(value.presence, PRESENCE_VALUE, "%s %s", indicator, stratum);
    cr_expect_float_eq(value.value, wanted, 1e-9, "%s %s is %.10g instead of %.10g", indicator,
                       stratum, value.value, wanted);
}

static void expect_none(struct scene *scene, const char *indicator, const char *stratum,
                        enum presence presence)
{
    struct indicator_value value = value_of(scene, indicator, stratum);
    cr_expect_eq(value.presence, presence, "%s %s: %d", indicator, stratum, value.presence);
}

/* Infant mortality, Σ deaths / Σ live births × 1000, never the mean of rates. */
Test(consolidate, a_ratio_of_sums)
{
    struct scene scene;
    begin(&scene);
    static const char *const strata[] = {"sex=m;area=urban", "sex=f;area=urban", "sex=m;area=rural",
                                         "sex=f;area=rural"};
    static const double deaths[] = {1, 2, 3, 1}, births[] = {400, 380, 1100, 1024};
    for (size_t i = 0; i < 4; i++) {
        add(&scene, "health", "infant_deaths", strata[i], county, AREA_NONE, deaths[i], 1);
        add(&scene, "health", "live_births", strata[i], county, AREA_NONE, births[i], 1);
    }
    expect_units(&scene, "health", county, AREA_NONE, 1);
    expect_value(&scene, "imr", "", 7.0 / 2904 * 1000);
    expect_value(&scene, "imr", "area=urban", 3.0 / 780 * 1000);
    expect_value(&scene, "imr", "sex=f", 3.0 / 1404 * 1000);
    expect_value(&scene, "imr", "sex=f;area=rural", 1.0 / 1024 * 1000);
    expect_value(&scene, "birth_sex_ratio", "", 1500.0 / 1404 * 100);
    expect_none(&scene, "imr", "area=suburb", PRESENCE_NOT_COLLECTED);
    struct indicator_value value = value_of(&scene, "imr", "");
    cr_expect(value.has_fraction && value.numerator == 7 && value.denominator == 2904);
    cr_expect_eq(value.reporting, 1);
    cr_expect_eq(value.expected, 1);
    cr_expect_eq(value.unpaired, 0);
    end(&scene);
}

Test(consolidate, villages_carry_their_area)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "village", "households", "", town_a, AREA_URBAN, 500, 2);
    add(&scene, "village", "households_tap_water", "", town_a, AREA_URBAN, 500, 2);
    add(&scene, "village", "households", "", town_a, AREA_RURAL, 900, 9);
    add(&scene, "village", "households_tap_water", "", town_a, AREA_RURAL, 600, 9);
    add(&scene, "village", "households", "", town_b, AREA_RURAL, 100, 1);
    add(&scene, "village", "households_tap_water", "", town_b, AREA_RURAL, 90, 1);
    add(&scene, "village", "households", "", town_b, AREA_NONE, 50, 1);
    add(&scene, "village", "households_tap_water", "", town_b, AREA_NONE, 0, 1);
    expect_units(&scene, "village", town_a, AREA_URBAN, 3);
    expect_units(&scene, "village", town_a, AREA_RURAL, 9);
    expect_units(&scene, "village", town_b, AREA_RURAL, 2);
    expect_value(&scene, "rural_tap_water", "", 690.0 / 1000 * 100);
    expect_value(&scene, "rural_tap_water", "area=rural", 69);
    expect_none(&scene, "rural_tap_water", "area=urban", PRESENCE_NOT_COLLECTED);
    struct indicator_value value = value_of(&scene, "rural_tap_water", "");
    cr_expect_eq(value.reporting, 10);
    cr_expect_eq(value.expected, 11, "urban villages do not owe a rural figure");
    cr_expect_eq(value.not_reported, 1);
    end(&scene);
}

Test(consolidate, urban_and_rural_shares_of_units)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "village", "parent_school", "", town_a, AREA_URBAN, 3, 4);
    add(&scene, "village", "parent_school", "", town_a, AREA_RURAL, 8, 10);
    add(&scene, "village", "parent_school", "", town_b, AREA_RURAL, 1, 2)->not_applicable = 5;
    expect_value(&scene, "parent_school_coverage", "", 12.0 / 16 * 100);
    expect_value(&scene, "parent_school_coverage", "area=urban", 75);
    expect_value(&scene, "parent_school_coverage", "area=rural", 9.0 / 12 * 100);
    struct indicator_value value = value_of(&scene, "parent_school_coverage", "");
    cr_expect(value.has_fraction && value.numerator == 12 && value.denominator == 16);
    cr_expect_eq(value.not_applicable, 5);
    end(&scene);
}

Test(consolidate, sums_of_strata_without_a_total)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "village", "children_resident", "sex=m;age=0-2", town_a, AREA_RURAL, 10, 3);
    add(&scene, "village", "children_resident", "sex=f;age=0-2", town_a, AREA_RURAL, 12, 3);
    add(&scene, "village", "children_resident", "sex=m;age=3-5", town_b, AREA_RURAL, 18, 2);
    add(&scene, "village", "children_home_users", "", town_a, AREA_RURAL, 11, 3);
    add(&scene, "village", "children_home_users", "", town_b, AREA_RURAL, 9, 2);
    expect_value(&scene, "children_home_use", "", 20.0 / 40 * 100);
    add(&scene, "health", "injury_cases", "cause=fall", county, AREA_NONE, 5, 1);
    add(&scene, "health", "injury_cases", "cause=burn", county, AREA_NONE, 2, 1);
    expect_value(&scene, "injury_cases", "", 7);
    expect_value(&scene, "injury_cases", "cause=fall", 5);
    expect_none(&scene, "injury_cases", "cause=animal", PRESENCE_NOT_REPORTED);
    end(&scene);
}

Test(consolidate, a_sum_of_elements_needs_each)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "health", "injury_deaths_u18", "", county, AREA_NONE, 4, 1);
    expect_none(&scene, "injury_deaths_disabilities", "", PRESENCE_NOT_REPORTED);
    add(&scene, "health", "injury_disabilities", "", county, AREA_NONE, 0, 1);
    expect_value(&scene, "injury_deaths_disabilities", "", 4);
    end(&scene);
}

Test(consolidate, four_kinds_of_nothing)
{
    struct scene scene;
    begin(&scene);
    struct tally *tally = add(&scene, "township", "child_supervisor", "", town_a, AREA_NONE, 0, 0);
    expect_units(&scene, "township", town_a, AREA_NONE, 10);
    expect_none(&scene, "child_supervisor_coverage", "", PRESENCE_NOT_REPORTED);
    tally->not_applicable = 6;
    tally->not_collected = 3;
    expect_none(&scene, "child_supervisor_coverage", "", PRESENCE_NOT_APPLICABLE);
    tally->not_collected = 7;
    expect_none(&scene, "child_supervisor_coverage", "", PRESENCE_NOT_COLLECTED);
    tally->not_applicable = 3;
    tally->not_collected = 3;
    struct indicator_value value = value_of(&scene, "child_supervisor_coverage", "");
    cr_expect_eq(value.presence, PRESENCE_NOT_REPORTED);
    cr_expect_eq(value.reporting + value.not_applicable + value.not_collected + value.not_reported,
                 value.expected);
    tally->units = 1; /* a zero is a value */
    expect_value(&scene, "child_supervisor_coverage", "", 0);
    end(&scene);

    begin(&scene); /* nobody is asked */
    expect_none(&scene, "green_schools", "", PRESENCE_NOT_COLLECTED);
    expect_none(&scene, "left_behind_children", "", PRESENCE_NOT_REPORTED);
    end(&scene);
}

Test(consolidate, a_denominator_of_zero_makes_no_value)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "village", "difficult_children", "", town_a, AREA_RURAL, 0, 5);
    add(&scene, "village", "difficult_on_file", "", town_a, AREA_RURAL, 0, 5);
    struct indicator_value value = value_of(&scene, "difficult_file_rate", "");
    cr_expect_eq(value.presence, PRESENCE_NOT_APPLICABLE);
    cr_expect(value.has_fraction && value.denominator == 0);
    cr_expect_eq(value.value, 0);
    cr_expect_eq(value.reporting, 5);
    end(&scene);
}

Test(consolidate, groups_with_one_side_only_are_left_out)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "township", "newborns", "", town_a, AREA_NONE, 100, 1);
    add(&scene, "township", "newborns_visited", "", town_a, AREA_NONE, 90, 1);
    add(&scene, "township", "newborns", "", town_b, AREA_NONE, 300, 1);
    add(&scene, "township", "newborns_visited", "", town_b, AREA_NONE, 0, 0)->not_collected = 1;
    expect_units(&scene, "township", town_a, AREA_NONE, 1);
    expect_units(&scene, "township", town_b, AREA_NONE, 1);
    expect_value(&scene, "newborn_visit_rate", "", 90);
    struct indicator_value value = value_of(&scene, "newborn_visit_rate", "");
    cr_expect_eq(value.reporting, 1);
    cr_expect_eq(value.not_collected, 1);
    cr_expect_eq(value.not_reported, 0);
    cr_expect_eq(value.denominator, 100);
    end(&scene);
}

Test(consolidate, unpaired_reports_within_a_group_are_counted)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "village", "households", "", town_a, AREA_RURAL, 1000, 10);
    add(&scene, "village", "households_tap_water", "", town_a, AREA_RURAL, 720, 8)->not_collected =
        2;
    struct indicator_value value = value_of(&scene, "rural_tap_water", "");
    cr_expect_eq(value.presence, PRESENCE_VALUE);
    cr_expect_eq(value.reporting, 8);
    cr_expect_eq(value.unpaired, 2);
    end(&scene);
}

/* Places in the district's form over residents in the townships' forms: no value until all are in,
 * or a township missing would look like more places for each head. */
Test(consolidate, sides_of_different_levels_wait_for_all)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "health", "childcare_places", "", county, AREA_NONE, 450, 1);
    add(&scene, "township", "resident_population", "", town_a, AREA_NONE, 60000, 1);
    expect_units(&scene, "health", county, AREA_NONE, 1);
    expect_units(&scene, "township", town_a, AREA_NONE, 1);
    expect_units(&scene, "township", town_b, AREA_NONE, 1);
    expect_none(&scene, "childcare_places_per_1000", "", PRESENCE_NOT_REPORTED);
    add(&scene, "township", "resident_population", "", town_b, AREA_NONE, 40000, 1);
    expect_value(&scene, "childcare_places_per_1000", "", 4.5);
    end(&scene);
}

Test(consolidate, sides_of_different_departments_meet_by_place)
{
    struct scene scene;
    begin(&scene);
    const uint64_t other = 450224000000;
    add(&scene, "court", "minors_convicted", "", county, AREA_NONE, 3, 1);
    add(&scene, "police", "minors_population", "", county, AREA_NONE, 30000, 1);
    add(&scene, "police", "minors_population", "", other, AREA_NONE, 50000, 1);
    expect_units(&scene, "court", county, AREA_NONE, 1);
    expect_units(&scene, "court", other, AREA_NONE, 1);
    expect_units(&scene, "police", county, AREA_NONE, 1);
    expect_units(&scene, "police", other, AREA_NONE, 1);
    expect_value(&scene, "minor_crime_share", "", 1);
    struct indicator_value value = value_of(&scene, "minor_crime_share", "");
    cr_expect_eq(value.expected, 2);
    cr_expect_eq(value.reporting, 1);
    end(&scene);
}

Test(consolidate, counts_means_measures_existence)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "village", "left_behind_children", "", town_a, AREA_RURAL, 31, 5);
    add(&scene, "village", "left_behind_children", "", town_b, AREA_URBAN, 11, 2);
    expect_value(&scene, "left_behind_children", "", 42);
    expect_value(&scene, "left_behind_children", "area=urban", 11);

    add(&scene, "education", "sleep_hours", "stage=primary", county, AREA_NONE, 9550, 1);
    add(&scene, "education", "sleep_surveyed", "stage=primary", county, AREA_NONE, 1000, 1);
    add(&scene, "education", "sleep_hours", "stage=junior", county, AREA_NONE, 450, 1);
    add(&scene, "education", "sleep_surveyed", "stage=junior", county, AREA_NONE, 50, 1);
    expect_value(&scene, "sleep_hours", "stage=primary", 9.55);
    expect_value(&scene, "sleep_hours", "", 10000.0 / 1050);

    add(&scene, "health", "newborn_screening_types", "", county, AREA_NONE, 29, 1);
    expect_value(&scene, "newborn_screening_types", "", 29);
    add(&scene, "health", "newborn_screening_types", "", 450224000000, AREA_NONE, 31, 1);
    expect_none(&scene, "newborn_screening_types", "", PRESENCE_NOT_APPLICABLE);

    add(&scene, "culture_tourism", "county_child_centre", "", county, AREA_NONE, 0, 1);
    expect_value(&scene, "county_child_centre", "", 0);
    add(&scene, "culture_tourism", "county_child_centre", "", 450224000000, AREA_NONE, 1, 1);
    expect_value(&scene, "county_child_centre", "", 1);
    end(&scene);
}

/* Vaccination by township: the worst one is the value, whatever the mean. */
Test(consolidate, each_township_counts)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "township", "vaccination_due", "", town_b, AREA_NONE, 1000, 1);
    add(&scene, "township", "vaccination_done", "", town_b, AREA_NONE, 999, 1);
    add(&scene, "township", "vaccination_due", "", town_a, AREA_NONE, 200, 1);
    add(&scene, "township", "vaccination_done", "", town_a, AREA_NONE, 179, 1);
    expect_units(&scene, "township", town_a, AREA_NONE, 1);
    expect_units(&scene, "township", town_b, AREA_NONE, 1);
    expect_units(&scene, "township", town_c, AREA_NONE, 1);
    expect_value(&scene, "vaccination_rate", "", 89.5);
    struct indicator_value value = value_of(&scene, "vaccination_rate", "");
    cr_expect_eq(value.worst_group, town_a);
    cr_expect(value.has_fraction && value.numerator == 179 && value.denominator == 200);
    cr_assert_eq(value.group_count, 3);
    cr_expect_eq(value.groups[0].group, town_a);
    cr_expect_eq(value.groups[1].group, town_b);
    cr_expect_float_eq(value.groups[1].value, 99.9, 1e-9);
    cr_expect(!value.groups[2].has_value && value.groups[2].presence == PRESENCE_NOT_REPORTED);
    cr_expect_eq(value.reporting, 2);
    cr_expect_eq(value.expected, 3);
    end(&scene);
}

Test(consolidate, institutions_of_two_kinds_and_of_none)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "township", "gp_child_min", "", town_a, AREA_NONE, 1, 1);
    add(&scene, "township", "gp_child_min", "institution=township_centre", town_a, AREA_NONE, 2, 1);
    add(&scene, "township", "gp_child_min", "institution=community_centre", town_a, AREA_NONE, 1,
        1);
    add(&scene, "township", "gp_child_min", "", town_b, AREA_NONE, 3, 1);
    add(&scene, "township", "gp_child_min", "institution=township_centre", town_b, AREA_NONE, 3, 1);
    add(&scene, "township", "gp_child_min", "institution=community_centre", town_b, AREA_NONE, 0, 0)
        ->not_applicable = 1;
    expect_value(&scene, "gp_per_centre", "", 1);
    expect_value(&scene, "gp_per_centre", "institution=township_centre", 2);
    struct indicator_value value =
        value_of(&scene, "gp_per_centre", "institution=community_centre");
    cr_expect_eq(value.value, 1);
    cr_assert_eq(value.group_count, 2);
    cr_expect_eq(value.groups[1].presence, PRESENCE_NOT_APPLICABLE);
    cr_expect_not(value.has_fraction);
    end(&scene);
}

/* Each village's activities summed by township: only a mean is left, and says so. */
Test(consolidate, means_stand_for_units_that_cannot_be_told_apart)
{
    struct scene scene;
    begin(&scene);
    add(&scene, "village", "mental_health_activities", "", town_a, AREA_RURAL, 30, 10);
    add(&scene, "village", "mental_health_activities", "", town_b, AREA_RURAL, 2, 1);
    struct indicator_value value = value_of(&scene, "mental_health_activities", "");
    cr_expect_eq(value.value, 2);
    cr_expect_not(value.averaged);
    cr_expect(value.groups[0].averaged && value.groups[0].value == 3);
    end(&scene);
}

Test(consolidate, sorted_tallies_give_the_same)
{
    struct scene scene;
    begin(&scene);
    for (uint64_t i = 0; i < 5; i++) {
        add(&scene, "village", "households", "", town_a + i * 1000, AREA_RURAL, 100, 4);
    }
    for (uint64_t i = 0; i < 5; i++)
        add(&scene, "village", "households_tap_water", "", town_a + i * 1000, AREA_RURAL,
            10 + (double)i, 4);
    add(&scene, "township", "resident_population", "", town_a, AREA_NONE, 9, 1);
    expect_value(&scene, "rural_tap_water", "", 12);
    scene.input.sorted = true;
    expect_value(&scene, "rural_tap_water", "", 12);
    end(&scene);
}

/* By induction over the levels: a county of townships gives what its villages give. */
Test(consolidate, totals_are_the_same_at_every_grouping)
{
    struct scene scene;
    begin(&scene);
    double deaths = 0, due = 0;
    for (uint64_t i = 0; i < 20; i++) {
        double part = (double)(i * 7 % 13), whole = part + (double)(i * 5 % 11);
        add(&scene, "village", "hazard_waters_marked", "", town_a + i % 4 * 1000,
            i % 3 == 0 ? AREA_URBAN : AREA_RURAL, part, 1);
        add(&scene, "village", "hazard_waters", "", town_a + i % 4 * 1000,
            i % 3 == 0 ? AREA_URBAN : AREA_RURAL, whole, 1);
        deaths += part;
        due += whole;
    }
    expect_value(&scene, "hazard_waters_marked_rate", "", deaths / due * 100);
    end(&scene);
}

/* What a district's consolidation brings: sums with the units behind them, and each unit's own. */
Test(consolidate, the_units_of_a_consolidation_stand_in_its_place)
{
    struct scene scene;
    begin(&scene);
    scene.input.consolidated = true;
    add(&scene, "township", "vaccination_due", "", county, AREA_NONE, 1200, 1)->more = 1;
    add(&scene, "township", "vaccination_done", "", county, AREA_NONE, 1178, 1)->more = 1;
    add(&scene, "village", "parent_school", "", county, AREA_NONE, 3, 1)->more = 4;
    struct indicator_value value = value_of(&scene, "parent_school_coverage", "");
    cr_expect_float_eq(value.value, 60, 1e-9, "3 of 5 villages");
    cr_expect_float_eq(value.denominator, 5, 1e-9);
    cr_expect_eq(value.reporting, 1, "one district");
    value = value_of(&scene, "vaccination_rate", "");
    cr_assert_eq(value.group_count, 1);
    cr_expect(value.groups[0].averaged, "its townships are not told apart");
    size_t indicator = plan_indicator(scene.plan, "vaccination_rate");
    struct unit_figure figures[] = {
        {indicator, "",           county, {.group = town_a, .has_value = true, .value = 89.5} },
        {indicator, "",           county, {.group = town_b, .has_value = true, .value = 99.9} },
        {indicator, "",           county, {.group = town_c, .presence = PRESENCE_NOT_REPORTED}},
        {indicator, "area=rural", county, {.group = town_c, .has_value = true, .value = 1}    },
    };
    scene.input.figures = figures;
    scene.input.figure_count = sizeof figures / sizeof *figures;
    value = value_of(&scene, "vaccination_rate", "");
    cr_assert_eq(value.group_count, 3);
    cr_expect_eq(value.groups[2].group, town_c);
    cr_expect_not(value.groups[2].has_value);
    cr_expect_float_eq(value.value, 89.5, 1e-9);
    cr_expect_eq(value.worst_group, town_a);
    cr_expect_not(value.averaged);
    end(&scene);
}
