#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "demo/draw.h"
#include "demo/round.h"
#include "demo/write.h"
#include "plan/plan_dir.h"

#define PLANS ZHIBAO_SOURCE_DIR "/deploy/plans/"
#define MODEL ZHIBAO_SOURCE_DIR "/deploy/demo/model.csv"

enum {
    SEED = 20210101,
    FIRST_YEAR = 2021,
    ARENA_BYTES = 4 * 1024 * 1024,
    MODEL_BYTES = 256 * 1024
};

struct world {
    struct problems problems;
    struct plan_files *files;
    struct plan *plan;
    struct arena *arena;
    struct demo_model model;
    struct demo *demo;
};

static void world_open(struct world *world, const char *dir)
{
    static uint8_t model[MODEL_BYTES];
    FILE *file = fopen(MODEL, "rb");
    cr_assert_not_null(file);
    size_t size = fread(model, 1, sizeof model, file);
    cr_assert(size < sizeof model);
    fclose(file);
    problems_init(&world->problems);
    world->arena = arena_create(ARENA_BYTES);
    cr_assert_eq(plan_dir_read(dir, &world->problems, &world->files), STATUS_OK);
    cr_assert_eq(
        plan_load(world->files->files, world->files->count, &world->problems, &world->plan),
        STATUS_OK);
    cr_assert_eq(
        demo_model_load(world->plan, model, size, world->arena, &world->problems, &world->model),
        STATUS_OK);
    cr_assert_eq(demo_create(world->plan, &world->model, SEED, &world->demo), STATUS_OK);
}

static void world_close(struct world *world)
{
    demo_destroy(&world->demo);
    arena_destroy(&world->arena);
    plan_destroy(&world->plan);
    plan_files_destroy(&world->files);
    problems_clear(&world->problems);
}

static uint64_t hash_text(uint64_t hash, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The exclusive or of all forms' hashes, which does not depend on their order. Each must pass its
 * own checks, the ones with a slip too. */
static uint64_t all_forms(struct world *world, int year, bool backwards)
{
    uint64_t sum = 0;
    const struct plan *plan = world->plan;
    for (size_t n = 0; n < plan->unit_count; n++) {
        const struct unit *unit = &plan->units[backwards ? plan->unit_count - 1 - n : n];
        for (size_t i = 0; i < plan->form_count; i++) {
            const struct form *form = &plan->forms[i];
            for (int slip = 0; slip < 2 && plan_unit_owes(plan, unit, form); slip++) {
                char *text = NULL;
                size_t size = 0;
                struct demo_report report = {plan, unit, form, SEED, FIRST_YEAR, year, slip != 0};
                enum status status =
                    demo_form_text(world->demo, &report, &world->problems, &text, &size);
                cr_assert_eq(status, STATUS_OK, "%s %llu: %s", form->code,
                             (unsigned long long)unit->id,
                             world->problems.count > 0 ? world->problems.items[0].en : "");
                sum ^= hash_text(unit->id, text, size);
                free(text);
            }
        }
    }
    return sum;
}

Test(draw, is_the_documented_function)
{
    struct draw_name name = {"people", "size", "", 450223100201, 0};
    struct draw_name other = {"noise", "households", "area=rural", 450223000000010, 2025};
    cr_assert_eq(draw(20210101, &name), UINT64_C(0x8b7b09d97245eb52));
    cr_assert_eq(draw(20210101, &other), UINT64_C(0x67f9c44990a87e65));
    for (int i = 0; i < 1000; i++) {
        name.year = i;
        int64_t below = draw_below(7, &name, 10), around = draw_around(7, &name, 3);
        cr_assert(below >= 0 && below < 10);
        cr_assert(around >= -3 && around <= 3);
    }
}

Test(people, grow_a_year_older_every_year)
{
    struct people now, later;
    people_of_village(SEED, 450223100201, 2021, &now);
    people_of_village(SEED, 450223100201, 2022, &later);
    for (int age = 0; age + 1 < CHILD_AGES; age++)
        for (int sex = 0; sex < SEXES; sex++)
            cr_assert(later.age[age + 1][sex] <= now.age[age][sex] &&
                      later.age[age + 1][sex] >= now.age[age][sex] - 1);
    cr_assert(now.total >= 200 && now.total <= 4000);
}

Test(demo, every_form_of_every_plan_passes_its_checks)
{
    const char *plans[] = {"luzhai", "siping", "huaiyin", "jinlin", "xinhua"};
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        char dir[512];
        snprintf(dir, sizeof dir, PLANS "%s", plans[i]);
        struct world world;
        world_open(&world, dir);
        for (int year = 2021; year <= 2025; year += 4)
            all_forms(&world, year, false);
        cr_assert_eq(world.problems.count, 0);
        world_close(&world);
    }
}

