/* A plan amended at mid-term and its successor: one series, each year judged by what was in force.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "place.pb-c.h"
#include "plan/form_check.h"
#include "test_query_world.h"

#define DISTRICT   UINT64_C(450223000000)
#define TOWNSHIP   UINT64_C(450223100000)
#define VILLAGE    UINT64_C(450223100201000)
#define STATISTICS (DISTRICT * 1000 + UNIT_STATISTICS)
#define ADMIN      (DISTRICT * 1000 + UNIT_ADMIN)

static double tap_water;
static void fill(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                 uint32_t *out_presence, double *out_value)
{
    const char *element = plan->elements[cell->element].code;
    (void)unit, (void)period;
    *out_presence = PRESENCE_VALUE;
    *out_value = strcmp(element, "households") == 0             ? 1000
                 : strcmp(element, "households_tap_water") == 0 ? tap_water
                                                                : 0;
}

static void report_accepted(int year, double value)
{
    tap_water = value;
    size_t record = world_report(VILLAGE, "village", year, 1, fill);
    world_check(SIZE_MAX);
    world_review(TOWNSHIP * 1000, record, true, "");
}

static const Zhibao__SeriesReply *series(void)
{
    Zhibao__Series asked = ZHIBAO__SERIES__INIT;
    enum status status = STATUS_OK;
    asked.place = DISTRICT;
    asked.indicator = (char *)(uintptr_t) "rural_tap_water";
    const ProtobufCMessage *answer =
        world_ask(STATISTICS, ZHIBAO__KIND__KIND_SERIES, &asked.base, &status);
    cr_assert_not_null(answer, "series: %s", status_name(status));
    return (const Zhibao__SeriesReply *)answer;
}

static void point_check(const Zhibao__SeriesReply *reply, uint32_t year, const char *plan,
                        uint32_t version, double value, const char *target,
                        Zhibao__Attainment attainment)
{
    const Zhibao__SeriesPoint *point = NULL;
    for (size_t i = 0; i < reply->n_points; i++)
        if (reply->points[i]->year == year)
            point = reply->points[i];
    cr_assert_not_null(point, "no point for %u", year);
    cr_expect_str_eq(point->plan, plan, "%u: %s", year, point->plan);
    cr_expect_eq(point->version, version, "%u: version %u", year, point->version);
    cr_expect_eq(point->value, value, "%u: %g", year, point->value);
    cr_expect_str_eq(point->target_value, target, "%u: target %s", year, point->target_value);
    cr_expect_eq(point->attainment, attainment, "%u: attainment %d", year, (int)point->attainment);
}

static void pull_check(uint32_t year, const char *plan, const char *target)
{
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.place = DISTRICT;
    asked.period = year;
    asked.indicator = (char *)(uintptr_t) "rural_tap_water";
    const Zhibao__Pulled *pulled = (const Zhibao__Pulled *)world_ask(
        STATISTICS, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
    cr_assert_not_null(pulled, "pull of %u: %s", year, status_name(status));
    cr_expect_str_eq(pulled->plan, plan, "%u: %s", year, pulled->plan);
    cr_assert_eq(pulled->indicators[0]->n_targets, 1);
    cr_expect_str_eq(pulled->indicators[0]->targets[0]->value, target, "%u: %s", year,
                     pulled->indicators[0]->targets[0]->value);
}

#define MET     ZHIBAO__ATTAINMENT__ATTAINMENT_MET
#define NOT_MET ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_MET

/* 2021 to 2030 aims at 90; from 2026 on at 95, then, the amendment being corrected, at 96; the plan
 * that begins in 2031 aims at 98. */
Test(query_plans, amended_at_mid_term_and_succeeded)
{
#define COLUMN                                                        \
    {                                                                 \
        "plan.csv", "status,source\n", "status,source,amended_from\n" \
    }
#define FROM_2026                                       \
    {                                                   \
        "plan.csv", "年）全文\n", "年）全文,2026\n" \
    }
#define TARGET(value)                                                      \
    {                                                                      \
        "targets.csv", "LZ-environment-G7-1,rural_tap_water,,>=,90,2030,", \
            "LZ-environment-G7-1,rural_tap_water,,>=," value ","           \
    }
    static const char *const amended[][3] = {
        COLUMN, FROM_2026, TARGET("95,2030"), {NULL, NULL, NULL}
    };
    static const char *const corrected[][3] = {
        COLUMN, FROM_2026, TARGET("96,2030"), {NULL, NULL, NULL}
    };
    static const char *const successor[][3] = {
        {"plan.csv", "luzhai,",     "luzhai2031,"},
        {"plan.csv", ",2021,2030,", ",2031,2040,"},
        TARGET("98,2040"),
        {NULL,       NULL,          NULL         },
    };
    world_get();
    report_accepted(2025, 920);
    world_import("luzhai", ADMIN, amended);
    world_import("luzhai", ADMIN, corrected);
    report_accepted(2026, 920);
    report_accepted(2030, 990);
    point_check(series(), 2025, "luzhai", 0, 92, "90", MET);
    point_check(series(), 2026, "luzhai", 2026, 92, "96", NOT_MET);

    world_import_as("luzhai", "luzhai2031", ADMIN, successor);
    report_accepted(2031, 970);
    const Zhibao__SeriesReply *reply = series();
    cr_expect_eq(reply->n_points, 20, "2021 to 2040 without a gap");
    for (size_t i = 1; i < reply->n_points; i++)
        cr_expect_eq(reply->points[i]->year, reply->points[i - 1]->year + 1);
    point_check(reply, 2025, "luzhai", 0, 92, "90", MET);
    point_check(reply, 2026, "luzhai", 2026, 92, "96", NOT_MET);
    point_check(reply, 2030, "luzhai", 2026, 99, "96", MET);
    point_check(reply, 2031, "luzhai2031", 0, 97, "98", NOT_MET);
    pull_check(2025, "luzhai", "90");
    pull_check(2026, "luzhai", "96");
    pull_check(2031, "luzhai2031", "98");

    /* the former plan is corrected once more: its units stay with the successor */
    world_import("luzhai", ADMIN, corrected);
    cr_expect_eq(world_number("select count(*) from zhibao.unit where plan = 'luzhai'"), 0);
    point_check(series(), 2031, "luzhai2031", 0, 97, "98", NOT_MET);

    /* a registry that starts anew finds the earlier version too */
    struct registry *fresh = NULL;
    cr_assert_eq(registry_create(&fresh), STATUS_OK);
    cr_assert_eq(registry_refresh(fresh, world_get()->db, NULL), STATUS_OK);
    const struct plan *plan = registry_plan(fresh, "luzhai");
    cr_assert_not_null(plan);
    cr_expect_eq(plan->amended_from, 2026);
    cr_assert_not_null(plan->earlier);
    cr_expect_eq(plan->earlier->amended_from, 0);
    cr_expect_eq(plan_version(plan, 2025), plan->earlier);
    cr_expect_eq(plan_version(plan, 2026), plan);
    registry_destroy(&fresh);
}
