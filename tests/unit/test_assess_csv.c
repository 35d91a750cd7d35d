/* Reading the CSV file of `zhibao assess`: every kind of bad input is named with its row and
 * column, and the other series are assessed all the same. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assess_fixture.h"

#define GOOD                                        \
    "good,percent,higher,2018,90,,,>=,95,2025,,,\n" \
    "good,percent,higher,2019,91,,,,,,,,\n"         \
    "good,percent,higher,2020,92,,,,,,,,\n"         \
    "good,percent,higher,2021,93,,,,,,,,\n"

/* Only the good series is assessed, and the complaint is where it belongs. */
static void only_good(const char *bad_rows, const char *where)
{
    char rows[4096];
    snprintf(rows, sizeof rows, "%s%s", GOOD, bad_rows);
    struct assessed *assessed = assessed_make(rows, 0);
    cr_expect_eq(assessed->status, STATUS_OK, "%s", bad_rows);
    cr_expect_eq(assessed->count, 1, "%s: %zu assessed", bad_rows, assessed->count);
    cr_expect(assessed_complains(assessed, where), "%s: nothing at %s but %s", bad_rows, where,
              assessed->problems.count > 0 ? assessed->problems.items[0].field : "nowhere");
    if (assessed->count > 0)
        cr_expect_str_eq(assessed->items[0].series->name, "good");
    assessed_clear(&assessed);
}

/* The bad rows are remarked on and assessed. */
static void both(const char *rows_below, const char *where)
{
    char rows[4096];
    snprintf(rows, sizeof rows, "%s%s", GOOD, rows_below);
    struct assessed *assessed = assessed_make(rows, 0);
    cr_expect_eq(assessed->status, STATUS_OK, "%s", rows_below);
    cr_expect_eq(assessed->count, 2, "%s: %zu assessed", rows_below, assessed->count);
    cr_expect(assessed_complains(assessed, where), "%s: nothing at %s", rows_below, where);
    assessed_clear(&assessed);
}

Test(assess_csv, bad_figures)
{
    only_good("b,percent,higher,2018,ninety,,,>=,95,2025,,,\n", "6:value");
    only_good("b,percent,higher,2018,NaN,,,>=,95,2025,,,\n", "6:value");
    only_good("b,measure,higher,2018,inf,,,>=,95,2025,,,\n", "6:value");
    only_good("b,measure,higher,2018,1e308,,,>=,95,2025,,,\n", "6:value");
    only_good("b,measure,higher,2018,-1e999,,,>=,95,2025,,,\n", "6:value");
    only_good("b,percent,higher,2018,\"1,5\",,,>=,95,2025,,,\n", "6:value");
    only_good("b,percent,higher,2018,100.1,,,>=,95,2025,,,\n", "6:value");
    only_good("b,percent,higher,2018,-0.1,,,>=,95,2025,,,\n", "6:value");
    only_good("b,permille,lower,2018,1001,,,<=,5,2025,,,\n", "6:value");
    only_good("b,per_1000,lower,2018,-3,,,<=,5,2025,,,\n", "6:value");
    only_good("b,count,lower,2018,-1,,,<=,5,2025,,,\n", "6:value");
    only_good("b,percent,higher,2018,90,,,>=,1e400,2025,,,\n", "6:target_value");
}

Test(assess_csv, bad_counts)
{
    only_good("b,percent,higher,2018,,5,0,>=,95,2025,,,\n", "6:denominator");
    only_good("b,percent,higher,2018,90,9,-10,>=,95,2025,,,\n", "6:denominator");
    only_good("b,percent,higher,2018,90,-9,10,>=,95,2025,,,\n", "6:numerator");
    only_good("b,percent,higher,2018,,11,10,>=,95,2025,,,\n", "6:value");
    only_good("b,percent,higher,2018,99,x,10,>=,95,2025,,,\n", "6:numerator");
    only_good("b,percent,higher,2018,,9,,>=,95,2025,,,\n", "6:denominator");
    only_good("b,percent,higher,2018,,,10,>=,95,2025,,,\n", "6:numerator");
    only_good("b,count,higher,2018,,9,10,>=,95,2025,,,\n", "6:value");
}

