#include "plan/form_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "plan/unit_words.h"
#include "plan_fixture.h"

enum { CELLS_MAX = 128 };

/* A report under construction: every cell of the form, changed one by one. */
struct report {
    struct plan *plan;
    const struct form *form;
    size_t count;
    uint32_t cell[CELLS_MAX], presence[CELLS_MAX];
    double value[CELLS_MAX];
    struct problems problems;
};

static size_t at(const struct report *report, uint32_t cell)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->cell[i] == cell)
            return i;
    cr_assert_fail("no cell %u", cell);
    return 0;
}

static void set(struct report *report, uint32_t cell, double value)
{
    report->presence[at(report, cell)] = PRESENCE_VALUE;
    report->value[at(report, cell)] = value;
}

static void say(struct report *report, uint32_t cell, enum presence presence)
{
    report->presence[at(report, cell)] = presence;
    report->value[at(report, cell)] = 0;
}

static void leave_out(struct report *report, uint32_t cell)
{
    size_t index = at(report, cell);
    report->count--;
    for (size_t i = index; i < report->count; i++) {
        report->cell[i] = report->cell[i + 1];
        report->presence[i] = report->presence[i + 1];
        report->value[i] = report->value[i + 1];
    }
}

static struct observations columns(const struct report *report)
{
    return (struct observations){report->count, report->cell, report->presence, report->value};
}

static enum status check(struct report *report)
{
    problems_clear(&report->problems);
    struct observations observations = columns(report);
    return form_check(report->plan, report->form, &observations, &report->problems);
}

/* All zeros, which are always consistent. */
static void begin(struct report *report, const char *form)
{
    *report = (struct report){.plan = fixture_plan("luzhai")};
    report->form = plan_form(report->plan, form);
    cr_assert_not_null(report->form);
    for (size_t i = 0; i < report->form->cell_count; i++) {
        report->cell[i] = report->form->cells[i].number;
        report->presence[i] = PRESENCE_VALUE;
        report->value[i] = 0;
    }
    report->count = report->form->cell_count;
    problems_init(&report->problems);
}

static void end(struct report *report)
{
    problems_clear(&report->problems);
    plan_destroy(&report->plan);
}

static void expect(struct report *report, enum status code, uint32_t cell)
{
    enum status status = check(report);
    cr_expect_eq(status, code, "%s instead of %s", status_name(status), status_name(code));
    bool named = false;
    for (size_t i = 0; i < report->problems.count; i++)
        named = named ||
                (report->problems.items[i].code == code && report->problems.items[i].cell == cell);
    cr_expect(named || code == STATUS_OK, "no %s of cell %u", status_name(code), cell);
    for (size_t i = 0; i < report->problems.count && !named && code != STATUS_OK; i++)
        cr_log_error("%s: %s", report->problems.items[i].field, report->problems.items[i].en);
    cr_expect(code != STATUS_OK || report->problems.count == 0);
}

Test(form_check, a_plain_village_report_passes)
{
    struct report report;
    begin(&report, "village");
    expect(&report, STATUS_OK, 0);
    for (uint32_t cell = 1; cell <= 10; cell++)
        set(&report, cell, 12);
    set(&report, 11, 30);
    set(&report, 14, 30);
    set(&report, 17, 1);
    set(&report, 20, 17.5);
    set(&report, 19, 1);
    set(&report, 26, 400);
    set(&report, 27, 399);
    expect(&report, STATUS_OK, 0);
    end(&report);
}

Test(form_check, cells_are_known_and_ascending)
{
    struct report report;
    begin(&report, "village");
    report.cell[3] = 99;
    expect(&report, STATUS_E_CELL_UNKNOWN, 99);
    report.cell[3] = 3;
    expect(&report, STATUS_E_CELL_ORDER, 3);
    cr_expect_str_eq(report.problems.items[0].field, "observations.cell[3]");
    report.cell[3] = 2;
    expect(&report, STATUS_E_CELL_ORDER, 2);
    report.cell[3] = 0;
    expect(&report, STATUS_E_CELL_ORDER, 0);
    end(&report);
}

