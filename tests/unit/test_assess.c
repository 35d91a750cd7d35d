/* Judging series: operators, classes, fluctuation, sentences, and what must not change a verdict.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/sentence.h"
#include "assess_fixture.h"
#include "text/csv.h"

enum { POINTS_MAX = 12, ROWS_BYTES = 16384 };

static char *read_text(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    return text;
}

/* Every operator, kind and trap: tests/stats/cases.csv, judged as cases_expected.csv says. */
Test(assess, cases_are_as_reviewed)
{
    struct assessed *assessed =
        assessed_make_file(read_text(ZHIBAO_SOURCE_DIR "/tests/stats/cases.csv"), 0);
    cr_assert_eq(assessed->status, STATUS_OK);
    const char *text = read_text(ZHIBAO_SOURCE_DIR "/tests/stats/cases_expected.csv");
    struct table *table = NULL;
    cr_assert_eq(table_read((const uint8_t *)text, strlen(text), NULL, &table), STATUS_OK);
    cr_assert_eq(table_rows(table), assessed->count + 1);
    for (size_t i = 0; i < assessed->count; i++) {
        const struct assessment *a = &assessed->items[i];
        char found[512], wanted[512], required[32] = "";
        if (isfinite(a->required_pace))
            snprintf(required, sizeof required, "%.4g", a->required_pace);
        snprintf(found, sizeof found, "%s,%s,%s,%s,%s,%s,%s,%s", a->series->name,
                 a->series->stratum, a->target == NULL ? "" : assess_operator_names[a->target->op],
                 a->target == NULL ? "" : a->target->value_text, assess_status_text(a->status),
                 required, assess_class_text(a->class), fluctuation_text(a->fluctuation.kind));
        wanted[0] = '\0';
        for (size_t c = 0; c < 8; c++) {
            size_t used = strlen(wanted);
            snprintf(wanted + used, sizeof wanted - used, "%s%s", c == 0 ? "" : ",",
                     table_cell(table, i + 1, c));
        }
        cr_expect_str_eq(found, wanted);
    }
    table_destroy(&table);
    assessed_clear(&assessed);
}

/* A series of made-up but fixed figures; its rows are written with `scale` times its values, and
 * mirrored about `mirror` (value' = mirror - value) where that is not NAN. */
struct sample {
    const char *kind, *polarity, *op;
    size_t count;
    double values[POINTS_MAX], target;
};

static const struct sample samples[] = {
    {"percent",       "higher", ">=",         7, {71, 74.5, 75, 78.1, 77.9, 81, 82.2},   88},
    {"percent",       "higher", ">=",         6, {95, 93, 97, 94, 96, 95},               97},
    {"percent",       "lower",  "<=",         6, {5.6, 5.3, 5.4, 4.8, 4.9, 4.1},         4 },
    {"percent",       "higher", "maintain>=", 8, {98, 98.1, 97.9, 98, 98, 98.2, 98, 91}, 90},
    {"per_1000",      "lower",  "<=",         8, {9, 8.4, 8.1, 7.5, 7.2, 6.8, 6.1, 5.9}, 5 },
    {"per_1000",      "lower",  "<=",         5, {0.4, 0, 0.8, 0.4, 0},                  1 },
    {"count",         "lower",  "<=",         6, {31, 40, 28, 35, 30, 33},               20},
    {"measure",       "higher", ">=",         6, {8.1, 8.3, 8.2, 8.6, 8.4, 8.8},         9 },
    {"gross_percent", "higher", ">=",         6, {60, 64, 67, 72, 75, 79},               90},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static const char *flipped(const char *word)
{
    static const char *const pairs[][2] = {
        {"higher", "lower"},
        {">=",     "<="   }
    };
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++)
            if (strcmp(word, pairs[i][j]) == 0)
                return pairs[i][1 - j];
    return strcmp(word, "maintain>=") == 0 ? "maintain<=" : "maintain>=";
}

static struct assessment judged(const struct sample *s, double scale, bool mirrored, bool reversed,
                                const char *kind)
{
    char rows[ROWS_BYTES] = "";
    for (size_t i = 0; i < s->count; i++) {
        size_t at = reversed ? s->count - 1 - i : i, used = strlen(rows);
        double value = mirrored ? 100 - s->values[at] : s->values[at];
        double target = mirrored ? 100 - s->target : s->target;
        char goal[64] = ",,";
        if (i == 0)
            snprintf(goal, sizeof goal, "%s,%.10g,2027", mirrored ? flipped(s->op) : s->op,
                     scale * target);
        snprintf(rows + used, sizeof rows - used, "s,%s,%s,%zu,%.10g,,,%s,,,\n", kind,
                 mirrored ? flipped(s->polarity) : s->polarity, 2013 + at, scale * value, goal);
    }
    struct assessed *assessed = assessed_make(rows, 0);
    cr_assert_eq(assessed->status, STATUS_OK, "%s", rows);
    cr_assert_eq(assessed->count, 1);
    struct assessment result = assessed->items[0];
    result.series = NULL;
    result.target = NULL;
    assessed_clear(&assessed);
    return result;
}

