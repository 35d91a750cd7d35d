#include "stats/attain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "plan_fixture.h"

static const uint64_t town_a = 450223100000, town_b = 450223101000, town_c = 450223102000;

struct scene {
    struct plan *plan;
    struct arena *arena;
    struct target target; /* a copy to change */
    struct indicator_value value;
    struct judge_context context;
    struct judgement result;
};

static const struct target *find(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (strcmp(plan->targets[i].code, code) == 0)
            return &plan->targets[i];
    cr_assert_fail("no target %s", code);
    return NULL;
}

static void begin(struct scene *scene, const char *plan, const char *target, int period)
{
    *scene = (struct scene){.plan = fixture_plan(plan), .arena = arena_create(1 << 16)};
    scene->target = *find(scene->plan, target);
    scene->value =
        (struct indicator_value){.indicator = scene->target.indicator, .presence = PRESENCE_VALUE};
    scene->context.period = period;
}

static void end(struct scene *scene)
{
    arena_destroy(&scene->arena);
    plan_destroy(&scene->plan);
}

static enum attainment run(struct scene *scene)
{
    cr_assert_eq(judge(scene->plan, &scene->target, &scene->value, &scene->context, scene->arena,
                       &scene->result),
                 STATUS_OK);
    cr_expect(scene->result.why_zh[0] != '\0' && scene->result.why_en[0] != '\0');
    return scene->result.attainment;
}

static enum attainment judged(struct scene *scene, double value)
{
    scene->value.value = value;
    return run(scene);
}

/* "婴儿死亡率降至5.0‰以下": 以下 includes the number itself (Civil Code, article 1259). */
Test(attain, at_most_includes_the_bound)
{
    struct scene scene;
    begin(&scene, "luzhai", "LZ-health-G3-2", 2030);
    cr_expect_eq(judged(&scene, 2.31), ATTAINMENT_MET);
    cr_expect_str_eq(scene.result.why_zh, "实际 2.31‰，目标 ≤ 5.0‰");
    cr_expect_str_eq(scene.result.why_en, "2.31‰ against ≤ 5.0‰");
    cr_expect(scene.result.has_bound && scene.result.bound == 5.0);
    cr_expect_eq(judged(&scene, 5.0), ATTAINMENT_MET);
    cr_expect_eq(judged(&scene, 5 * (1 + 1e-12)), ATTAINMENT_MET, "a binary fraction");
    cr_expect_eq(judged(&scene, 5.0004), ATTAINMENT_NOT_MET);
    cr_expect_str_eq(scene.result.why_zh, "实际 5.0004‰，目标 ≤ 5.0‰", "5.00 would read as met");
    end(&scene);
}

Test(attain, a_target_ahead_is_judged_and_says_so)
{
    struct scene scene;
    begin(&scene, "luzhai", "LZ-health-G3-2", 2023);
    cr_expect_eq(judged(&scene, 6), ATTAINMENT_NOT_MET);
    cr_expect_str_eq(scene.result.why_zh, "实际 6.00‰，目标 ≤ 5.0‰（目标年2030）");
    cr_expect_str_eq(scene.result.why_en, "6.00‰ against ≤ 5.0‰ (due 2030)");
    end(&scene);
}

