/* Small numbers, suppression, progress. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assess/fluctuation.h"
#include "assess/progress.h"
#include "assess/small.h"
#include "assess/suppress.h"

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

static size_t hidden_count(const bool *hidden, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += hidden[i];
    return found;
}

Test(assess_small, suppression)
{
    bool hidden[12];
    uint64_t lone[] = {3};
    suppress_table(lone, 1, 1, hidden);
    cr_expect(hidden[0]);
    /* one small cell: the smallest other goes with it, a total would tell it; zeros stay */
    uint64_t row[] = {3, 50, 0, 20};
    suppress_table(row, 1, 4, hidden);
    cr_expect(hidden[0] && hidden[3] && !hidden[1] && !hidden[2]);
    /* two ones add up to 2 and are known: a third must go */
    uint64_t ones[] = {1, 1, 9, 30};
    suppress_table(ones, 1, 4, hidden);
    cr_expect(hidden[0] && hidden[1] && hidden[2] && !hidden[3]);
    uint64_t fours[] = {4, 4, 9, 30};
    suppress_table(fours, 1, 4, hidden);
    cr_expect_eq(hidden_count(hidden, 4), 3);
    uint64_t safe[] = {5, 0, 9, 30};
    suppress_table(safe, 1, 4, hidden);
    cr_expect_eq(hidden_count(hidden, 4), 0);
}

/* No row or column of any table is left with a single cell missing. */
Test(assess_small, suppression_of_tables)
{
    uint64_t cells[12];
    bool hidden[12];
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < 12; i++) {
            seed = seed * 1103515245 + 12345;
            cells[i] = (seed >> 16) % 12;
        }
        suppress_table(cells, 3, 4, hidden);
        for (size_t i = 0; i < 12; i++)
            cr_assert(cells[i] == 0 || cells[i] >= 5 || hidden[i]);
        for (size_t row = 0; row < 3; row++)
            cr_assert_neq(hidden_count(hidden + row * 4, 4), 1);
        for (size_t column = 0; column < 4; column++)
            cr_assert_neq(hidden[column] + hidden[4 + column] + hidden[8 + column], 1);
    }
}

/* A place and those below it, each with a whole, its parts and what they leave, and a count within
 * the whole: what is published of a year. */
enum { PLACES_MAX = 6, KINDS_MAX = 6, CELLS_MAX = PLACES_MAX * KINDS_MAX };

struct published {
    size_t places,
        kinds; /* kinds: 0 whole, 1.. parts, one of them implied, last two: within, rest */
    struct suppress_cell cells[CELLS_MAX];
    struct suppress_sum sums[CELLS_MAX * 2];
    size_t parts[CELLS_MAX * 8];
    struct suppress_system system;
};

static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % below;
}

static void publish_sum(struct published *p, size_t total, const size_t *parts, size_t count,
                        size_t *used)
{
    p->sums[p->system.sum_count++] = (struct suppress_sum){total, *used, count};
    for (size_t i = 0; i < count; i++)
        p->parts[(*used)++] = parts[i];
}

static void publish_make(struct published *p, unsigned *seed)
{
    size_t used = 0, split = 1 + draw(seed, 3), within = split + 1; /* parts 1..split */
    unsigned size = 3 + draw(seed, 12);
    memset(p, 0, sizeof *p);
    p->places = 2 + draw(seed, PLACES_MAX - 1);
    p->kinds = split + 3;
    p->system = (struct suppress_system){p->cells, p->places * p->kinds, p->sums, 0, p->parts};
    for (size_t place = 1; place < p->places; place++) {
        struct suppress_cell *cells = &p->cells[place * p->kinds];
        for (size_t i = 1; i <= split; i++) {
            cells[i].counts[0] = draw(seed, 3) == 0 ? 0 : draw(seed, size);
            cells[0].counts[0] += cells[i].counts[0];
        }
        cells[within].counts[0] = draw(seed, (unsigned)cells[0].counts[0] + 1);
        cells[within + 1].counts[0] = cells[0].counts[0] - cells[within].counts[0];
        for (size_t i = 0; i < p->kinds; i++)
            p->cells[i].counts[0] += cells[i].counts[0];
    }
    bool all_printed = draw(seed, 2) == 0;
    for (size_t place = 0; place < p->places; place++) {
        size_t first = place * p->kinds, list[KINDS_MAX];
        p->cells[first + split].implied = !all_printed;
        p->cells[first + within + 1].implied = true;
        for (size_t i = 1; i <= split; i++)
            list[i - 1] = first + i;
        publish_sum(p, first, list, split, &used);
        publish_sum(p, first, (size_t[]){first + within, first + within + 1}, 2, &used);
    }
    for (size_t kind = 0; kind < p->kinds; kind++) {
        size_t list[PLACES_MAX];
        for (size_t place = 1; place < p->places; place++)
            list[place - 1] = place * p->kinds + kind;
        publish_sum(p, kind, list, p->places - 1, &used);
    }
}

