/* What a district says to the level above besides its sums: each unit's figures, and explanations.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "plan_fixture.h"
#include "server/uplink/uplink_explained.h"
#include "wire/codec.h"

enum { PLACES = 30, YEAR_CELLS = 4 };

struct scene {
    struct plan *plan;
    struct arena *arena;
    struct tally tallies[2 * PLACES];
    struct consolidation_input input;
    Zhibao__FormSheet sheet;
    Zhibao__FormCell cells[YEAR_CELLS];
    Zhibao__FormCell *listed[YEAR_CELLS];
};

static uint32_t cell_of(const struct plan *plan, const char *form, const char *element)
{
    const struct form *found = plan_form(plan, form);
    size_t wanted = plan_element(plan, element);
    cr_assert(found != NULL && wanted != PLAN_NONE);
    for (size_t i = 0; i < found->cell_count; i++)
        if (found->cells[i].element == wanted && found->cells[i].stratum[0] == '\0')
            return found->cells[i].number;
    cr_assert_fail("no cell for %s", element);
    return 0;
}

/* Thirty townships with what vaccination_rate and child_doctors_per_centre are made of. */
static void scene_begin(struct scene *scene)
{
    static const char *const elements[] = {"vaccination_due", "vaccination_done"};
    memset(scene, 0, sizeof *scene);
    scene->plan = fixture_plan("siping");
    scene->arena = arena_create(16 << 20);
    size_t form = (size_t)(plan_form(scene->plan, "township") - scene->plan->forms), count = 0;
    for (size_t k = 0; k < 2; k++)
        for (uint64_t i = 0; i < PLACES; i++)
            scene->tallies[count++] =
                (struct tally){.group = 220322100000 + i * 1000,
                               .form = form,
                               .cell = cell_of(scene->plan, "township", elements[k]),
                               .sum = k == 0 ? 100 : 100 - (double)i,
                               .units = 1};
    scene->input = (struct consolidation_input){
        .plan = scene->plan, .tallies = scene->tallies, .tally_count = count};
}

static void scene_end(struct scene *scene)
{
    plan_destroy(&scene->plan);
    arena_destroy(&scene->arena);
}

static void sheet_cell(struct scene *scene, uint32_t number, const char *element,
                       const char *stratum)
{
    Zhibao__FormCell *cell = &scene->cells[scene->sheet.n_cells];
    zhibao__form_cell__init(cell);
    cell->cell = number;
    cell->element = (char *)(uintptr_t)element;
    cell->stratum = (char *)(uintptr_t)stratum;
    scene->listed[scene->sheet.n_cells++] = cell;
    scene->sheet.cells = scene->listed;
}

Test(uplink, each_units_figures_go_whole_or_not_at_all)
{
    struct scene scene;
    Zhibao__Report all = ZHIBAO__REPORT__INIT, none = ZHIBAO__REPORT__INIT;
    size_t left_out = 9;
    scene_begin(&scene);
    cr_assert_eq(uplink_units(&scene.input, UPLINK_UNITS_MAX, scene.arena, &all, &left_out),
                 STATUS_OK);
    cr_expect_eq(left_out, 0U);
    cr_expect_eq(all.n_units, (size_t)PLACES, "%zu", all.n_units);
    for (size_t i = 0; i < all.n_units; i++)
        cr_expect_float_eq(all.units[i]->value, 100 - (double)i, 1e-9);

    /* the worst is the last: a list cut short would tell the level above that all is well */
    cr_assert_eq(uplink_units(&scene.input, PLACES - 1, scene.arena, &none, &left_out), STATUS_OK);
    cr_expect_eq(left_out, 1U);
    cr_expect_eq(none.n_units, 0U);
    scene_end(&scene);
}

