/* Small numbers, progress. */
#include <criterion/criterion.h>
#include <math.h>

#include "assess/fluctuation.h"
#include "assess/progress.h"
#include "assess/small.h"

Test(assess_small, intervals_by_kind)
{
    struct assess_point point = {2020, 95, 190, 200};
    struct limits wilson = small_wilson(190, 200, small_z95);
    struct limits limits = small_interval(ASSESS_PERCENT, &point);
    cr_expect_float_eq(limits.low, 100 * wilson.low, 1e-9);
    cr_expect_float_eq(limits.high, 100 * wilson.high, 1e-9);
    limits = small_interval(ASSESS_COUNT, &point);
    cr_expect(isnan(limits.low));
    point.numerator = point.denominator = NAN;
    cr_expect(isnan(small_interval(ASSESS_PERCENT, &point).low));
    /* gross enrolment may have more pupils than children of the age */
    point = (struct assess_point){2020, 110, 220, 200};
    limits = small_interval(ASSESS_GROSS_PERCENT, &point);
    cr_expect(limits.low < 110 && limits.high > 110);
}

Test(assess_small, pools_sums_not_rates)
{
    struct assess_point points[] = {
        {2018, 10, 1, 100 },
        {2019, 2,  2, 1000},
        {2020, 0,  0, 900 }
    };
    cr_expect_float_eq(small_pooled(ASSESS_PER_1000, points, 3), 1000 * 3.0 / 2000, 1e-12);
    points[1].numerator = NAN;
    cr_expect(isnan(small_pooled(ASSESS_PER_1000, points, 3)));
    cr_expect(isnan(small_pooled(ASSESS_PER_1000, points, 0)));
}

/* 15 deaths a year in 3,000 births and nothing changing: a third more or less is no signal, and the
 * test calls one in about twenty. */
Test(assess_small, two_periods_are_calibrated)
{
    cr_expect_gt(small_two_periods(15, 3000, 20, 3000), 0.3);
    cr_expect_lt(small_two_periods(15, 3000, 35, 3000), 0.01);
    cr_expect_eq(small_two_periods(0, 3000, 0, 3000), 1);
    double alarm = 0;
    for (int d1 = 0; d1 <= 60; d1++)
        for (int d2 = 0; d2 <= 60; d2++) {
            double share =
                exp(d1 * log(15) - 15 - lgamma(d1 + 1)) * exp(d2 * log(15) - 15 - lgamma(d2 + 1));
            if (small_two_periods(d1, 3000, d2, 3000) < 0.05)
                alarm += share;
        }
    cr_expect(alarm > 0.03 && alarm < 0.065, "false alarms: %f", alarm);
}

Test(assess_small, change_of_a_proportion_looks_at_the_rarer_outcome)
{
    struct assess_point before = {2019, 99, 99, 100}, after = {2020, 98, 98, 100};
    struct assess_point before_failures = {2019, 1, 1, 100}, after_failures = {2020, 2, 2, 100};
    double high = small_change(ASSESS_PERCENT, &before, &after);
    cr_expect_float_eq(high, small_change(ASSESS_PERCENT, &before_failures, &after_failures),
                       1e-12);
    cr_expect_gt(high, 0.5);
}

Test(assess_small, empirical_bayes_moves_small_areas_most)
{
    double events[] = {0, 10, 2, 40}, bases[] = {100, 2000, 100, 5000}, out[4];
    small_empirical_bayes(events, bases, 4, out);
    double mean = 52.0 / 7200;
    for (size_t i = 0; i < 4; i++) {
        double raw = events[i] / bases[i];
        cr_expect(fabs(out[i] - mean) <= fabs(raw - mean) + 1e-15);
        cr_expect((out[i] - mean) * (raw - mean) >= -1e-15);
    }
    small_empirical_bayes(events, bases, 0, out);
    double nothing[] = {0, 0};
    small_empirical_bayes(nothing, bases, 2, out);
    cr_expect_eq(out[0], 0);
}

Test(assess_small, pass_rates_have_two_denominators)
{
    /* Jinchuan 2011: 90 of 94 met, 2 of them without data */
    struct pass_rate rate = {.met = 88, .not_met = 4, .no_data = 2, .not_judgeable = 0};
    cr_expect_float_eq(pass_rate_of_judgeable(&rate), 88.0 / 92, 1e-12);
    cr_expect_float_eq(pass_rate_of_all(&rate), 88.0 / 94, 1e-12);
    rate = (struct pass_rate){0};
    cr_expect(isnan(pass_rate_of_judgeable(&rate)) && isnan(pass_rate_of_all(&rate)));
}

Test(assess_small, realisation_and_progress)
{
    cr_expect_float_eq(progress_realisation(POLARITY_HIGHER, 94, 95), 94.0 / 95, 1e-12);
    cr_expect_float_eq(progress_realisation(POLARITY_LOWER, 6, 5), 5.0 / 6, 1e-12);
    cr_expect_eq(progress_realisation(POLARITY_LOWER, 4, 5), 1);
    cr_expect_eq(progress_realisation(POLARITY_LOWER, 0, 0), 1);
    cr_expect_eq(progress_realisation(POLARITY_LOWER, 0, 5), 1);
    cr_expect(isnan(progress_realisation(POLARITY_HIGHER, 1, 0)));
    cr_expect_float_eq(progress_realisation(POLARITY_NEAR, 1.1, 1), 0.9, 1e-12);
    double realised[] = {1, 0.5, NAN}, weights[] = {1, 3, 9};
    cr_expect_float_eq(progress_weighted(realised, weights, 3), 2.5 / 4, 1e-12);
    cr_expect_float_eq(progress_from_base(90, 94, 95), 0.8, 1e-12);
    cr_expect_lt(progress_from_base(90, 89, 95), 0);
    cr_expect(isnan(progress_from_base(90, 89, 90)));
}

Test(assess_small, gaps)
{
    struct gap gap = progress_gap(POLARITY_LOWER, 3.6, 8.5); /* urban, rural */
    cr_expect_eq(gap.ahead, 1);
    cr_expect_float_eq(gap.difference, -4.9, 1e-12);
    cr_expect_float_eq(gap.ratio, 8.5 / 3.6, 1e-12);
    gap = progress_gap(POLARITY_HIGHER, 90, 95);
    cr_expect_eq(gap.ahead, -1);
    cr_expect_float_eq(gap.ratio, 90.0 / 95, 1e-12);
    cr_expect_eq(progress_gap(POLARITY_HOLD, 1, 2).ahead, 0);
    cr_expect(isnan(progress_gap(POLARITY_LOWER, 0, 2).ratio));
}

Test(assess_small, practical_minimum)
{
    cr_expect_float_eq(fluctuation_minimum(ASSESS_PERCENT, 80, 85), 2, 1e-12);
    cr_expect_float_eq(fluctuation_minimum(ASSESS_PERCENT, 5, 6), 1, 1e-12);
    cr_expect_float_eq(fluctuation_minimum(ASSESS_PERCENT, 99.5, 99.9), 0.5, 1e-12);
    cr_expect_float_eq(fluctuation_minimum(ASSESS_PERCENT, 20, 15),
                       fluctuation_minimum(ASSESS_PERCENT, 80, 85), 1e-12);
    cr_expect_float_eq(fluctuation_minimum(ASSESS_PER_1000, 5, 9), 1, 1e-12);
}
