/* What must not change a verdict, on random series of every kind, operator and polarity: the unit,
 * the side from which a share is looked at, the order of rows, the calendar. And what must hold of
 * every verdict, whatever the figures.
 *
 * Each test prints the seed of a series that breaks it; ZHIBAO_PROPERTY_SEED=N repeats that one. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/sentence.h"
#include "assess_fixture.h"

enum { ROUNDS = 20000, POINTS_MAX = 14, TEXT_BYTES = 48, DECIMALS = 3, FIRST_YEAR = 2008 };

/* A series with one target, its own storage. */
struct made {
    uint64_t seed;
    struct assess_series series;
    struct assess_target target;
    struct assess_point points[POINTS_MAX];
    char value_text[TEXT_BYTES];
    int decimals; /* of value_text */
};

static uint64_t next_random(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15U; /* splitmix64, public domain (Vigna) */
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static double uniform(uint64_t *state)
{
    return ((double)(next_random(state) >> 11) + 0.5) / 9007199254740992.0;
}

static size_t below(uint64_t *state, size_t count)
{
    return (size_t)(next_random(state) % count);
}

static double normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * M_PI * uniform(state));
}

/* Figures are printed with so many digits behind the point. */
static double rounded(double value, int digits)
{
    double unit = pow(10, digits);
    return round(value * unit) / unit;
}

static double bounded(enum assess_kind kind, double value)
{
    return fmin(fmax(value, assess_lower(kind)), assess_upper(kind));
}

static void set_value_text(struct made *made)
{
    snprintf(made->value_text, TEXT_BYTES, "%.*f", made->decimals, made->target.value);
    made->target.value_text = made->value_text;
}

/* A random walk with a drift, on the scale that suits the kind. */
static void make_points(struct made *made, uint64_t *state)
{
    enum assess_kind kind = made->series.kind;
    bool share = kind == ASSESS_PERCENT || kind == ASSESS_PERMILLE;
    double upper = isfinite(assess_upper(kind)) ? assess_upper(kind) : 0;
    double level = share ? 8 * uniform(state) - 4 : log(0.5 + 100 * uniform(state));
    double drift = 0.12 * normal(state), noise = 0.15 * uniform(state) * uniform(state);
    double base = 100 * pow(10, 3 * uniform(state));
    int year = FIRST_YEAR, digits = (int)below(state, 4);
    bool counted = kind <= ASSESS_PER_100000 && below(state, 3) == 0;
    made->series.count = 1 + below(state, POINTS_MAX);
    for (size_t i = 0; i < made->series.count; i++) {
        double z = level + drift * (double)i + noise * normal(state);
        struct assess_point *point = &made->points[i];
        *point = (struct assess_point){year, 0, NAN, NAN};
        point->value = bounded(kind, rounded(share ? upper / (1 + exp(-z)) : exp(z), digits));
        if (counted) {
            point->denominator = floor(base * (1 + 0.1 * uniform(state))) + 1;
            point->numerator = fmin(round(point->value / assess_factor(kind) * point->denominator),
                                    share ? point->denominator : INFINITY);
            point->value = assess_factor(kind) * point->numerator / point->denominator;
        }
        year += below(state, 8) == 0 ? 2 : 1;
    }
}

static void make_target(struct made *made, uint64_t *state)
{
    enum assess_kind kind = made->series.kind;
    size_t last = made->series.count - 1;
    double latest = made->points[last].value, size = fmax(fabs(latest), 1);
    struct assess_target *target = &made->target;
    *target = (struct assess_target){.op = (enum target_operator)below(state, TARGET_QUALITATIVE),
                                     .base_value = NAN};
    target->value = bounded(kind, rounded(latest + 0.3 * size * normal(state), DECIMALS));
    if (below(state, 8) == 0)
        target->value = latest; /* at the bound */
    if (target->op == TARGET_FALL_PERCENT)
        target->value = (double)below(state, 40);
    if (target->op == TARGET_FALL_POINTS)
        target->value = rounded(0.05 * size * uniform(state), DECIMALS);
    if (target->op == TARGET_ABOUT)
        target->tolerance = 0.02 * size;
    target->year = below(state, 6) == 0 ? 0 : made->points[last].year - 3 + (int)below(state, 12);
    if (target->year != 0 && target->year < made->points[0].year)
        target->year = made->points[0].year;
    if (below(state, 2) == 0)
        target->base_year = made->points[below(state, made->series.count)].year;
    if (below(state, 3) == 0)
        target->base_value = made->points[0].value;
    made->decimals = DECIMALS;
    set_value_text(made);
}