static void same_verdict(const struct assessment *a, const struct assessment *b, size_t sample,
                         const char *what)
{
    cr_expect_eq(a->status, b->status, "sample %zu %s", sample, what);
    cr_expect_eq(a->class, b->class, "sample %zu %s", sample, what);
    cr_expect_eq(a->fluctuation.kind, b->fluctuation.kind, "sample %zu %s", sample, what);
    cr_expect_eq(a->worsening, b->worsening, "sample %zu %s", sample, what);
    cr_expect(fabs(a->p_reach - b->p_reach) < 1e-6, "sample %zu %s: p %f, %f", sample, what,
              a->p_reach, b->p_reach);
}

Test(assess, order_does_not_matter)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct assessment plain = judged(&samples[i], 1, false, false, samples[i].kind);
        struct assessment shuffled = judged(&samples[i], 1, false, true, samples[i].kind);
        same_verdict(&plain, &shuffled, i, "in reverse order");
        cr_expect_eq(plain.forecast.value, shuffled.forecast.value);
    }
}

/* The same figures in another unit: nothing changes but the unit. */
Test(assess, unit_does_not_matter)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        struct assessment plain = judged(s, 1, false, false, s->kind), other;
        if (strcmp(s->kind, "per_1000") == 0) {
            other = judged(s, 10, false, false, "per_10000");
            same_verdict(&plain, &other, i, "per 10,000");
            cr_expect_float_eq(other.forecast.value, 10 * plain.forecast.value, 1e-9);
            cr_expect_float_eq(other.forecast.high80, 10 * plain.forecast.high80, 1e-8);
        }
        if (strcmp(s->kind, "count") == 0 || strcmp(s->kind, "measure") == 0)
            for (double scale = 0.01; scale < 2e4; scale *= 100) {
                other = judged(s, scale, false, false, s->kind);
                same_verdict(&plain, &other, i, "scaled");
            }
    }
    /* per cent as per mille: the offset of the logit may differ a little near the ends */
    struct assessment percent = judged(&samples[0], 1, false, false, "percent");
    struct assessment permille = judged(&samples[0], 10, false, false, "permille");
    cr_expect_eq(percent.class, permille.class);
    cr_expect_float_eq(percent.p_reach, permille.p_reach, 0.01);
    /* a rare rate per mille as per 1,000 */
    struct sample rare = samples[4];
    struct assessment per_1000 = judged(&rare, 1, false, false, "per_1000");
    permille = judged(&rare, 1, false, false, "permille");
    cr_expect_eq(per_1000.class, permille.class);
    cr_expect_float_eq(per_1000.p_reach, permille.p_reach, 0.05);
}

/* Not vaccinated instead of vaccinated: the same verdict. */
Test(assess, polarity_does_not_matter)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        if (strcmp(samples[i].kind, "percent") != 0)
            continue;
        struct assessment plain = judged(&samples[i], 1, false, false, "percent");
        struct assessment other = judged(&samples[i], 1, true, false, "percent");
        same_verdict(&plain, &other, i, "mirrored");
        cr_expect_float_eq(other.forecast.value, 100 - plain.forecast.value, 1e-9);
        cr_expect_float_eq(other.forecast.low95, 100 - plain.forecast.high95, 1e-9);
        cr_expect_float_eq(other.required_pace, -plain.required_pace, 1e-9);
    }
}

Test(assess, intervals_are_nested_and_bounded)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct assessment a = judged(&samples[i], 1, false, false, samples[i].kind);
        const struct forecast *f = &a.forecast;
        cr_expect(f->low95 <= f->low80 && f->low80 <= f->value && f->value <= f->high80 &&
                  f->high80 <= f->high95);
        cr_expect(f->low95 >= 0);
        cr_expect(strcmp(samples[i].kind, "percent") != 0 || f->high95 <= 100);
        cr_expect(a.p_reach >= 0 && a.p_reach <= 1);
        if (f->value <= 0) /* a figure at its bound is reached from both sides */
            continue;
        bool inside = strcmp(samples[i].kind, "percent") != 0 || f->high80 < 100;
        cr_expect_float_eq(forecast_below(f, f->high80), inside ? 0.9 : 1, 1e-6);
        cr_expect_float_eq(forecast_above(f, f->value) + forecast_below(f, f->value), 1, 1e-9);
    }
}