Test(attain, every_operator)
{
    static const struct {
        const char *op;
        enum target_operator code;
        enum attainment below, equal, above;
    } cases[] = {
        {"<=",         TARGET_AT_MOST,       ATTAINMENT_MET,     ATTAINMENT_MET,     ATTAINMENT_NOT_MET},
        {">=",         TARGET_AT_LEAST,      ATTAINMENT_NOT_MET, ATTAINMENT_MET,     ATTAINMENT_MET    },
        {"<",          TARGET_BELOW,         ATTAINMENT_MET,     ATTAINMENT_NOT_MET, ATTAINMENT_NOT_MET},
        {">",          TARGET_ABOVE,         ATTAINMENT_NOT_MET, ATTAINMENT_NOT_MET, ATTAINMENT_MET    },
        {"=",          TARGET_EQUAL,         ATTAINMENT_NOT_MET, ATTAINMENT_MET,     ATTAINMENT_NOT_MET},
        {"maintain>=", TARGET_KEEP_AT_LEAST, ATTAINMENT_NOT_MET, ATTAINMENT_MET,     ATTAINMENT_MET    },
        {"maintain<=", TARGET_KEEP_AT_MOST,  ATTAINMENT_MET,     ATTAINMENT_MET,     ATTAINMENT_NOT_MET},
    };
    struct scene scene;
    begin(&scene, "luzhai", "LZ-health-G3-2", 2030);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scene.target.op = cases[i].code;
        cr_expect_eq(judged(&scene, 4.999), cases[i].below, "%s", cases[i].op);
        cr_expect_eq(judged(&scene, 5.0), cases[i].equal, "%s", cases[i].op);
        cr_expect_eq(judged(&scene, 5.001), cases[i].above, "%s", cases[i].op);
    }
    cr_expect_eq(judged(&scene, 0.1 + 0.2), ATTAINMENT_MET);
    scene.target.op = TARGET_EQUAL;
    scene.target.value = 0.3;
    cr_expect_eq(judged(&scene, 0.1 + 0.2), ATTAINMENT_MET);
    end(&scene);
}

/* "0.85 人左右" has no tolerance: half a unit of the last printed digit, and says so. */
Test(attain, about)
{
    struct scene scene;
    begin(&scene, "huaiyin", "HY-health-T5-1", 2025);
    cr_expect_eq(judged(&scene, 0.85), ATTAINMENT_MET);
    cr_expect_not_null(strstr(scene.result.why_zh, "未写允许误差，按±0.005判断"));
    cr_expect_eq(judged(&scene, 0.845), ATTAINMENT_MET);
    cr_expect_eq(judged(&scene, 0.844), ATTAINMENT_NOT_MET);
    cr_expect_eq(judged(&scene, 1.2), ATTAINMENT_MET, "more doctors than about 0.85");
    scene.target.has_tolerance = true;
    scene.target.tolerance = 0.05;
    cr_expect_eq(judged(&scene, 0.80), ATTAINMENT_MET);
    cr_expect_null(strstr(scene.result.why_zh, "未写"));
    cr_expect_eq(judged(&scene, 0.79), ATTAINMENT_NOT_MET);
    scene.target.indicator = plan_indicator(scene.plan, "birth_sex_ratio"); /* near, no direction */
    cr_expect_eq(judged(&scene, 0.90), ATTAINMENT_MET);
    cr_expect_eq(judged(&scene, 0.91), ATTAINMENT_NOT_MET);
    end(&scene);

    begin(&scene, "huaiyin", "HY-education-T10-1", 2025); /* 98 左右 */
    cr_expect_eq(judged(&scene, 97.5), ATTAINMENT_MET);
    cr_expect_eq(judged(&scene, 97.4), ATTAINMENT_NOT_MET);
    end(&scene);
}

/* "以2020年为基数下降20%": 0.8 times the value of 2020, which no text prints. */
Test(attain, a_fall_on_a_base_year)
{
    struct scene scene;
    begin(&scene, "luzhai", "LZ-safety-G1-1", 2030);
    cr_expect_eq(judged(&scene, 8), ATTAINMENT_NOT_JUDGEABLE);
    cr_expect_not_null(strstr(scene.result.why_zh, "缺2020年基数"));
    cr_expect_not(scene.result.has_bound);
    scene.context.has_base = true;
    scene.context.base = 10.5;
    cr_expect_eq(judged(&scene, 8.4), ATTAINMENT_MET);
    cr_expect_float_eq(scene.result.bound, 8.4, 1e-12);
    cr_expect_eq(judged(&scene, 8.41), ATTAINMENT_NOT_MET);
    cr_expect_str_eq(scene.result.why_zh, "实际 8.41/10万，目标 ≤ 8.40/10万（2020年10.50下降20%）");
    scene.context.has_base = false;
    scene.target.has_base_value = true;
    scene.target.base_value = 20;
    cr_expect_eq(judged(&scene, 16), ATTAINMENT_MET);
    end(&scene);
}

