/* The formulas of common/assess against values that others worked out: R (tests/stats/reference.R),
 * its packages spdep and epitools (reference_spdep.R), SciPy and statsmodels (reference_scipy.py),
 * and whole forecasts by NumPy and SciPy (reference_forecast.py).
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/distribution.h"
#include "assess/forecast.h"
#include "assess/interval.h"
#include "assess/small.h"
#include "assess/trend.h"
#include "text/csv.h"

enum { NUMBERS_MAX = 32 };

static const double tolerance = 1e-9;

struct reference {
    const char *file, *formula;
    size_t line, x_count, y_count, result_count;
    double x[NUMBERS_MAX], y[NUMBERS_MAX], result[NUMBERS_MAX];
};

static size_t numbers(const char *text, double out[NUMBERS_MAX])
{
    size_t count = 0;
    for (char *end = NULL; count < NUMBERS_MAX; text = end) {
        out[count] = strtod(text, &end);
        if (end == text)
            break;
        count++;
    }
    return count;
}

static void near(const struct reference *r, size_t which, double found)
{
    double wanted = r->result[which], size = fmax(1e-3, fabs(wanted));
    cr_assert(which < r->result_count, "line %zu: more results than expected", r->line);
    cr_expect(fabs(found - wanted) <= tolerance * size, "%s:%zu, %s: %.15g, not %.15g", r->file,
              r->line, r->formula, found, wanted);
}

static void check_limits(const struct reference *r, struct limits limits)
{
    near(r, 0, limits.low);
    near(r, 1, limits.high);
}

static void check_trend(const struct reference *r, const char *kind_name)
{
    static const int ahead[] = {1, 3, 5, 10};
    struct assess_point points[NUMBERS_MAX];
    enum assess_kind kind = ASSESS_PERCENT;
    while (strcmp(assess_kind_names[kind], kind_name) != 0)
        kind = (enum assess_kind)(kind + 1);
    for (size_t i = 0; i < r->x_count; i++)
        points[i] = (struct assess_point){(int)r->x[i], r->y[i], NAN, NAN};
    struct trend trend = trend_fit(kind, points, r->x_count);
    near(r, 0, trend_pace(points, r->x_count));
    near(r, 1, trend.slope);
    near(r, 2, trend.weight);
    near(r, 3, trend.scale);
    for (size_t i = 0; i < 4; i++)
        near(r, 4 + i,
             interval_half80(INTERVAL_ALONE, trend.scale, trend.weight, trend.slope, trend.n,
                             ahead[i]));
}

static void check_slope(const struct reference *r)
{
    struct assess_point points[NUMBERS_MAX];
    for (size_t i = 0; i < r->x_count; i++)
        points[i] = (struct assess_point){(int)r->x[i], r->y[i], NAN, NAN};
    near(r, 0, trend_pace(points, r->x_count));
}

static void check_counts(const struct reference *r)
{
    const double *x = r->x;
    struct assess_point before = {2020, 0, x[0], x[1]}, after = {2021, 0, x[2], x[3]};
    double smoothed[NUMBERS_MAX];
    if (strcmp(r->formula, "two_periods") == 0) {
        near(r, 0, small_two_periods(x[0], x[1], x[2], x[3]));
    } else if (strcmp(r->formula, "change_percent") == 0) {
        near(r, 0, small_change(ASSESS_PERCENT, &before, &after));
    } else if (strcmp(r->formula, "empirical_bayes") == 0) {
        small_empirical_bayes(x, r->y, r->x_count, smoothed);
        for (size_t i = 0; i < r->x_count; i++)
            near(r, i, smoothed[i]);
    } else {
        cr_assert(false, "line %zu: no formula %s", r->line, r->formula);
    }
}

static void check(const struct reference *r)
{
    const char *formula = r->formula;
    if (strcmp(formula, "normal_cdf") == 0)
        near(r, 0, normal_cdf(r->x[0]));
    else if (strcmp(formula, "student_cdf") == 0)
        near(r, 0, student_cdf(r->x[0], r->y[0]));
    else if (strcmp(formula, "student_quantile") == 0)
        near(r, 0, student_quantile(r->x[0], r->y[0]));
    else if (strcmp(formula, "poisson_cdf") == 0)
        near(r, 0, poisson_cdf(r->x[0], r->y[0]));
    else if (strcmp(formula, "binomial_cdf") == 0)
        near(r, 0, binomial_cdf(r->x[0], r->x[1], r->y[0]));
    else if (strcmp(formula, "wilson") == 0)
        check_limits(r, small_wilson(r->x[0], r->x[1], small_z95));
    else if (strcmp(formula, "garwood") == 0)
        check_limits(r, small_garwood95(r->x[0]));
    else if (strcmp(formula, "byar") == 0)
        check_limits(r, small_byar(r->x[0], small_z95));
    else if (strcmp(formula, "slope") == 0)
        check_slope(r);
    else if (strncmp(formula, "trend_", 6) == 0)
        check_trend(r, formula + 6);
    else
        check_counts(r);
}

static struct table *read_table(const char *name)
{
    static uint8_t bytes[65536];
    char path[512];
    struct table *table = NULL;
    snprintf(path, sizeof path, "%s/tests/stats/%s", ZHIBAO_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    cr_assert_lt(size, sizeof bytes, "%s is read whole", name);
    cr_assert_eq(table_read(bytes, size, NULL, &table), STATUS_OK);
    return table;
}

static void check_file(const char *name, size_t least)
{
    struct table *table = read_table(name);
    cr_assert_gt(table_rows(table), least, "%s", name);
    for (size_t row = 1; row < table_rows(table); row++) {
        struct reference r = {
            .file = name, .formula = table_cell(table, row, 0), .line = table_line(table, row)};
        r.x_count = numbers(table_cell(table, row, 1), r.x);
        r.y_count = numbers(table_cell(table, row, 2), r.y);
        r.result_count = numbers(table_cell(table, row, 3), r.result);
        check(&r);
    }
    table_destroy(&table);
}

/* Columns of reference_forecast.csv. */
enum {
    KIND,
    YEARS,
    VALUES,
    NUMERATORS,
    DENOMINATORS,
    YEAR,
    AT,
    RESULTS /* forecast, low80, high80, low95, high95, and the probability of at most AT */
};