Test(assess_csv, bad_years)
{
    only_good("b,percent,higher,2018,90,,,>=,95,2025,,,\nb,percent,higher,2018,91,,,,,,,,\n",
              "7:year");
    only_good("b,percent,higher,20l8,90,,,>=,95,2025,,,\n", "6:year");
    only_good("b,percent,higher,2018.5,90,,,>=,95,2025,,,\n", "6:year");
    only_good("b,percent,higher,208,90,,,>=,95,2025,,,\n", "6:year");
    only_good("b,percent,higher,,90,,,>=,95,2025,,,\n", "6:year");
    only_good("b,percent,higher,2018,90,,,>=,95,2015,,,\n", "6:target_year");
    only_good("b,percent,higher,2018,90,,,>=,95,20250,,,\n", "6:target_year");
    only_good("b,percent,higher,2018,90,,,decrease_by_pct,20,2025,abc,,\n", "6:base_year");
}

Test(assess_csv, bad_words)
{
    only_good("b,percents,higher,2018,90,,,>=,95,2025,,,\n", "6:kind");
    only_good("b,percent,up,2018,90,,,>=,95,2025,,,\n", "6:polarity");
    only_good("b,,higher,2018,90,,,>=,95,2025,,,\n", "6:kind");
    only_good("b,percent,,2018,90,,,>=,95,2025,,,\n", "6:polarity");
    only_good("b,percent,higher,2018,90,,,=>,95,2025,,,\n", "6:target_op");
    only_good("b,percent,higher,2018,90,,,,95,2025,,,\n", "6:target_op");
    only_good("b,percent,higher,2018,90,,,>=,,2025,,,\n", "6:target_value");
    only_good(",percent,higher,2018,90,,,>=,95,2025,,,\n", "6:series");
}

Test(assess_csv, mixed_units)
{
    only_good("b,percent,higher,2018,90,,,>=,95,2025,,,\nb,permille,higher,2019,910,,,,,,,,\n",
              "7:kind");
    only_good("b,percent,higher,2018,90,,,>=,95,2025,,,\nb,percent,lower,2019,91,,,,,,,,\n",
              "7:polarity");
    only_good("b,percent,higher,2018,90.1,,,>=,95,2025,,,\nb,percent,higher,2019,0.915,,,,,,,,\n"
              "b,percent,higher,2020,91.2,,,,,,,,\nb,percent,higher,2021,92.2,,,,,,,,\n",
              "7:value");
    only_good("b,per_1000,lower,2018,5.1,,,<=,5,2025,,,\nb,per_1000,lower,2019,50.2,,,,,,,,\n"
              "b,per_1000,lower,2020,4.9,,,,,,,,\nb,per_1000,lower,2021,5.2,,,,,,,,\n",
              "7:value");
    only_good("b,percent,higher,2018,0.93,93,100,>=,95,2025,,,\n", "6:value");
}

Test(assess_csv, remarks_leave_a_series_in)
{
    both("b,percent,higher,2018,90,,,>=,95,2025,,,\nb,percent,higher,2021,91,,,,,,,,\n", "7:year");
    both("b,percent,higher,2019,90,,,>=,95,2025,,,\nb,percent,higher,2018,91,,,,,,,,\n", "6:year");
    both("b,percent,higher,2018,93,90,100,>=,95,2025,,,\n", "6:value");
    both("b,percent,higher,2018,93,,,>=,105,2025,,,\n", "6:target_value");
    both("b,count,lower,2018,93,,,<=,-5,2025,,,\n", "6:target_value");
    both("b,percent,lower,2018,93,,,decrease_by_pct,120,2025,2018,,\n", "6:target_value");
    both("b,percent,lower,2018,93,,,decrease_by_points_per_year,-1,2025,2018,,\n",
         "6:target_value");
    both("b,percent,higher,2018,93,,,≥,95,2025,,,\n"
         "b,Percent,HIGHER,2020,94,,,,,,,,\n",
         "7:year");
}