/* "平均每年降低1个百分点": a path; the text names neither base nor base year. */
Test(attain, points_a_year)
{
    struct scene scene;
    begin(&scene, "huaiyin", "HY-health-G7-2", 2023);
    cr_expect_eq(judged(&scene, 50), ATTAINMENT_NOT_JUDGEABLE);
    scene.target.has_base_year = true;
    scene.target.base_year = 2020;
    cr_expect_eq(judged(&scene, 50), ATTAINMENT_NOT_JUDGEABLE);
    scene.context.has_base = true;
    scene.context.base = 55;
    cr_expect_eq(judged(&scene, 52), ATTAINMENT_MET);
    cr_expect_eq(scene.result.bound, 52);
    cr_expect_eq(judged(&scene, 52.1), ATTAINMENT_NOT_MET);
    scene.context.period = 2028; /* the target ends in 2025 */
    cr_expect_eq(judged(&scene, 50), ATTAINMENT_MET);
    cr_expect_eq(scene.result.bound, 50);
    end(&scene);
}

Test(attain, rises_and_falls)
{
    struct scene scene;
    begin(&scene, "luzhai", "LZ-safety-G3-1", 2025); /* drowning mortality to fall */
    cr_expect_eq(judged(&scene, 3), ATTAINMENT_NOT_JUDGEABLE);
    scene.context.has_base = true;
    scene.context.base = 2;
    cr_expect_eq(judged(&scene, 3), ATTAINMENT_NOT_MET);
    scene.context.has_previous = true;
    scene.context.previous = 4;
    cr_expect_eq(judged(&scene, 3), ATTAINMENT_MET, "the year before goes before the base");
    cr_expect_eq(scene.result.bound, 4);
    cr_expect_eq(judged(&scene, 4), ATTAINMENT_NOT_MET, "standing still is no fall");
    scene.context.previous = 0;
    cr_expect_eq(judged(&scene, 0), ATTAINMENT_MET, "none can be fewer than none");
    scene.value.presence = PRESENCE_NOT_REPORTED;
    scene.context.has_base = scene.context.has_previous = false;
    cr_expect_eq(run(&scene), ATTAINMENT_NO_DATA);
    end(&scene);

    begin(&scene, "xinhua", "XH-education-G4-1", 2025); /* "在96％基础上继续巩固提高" */
    scene.context.has_previous = true;
    scene.context.previous = 99;
    cr_expect_eq(judged(&scene, 98), ATTAINMENT_MET, "the base that the sentence prints");
    cr_expect_eq(judged(&scene, 96), ATTAINMENT_NOT_MET);
    end(&scene);
}

Test(attain, what_has_no_figure_is_not_judged)
{
    struct scene scene;
    begin(&scene, "luzhai", "LZ-health-S9-2", 2025);
    cr_expect_eq(judged(&scene, 99), ATTAINMENT_NOT_JUDGEABLE);
    scene.target = *find(scene.plan, "LZ-health-G3-4");
    cr_assert_eq(scene.target.indicator, PLAN_NONE);
    cr_expect_eq(run(&scene), ATTAINMENT_NOT_JUDGEABLE);
    end(&scene);
}

Test(attain, no_data_says_which_nothing)
{
    struct scene scene;
    begin(&scene, "luzhai", "LZ-health-G3-2", 2030);
    scene.value.presence = PRESENCE_NOT_REPORTED;
    scene.value.expected = 9;
    scene.value.reporting = 4;
    cr_expect_eq(run(&scene), ATTAINMENT_NO_DATA);
    cr_expect_str_eq(scene.result.why_zh, "无数据：未报送（应报9个单位，已报4个）");
    scene.value.presence = PRESENCE_NOT_APPLICABLE;
    cr_expect_eq(run(&scene), ATTAINMENT_NO_DATA);
    cr_expect_str_eq(scene.result.why_en, "no value: not applicable");
    scene.value.presence = PRESENCE_NOT_COLLECTED;
    cr_expect_eq(run(&scene), ATTAINMENT_NO_DATA);
    end(&scene);
}

