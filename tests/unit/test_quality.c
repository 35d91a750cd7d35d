/* The tests of one unit's figures. Reference values by hand, and by R's mad() and median(). */
#include "assess/quality.h"

#include <criterion/criterion.h>
#include <math.h>

static const double steady[] = {100, 102, 98, 101};

Test(quality, outliers_by_modified_z)
{
    cr_expect_eq(quality_outlier(steady, 4, 103), QUALITY_GOOD);
    cr_expect_eq(quality_outlier(steady, 4, 140), QUALITY_FLAGGED, "0.6745 * 0.33 / 0.05 = 4.4");
    cr_expect_eq(quality_outlier(steady, 4, 60), QUALITY_FLAGGED);
    cr_expect_eq(quality_outlier(steady, 3, 400), QUALITY_NOT_TOLD, "three are too few");
    static const double few[] = {1, 0, 1, 0};
    cr_expect_eq(quality_outlier(few, 4, 4), QUALITY_GOOD, "chance alone makes four of one");
    static const double same[] = {50, 50, 50, 50};
    cr_expect_eq(quality_outlier(same, 4, 51), QUALITY_GOOD, "no spread is no alarm");
}

Test(quality, peers_by_mad)
{
    double peers[] = {0, 0.01, -0.02, 0.03, 0, 0.02, -0.01, 0.01, (double)NAN};
    cr_expect_eq(quality_among_peers(peers, 9, 0.2), QUALITY_GOOD);
    cr_expect_eq(quality_among_peers(peers, 9, 0.3), QUALITY_FLAGGED, "more than 5 * 0.05");
    cr_expect_eq(quality_among_peers(peers, 7, 0.3), QUALITY_NOT_TOLD, "seven are too few");
    cr_expect_eq(quality_among_peers(peers, 9, (double)NAN), QUALITY_NOT_TOLD);
}

Test(quality, over_time)
{
    cr_expect_eq(quality_consistent(steady, 4, 133), QUALITY_GOOD, "a third of 100.33");
    cr_expect_eq(quality_consistent(steady, 4, 134), QUALITY_FLAGGED);
    cr_expect_eq(quality_consistent(steady, 4, 66), QUALITY_FLAGGED);
    cr_expect_eq(quality_consistent(steady, 1, 66), QUALITY_NOT_TOLD);
    static const double few[] = {2, 3};
    cr_expect_eq(quality_consistent(few, 2, 9), QUALITY_NOT_TOLD, "small figures swing");
}

Test(quality, slips_of_a_power_of_ten)
{
    cr_expect_eq(quality_slip(steady, 4, 1010), QUALITY_FLAGGED);
    cr_expect_eq(quality_slip(steady, 4, 10.1), QUALITY_FLAGGED);
    cr_expect_eq(quality_slip(steady, 4, 100500), QUALITY_FLAGGED);
    cr_expect_eq(quality_slip(steady, 4, 105), QUALITY_GOOD);
    cr_expect_eq(quality_slip(steady, 4, 300), QUALITY_GOOD, "a change, but no slip");
    cr_expect_eq(quality_slip(steady, 4, 0), QUALITY_NOT_TOLD);
}

Test(quality, the_same_three_years_running)
{
    static const double same[] = {97, 50, 50};
    cr_expect_eq(quality_repeated(same, 3, 50), QUALITY_FLAGGED);
    cr_expect_eq(quality_repeated(same, 3, 51), QUALITY_GOOD);
    cr_expect_eq(quality_repeated(same, 2, 50), QUALITY_GOOD);
    static const double zero[] = {0, 0};
    cr_expect_eq(quality_repeated(zero, 2, 0), QUALITY_NOT_TOLD, "none stays none");
}

Test(quality, rates_and_sums)
{
    cr_expect(quality_rate_agrees(95.24, 2, 20, 21, 100));
    cr_expect_not(quality_rate_agrees(95.23, 2, 20, 21, 100));
    cr_expect(quality_rate_agrees(95, 0, 20, 21, 100));
    cr_expect_not(quality_rate_agrees(9.52, 2, 20, 21, 100), "a slip");
    cr_expect_not(quality_rate_agrees(0, 0, 0, 0, 100));
    static const double parts[] = {0.1, 0.2, 3};
    cr_expect(quality_sum_agrees(parts, 3, 3.3));
    cr_expect_not(quality_sum_agrees(parts, 3, 4));
}

Test(quality, a_score_is_the_mean_of_what_was_looked_at)
{
    struct quality quality = {0};
    cr_expect(isnan(quality_score(&quality)));
    quality_note(&quality, QUALITY_COMPLETE, false);
    quality_note(&quality, QUALITY_COMPLETE, true);
    quality_note(&quality, QUALITY_SLIP, false);
    cr_expect_float_eq(quality_part_score(&quality, QUALITY_COMPLETE), 0.5, 1e-12);
    cr_expect(isnan(quality_part_score(&quality, QUALITY_TIMELY)));
    cr_expect_float_eq(quality_score(&quality), 0.75, 1e-12);
}