/* Harder targets are never more probable. */
Test(assess, probability_falls_with_the_target)
{
    struct sample s = samples[0];
    double before = 1;
    for (double target = 76; target <= 100; target += 2) {
        s.target = target;
        struct assessment a = judged(&s, 1, false, false, s.kind);
        cr_expect(a.p_reach <= before);
        before = a.p_reach;
    }
}

Test(assess, figures_after_the_year_are_not_looked_at)
{
    const char *rows =
        "a,percent,higher,2015,80,,,>=,90,2025,,,\na,percent,higher,2016,81,,,,,,,,\n"
        "a,percent,higher,2017,82,,,,,,,,\na,percent,higher,2018,83,,,,,,,,\n"
        "a,percent,higher,2019,20,,,,,,,,\n";
    struct assessed *all = assessed_make(rows, 0), *then = assessed_make(rows, 2018);
    cr_assert_eq(all->count, 1);
    cr_assert_eq(then->count, 1);
    cr_expect_eq(then->items[0].latest_year, 2018);
    cr_expect_eq(then->items[0].fluctuation.kind, FLUCTUATION_UNKNOWN);
    cr_expect_eq(all->items[0].fluctuation.kind, FLUCTUATION_ADVERSE);
    assessed_clear(&then);
    then = assessed_make(rows, 2021);
    cr_expect_eq(then->items[0].silent, 2);
    assessed_clear(&then);
    then = assessed_make(rows, 2010);
    cr_expect_eq(then->items[0].status, ASSESS_NO_DATA);
    cr_expect_eq(then->items[0].class, ASSESS_INSUFFICIENT_DATA);
    assessed_clear(&then);
    assessed_clear(&all);
}

Test(assess, classes_by_probability)
{
    cr_expect_eq(assess_class_of(0.8), ASSESS_LIKELY);
    cr_expect_eq(assess_class_of(0.7999), ASSESS_WATCH);
    cr_expect_eq(assess_class_of(0.5), ASSESS_WATCH);
    cr_expect_eq(assess_class_of(0.4999), ASSESS_UNLIKELY);
    cr_expect_eq(assess_class_of(0.2), ASSESS_UNLIKELY);
    cr_expect_eq(assess_class_of(0.1999), ASSESS_VERY_UNLIKELY);
}

Test(assess, sentences_say_what_they_must)
{
    const char *rows =
        "a,percent,higher,2014,98.4,,,>=,90,2025,,,\na,percent,higher,2015,97.5,,,,,,,,\n"
        "a,percent,higher,2016,96.4,,,,,,,,\na,percent,higher,2017,95.6,,,,,,,,\n"
        "a,percent,higher,2018,94.7,,,,,,,,\na,percent,higher,2019,93.6,,,,,,,,\n"
        "b,per_1000,lower,2021,5.004,,,<=,5.00,2025,,,\n"
        "c,per_10000,lower,2021,1.6,,,decrease_by_pct,20,2030,2020,,\n"
        "d,permille,lower,2021,3.1,,,<=,5.0,2030,2020,3.4,\n"
        "e,percent,lower,2020,52.5,,,decrease_by_points_per_year,1,2030,2019,53,\n"
        "e,percent,lower,2021,51.8,,,,,,,,\n"
        "f,percent,lower,2020,52.5,,,decrease_by_points_per_year,1,2030,,,\n"
        "f,percent,lower,2021,51.4,,,,,,,,\n"
        "g,measure,near,2021,1.1,,,~,1.05,2025,,,\n";
    struct assessed *assessed = assessed_make(rows, 0);
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    cr_assert_eq(assessed->count, 7);
    sentence_make(&assessed->items[0], zh, en);
    const char *wanted_en[] = {"93.6% in 2019",        "≥ 90%", "by 2025",
                               "6 figures since 2014", "80%:",  "getting worse",
                               "no figure for 2 years"};
    const char *wanted_zh[] = {"2019年为93.6%", "目标2025年≥90%", "2014年以来6个数",
                               "80%区间",       "已达标但在变差", "已2年没有数据"};
    for (size_t i = 0; i < sizeof wanted_en / sizeof *wanted_en; i++)
        cr_expect(strstr(en, wanted_en[i]) != NULL, "%s: %s", wanted_en[i], en);
    for (size_t i = 0; i < sizeof wanted_zh / sizeof *wanted_zh; i++)
        cr_expect(strstr(zh, wanted_zh[i]) != NULL, "%s: %s", wanted_zh[i], zh);
    /* a figure is never rounded onto the other side of its bound */
    sentence_make(&assessed->items[1], zh, en);
    cr_expect(strstr(en, "5.004") != NULL && strstr(en, "not met") != NULL, "%s", en);
    sentence_make(&assessed->items[2], zh, en);
    cr_expect(strstr(en, "cannot be judged: base missing (2020)") != NULL, "%s", en);
    cr_expect(strstr(zh, "无法判断：缺2020年的基数") != NULL, "%s", zh);
    /* a target looser than its base, a year's own fall beside the path, a tolerance not stated */
    cr_expect_eq(assessed->items[3].status, ASSESS_MET);
    sentence_make(&assessed->items[3], zh, en);
    cr_expect(strstr(en, "looser than its base 3.4") != NULL && strstr(zh, "比基数3.4还松") != NULL,
              "%s %s", en, zh);
    cr_expect_eq(assessed->items[4].status, ASSESS_NOT_MET, "51.8 against 51");
    sentence_make(&assessed->items[4], zh, en);
    cr_expect(strstr(en, "this year 0.7, too little") != NULL, "%s", en);
    cr_expect(strstr(zh, "当年降0.7，未达到") != NULL, "%s", zh);
    cr_expect_eq(assessed->items[5].status, ASSESS_NOT_JUDGEABLE);
    sentence_make(&assessed->items[5], zh, en);
    cr_expect(strstr(en, "base missing; this year 1.1, enough") != NULL, "%s", en);
    sentence_make(&assessed->items[6], zh, en);
    cr_expect(strstr(en, "(within 0.005)") != NULL && strstr(zh, "±0.005") != NULL, "%s", en);
    assessed_clear(&assessed);
}