/* "以乡镇为单位保持在90%以上": met only if every township meets it. */
Test(attain, every_township)
{
    struct scene scene;
    struct group_value groups[] = {
        {.group = town_a, .has_value = true, .presence = PRESENCE_VALUE, .value = 95  },
        {.group = town_b, .has_value = true, .presence = PRESENCE_VALUE, .value = 90  },
        {.group = town_c, .has_value = true, .presence = PRESENCE_VALUE, .value = 99.5}
    };
    begin(&scene, "luzhai", "LZ-health-G6-1", 2030);
    scene.value.groups = groups;
    scene.value.group_count = 3;
    cr_expect_eq(judged(&scene, 90), ATTAINMENT_MET);
    cr_expect_str_eq(scene.result.why_zh, "3个乡镇（街道）中全部达标，最差 90.00%，目标 ≥ 90%");
    groups[1].value = 89.99;
    groups[0].value = 12;
    cr_expect_eq(judged(&scene, 12), ATTAINMENT_NOT_MET);
    cr_assert_eq(scene.result.failing_count, 2);
    cr_expect_eq(scene.result.failing[0], town_a);
    cr_expect_eq(scene.result.failing[1], town_b);
    cr_expect_str_eq(scene.result.why_en, "2 of 3 townships miss it, worst 12.00% against ≥ 90%");

    groups[0].value = groups[1].value = 95;
    groups[2].has_value = false;
    groups[2].presence = PRESENCE_NOT_REPORTED;
    cr_expect_eq(judged(&scene, 95), ATTAINMENT_NO_DATA, "one township is not known");
    groups[0].value = 12;
    cr_expect_eq(judged(&scene, 12), ATTAINMENT_NOT_MET, "but one failure decides");
    groups[0].value = 95;
    groups[2].presence = PRESENCE_NOT_APPLICABLE;
    cr_expect_eq(judged(&scene, 95), ATTAINMENT_MET);
    end(&scene);
}

/* Each township's own counts say how sure it is that it meets the target. */
Test(attain, townships_meet_it_for_sure_or_not)
{
    struct scene scene;
    struct group_value groups[] = {
        {town_a, true, PRESENCE_VALUE, false, 95, 3800, 4000},
        {town_b, true, PRESENCE_VALUE, false, 92, 1840, 2000},
    };
    begin(&scene, "luzhai", "LZ-health-S7-1", 2030); /* children, not doses */
    scene.target.scope = SCOPE_EACH_TOWNSHIP;
    scene.value.groups = groups;
    scene.value.group_count = 2;
    cr_expect_eq(judged(&scene, 92), ATTAINMENT_MET, "92%% of 2,000 is 90.7%% at least");
    groups[1] = (struct group_value){town_b, true, PRESENCE_VALUE, false, 92, 92, 100};
    cr_expect_eq(judged(&scene, 92), ATTAINMENT_MET_UNCERTAIN, "92 of 100 is 85%% at least");
    cr_expect_not_null(strstr(scene.result.why_zh, "其中1个人数少"), "%s", scene.result.why_zh);
    cr_expect_not_null(strstr(scene.result.why_en, "1 of them uncertain"), "%s",
                       scene.result.why_en);
    cr_expect_eq(scene.result.failing_count, 0U);
    groups[0].value = 80;
    cr_expect_eq(judged(&scene, 80), ATTAINMENT_NOT_MET, "the worst decides, however unsure");
    scene.target.value = 100;
    groups[0].value = groups[1].value = 100;
    groups[0].numerator = 4000;
    groups[1].numerator = 100;
    cr_expect_eq(judged(&scene, 100), ATTAINMENT_MET, "all of them are all of them");
    end(&scene);
}

