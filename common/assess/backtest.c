#include "assess/backtest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/forecast.h"

enum { WINDOWS = 2, HORIZONS = 3, MODES = 2, TARGETS = 3, GAP_YEARS = 2 };

static const size_t windows[WINDOWS] = {5, 8};
static const int horizons[HORIZONS] = {1, 3, 5};
static const double bettered[TARGETS] = {0, 0.1, 0.2};

struct sums {
    double cases, error, error_last, error_line, inside80, inside95, brier, brier_pace;
};

struct group_sums {
    struct sums cells[MODES][WINDOWS][HORIZONS];
};

/* Windows of one group that end in one year. */
struct origin {
    struct assess_series *series;
    const struct assess_series **members;
    size_t *counts;
    const struct assess_series **whole; /* the series each is a part of */
    size_t count;
};

static void add(struct sums *to, const struct sums *from)
{
    to->cases += from->cases;
    to->error += from->error;
    to->error_last += from->error_last;
    to->error_line += from->error_line;
    to->inside80 += from->inside80;
    to->inside95 += from->inside95;
    to->brier += from->brier;
    to->brier_pace += from->brier_pace;
}

/* Least-squares line through the figures, at `year`. */
static double line_at(const struct assess_series *series, int year)
{
    double n = (double)series->count, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < series->count; i++) {
        double away = series->points[i].year - year;
        x += away / n;
        y += series->points[i].value / n;
    }
    for (size_t i = 0; i < series->count; i++) {
        double away = series->points[i].year - year - x;
        xx += away * away;
        xy += away * (series->points[i].value - y);
    }
    return y - xy / xx * x;
}

static double made_up_target(const struct assess_series *series, double last, double better)
{
    if (series->polarity == POLARITY_LOWER)
        return last * (1 - better);
    if (series->kind == ASSESS_PERCENT)
        return last + better * (100 - last);
    return last * (1 + better);
}

static void score_targets(struct sums *sums, const struct assess_series *window,
                          const struct forecast *forecast, double actual)
{
    double last = window->points[window->count - 1].value;
    double recent = trend_pace(window->points, window->count);
    bool lower = window->polarity == POLARITY_LOWER;
    for (int i = 0; i < TARGETS; i++) {
        double target = made_up_target(window, last, bettered[i]);
        double p = lower ? forecast_below(forecast, target) : forecast_above(forecast, target);
        double required = (target - last) / forecast->years;
        bool reached = lower ? actual <= target : actual >= target;
        bool pace = lower ? recent <= required : recent >= required;
        sums->brier += (p - reached) * (p - reached) / TARGETS;
        sums->brier_pace += (double)(pace != reached) / TARGETS;
    }
}

static void score(struct sums *sums, const struct assess_series *window,
                  const struct assess_series *whole, int years, const struct panel *panel,
                  size_t member)
{
    const struct assess_point *last = &window->points[window->count - 1];
    size_t at = assess_find(whole, last->year + years, true);
    if (at == SIZE_MAX)
        return;
    double actual = whole->points[at].value;
    struct trend trend = trend_fit(window->kind, window->points, window->count);
    struct forecast forecast = forecast_make(&trend, last->year + years, panel, member);
    sums->cases++;
    sums->error += fabs(forecast.value - actual);
    sums->error_last += fabs(last->value - actual);
    sums->error_line += fabs(line_at(window, last->year + years) - actual);
    sums->inside80 += actual >= forecast.low80 && actual <= forecast.high80;
    sums->inside95 += actual >= forecast.low95 && actual <= forecast.high95;
    score_targets(sums, window, &forecast, actual);
}

/* The windows of `size` figures that end in `year`. */
static void find_windows(struct origin *origin, const struct assess_series *const *group,
                         size_t count, size_t size, int year)
{
    origin->count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = assess_find(group[i], year, true);
        if (at == SIZE_MAX || at + 1 < size)
            continue;
        const struct assess_point *first = &group[i]->points[at + 1 - size];
        if (year - first->year > (int)size - 1 + GAP_YEARS)
            continue;
        struct assess_series *window = &origin->series[origin->count];
        *window = *group[i];
        window->points = first;
        window->count = size;
        origin->members[origin->count] = window;
        origin->counts[origin->count] = size;
        origin->whole[origin->count++] = group[i];
    }
}

static enum status score_origin(struct group_sums *sums, const struct origin *origin, size_t w)
{
    struct panel *panel = NULL;
    enum status status = STATUS_NOT_FOUND;
    if (origin->count >= PANEL_LEAST)
        status = panel_learn(origin->members, origin->counts, origin->count, &panel);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    for (size_t i = 0; i < origin->count; i++)
        for (size_t h = 0; h < HORIZONS; h++) {
            score(&sums->cells[INTERVAL_ALONE][w][h], origin->members[i], origin->whole[i],
                  horizons[h], NULL, 0);
            if (panel != NULL)
                score(&sums->cells[INTERVAL_PANEL][w][h], origin->members[i], origin->whole[i],
                      horizons[h], panel, i);
        }
    panel_destroy(&panel);
    return STATUS_OK;
}