Test(uplink, the_largest_report_can_be_sent_and_read)
{
    enum { CELLS = 200 };
    struct arena *arena = arena_create(64 << 20);
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    char text[UPLINK_EXPLAINED_BYTES / CELLS];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    report.units = arena_array(arena, UPLINK_UNITS_MAX, sizeof *report.units);
    report.explanations = arena_array(arena, CELLS, sizeof *report.explanations);
    for (size_t i = 0; i < UPLINK_UNITS_MAX; i++) {
        Zhibao__UnitFigure *figure = arena_alloc(arena, sizeof *figure);
        zhibao__unit_figure__init(figure);
        *figure = (Zhibao__UnitFigure){.base = figure->base,
                                       .indicator = (char *)"child_doctors_per_centre",
                                       .stratum = (char *)"area=rural",
                                       .place = 220322100000 + i,
                                       .presence = ZHIBAO__PRESENCE__PRESENCE_VALUE,
                                       .value = .1,
                                       .numerator = .1,
                                       .denominator = .1,
                                       .averaged = true};
        report.units[report.n_units++] = figure;
    }
    for (size_t i = 0; i < CELLS; i++) {
        Zhibao__Explanation *explanation = arena_alloc(arena, sizeof *explanation);
        zhibao__explanation__init(explanation);
        explanation->cell = (uint32_t)i + 1;
        explanation->text = text;
        report.explanations[report.n_explanations++] = explanation;
    }
    size_t size = 0;
    ProtobufCMessage *again = NULL;
    uint8_t *bytes = message_write(arena, &report.base, &size);
    cr_expect_leq(size, (size_t)WIRE_CONSOLIDATION_MAX, "%zu", size);
    cr_expect_eq(message_read(&zhibao__report__descriptor, arena, bytes, size, &again), STATUS_OK);
    arena_destroy(&arena);
}

static struct uplink_said said_of(struct scene *scene, const char *form, const char *element,
                                  uint64_t unit, double value, const char *text, const char *name)
{
    struct explained_row *row = arena_alloc(scene->arena, sizeof *row);
    *row = (struct explained_row){.unit = unit,
                                  .form = (char *)(uintptr_t)form,
                                  .text = (char *)(uintptr_t)text,
                                  .cell = cell_of(scene->plan, form, element),
                                  .presence = PRESENCE_VALUE,
                                  .value = value};
    return (struct uplink_said){row, name};
}

Test(uplink, explanations_go_with_the_sums_they_are_part_of)
{
    struct scene scene;
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    scene_begin(&scene);
    sheet_cell(&scene, 3, "households", "area=rural");
    sheet_cell(&scene, 4, "households", "area=urban");
    sheet_cell(&scene, 7, "vaccination_due", "");
    sheet_cell(&scene, 8, "vaccination_done", "");
    const struct uplink_said said[] = {
        said_of(&scene, "village", "households", 220322100201000, 320, "新建安置点", "甲村"),
        said_of(&scene, "village", "households", 220322100202000, 7.5, "整村搬迁", "乙村"),
        said_of(&scene, "village", "households", 220322100001000, 900, "新小区入住", "丙社区"),
        said_of(&scene, "township", "vaccination_due", 220322100000000, 12, "两年合并接种", "丁镇"),
    };
    cr_assert_eq(uplink_explained(scene.plan, &scene.sheet, said, sizeof said / sizeof *said,
                                  scene.arena, &report),
                 STATUS_OK);
    cr_assert_eq(report.n_explanations, 3U);
    cr_expect_eq(report.explanations[0]->cell, 3U);
    cr_expect_str_eq(report.explanations[0]->text,
                     "甲村（320）：新建安置点；乙村（7.5）：整村搬迁");
    cr_expect_eq(report.explanations[1]->cell, 4U);
    cr_expect_str_eq(report.explanations[1]->text, "丙社区（900）：新小区入住");
    cr_expect_eq(report.explanations[2]->cell, 7U);
    cr_expect_str_eq(report.explanations[2]->text, "丁镇（12）：两年合并接种");
    scene_end(&scene);
}

Test(uplink, explanations_that_do_not_fit_are_counted)
{
    enum { MANY = 50, LONG = 1990 };
    struct scene scene;
    struct uplink_said said[MANY];
    char text[LONG + 1];
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    scene_begin(&scene);
    sheet_cell(&scene, 3, "households", "");
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    for (size_t i = 0; i < MANY; i++)
        said[i] = said_of(&scene, "village", "households", 220322100201000 + i * 1000, 1,
                          i == 0 ? text : "短", "村");
    cr_assert_eq(uplink_explained(scene.plan, &scene.sheet, said, MANY, scene.arena, &report),
                 STATUS_OK);
    cr_assert_eq(report.n_explanations, 1U);
    const char *told = report.explanations[0]->text;
    cr_expect_leq(strlen(told), 2000U);
    cr_expect(strncmp(told, "村（1）：xxx", strlen("村（1）：xxx")) == 0, "%s", told);
    cr_expect(strstr(told, "……") != NULL && strstr(told, "说明在区县可查") != NULL, "%s", told);
    scene_end(&scene);
}