/* In a township's own results the groups are its villages. */
Test(attain, villages_are_called_villages)
{
    struct scene scene;
    struct group_value groups[] = {
        {.group = town_a + 201, .has_value = true, .presence = PRESENCE_VALUE, .value = 95},
        {.group = town_a + 202, .has_value = true, .presence = PRESENCE_VALUE, .value = 80}
    };
    begin(&scene, "luzhai", "LZ-health-G6-1", 2030);
    scene.value.groups = groups;
    scene.value.group_count = 2;
    cr_expect_eq(judged(&scene, 80), ATTAINMENT_NOT_MET);
    cr_expect_str_eq(scene.result.why_zh, "2个村（社区）中1个未达标，最差 80.00%，目标 ≥ 90%");
    cr_expect_str_eq(scene.result.why_en, "1 of 2 villages miss it, worst 80.00% against ≥ 90%");
    groups[0].group = town_b;
    cr_expect_eq(judged(&scene, 80), ATTAINMENT_NOT_MET);
    cr_expect_not_null(strstr(scene.result.why_en, "1 of 2 areas"), "%s", scene.result.why_en);
    end(&scene);
}

/* "全覆盖" is not shown while units have not reported: met by the figures, with the caveat. */
Test(attain, all_is_not_all_while_units_are_missing)
{
    struct scene scene;
    begin(&scene, "luzhai", "LZ-health-G6-1", 2030); /* any percentage up to 100 */
    scene.target.scope = SCOPE_LOCAL;
    scene.target.op = TARGET_EQUAL;
    scene.target.value = 100;
    scene.target.value_text = "100";
    scene.value.expected = 9;
    scene.value.reporting = 6;
    scene.value.not_applicable = 1;
    cr_expect_eq(judged(&scene, 100), ATTAINMENT_MET);
    cr_expect_eq(scene.result.missing, 2);
    cr_expect_str_eq(scene.result.why_zh, "实际 100.00%，目标 = "
                                          "100%；应报9个单位，还有2个没有数，只是已报的全部达到");
    cr_expect_str_eq(scene.result.why_en, "100.00% against = 100%; 2 of 9 units gave no figure: "
                                          "met by those that did");
    cr_expect_eq(judged(&scene, 99), ATTAINMENT_NOT_MET);
    cr_expect_eq(scene.result.missing, 0);
    scene.value.reporting = 8;
    cr_expect_eq(judged(&scene, 100), ATTAINMENT_MET);
    cr_expect_eq(scene.result.missing, 0);
    cr_expect_str_eq(scene.result.why_en, "100.00% against = 100%");
    scene.value.reporting = 6; /* 90% is not asked of all */
    scene.target.op = TARGET_AT_LEAST;
    scene.target.value = 90;
    cr_expect_eq(judged(&scene, 100), ATTAINMENT_MET);
    cr_expect_eq(scene.result.missing, 0);

    const struct group_value group = {
        .group = town_a, .has_value = true, .presence = PRESENCE_VALUE, .value = 95};
    scene.target.scope = SCOPE_EACH_TOWNSHIP;
    scene.value.groups = &group;
    scene.value.group_count = 1;
    cr_expect_eq(judged(&scene, 95), ATTAINMENT_MET);
    cr_expect_eq(scene.result.missing, 2, "every township, but not of every unit");
    end(&scene);
}

Test(attain, a_county_mean_cannot_show_each_township)
{
    struct scene scene;
    const struct group_value county = {
        .group = 450223000000, .has_value = true, .presence = PRESENCE_VALUE, .value = 99};
    begin(&scene, "luzhai", "LZ-health-G6-1", 2030);
    scene.value.groups = &county;
    scene.value.group_count = 1;
    cr_expect_eq(judged(&scene, 99), ATTAINMENT_NOT_JUDGEABLE);
    end(&scene);
}

Test(attain, each_institution)
{
    struct scene scene;
    struct group_value groups[] = {
        {.group = town_a, .has_value = true, .presence = PRESENCE_VALUE, .value = 1},
        {.group = town_b, .has_value = true, .presence = PRESENCE_VALUE, .value = 0}
    };
    begin(&scene, "luzhai", "LZ-health-S2-4", 2030);
    scene.value.groups = groups;
    scene.value.group_count = 2;
    cr_expect_eq(judged(&scene, 0), ATTAINMENT_NOT_MET);
    cr_expect_eq(scene.result.failing_count, 1);
    groups[1].value = 2;
    cr_expect_eq(judged(&scene, 1), ATTAINMENT_MET);
    scene.target.indicator = plan_indicator(scene.plan, "psych_teacher_rate");
    scene.value.group_count = 0;
    cr_expect_eq(judged(&scene, 1), ATTAINMENT_NOT_JUDGEABLE, "a rate cannot show each");
    end(&scene);
}