static void tie(struct made *made)
{
    made->series.points = made->points;
    made->series.targets = &made->target;
    made->series.target_count = 1;
    made->target.value_text = made->value_text;
}

static void make(uint64_t seed, struct made *made)
{
    uint64_t state = seed;
    *made = (struct made){.seed = seed};
    made->series = (struct assess_series){.name = "s",
                                          .stratum = "",
                                          .panel = "",
                                          .kind = (enum assess_kind)below(&state, ASSESS_KINDS),
                                          .polarity = (enum polarity)below(&state, 4)};
    make_points(made, &state);
    make_target(made, &state);
    tie(made);
}

static struct assessment judged(const struct made *made)
{
    const struct assess_context context = {.reference_year =
                                               made->points[made->series.count - 1].year + 1};
    return assess_judge(&made->series, &made->target, &context);
}

static bool is_near(double a, double b, double slack)
{
    return (isnan(a) && isnan(b)) || a == b || fabs(a - b) <= slack * fmax(1, fabs(a));
}

/* The same verdict, `kind` of fluctuation apart. */
static void same(const struct made *made, const struct assessment *a, const struct assessment *b,
                 const char *what)
{
    cr_assert(a->status == b->status && a->class == b->class && a->worsening == b->worsening &&
                  a->silent == b->silent && a->trend.pooled == b->trend.pooled &&
                  is_near(a->p_reach, b->p_reach, 1e-5),
              "%s, seed %" PRIu64 ": %s %s p %.9g against %s %s p %.9g", what, made->seed,
              assess_status_text(a->status), assess_class_text(a->class), a->p_reach,
              assess_status_text(b->status), assess_class_text(b->class), b->p_reach);
}

static void same_fluctuation(const struct made *made, const struct assessment *a,
                             const struct assessment *b, const char *what)
{
    cr_assert_eq(a->fluctuation.kind, b->fluctuation.kind, "%s, seed %" PRIu64 ": %s against %s",
                 what, made->seed, fluctuation_text(a->fluctuation.kind),
                 fluctuation_text(b->fluctuation.kind));
}

static void same_forecast(const struct made *made, const struct assessment *a,
                          const struct assessment *b, double scale, const char *what)
{
    cr_assert_eq(a->has_forecast, b->has_forecast);
    if (!a->has_forecast)
        return;
    const double left[] = {a->forecast.value, a->forecast.low80,  a->forecast.high80,
                           a->forecast.low95, a->forecast.high95, a->recent_pace,
                           a->required_pace};
    const double right[] = {b->forecast.value, b->forecast.low80,  b->forecast.high80,
                            b->forecast.low95, b->forecast.high95, b->recent_pace,
                            b->required_pace};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        cr_assert(is_near(left[i], right[i] / scale, 1e-7),
                  "%s, seed %" PRIu64 ": number %zu is %.9g against %.9g", what, made->seed, i,
                  left[i], right[i] / scale);
}

typedef void property(uint64_t seed);