Test(form_check, the_four_kinds_of_nothing_stay_apart)
{
    struct report report;
    begin(&report, "village");
    say(&report, 20, PRESENCE_NOT_APPLICABLE);
    say(&report, 21, PRESENCE_NOT_APPLICABLE);
    say(&report, 25, PRESENCE_NOT_COLLECTED);
    expect(&report, STATUS_OK, 0);
    say(&report, 25, PRESENCE_NOT_REPORTED);
    expect(&report, STATUS_E_REQUIRED, 25);
    leave_out(&report, 25);
    expect(&report, STATUS_E_REQUIRED, 25);
    cr_expect_eq(report.problems.count, 1);
    end(&report);
}

Test(form_check, presence_is_stated_and_alone)
{
    struct report report;
    begin(&report, "village");
    report.presence[4] = 0;
    expect(&report, STATUS_E_PRESENCE, 5);
    report.presence[4] = 5;
    expect(&report, STATUS_E_PRESENCE, 5);
    report.presence[4] = PRESENCE_NOT_COLLECTED;
    report.value[4] = 3;
    expect(&report, STATUS_E_PRESENCE, 5);
    report.value[4] = NAN;
    expect(&report, STATUS_E_PRESENCE, 5);
    end(&report);
}

Test(form_check, values)
{
    struct report report;
    begin(&report, "village");
    set(&report, 26, NAN);
    expect(&report, STATUS_E_NOT_FINITE, 26);
    set(&report, 26, INFINITY);
    expect(&report, STATUS_E_NOT_FINITE, 26);
    set(&report, 26, -1);
    expect(&report, STATUS_E_NEGATIVE, 26);
    set(&report, 26, -0.0);
    expect(&report, STATUS_OK, 0);
    set(&report, 26, 3.5);
    expect(&report, STATUS_E_DECIMALS, 26);
    set(&report, 26, 1e15);
    expect(&report, STATUS_E_RANGE, 26);
    set(&report, 26, 0);
    set(&report, 19, 1);
    set(&report, 20, 169);
    expect(&report, STATUS_E_RANGE, 20);
    set(&report, 20, 16.25);
    expect(&report, STATUS_E_DECIMALS, 20);
    set(&report, 20, 168);
    expect(&report, STATUS_OK, 0);
    set(&report, 17, 2);
    expect(&report, STATUS_E_YESNO, 17);
    set(&report, 17, 0.5);
    expect(&report, STATUS_E_YESNO, 17);
    set(&report, 17, -1);
    expect(&report, STATUS_E_YESNO, 17);
    end(&report);
}

Test(form_check, decimal_fractions_are_not_binary_ones)
{
    struct report report;
    begin(&report, "education");
    uint32_t hours = 38; /* outdoor_hours_children, one decimal */
    set(&report, 37, 1000000);
    for (int i = 1; i < 1000; i++) {
        set(&report, hours, i / 10.0);
        cr_expect_eq(check(&report), STATUS_OK, "%.17g", i / 10.0);
    }
    set(&report, hours, 0.3);
    expect(&report, STATUS_OK, 0);
    set(&report, hours, 0.31);
    expect(&report, STATUS_E_DECIMALS, hours);
    end(&report);
}

Test(form_check, a_numerator_is_not_above_its_denominator)
{
    struct report report;
    begin(&report, "village");
    set(&report, 26, 100);
    set(&report, 27, 101);
    expect(&report, STATUS_E_NUMERATOR_ABOVE_DENOMINATOR, 27);
    cr_expect_not_null(strstr(report.problems.items[0].zh, "101"));
    cr_expect_not_null(strstr(report.problems.items[0].zh, "100"));
    set(&report, 27, 100);
    expect(&report, STATUS_OK, 0);
    end(&report);
}

Test(form_check, in_each_stratum_too)
{
    struct report report;
    begin(&report, "education");
    set(&report, 27, 100); /* vision tested: primary, junior */
    set(&report, 28, 100);
    set(&report, 30, 101); /* myopic, primary */
    expect(&report, STATUS_E_NUMERATOR_ABOVE_DENOMINATOR, 30);
    end(&report);
}

