/* Duties of the five plans: who, to whom, by when. Moments are written as China's clock shows them.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include "plan/duty.h"
#include "plan_fixture.h"

#define LUZHAI UINT64_C(450223000000)
#define SIPING UINT64_C(220300000000)

/* "2026-02-16 00:00", or "" when no moment follows. */
static const char *due(const struct plan *plan, const char *code, int period, uint32_t promulgated)
{
    static char text[32];
    int64_t due_us = 0;
    const struct duty *duty = plan_duty(plan, code);
    cr_assert_not_null(duty, "%s", code);
    text[0] = '\0';
    if (duty_due_us(plan, duty, period, promulgated, &due_us)) {
        struct tm parts;
        time_t seconds = (time_t)(due_us / 1000000 + INT64_C(8) * 3600);
        cr_assert_not_null(gmtime_r(&seconds, &parts));
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
    }
    return text;
}

Test(duty, is_due_as_the_plan_says)
{
    struct plan *luzhai = fixture_plan("luzhai"), *siping = fixture_plan("siping"),
                *huaiyin = fixture_plan("huaiyin");
    cr_assert_str_eq(due(luzhai, "LZ-duty-17", 2025, 0), "2026-02-16 00:00");
    cr_assert_str_eq(due(luzhai, "LZ-duty-18", 2027, 0), "2028-02-29 00:00");
    cr_assert_str_eq(due(luzhai, "LZ-duty-02", 2025, 0), "");
    cr_assert_str_eq(due(luzhai, "LZ-duty-01", 0, 0), "");
    cr_assert_str_eq(due(luzhai, "LZ-duty-01", 0, 20220301), "2022-04-02 00:00");
    cr_assert_str_eq(due(luzhai, "LZ-duty-01", 0, 20240131), "2024-03-01 00:00");
    cr_assert_str_eq(due(luzhai, "LZ-duty-01", 0, 20211215), "2022-01-16 00:00");
    cr_assert_str_eq(due(luzhai, "LZ-duty-01", 0, 20221301), "");
    cr_assert_str_eq(due(siping, "SP-duty-06", 0, 0), "2026-01-01 00:00");
    cr_assert_str_eq(due(siping, "SP-duty-08", 0, 0), "2031-01-01 00:00");
    cr_assert_str_eq(due(huaiyin, "HY-duty-03", 0, 0), "2024-01-01 00:00");
    plan_destroy(&luzhai);
    plan_destroy(&siping);
    plan_destroy(&huaiyin);
}

Test(duty, goes_to_whom_the_plan_names)
{
    struct plan *luzhai = fixture_plan("luzhai"), *siping = fixture_plan("siping"),
                *xinhua = fixture_plan("xinhua");
    const uint64_t village = unit_make(UINT64_C(450223104201), UNIT_OWN);
    cr_assert_eq(duty_receiver(luzhai, plan_duty(luzhai, "LZ-duty-17"), village),
                 unit_make(UINT64_C(450223104000), UNIT_OWN));
    cr_assert_eq(duty_receiver(luzhai, plan_duty(luzhai, "LZ-duty-01"), unit_make(LUZHAI, 2)),
                 unit_make(UINT64_C(450200000000), UNIT_OFFICE));
    cr_assert_eq(duty_receiver(siping, plan_duty(siping, "SP-duty-07"), unit_make(SIPING, 2)),
                 unit_make(UINT64_C(220000000000), UNIT_OFFICE));
    cr_assert_eq(duty_receiver(luzhai, plan_duty(luzhai, "LZ-duty-02"), unit_make(LUZHAI, 10)),
                 unit_make(LUZHAI, UNIT_OFFICE));
    cr_assert_eq(duty_receiver(luzhai, plan_duty(luzhai, "LZ-duty-06"), unit_make(LUZHAI, 1)), 0);
    cr_assert_eq(duty_receiver(xinhua, plan_duty(xinhua, "XH-duty-06"),
                               unit_make(xinhua->place, UNIT_STATISTICS)),
                 0);
    cr_assert_eq(unit_number(duty_receiver(xinhua, plan_duty(xinhua, "XH-duty-02"),
                                           unit_make(xinhua->place, 17))),
                 17);
    plan_destroy(&luzhai);
    plan_destroy(&siping);
    plan_destroy(&xinhua);
}

Test(duty, is_owed_by_whom_the_plan_names)
{
    struct plan *plan = fixture_plan("luzhai");
    const struct duty *members = plan_duty(plan, "LZ-duty-02"),
                      *village = plan_duty(plan, "LZ-duty-17"),
                      *health = plan_duty(plan, "LZ-duty-19");
    cr_assert(duty_owed_by(plan, members, unit_make(LUZHAI, 10), ROLE_DEPARTMENT, "health"));
    cr_assert(duty_owed_by(plan, members, unit_make(LUZHAI, 1), ROLE_STATISTICS, "statistics"));
    cr_assert_not(duty_owed_by(plan, members, unit_make(LUZHAI, 2), ROLE_OFFICE, "office"));
    cr_assert_not(duty_owed_by(plan, members, unit_make(LUZHAI, 3), ROLE_ADMIN, "admin"));
    cr_assert_not(duty_owed_by(plan, members, unit_make(SIPING, 10), ROLE_DEPARTMENT, "health"));
    cr_assert(duty_owed_by(plan, health, unit_make(LUZHAI, 10), ROLE_DEPARTMENT, "health"));
    cr_assert_not(duty_owed_by(plan, health, unit_make(LUZHAI, 11), ROLE_DEPARTMENT, "police"));
    cr_assert(duty_owed_by(plan, village, unit_make(UINT64_C(450223104201), 0), ROLE_VILLAGE, ""));
    cr_assert_not(
        duty_owed_by(plan, village, unit_make(UINT64_C(450223104000), 0), ROLE_TOWNSHIP, ""));
    cr_assert_null(plan_duty(plan, "LZ-duty-99"));
    plan_destroy(&plan);
}

Test(duty, takes_a_report_a_document_or_nothing)
{
    static const char *const plans[] = {"huaiyin", "jinlin", "luzhai", "siping", "xinhua"};
    for (size_t i = 0; i < 5; i++) {
        struct plan *plan = fixture_plan(plans[i]);
        cr_assert_gt(plan->duty_count, 20);
        for (size_t k = 0; k < plan->duty_count; k++) {
            const struct duty *duty = &plan->duties[k];
            bool report = duty_takes_report(duty), document = duty_takes_document(duty);
            cr_assert_not(report && document, "%s", duty->code);
            cr_assert_eq(report, duty->form[0] != '\0', "%s", duty->code);
            cr_assert_eq(report || document, strcmp(duty->receiver, "none") != 0, "%s", duty->code);
        }
        plan_destroy(&plan);
    }
}