/* What is said of them is for people who are tired. */
static void says(const char *rows_below, const char *zh, const char *en)
{
    char rows[4096];
    snprintf(rows, sizeof rows, "%s%s", GOOD, rows_below);
    struct assessed *assessed = assessed_make(rows, 0);
    cr_assert_eq(assessed->problems.count, 1U, "%s", rows_below);
    cr_expect(strstr(assessed->problems.items[0].zh, zh) != NULL, "%s",
              assessed->problems.items[0].zh);
    cr_expect(strstr(assessed->problems.items[0].en, en) != NULL, "%s",
              assessed->problems.items[0].en);
    assessed_clear(&assessed);
}

Test(assess_csv, problems_say_what_to_do)
{
    says("b,percent,higher,2013,90,,,>=,95,2025,,,\nb,percent,higher,2015,91,,,,,,,,\n", "缺2014年",
         "no figure for 2014;");
    says("b,percent,higher,2013,90,,,>=,95,2025,,,\nb,percent,higher,2016,91,,,,,,,,\n",
         "缺2014年至2015年", "no figures from 2014 to 2015;");
    says("b,per cent,higher,2013,90,,,>=,95,2025,,,\n", "gross_percent permille",
         "\"per cent\" is not one of: percent");
    says("b,percent,higher,2013,102,,,>=,95,2025,,,\n", "gross_percent", "gross_percent");
    says("b,percent,higher,2018,90,,,>=,95,2025,,,\nb,permille,higher,2019,910,,,,,,,,\n",
         "前面的行写的是percent", "say percent, this one permille");
}

Test(assess_csv, whole_file)
{
    struct assessed *assessed = assessed_make_file("", 0);
    cr_expect_eq(assessed->status, STATUS_E_EMPTY);
    cr_expect_eq(assessed->problems.count, 1);
    assessed_clear(&assessed);
    assessed = assessed_make_file("name,year,value\na,2020,1\n", 0);
    cr_expect_eq(assessed->status, STATUS_E_HEADER);
    cr_expect(assessed_complains(assessed, "1:series"));
    cr_expect(assessed_complains(assessed, "1:kind"));
    assessed_clear(&assessed);
    assessed = assessed_make("", 0);
    cr_expect_eq(assessed->status, STATUS_INVALID);
    cr_expect(assessed_complains(assessed, "2:series"), "a header and no row");
    assessed_clear(&assessed);
    assessed = assessed_make_file("a;b\n1;2\n", 0);
    cr_expect_eq(assessed->status, STATUS_E_HEADER);
    cr_assert_eq(assessed->problems.count, 1U, "one sentence, not five");
    cr_expect(strstr(assessed->problems.items[0].en, "series,kind,polarity,year,value") != NULL);
    assessed_clear(&assessed);
    assessed = assessed_make("b,percent,higher,2018,x,,,>=,95,2025,,,\n", 0);
    cr_expect_eq(assessed->status, STATUS_INVALID);
    cr_expect(assessed_complains(assessed, "2:value"));
    assessed_clear(&assessed);
    assessed = assessed_make_file("series,kind\n\"a,b\n", 0);
    cr_expect_eq(assessed->status, STATUS_E_MALFORMED);
    cr_expect_eq(assessed->problems.count, 1);
    assessed_clear(&assessed);
}

Test(assess_csv, tolerant)
{
    /* columns in another order, a BOM, CRLF, full-width digits, an exponent, a per cent sign, a
     * target in a row of its own, kind and polarity given once, a value from its counts */
    struct assessed *assessed =
        assessed_make_file("\xEF\xBB\xBFyear,series,value,kind,polarity,numerator,denominator,"
                           "target_op,target_value,target_year,remark\r\n"
                           ",a,,percent,higher,,,>=,95,2025,from the plan\r\n"
                           "2018,a,９０.５,,,,,,,,\r\n"
                           "2019,a,9.1e1,,,,,,,,\r\n"
                           "2020,a,92%,percent,higher,,,>=,95%,2025,repeated\r\n"
                           "2021,a,,,,931,1000,,,,\r\n",
                           0);
    cr_assert_eq(assessed->status, STATUS_OK);
    cr_expect_eq(assessed->problems.count, 0, "%s",
                 assessed->problems.count > 0 ? assessed->problems.items[0].en : "");
    cr_assert_eq(assessed->count, 1);
    const struct assess_series *series = assessed->items[0].series;
    cr_assert_eq(series->count, 4);
    cr_expect_float_eq(series->points[0].value, 90.5, 1e-12);
    cr_expect_float_eq(series->points[1].value, 91, 1e-12);
    cr_expect_float_eq(series->points[2].value, 92, 1e-12);
    cr_expect_float_eq(series->points[3].value, 93.1, 1e-12);
    cr_expect_eq(series->points[3].numerator, 931);
    assessed_clear(&assessed);
}