Test(form_check, every_stratum_of_a_form_has_words)
{
    static const char *const plans[] = {"luzhai", "siping", "xinhua", "huaiyin", "jinlin"};
    char words[128];
    for (size_t p = 0; p < sizeof plans / sizeof *plans; p++) {
        struct plan *plan = fixture_plan(plans[p]);
        for (size_t f = 0; f < plan->form_count; f++)
            for (size_t i = 0; i < plan->forms[f].cell_count; i++)
                for (int english = 0; english < 2; english++)
                    cr_expect_null(strchr(stratum_words(plan->forms[f].cells[i].stratum,
                                                        english == 1, words, sizeof words),
                                          '='),
                                   "%s: %s", plans[p], words);
        plan_destroy(&plan);
    }
}

Test(form_check, a_label_says_the_stratum_as_the_template_does)
{
    char zh[FORM_LABEL_BYTES], en[FORM_LABEL_BYTES];
    struct report report;
    begin(&report, "village");
    form_label(report.plan, report.form, 0, zh, en);
    cr_expect(strstr(zh, " 男 0-2岁”") != NULL, "%s", zh);
    cr_expect(strstr(en, " male aged 0-2)") != NULL, "%s", en);
    end(&report);
}

Test(form_check, gross_rates_may_pass_a_hundred)
{
    struct report report;
    begin(&report, "education");
    set(&report, 9, 100);
    set(&report, 10, 120); /* senior_gross has no upper bound; the check of it is soft */
    expect(&report, STATUS_OK, 0);
    end(&report);
}

Test(form_check, means_stay_within_their_bounds)
{
    struct report report;
    begin(&report, "education");
    set(&report, 40, 10); /* pupils asked */
    set(&report, 43, 240.1);
    expect(&report, STATUS_E_RANGE, 43);
    set(&report, 43, 240);
    expect(&report, STATUS_OK, 0);
    end(&report);
}

Test(form_check, no_side_of_a_ratio_is_passed_over_in_silence)
{
    struct report report;
    begin(&report, "village");
    set(&report, 26, 100);
    set(&report, 27, 50);
    struct form *form = (struct form *)report.form; /* make both optional */
    struct cell *cells = (struct cell *)form->cells;
    cells[25].required = cells[26].required = false;
    leave_out(&report, 27);
    expect(&report, STATUS_E_REQUIRED, 27);
    cr_expect_eq(report.problems.count, 1);
    end(&report);

    begin(&report, "village");
    say(&report, 27, PRESENCE_NOT_COLLECTED);
    expect(&report, STATUS_OK, 0);
    end(&report);
}

Test(form_check, hard_rows_of_checks)
{
    struct report report;
    begin(&report, "village");
    set(&report, 1, 10);
    set(&report, 11, 11); /* left-behind children above resident ones */
    expect(&report, STATUS_E_CHECK, 11);
    cr_expect_not_null(strstr(report.problems.items[0].zh, "11 <= 10"));
    say(&report, 11, PRESENCE_NOT_COLLECTED);
    say(&report, 14, PRESENCE_NOT_COLLECTED);
    expect(&report, STATUS_OK, 0);
    set(&report, 33, 1); /* drownings above injuries */
    expect(&report, STATUS_E_CHECK, 33);
    end(&report);

    begin(&report, "health");
    set(&report, 28, 10);
    set(&report, 29, 6);
    set(&report, 30, 5); /* overweight + obese above measured */
    expect(&report, STATUS_E_CHECK, 29);
    end(&report);
}