static void check_forecast(const struct table *table, size_t row)
{
    double columns[DENOMINATORS + 1][NUMBERS_MAX];
    struct assess_point points[NUMBERS_MAX];
    enum assess_kind kind = ASSESS_PERCENT;
    size_t count = 0;
    while (strcmp(assess_kind_names[kind], table_cell(table, row, KIND)) != 0)
        kind = (enum assess_kind)(kind + 1);
    for (size_t i = YEARS; i <= DENOMINATORS; i++)
        count = numbers(table_cell(table, row, i), columns[i]);
    for (size_t i = 0; i < count; i++)
        points[i] = (struct assess_point){(int)columns[YEARS][i], columns[VALUES][i],
                                          columns[NUMERATORS][i], columns[DENOMINATORS][i]};
    struct trend trend = trend_fit(kind, points, count);
    struct forecast f = forecast_make(&trend, atoi(table_cell(table, row, YEAR)), NULL, 0);
    double at = strtod(table_cell(table, row, AT), NULL);
    const double found[] = {f.value, f.low80, f.high80, f.low95, f.high95, forecast_below(&f, at)};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        double wanted = strtod(table_cell(table, row, RESULTS + i), NULL);
        cr_expect(fabs(found[i] - wanted) <= 1e-6 * fmax(1e-3, fabs(wanted)),
                  "line %zu, number %zu: %.12g, not %.12g", table_line(table, row), i, found[i],
                  wanted);
    }
}

/* Whole forecasts, with counts and without, by a program written from README.md alone. */
Test(assess_reference, forecasts_are_what_the_page_says)
{
    struct table *table = read_table("reference_forecast.csv");
    cr_assert_gt(table_rows(table), 100U);
    for (size_t row = 1; row < table_rows(table); row++)
        check_forecast(table, row);
    table_destroy(&table);
}

Test(assess_reference, agrees_with_r)
{
    check_file("reference.csv", 100);
}

Test(assess_reference, agrees_with_scipy_and_statsmodels)
{
    check_file("reference_scipy.csv", 50);
}

Test(assess_reference, agrees_with_spdep_and_epitools)
{
    check_file("reference_spdep.csv", 8);
}

/* The quantiles printed in interval.c are those of its own distribution. */
Test(assess_reference, shapes_are_student)
{
    for (size_t n = 4; n <= 10; n++) {
        double freedom = interval_freedom(INTERVAL_ALONE, n);
        double t80 = student_quantile(0.9, freedom), t95 = student_quantile(0.975, freedom);
        cr_expect_float_eq(interval_ratio95(INTERVAL_ALONE, n), t95 / t80, 1e-7);
        cr_expect_float_eq(interval_share(INTERVAL_ALONE, n, 2.5, 2.5), 0.8, 1e-7);
        cr_expect_float_eq(interval_share(INTERVAL_PANEL, n, 0.1, 0.1), 0.8, 1e-7);
        cr_expect_float_eq(interval_share_learned(t95 / t80, 0.1, 0.1), 0.8, 1e-3);
        cr_expect_float_eq(interval_share_learned(t95 / t80, 1, t95 / t80), 0.95, 1e-3);
        cr_expect_float_eq(interval_share(INTERVAL_ALONE, n, 1, t95 / t80), 0.95, 1e-7);
    }
}

/* Worked example: the 95% limits that Breslow & Day 1987 and UKHSA print for small counts. */
Test(assess_reference, published_limits)
{
    cr_expect_float_eq(small_garwood95(0).high, 3.689, 0.001);
    cr_expect_float_eq(small_garwood95(5).low, 1.623, 0.001);
    cr_expect_float_eq(small_garwood95(5).high, 11.668, 0.001);
    /* 15 deaths of 3,000 births: 5.0 per 1,000, 2.8 to 8.3 (statistics.md 1.4) */
    struct assess_point point = {2020, 5, 15, 3000};
    struct limits limits = small_interval(ASSESS_PER_1000, &point);
    cr_expect_float_eq(limits.low, 2.8, 0.05);
    cr_expect_float_eq(limits.high, 8.25, 0.05);
    /* none of 200: up to 18 per 1,000 */
    point = (struct assess_point){2020, 0, 0, 200};
    cr_expect_float_eq(small_interval(ASSESS_PER_1000, &point).high, 18.4, 0.1);
}