/* What was due in a year without a figure is not told by another year's. */
Test(assess, a_year_due_without_a_figure_is_not_judged)
{
    struct assessed *assessed =
        assessed_make("a,percent,higher,2015,90,,,>=,92,2019,,,\na,percent,higher,2016,91,,,,,,,,\n"
                      "a,percent,higher,2017,91.5,,,,,,,,\na,percent,higher,2018,91.8,,,,,,,,\n"
                      "a,percent,higher,2020,93,,,,,,,,\n",
                      0);
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    cr_assert_eq(assessed->count, 1);
    const struct assessment *a = &assessed->items[0];
    cr_expect_eq(a->status, ASSESS_NO_DATA);
    cr_expect_eq(a->class, ASSESS_INSUFFICIENT_DATA);
    cr_expect(isnan(a->p_reach) && isnan(a->required_pace) && !a->has_forecast);
    sentence_make(a, zh, en);
    cr_expect(strstr(en, "due in 2019, a year without a figure") != NULL, "%s", en);
    cr_expect(strstr(zh, "2019年到期而该年没有数据") != NULL, "%s", zh);
    assessed_clear(&assessed);
}

static double next_uniform(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

static double poisson_draw(uint64_t *seed, double mean)
{
    double product = next_uniform(seed), limit = exp(-mean), events = 0;
    for (; product > limit; events++)
        product *= next_uniform(seed);
    return events;
}

/* Fifteen deaths a year by chance alone: the intervals of five years ahead hold what they say or a
 * little more, and hardly ever is chance called a large fluctuation. */
Test(assess, chance_alone_is_seen_through)
{
    uint64_t seed = 42;
    double inside = 0, alarms = 0;
    enum { ROUNDS = 4000, YEARS = 8 };
    for (int round = 0; round < ROUNDS; round++) {
        struct assess_point points[YEARS];
        for (int i = 0; i < YEARS; i++) {
            double deaths = poisson_draw(&seed, 15);
            points[i] = (struct assess_point){2013 + i, deaths / 3, deaths, 3000};
        }
        struct assess_series series = {.name = "imr",
                                       .stratum = "",
                                       .panel = "",
                                       .kind = ASSESS_PER_1000,
                                       .polarity = POLARITY_LOWER,
                                       .count = YEARS,
                                       .points = points};
        struct trend trend = trend_fit(series.kind, points, YEARS);
        struct forecast forecast = forecast_make(&trend, 2025, NULL, 0);
        double future = poisson_draw(&seed, 15) / 3;
        inside += future >= forecast.low80 && future <= forecast.high80;
        alarms += fluctuation_judge(&series, YEARS, NULL, 0).kind > FLUCTUATION_NONE;
    }
    cr_expect(inside / ROUNDS > 0.78 && inside / ROUNDS < 0.95, "%.3f inside 80%%",
              inside / ROUNDS);
    cr_expect_lt(alarms / ROUNDS, 0.03, "%.3f false alarms", alarms / ROUNDS);
}

/* Sixty areas with noise of one kind: the panel takes over, and leaves its member out. */
Test(assess, a_panel_learns)
{
    uint64_t seed = 7;
    enum { AREAS = 60, YEARS = 10 };
    static struct assess_point points[AREAS][YEARS];
    static struct assess_series series[AREAS];
    const struct assess_series *members[AREAS];
    size_t counts[AREAS];
    for (size_t i = 0; i < AREAS; i++) {
        for (int t = 0; t < YEARS; t++)
            points[i][t] = (struct assess_point){2011 + t, 90 + 4 * next_uniform(&seed), NAN, NAN};
        series[i] = (struct assess_series){.name = "a",
                                           .stratum = "",
                                           .panel = "p",
                                           .kind = ASSESS_PERCENT,
                                           .polarity = POLARITY_HIGHER,
                                           .count = YEARS,
                                           .points = points[i]};
        members[i] = &series[i];
        counts[i] = YEARS;
    }
    struct panel *panel = NULL;
    cr_assert_eq(panel_learn(members, counts, AREAS, &panel), STATUS_OK);
    cr_expect_eq(panel_size(panel), AREAS);
    double inside = 0, shipped = interval_ratio95(INTERVAL_PANEL, YEARS);
    for (size_t i = 0; i < AREAS; i++) {
        struct trend trend = trend_fit(ASSESS_PERCENT, points[i], YEARS);
        struct forecast forecast = forecast_make(&trend, 2023, panel, i);
        struct forecast alone = forecast_make(&trend, 2023, NULL, 0);
        double future = 90 + 4 * next_uniform(&seed);
        inside += future >= forecast.low80 && future <= forecast.high80;
        cr_expect_eq(forecast.value, alone.value);
        cr_expect_eq(forecast.areas, AREAS);
        cr_expect_gt(panel_multiplier(panel, 1, i), 0.5);
        cr_expect_lt(panel_multiplier(panel, 1, i), 1.5);
        cr_expect_eq(panel_multiplier(panel, 40, i), 1);
        cr_expect_lt(panel_ratio95(panel, 1, i), shipped, "even noise has no tails");
        cr_expect_gt(panel_ratio95(panel, 1, i), 1.5);
        cr_expect_eq(panel_ratio95(panel, 40, i), shipped);
        cr_expect_float_eq(forecast.half95, forecast.half80 * panel_ratio95(panel, 3, i), 1e-12);
    }
    cr_expect_gt(inside / AREAS, 0.7);
    panel_destroy(&panel);
    panel = NULL;
    cr_expect_eq(panel_learn(members, counts, 49, &panel), STATUS_NOT_FOUND);
    cr_expect_null(panel);
    panel_destroy(&panel);
}

/* A changed definition makes earlier figures another series, which forecasts leave alone. */
Test(assess, no_forecast_runs_across_a_break)
{
    static const char text[] =
        "series,kind,polarity,year,value,target_op,target_value,target_year,definition\n"
        "a,percent,higher,2012,95,>=,80,2030,by age\n"
        "a,percent,higher,2013,94,,,,\n"
        "a,percent,higher,2014,93,,,,\n"
        "a,percent,higher,2015,92,,,,\n"
        "a,percent,higher,2016,60,,,,by school year\n"
        "a,percent,higher,2017,62,,,,by school year\n"
        "a,percent,higher,2018,64,,,,by school year\n"
        "a,percent,higher,2019,66,,,,by school year\n"
        "a,percent,higher,2020,68,,,,by school year\n";
    struct assessed *assessed = assessed_make_file(text, 0);
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    cr_assert_eq(assessed->status, STATUS_OK);
    const struct assessment *a = &assessed->items[0];
    cr_expect_eq(a->count, 5U);
    cr_expect_eq(a->trend.first_year, 2016);
    cr_expect_float_eq(a->recent_pace, 2, 1e-9, "up, not down");
    cr_expect_eq(a->fluctuation.kind, FLUCTUATION_NONE);
    sentence_make(a, zh, en);
    cr_expect(strstr(en, "definition changed in 2016") != NULL, "%s", en);
    cr_expect(strstr(zh, "2016年起口径有变") != NULL, "%s", zh);
    assessed_clear(&assessed);

    assessed = assessed_make_file(text, 2015); /* as it stood before the change */
    cr_expect_eq(assessed->items[0].count, 4U);
    cr_expect_eq(assessed->items[0].trend.first_year, 2012);
    cr_expect_eq(assessed->items[0].series->broken, 0);
    assessed_clear(&assessed);
}