Test(assess_csv, several_targets_strata_and_order)
{
    struct assessed *assessed =
        assessed_make("z,percent,higher,2018,90,,,>=,95,2025,,,area=urban\n"
                      "a,percent,higher,2018,70,,,,,,,,\n"
                      "z,percent,higher,2018,80,,,>=,95,2025,,,area=rural\n"
                      "z,percent,higher,2019,91,,,>=,98,2030,,,area=urban\n",
                      0);
    cr_assert_eq(assessed->status, STATUS_OK);
    cr_assert_eq(assessed->count, 4);
    cr_expect_str_eq(assessed->items[0].series->stratum, "area=urban");
    cr_expect_eq(assessed->items[0].target->year, 2025);
    cr_expect_eq(assessed->items[1].target->year, 2030);
    cr_expect_str_eq(assessed->items[2].series->name, "a");
    cr_expect_null(assessed->items[2].target);
    cr_expect_str_eq(assessed->items[3].series->stratum, "area=rural");
    assessed_clear(&assessed);
}

Test(assess_csv, panel_file)
{
    struct assessed *assessed = assessed_make_file("indicator,iso3,year,value\n"
                                                   "SH.IMM.MEAS,AAA,2001,80\n"
                                                   "SH.IMM.MEAS,BBB,2001,81\n"
                                                   "SE.PRM.ENRR,AAA,2001,101.5\n"
                                                   "SH.DYN.MORT,AAA,2001,21.5\n",
                                                   0);
    cr_assert_eq(assessed->status, STATUS_OK);
    cr_expect(assess_file_is_panel(assessed->file));
    cr_assert_eq(assessed->count, 4);
    cr_expect_str_eq(assessed->items[0].series->name, "SH.IMM.MEAS/AAA");
    cr_expect_eq(assessed->items[0].series->kind, ASSESS_PERCENT);
    cr_expect_str_eq(assessed->items[0].series->panel, assessed->items[1].series->panel);
    cr_expect_eq(assessed->items[2].series->kind, ASSESS_GROSS_PERCENT);
    cr_expect_eq(assessed->items[3].series->kind, ASSESS_PER_1000);
    cr_expect_eq(assessed->items[3].series->polarity, POLARITY_LOWER);
    assessed_clear(&assessed);
}

Test(assess_csv, panels_by_name_column_or_target)
{
    struct assessed *assessed =
        assessed_make_file("series,kind,polarity,year,value,target_op,target_value,indicator\n"
                           "imr/a,per_1000,lower,2020,5,<=,5,\n"
                           "imr/b,per_1000,lower,2020,6,<=,4,\n"
                           "u5mr/a,per_1000,lower,2020,6,<=,5,\n"
                           "c,per_1000,lower,2020,6,<=,5,nmr\n"
                           "d,per_1000,lower,2020,6,<=,5,\n"
                           "e,per_1000,lower,2020,6,<=,5,\n"
                           "f,per_1000,lower,2020,6,<=,9,\n",
                           0);
    cr_assert_eq(assessed->count, 7);
    const char *panels[7];
    for (size_t i = 0; i < 7; i++)
        panels[i] = assessed->items[i].series->panel;
    cr_expect_str_eq(panels[0], panels[1]);
    cr_expect_str_neq(panels[0], panels[2]);
    cr_expect_str_neq(panels[3], panels[4]);
    cr_expect_str_eq(panels[4], panels[5]);
    cr_expect_str_neq(panels[5], panels[6]);
    assessed_clear(&assessed);
}