static bool is_unknown(const struct suppress_cell *cell)
{
    return cell->implied || cell->hidden;
}

/* Gauss and Jordan on the sums, the unknown cells being the unknowns: `told` those that have one
 * solution only. */
static void solve(const struct published *p, bool told[CELLS_MAX])
{
    double rows[CELLS_MAX * 2][CELLS_MAX] = {{0}};
    size_t cells = p->system.cell_count, sums = p->system.sum_count, rank = 0;
    for (size_t i = 0; i < sums; i++) {
        const struct suppress_sum *sum = &p->sums[i];
        if (is_unknown(&p->cells[sum->total]))
            rows[i][sum->total] -= 1;
        for (size_t k = 0; k < sum->count; k++)
            if (is_unknown(&p->cells[p->parts[sum->first + k]]))
                rows[i][p->parts[sum->first + k]] += 1;
    }
    for (size_t column = 0; column < cells && rank < sums; column++) {
        size_t pivot = rank;
        while (pivot < sums && fabs(rows[pivot][column]) < 1e-9)
            pivot++;
        if (pivot == sums)
            continue;
        for (size_t k = 0; k < cells; k++) {
            double held = rows[rank][k];
            rows[rank][k] = rows[pivot][k];
            rows[pivot][k] = held;
        }
        for (size_t i = 0; i < sums; i++) {
            double times = i == rank ? 0 : rows[i][column] / rows[rank][column];
            for (size_t k = 0; times != 0 && k < cells; k++)
                rows[i][k] -= times * rows[rank][k];
        }
        rank++;
    }
    memset(told, 0, CELLS_MAX * sizeof *told);
    for (size_t i = 0; i < rank; i++) {
        size_t terms = 0, last = 0;
        for (size_t k = 0; k < cells; k++)
            if (fabs(rows[i][k]) > 1e-9) {
                terms++;
                last = k;
            }
        if (terms == 1)
            told[last] = true;
    }
}

/* Whoever knows every total of every level, every part and what is within what cannot work out one
 * small figure, printed or only implied, however the sums are combined. */
Test(assess_small, nothing_small_can_be_worked_out)
{
    unsigned seed = 11;
    size_t hidden = 0, printed = 0, bare = 0;
    for (int round = 0; round < 20000; round++) {
        static struct published p;
        bool told[CELLS_MAX], before[CELLS_MAX];
        publish_make(&p, &seed);
        for (size_t i = 0; i < p.system.cell_count; i++)
            p.cells[i].hidden = !p.cells[i].implied && suppress_is_small(p.cells[i].counts);
        solve(&p, before);
        cr_assert(suppress_settle(&p.system));
        solve(&p, told);
        for (size_t i = 0; i < p.system.cell_count; i++) {
            bool small = suppress_is_small(p.cells[i].counts);
            bare += small && before[i];
            hidden += p.cells[i].hidden;
            printed += !is_unknown(&p.cells[i]);
            cr_assert(!small || is_unknown(&p.cells[i]), "round %d: cell %zu is printed", round, i);
            cr_assert(!small || !told[i], "round %d: cell %zu of %zu can be worked out", round, i,
                      p.system.cell_count);
        }
    }
    cr_expect_gt(bare, 10000U, "the attack works on what has no complementary suppression");
    cr_expect_gt(printed, hidden, "%zu printed, %zu left out", printed, hidden);
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