Test(attain, means_prove_a_failure_but_no_success)
{
    struct scene scene;
    struct group_value groups[] = {
        {.group = town_a,
         .has_value = true,
         .presence = PRESENCE_VALUE,
         .averaged = true,
         .value = 1.5}
    };
    begin(&scene, "luzhai", "LZ-family-S8-1", 2025); /* at least one a year at every site */
    scene.value.groups = groups;
    scene.value.group_count = 1;
    cr_expect_eq(judged(&scene, 1.5), ATTAINMENT_NOT_JUDGEABLE);
    groups[0].value = 0.9;
    cr_expect_eq(judged(&scene, 0.9), ATTAINMENT_NOT_MET);
    end(&scene);
}

static const char *decides(const struct plan *plan, const char *indicator, const char *stratum,
                           int period)
{
    size_t index = deciding_target(plan, plan_indicator(plan, indicator), stratum, period);
    return index == PLAN_NONE ? "" : plan->targets[index].code;
}

/* Next due year; local before quoted higher levels; figures before wishes. */
Test(attain, the_nearest_due_local_target_decides)
{
    struct plan *plan = fixture_plan("xinhua");
    cr_expect_str_eq(decides(plan, "imr", "", 2023), "XH-health-G3-2");
    cr_expect_str_eq(decides(plan, "imr", "", 2025), "XH-health-G3-2");
    cr_expect_str_eq(decides(plan, "imr", "", 2026), "XH-health-G3-5");
    cr_expect_str_eq(decides(plan, "imr", "", 2033), "XH-health-G3-5");
    cr_expect_str_eq(decides(plan, "vaccination_rate", "", 2023), "XH-health-G6-1");
    cr_expect_str_eq(decides(plan, "parent_school_coverage", "area=rural", 2024), "XH-family-G6-2");
    cr_expect_str_eq(decides(plan, "parent_school_coverage", "", 2024), "");
    cr_expect_str_eq(decides(plan, "psych_hours_primary", "", 2024), "XH-health-S12-1");
    cr_expect_str_eq(decides(plan, "green_schools", "", 2024), "");
    plan_destroy(&plan);
}

Test(attain, sentences_are_whole_characters)
{
    struct scene scene;
    char text[200];
    begin(&scene, "luzhai", "LZ-safety-G1-1", 2025);
    memset(text, '9', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    scene.target.value_text = text;
    scene.context.has_base = true;
    scene.context.base = 1e300;
    scene.target.value = 1e300;
    judged(&scene, -1e300);
    cr_expect_lt(strlen(scene.result.why_zh), ATTAIN_WHY_BYTES);
    end(&scene);
}

/* "年均下降1个百分点以上": against the path since the base, and the year by itself is told. */
Test(attain, points_a_year_are_told_yearly_too)
{
    struct scene scene;
    begin(&scene, "huaiyin", "HY-health-G7-2", 2024);
    scene.target.has_base_year = true;
    scene.target.base_year = 2020;
    scene.context.has_base = true;
    scene.context.base = 56;
    scene.context.has_previous = true;
    scene.context.previous = 52.4;
    cr_expect_eq(judged(&scene, 51.9), ATTAINMENT_MET, "four points in four years");
    cr_expect(strstr(scene.result.why_en, "this year 0.50, too little") != NULL, "%s",
              scene.result.why_en);
    scene.context.previous = 53.5;
    cr_expect_eq(judged(&scene, 52.4), ATTAINMENT_NOT_MET, "3.6 points in four years");
    cr_expect(strstr(scene.result.why_zh, "当年降1.10，达到") != NULL, "%s", scene.result.why_zh);
    end(&scene);
}