static enum status score_group(struct group_sums *sums, const struct assess_series *const *group,
                               size_t count)
{
    struct origin origin = {0};
    enum status status = STATUS_NO_MEMORY;
    int first = 0, last = 0;
    for (size_t i = 0; i < count; i++) {
        if (group[i]->count == 0)
            continue;
        int begin = group[i]->points[0].year, end = group[i]->points[group[i]->count - 1].year;
        first = first == 0 || begin < first ? begin : first;
        last = end > last ? end : last;
    }
    origin.series = calloc(count, sizeof *origin.series);
    origin.members = calloc(count, sizeof *origin.members);
    origin.counts = calloc(count, sizeof *origin.counts);
    origin.whole = calloc(count, sizeof *origin.whole);
    if (origin.series != NULL && origin.members != NULL && origin.counts != NULL &&
        origin.whole != NULL)
        status = STATUS_OK;
    for (size_t w = 0; w < WINDOWS; w++)
        for (int year = first; year <= last && status == STATUS_OK; year++) {
            find_windows(&origin, group, count, windows[w], year);
            status = score_origin(sums, &origin, w);
        }
    free(origin.series);
    free(origin.members);
    free(origin.counts);
    free(origin.whole);
    return status;
}

/* Sums of one mode over the windows and horizons asked for (WINDOWS, HORIZONS: all). */
static struct sums pool(const struct group_sums *group, size_t mode, size_t w, size_t h)
{
    struct sums sums = {0};
    for (size_t i = 0; i < WINDOWS; i++)
        for (size_t j = 0; j < HORIZONS; j++)
            if ((w == WINDOWS || w == i) && (h == HORIZONS || h == j))
                add(&sums, &group->cells[mode][i][j]);
    return sums;
}

/* One row of the mean of groups, each group's errors relative to its own. */
static void give_row(const struct group_sums *groups, size_t count, size_t mode, size_t w, size_t h,
                     const char *name, backtest_take *take, void *taker)
{
    struct backtest_row row = {.mode = (enum interval_mode)mode,
                               .window = w == WINDOWS ? 0 : windows[w],
                               .years = h == HORIZONS ? 0 : horizons[h]};
    struct sums all = {0};
    double used = 0;
    for (size_t i = 0; i < count; i++) {
        struct sums sums = pool(&groups[i], mode, w, h);
        if (!(sums.error_last > 0) || !(sums.error_line > 0))
            continue;
        add(&all, &sums);
        row.mae_no_change += sums.error / sums.error_last;
        row.mae_line += sums.error / sums.error_line;
        used++;
    }
    if (used == 0)
        return;
    snprintf(row.name, sizeof row.name, "%s", name);
    row.mae_no_change /= used;
    row.mae_line /= used;
    row.cases = (size_t)all.cases;
    row.cover80 = all.inside80 / all.cases;
    row.cover95 = all.inside95 / all.cases;
    row.brier = all.brier / all.cases;
    row.brier_pace = all.brier_pace / all.cases;
    take(&row, taker);
}

static int by_panel(const void *left, const void *right)
{
    const struct assess_series *const *a = left, *const *b = right;
    int order = strcmp((*a)->panel, (*b)->panel);
    return order != 0 ? order : *a < *b ? -1 : *a > *b;
}

/* "SH.IMM.MEAS" of "SH.IMM.MEAS/CHN"; the kind where names have no such part. */
static void group_name(const struct assess_series *series, char name[BACKTEST_NAME_BYTES])
{
    size_t prefix = strcspn(series->name, "/|:");
    if (series->name[prefix] != '\0' && prefix > 0)
        snprintf(name, BACKTEST_NAME_BYTES, "%.*s", (int)prefix, series->name);
    else
        snprintf(name, BACKTEST_NAME_BYTES, "%s", assess_kind_names[series->kind]);
}

enum status backtest_run(const struct assess_series *series, size_t count, backtest_take *take,
                         void *taker)
{
    const struct assess_series **sorted = calloc(count + 1, sizeof *sorted);
    struct group_sums *groups = calloc(count + 1, sizeof *groups);
    enum status status = sorted == NULL || groups == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    size_t group_count = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        sorted[i] = &series[i];
    if (status == STATUS_OK)
        qsort(sorted, count, sizeof *sorted, by_panel);
    for (size_t first = 0, next; status == STATUS_OK && first < count; first = next) {
        for (next = first + 1;
             next < count && strcmp(sorted[next]->panel, sorted[first]->panel) == 0; next++)
            ;
        struct group_sums *sums = &groups[group_count];
        status = score_group(sums, &sorted[first], next - first);
        char name[BACKTEST_NAME_BYTES];
        group_name(sorted[first], name);
        for (size_t mode = 0; status == STATUS_OK && mode < MODES; mode++)
            for (size_t h = 0; h <= HORIZONS; h++)
                give_row(sums, 1, mode, WINDOWS, h, name, take, taker);
        group_count++;
    }
    double cases = 0;
    for (size_t i = 0; i < group_count; i++)
        cases += pool(&groups[i], INTERVAL_ALONE, WINDOWS, HORIZONS).cases;
    for (size_t mode = 0; status == STATUS_OK && mode < MODES; mode++)
        for (size_t w = 0; w <= WINDOWS; w++)
            for (size_t h = 0; h <= HORIZONS; h++)
                give_row(groups, group_count, mode, w, h, "all", take, taker);
    free(sorted);
    free(groups);
    return status == STATUS_OK && cases == 0 ? STATUS_NOT_FOUND : status;
}