Test(form_check, soft_rows_ask_for_an_explanation)
{
    struct report report;
    begin(&report, "village");
    set(&report, 1, 10);
    set(&report, 13, 5);
    set(&report, 16, 4); /* a child in difficulty without a file */
    expect(&report, STATUS_OK, 0);
    struct observations observations = columns(&report);
    cr_expect_eq(form_check_relations(report.plan, report.form, &observations, &report.problems),
                 STATUS_E_EXPLAIN_RELATION);
    cr_assert_eq(report.problems.count, 1);
    cr_expect_eq(report.problems.items[0].cell, 16);
    cr_expect_eq(report.problems.items[0].code, STATUS_E_EXPLAIN_RELATION);
    set(&report, 16, 5);
    problems_clear(&report.problems);
    cr_expect_eq(form_check_relations(report.plan, report.form, &observations, &report.problems),
                 STATUS_OK);
    end(&report);
}

Test(form_check, parts_against_their_total)
{
    static const char *const rows[] = {
        "township,5,vaccination_done,sex=m,0\ntownship,114,vaccination_done,sex=f,0\n"
        "township,115,vaccination_done,,0\n",
        "township,5,vaccination_done,age=0-2,0\ntownship,114,vaccination_done,age=3-5,0\n"
        "township,115,vaccination_done,,0\n",
        "township,5,vaccination_done,disease=hiv,0\n"
        "township,114,vaccination_done,disease=syphilis,0\ntownship,115,vaccination_done,,0\n"};
    /* sex is everyone, ages are some of everyone, diseases may overlap */
    static const bool under[] = {false, true, true}, over[] = {false, false, true};
    for (size_t i = 0; i < 3; i++) {
        struct report report;
        begin(&report, "township");
        plan_destroy(&report.plan);
        problems_init(&report.problems);
        cr_assert_eq(fixture_edit("luzhai", "cells.csv", "township,5,vaccination_done,,1\n",
                                  rows[i], &report.problems, &report.plan),
                     STATUS_OK);
        report.form = plan_form(report.plan, "township");
        report.count = report.form->cell_count;
        for (size_t k = 0; k < report.count; k++) {
            report.cell[k] = report.form->cells[k].number;
            report.presence[k] = PRESENCE_VALUE;
            report.value[k] = 0;
        }
        set(&report, 4, 1000); /* due */
        set(&report, 5, 60);
        set(&report, 114, 40);
        set(&report, 115, 100);
        expect(&report, STATUS_OK, 0);
        set(&report, 115, 101);
        cr_expect_eq(check(&report) == STATUS_OK, under[i], "%zu under", i);
        set(&report, 115, 99);
        cr_expect_eq(check(&report) == STATUS_OK, over[i], "%zu over", i);
        set(&report, 115, 59);
        expect(&report, STATUS_E_CHECK, 5);
        end(&report);
    }
}

/* The fewest doctors of any institution: the whole is the smallest part, not the sum. */
Test(form_check, minima_are_not_totals)
{
    struct report report;
    begin(&report, "township");
    set(&report, 8, 1);
    set(&report, 9, 1);
    set(&report, 10, 3);
    expect(&report, STATUS_OK, 0);
    end(&report);
}

Test(form_check, finds_one_value)
{
    const uint32_t cell[] = {2, 5, 9}, presence[] = {1, 3, 1};
    const double value[] = {4, 0, 6};
    const struct observations observations = {3, cell, presence, value};
    double found = -1;
    cr_expect(observation_value(&observations, 9, &found));
    cr_expect_eq(found, 6);
    cr_expect_not(observation_value(&observations, 5, &found));
    cr_expect_not(observation_value(&observations, 3, &found));
    cr_expect_not(observation_value(&observations, 10, &found));
    cr_expect_eq(found, 6);
}

Test(form_check, many_problems_do_not_overflow)
{
    struct report report;
    begin(&report, "village");
    for (size_t i = 0; i < report.count; i++) {
        report.value[i] = -1.5;
        report.presence[i] = PRESENCE_VALUE;
    }
    cr_expect_neq(check(&report), STATUS_OK);
    cr_expect_gt(report.problems.count, 34);
    end(&report);
}

Test(form_check, an_empty_report_misses_every_required_cell)
{
    struct report report;
    begin(&report, "village");
    report.count = 0;
    cr_expect_eq(check(&report), STATUS_E_REQUIRED);
    cr_expect_eq(report.problems.count, 34);
    end(&report);
}