Test(demo, same_seed_same_bytes_in_any_order)
{
    struct world world;
    world_open(&world, PLANS "luzhai");
    struct world again;
    world_open(&again, PLANS "luzhai");
    uint64_t first = all_forms(&world, 2024, false);
    cr_assert_eq(all_forms(&world, 2024, true), first);
    all_forms(&again, 2021, true);
    cr_assert_eq(all_forms(&again, 2024, false), first);
    world_close(&again);
    world_close(&world);
}

Test(demo, another_seed_is_another_world)
{
    struct world world;
    world_open(&world, PLANS "luzhai");
    uint64_t first = all_forms(&world, 2024, false);
    demo_destroy(&world.demo);
    cr_assert_eq(demo_create(world.plan, &world.model, SEED + 1, &world.demo), STATUS_OK);
    cr_assert_neq(all_forms(&world, 2024, false), first);
    world_close(&world);
}

/* 94% of the children were in kindergarten in 2020, says the plan; the next years go on there. */
Test(demo, rates_go_on_from_the_printed_baseline)
{
    struct world world;
    world_open(&world, PLANS "luzhai");
    const struct unit *education = plan_unit(world.plan, unit_make(450223000000, 11));
    size_t enrolled = plan_element(world.plan, "preschool_enrolled");
    size_t children = plan_element(world.plan, "children_3_5");
    double before = 94;
    for (int year = 2021; year <= 2025; year++) {
        struct figure above = demo_figure(world.demo, education, year, enrolled, "");
        struct figure below = demo_figure(world.demo, education, year, children, "");
        double rate = 100.0 * (double)above.value / (double)below.value;
        cr_assert(rate > before - 0.5 && rate < before + 1.5, "%d: %f", year, rate);
        before = rate;
    }
    world_close(&world);
}

Test(round, has_missing_villages_and_one_slip_a_township)
{
    struct world world;
    world_open(&world, PLANS "luzhai");
    int missing = 0, villages = 0;
    for (size_t i = 0; i < world.plan->place_count; i++) {
        const struct place *place = &world.plan->places[i];
        if (place->level == PLACE_TOWNSHIP) {
            uint64_t village = round_returned(world.plan, SEED, place->code, 2025);
            cr_assert(place_contains(place->code, village));
            cr_assert_not(round_is_missing(SEED, village, 2025));
        }
        if (place->level == PLACE_VILLAGE) {
            villages++;
            missing += round_is_missing(SEED, place->code, 2025);
        }
    }
    cr_assert(missing > 0 && missing < villages / 10);
    world_close(&world);
}

Test(decimal, is_read_exactly)
{
    int64_t value = 0;
    cr_assert(decimal_read("2.41", &value));
    cr_assert_eq(value, 2410000);
    cr_assert(decimal_read("268000000", &value));
    cr_assert_eq(value, INT64_C(268000000000000));
    const char *bad[] = {"", "-1", "1e3", ".5", "1.0000001", "9999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(decimal_read(bad[i], &value), "%s", bad[i]);
}