static void for_all(property *holds)
{
    const char *one = getenv("ZHIBAO_PROPERTY_SEED");
    if (one != NULL) {
        holds(strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= ROUNDS; seed++)
        holds(seed);
}

/* Figures, target and base `power` powers of ten larger, as another kind. */
static void rescale(struct made *made, int power, enum assess_kind kind)
{
    double scale = pow(10, power);
    made->series.kind = kind;
    for (size_t i = 0; i < made->series.count; i++)
        made->points[i].value *= scale;
    if (made->target.op != TARGET_FALL_PERCENT) {
        made->target.value *= scale;
        made->decimals -= power;
        if (made->decimals < 0)
            made->decimals = 0;
        set_value_text(made);
    }
    made->target.tolerance *= scale;
    made->target.base_value *= scale;
    tie(made);
}

/* 5.1 per 1,000 is 51 per 10,000; 3 hours are 180 minutes; 12,000 people are 1.2 of ten thousand.
 */
static void units(uint64_t seed)
{
    struct made plain, other;
    make(seed, &plain);
    make(seed, &other);
    enum assess_kind kind = plain.series.kind;
    bool rate = kind == ASSESS_PER_1000 || kind == ASSESS_PER_10000;
    int power = rate ? 1 : kind == ASSESS_COUNT ? -4 : kind == ASSESS_MEASURE ? 3 : 0;
    if (power == 0)
        return;
    if (plain.target.op == TARGET_EQUAL && power > DECIMALS)
        return;
    rescale(&other, power, rate ? (enum assess_kind)(kind + 1) : kind);
    struct assessment a = judged(&plain), b = judged(&other);
    same(&plain, &a, &b, "another unit");
    same_fluctuation(&plain, &a, &b, "another unit");
    same_forecast(&plain, &a, &b, pow(10, power), "another unit");
}

Test(assess_property, the_unit_does_not_matter)
{
    for_all(units);
}

/* Per cent as per mille: the same scale but near its ends, where what is per mille is taken for a
 * rate of rare events, with another practical minimum. */
static void per_mille(uint64_t seed)
{
    struct made plain, other;
    double least = INFINITY;
    make(seed, &plain);
    make(seed, &other);
    for (size_t i = 0; i < plain.series.count; i++)
        least = fmin(least, fmin(plain.points[i].value, 100 - plain.points[i].value));
    if (plain.series.kind != ASSESS_PERCENT || least < 5)
        return;
    rescale(&other, 1, ASSESS_PERMILLE);
    struct assessment a = judged(&plain), b = judged(&other);
    same(&plain, &a, &b, "per mille");
    same_forecast(&plain, &a, &b, 10, "per mille");
}

Test(assess_property, per_cent_is_ten_per_mille)
{
    for_all(per_mille);
}

static enum target_operator mirrored_op(enum target_operator op)
{
    switch (op) {
    case TARGET_AT_MOST: return TARGET_AT_LEAST;
    case TARGET_AT_LEAST: return TARGET_AT_MOST;
    case TARGET_BELOW: return TARGET_ABOVE;
    case TARGET_ABOVE: return TARGET_BELOW;
    case TARGET_KEEP_AT_LEAST: return TARGET_KEEP_AT_MOST;
    case TARGET_KEEP_AT_MOST: return TARGET_KEEP_AT_LEAST;
    case TARGET_INCREASE: return TARGET_DECREASE;
    case TARGET_DECREASE: return TARGET_INCREASE;
    default: return op;
    }
}

static enum polarity mirrored_polarity(enum polarity polarity)
{
    return polarity == POLARITY_HIGHER  ? POLARITY_LOWER
           : polarity == POLARITY_LOWER ? POLARITY_HIGHER
                                        : polarity;
}

static void mirror(struct made *made)
{
    double whole = assess_upper(made->series.kind);
    made->series.polarity = mirrored_polarity(made->series.polarity);
    for (size_t i = 0; i < made->series.count; i++) {
        struct assess_point *point = &made->points[i];
        point->value = whole - point->value;
        point->numerator = point->denominator - point->numerator;
    }
    made->target.op = mirrored_op(made->target.op);
    made->target.value = whole - made->target.value;
    made->target.base_value = whole - made->target.base_value;
    set_value_text(made);
    tie(made);
}

/* At least 95% vaccinated is at most 5% not vaccinated. */
static void sides(uint64_t seed)
{
    struct made plain, other;
    make(seed, &plain);
    make(seed, &other);
    bool fall = plain.target.op == TARGET_FALL_PERCENT || plain.target.op == TARGET_FALL_POINTS;
    if (!isfinite(assess_upper(plain.series.kind)) || fall)
        return;
    mirror(&other);
    struct assessment a = judged(&plain), b = judged(&other);
    same(&plain, &a, &b, "the other side");
    same_fluctuation(&plain, &a, &b, "the other side");
    double whole = assess_upper(plain.series.kind);
    if (!a.has_forecast)
        return;
    const double left[] = {a.forecast.value, a.forecast.low95, a.required_pace};
    const double right[] = {whole - b.forecast.value, whole - b.forecast.high95, -b.required_pace};
    for (size_t i = 0; i < 3; i++)
        cr_assert(is_near(left[i], right[i], 1e-5), "seed %" PRIu64 ": number %zu is %.9g, %.9g",
                  seed, i, left[i], right[i]);
}

Test(assess_property, the_side_does_not_matter)
{
    for_all(sides);
}

/* Which way is good decides whether a change is adverse, and what "about" forgives; what the target
 * asks decides the rest. */
static void polarity(uint64_t seed)
{
    struct made plain, other;
    make(seed, &plain);
    make(seed, &other);
    if (plain.target.op == TARGET_ABOUT)
        return;
    other.series.polarity = mirrored_polarity(plain.series.polarity);
    struct assessment a = judged(&plain), b = judged(&other);
    same(&plain, &a, &b, "the other polarity");
    enum fluctuation left = a.fluctuation.kind, right = b.fluctuation.kind;
    bool flips = left == FLUCTUATION_ADVERSE || left == FLUCTUATION_FAVOURABLE;
    cr_assert(flips ? right != left && right > FLUCTUATION_NONE : right == left, "seed %" PRIu64,
              seed);
}

Test(assess_property, polarity_only_names_the_good_side)
{
    for_all(polarity);
}

/* A hundred years later the same. */
static void calendar(uint64_t seed)
{
    struct made plain, other;
    make(seed, &plain);
    make(seed, &other);
    for (size_t i = 0; i < other.series.count; i++)
        other.points[i].year += 100;
    other.target.year += other.target.year == 0 ? 0 : 100;
    other.target.base_year += other.target.base_year == 0 ? 0 : 100;
    struct assessment a = judged(&plain), b = judged(&other);
    same(&plain, &a, &b, "a century later");
    same_fluctuation(&plain, &a, &b, "a century later");
    same_forecast(&plain, &a, &b, 1, "a century later");
}

Test(assess_property, the_calendar_does_not_matter)
{
    for_all(calendar);
}

static enum assess_class class_of(const struct assessment *a)
{
    return a->class == ASSESS_REACHED ? ASSESS_REACHED : assess_class_of(a->p_reach);
}

/* Intervals are nested and within bounds, probabilities are probabilities and make the class, met
 * is what the operator says, few figures are not forecast from, and both sentences are whole. */
static void sound(uint64_t seed)
{
    struct made made;
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    make(seed, &made);
    struct assessment a = judged(&made);
    const struct forecast *f = &a.forecast;
    double slack = 1e-9 * fmax(1, fabs(f->value));
    double lower = assess_lower(made.series.kind), upper = assess_upper(made.series.kind);
    cr_assert(!a.has_forecast || (f->low95 <= f->low80 + slack && f->low80 <= f->value + slack &&
                                  f->value <= f->high80 + slack && f->high80 <= f->high95 + slack &&
                                  f->low95 >= lower && f->high95 <= upper && isfinite(f->high95)),
              "seed %" PRIu64 ": %g %g %g %g %g", seed, f->low95, f->low80, f->value, f->high80,
              f->high95);
    cr_assert(isnan(a.p_reach) || (a.p_reach >= 0 && a.p_reach <= 1), "seed %" PRIu64, seed);
    cr_assert(isnan(a.p_reach) == (a.class == ASSESS_INSUFFICIENT_DATA), "seed %" PRIu64, seed);
    cr_assert(isnan(a.p_reach) || a.class == class_of(&a), "seed %" PRIu64, seed);
    cr_assert(made.series.count >= TREND_LEAST || (!a.has_forecast && isnan(a.p_reach)),
              "seed %" PRIu64, seed);
    cr_assert(a.class != ASSESS_REACHED || a.status != ASSESS_NOT_MET, "seed %" PRIu64, seed);
    sentence_make(&a, zh, en);
    cr_assert(strlen(zh) > 10 && strlen(zh) < SENTENCE_BYTES - 4 && strlen(en) > 10 &&
                  strlen(en) < SENTENCE_BYTES - 4,
              "seed %" PRIu64 ": %s", seed, en);
    cr_assert(strcmp(zh + strlen(zh) - 3, "。") == 0 && en[strlen(en) - 1] == '.',
              "seed %" PRIu64 ": %s %s", seed, zh, en);
    cr_assert(strstr(en, "nan") == NULL && strstr(zh, "nan") == NULL && strstr(en, "inf") == NULL,
              "seed %" PRIu64 ": %s", seed, en);
}

Test(assess_property, every_verdict_is_sound)
{
    for_all(sound);
}

/* Rows of one file in any order, kind and polarity on any one row of a series, with a panel. */
enum { FILE_ROUNDS = 12, FILE_SERIES = 120, ROWS_MAX = FILE_SERIES * POINTS_MAX, ROW_BYTES = 160 };

static size_t file_rows(uint64_t seed, char rows[ROWS_MAX][ROW_BYTES])
{
    size_t count = 0;
    for (size_t s = 0; s < FILE_SERIES; s++) {
        struct made made;
        make(seed * 1000 + s, &made);
        enum assess_kind kind = s % 2 == 0 ? ASSESS_PERCENT : made.series.kind;
        size_t said = s % made.series.count, asked = (s / 2) % made.series.count;
        for (size_t i = 0; i < made.series.count; i++) {
            double value =
                kind == ASSESS_PERCENT ? fmin(made.points[i].value, 100) : made.points[i].value;
            char goal[64] = ",,";
            if (i == asked)
                snprintf(goal, sizeof goal, "%s,%s,%d", s % 2 == 0 ? ">=" : "<=", made.value_text,
                         2030);
            snprintf(rows[count++], ROW_BYTES, "%s/%zu,%s,%s,%d,%.10g,%s\n", s % 2 == 0 ? "p" : "q",
                     s, i == said ? assess_kind_names[kind] : "", i == said ? "higher" : "",
                     made.points[i].year, value, goal);
        }
    }
    return count;
}

static struct assessed *read_rows(char rows[ROWS_MAX][ROW_BYTES], size_t count)
{
    static char text[ROWS_MAX * ROW_BYTES];
    size_t used = (size_t)snprintf(
        text, sizeof text, "series,kind,polarity,year,value,target_op,target_value,target_year\n");
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s", rows[i]);
    return assessed_make_file(text, 0);
}

static const struct assessment *named(const struct assessed *assessed, const char *name)
{
    for (size_t i = 0; i < assessed->count; i++)
        if (strcmp(assessed->items[i].series->name, name) == 0)
            return &assessed->items[i];
    return NULL;
}

static void order(uint64_t seed)
{
    static char rows[ROWS_MAX][ROW_BYTES];
    uint64_t state = seed;
    struct made made = {.seed = seed};
    size_t count = file_rows(seed, rows), panels = 0;
    struct assessed *plain = read_rows(rows, count);
    for (size_t i = count; i > 1; i--) {
        char held[ROW_BYTES];
        size_t at = below(&state, i);
        memcpy(held, rows[i - 1], ROW_BYTES);
        memcpy(rows[i - 1], rows[at], ROW_BYTES);
        memcpy(rows[at], held, ROW_BYTES);
    }
    struct assessed *shuffled = read_rows(rows, count);
    cr_assert_eq(plain->status, STATUS_OK);
    cr_assert_eq(plain->count, shuffled->count, "seed %" PRIu64, seed);
    for (size_t i = 0; i < plain->count; i++) {
        const struct assessment *a = &plain->items[i], *b = named(shuffled, a->series->name);
        cr_assert_not_null(b, "seed %" PRIu64 ": %s", seed, a->series->name);
        same(&made, a, b, a->series->name);
        same_fluctuation(&made, a, b, a->series->name);
        same_forecast(&made, a, b, 1, a->series->name);
        panels += a->has_forecast && a->forecast.areas > 0;
    }
    cr_assert_gt(plain->count, (size_t)FILE_SERIES / 2);
    if (getenv("ZHIBAO_PROPERTY_SEED") == NULL && seed == 1)
        cr_expect_gt(panels, 0U, "nothing was judged with a panel");
    assessed_clear(&plain);
    assessed_clear(&shuffled);
}

Test(assess_property, the_order_of_rows_does_not_matter)
{
    const char *one = getenv("ZHIBAO_PROPERTY_SEED");
    for (uint64_t seed = one == NULL ? 1 : strtoull(one, NULL, 10), rounds = 0;
         rounds < (one == NULL ? FILE_ROUNDS : 1); rounds++, seed++)
        order(seed);
}
