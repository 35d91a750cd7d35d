/* The forecasts of common/assess on the World Bank's indicators of 127 areas, in two halves.
 *
 * The split: an area whose three letters add up to an even number (A = 65) belongs to the training
 * half, to which derive_constants.py fitted the constants of common/assess/interval.c; nothing was
 * fitted to the other, the judging half, and what is asserted here is asserted of it. (The scale,
 * the shrinkage and the transforms were chosen on the training half and on grounds of principle;
 * README.md of common/assess tells which.) Prints all numbers of both halves. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/backtest.h"
#include "assess/trend.h"
#include "shared_series.h"

enum { SERIES_MAX = 2000, METHODS = 6, NOISY = 4, SMOOTH = 2 };

static const char *const noisy[NOISY] = {"SH.IMM.IDPT", "SH.IMM.MEAS", "SE.PRM.ENRR",
                                         "SE.PRE.ENRR"};
static const char *const smooth[SMOOTH] = {"SP.ADO.TFRT", "SH.DYN.MORT"};

static bool trains(const struct assess_series *series)
{
    const char *area = strrchr(series->name, '/');
    int sum = 0;
    for (area = area == NULL ? series->name : area + 1; *area != '\0'; area++)
        sum += (unsigned char)*area;
    return sum % 2 == 0;
}

/* What a half gave: the pooled rows of its indicators, and "all" by window and horizon. */
struct half {
    bool judging;
    double noisy_error[NOISY], smooth_error[SMOOTH];
};

static void print_row(const struct backtest_row *row)
{
    char window[24] = "all", years[24] = "all";
    if (row->window != 0)
        snprintf(window, sizeof window, "%zu", row->window);
    if (row->years != 0)
        snprintf(years, sizeof years, "%d", row->years);
    printf("%-14s %-5s %6s %6s %7zu  %.3f  %.3f  %.3f  %.3f  %.3f  %.3f\n", row->name,
           row->mode == INTERVAL_PANEL ? "panel" : "alone", window, years, row->cases,
           row->mae_no_change, row->mae_line, row->cover80, row->cover95, row->brier,
           row->brier_pace);
}

static void take(const struct backtest_row *row, void *taker)
{
    struct half *half = taker;
    print_row(row);
    for (size_t i = 0; i < NOISY; i++)
        if (strcmp(row->name, noisy[i]) == 0 && row->years == 0 && row->mode == INTERVAL_ALONE)
            half->noisy_error[i] = row->mae_no_change;
    for (size_t i = 0; i < SMOOTH; i++)
        if (strcmp(row->name, smooth[i]) == 0 && row->years == 0 && row->mode == INTERVAL_ALONE)
            half->smooth_error[i] = row->mae_no_change;
    if (!half->judging)
        return;
    if (strcmp(row->name, "all") == 0 && row->window != 0 && row->years != 0) {
        promise(row->cover80 >= 0.75 && row->cover80 <= 0.85,
                "80%% intervals of %zu figures, %d years ahead, %s: %.3f within 0.75-0.85",
                row->window, row->years, row->mode == INTERVAL_PANEL ? "panel" : "alone",
                row->cover80);
        promise(row->cover95 >= 0.92 && row->cover95 <= 0.98, "95%% intervals: %.3f", row->cover95);
    }
    if (row->window == 0 && row->years == 0) {
        promise(row->cover80 >= 0.73 && row->cover80 <= 0.87,
                "%s: %.3f within 0.73-0.87 (own bound)", row->name, row->cover80);
        promise(row->brier < row->brier_pace, "%s: Brier %.3f below that of pace, %.3f", row->name,
                row->brier, row->brier_pace);
    }
}

/* Least-squares slope and mean of y on the years before `last`. */
static void least_squares(const double *x, const double *y, size_t n, double *out_slope,
                          double *out_mean_x, double *out_mean_y)
{
    double mx = 0, my = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
    }
    *out_slope = xy / xx;
    *out_mean_x = mx;
    *out_mean_y = my;
}

/* Forecasts of the trend methods in use elsewhere, of a positive series. */
static void trend_methods(const struct assess_point *points, size_t n, int years,
                          double out[METHODS])
{
    double x[16], y[16], z[16], pairs[128], slope, mx, my;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        x[i] = points[i].year - points[n - 1].year;
        y[i] = points[i].value;
        z[i] = log(y[i]);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            pairs[count++] = (z[j] - z[i]) / (x[j] - x[i]);
    double median = trend_median(pairs, count), damped = 0.85 * (1 - pow(0.85, years)) / 0.15;
    least_squares(x, y, n, &slope, &mx, &my);
    out[0] = my + slope * (years - mx);                      /* straight line */
    out[1] = y[n - 1] + years * (y[n - 1] - y[0]) / -x[0];   /* mean change (Germany) */
    out[2] = y[n - 1] * pow(y[n - 1] / y[0], years / -x[0]); /* compound rate (UN, Eurostat) */
    least_squares(x, z, n, &slope, &mx, &my);
    out[3] = exp(my + slope * (years - mx));  /* line of logarithms (UNICEF) */
    out[4] = exp(z[n - 1] + median * years);  /* Theil-Sen of logarithms */
    out[5] = exp(z[n - 1] + median * damped); /* the same, damped by 0.85 */
}

/* The best trend method's mean absolute error over "no change", windows and horizons pooled. */
static double best_trend(const struct assess_series *series, size_t count, const char *indicator)
{
    static const size_t windows[] = {5, 8};
    static const int horizons[] = {1, 3, 5};
    double errors[METHODS] = {0}, no_change = 0, best = INFINITY;
    for (size_t s = 0; s < count; s++) {
        if (strncmp(series[s].name, indicator, strlen(indicator)) != 0)
            continue;
        for (size_t c = 0; c < 6; c++)
            for (size_t end = windows[c / 3]; end <= series[s].count; end++) {
                const struct assess_point *points = &series[s].points[end - windows[c / 3]];
                const struct assess_point *last = &series[s].points[end - 1];
                size_t at = assess_find(&series[s], last->year + horizons[c % 3], true);
                double forecasts[METHODS];
                if (at == SIZE_MAX)
                    continue;
                trend_methods(points, windows[c / 3], horizons[c % 3], forecasts);
                no_change += fabs(last->value - series[s].points[at].value);
                for (size_t m = 0; m < METHODS; m++)
                    errors[m] += fabs(forecasts[m] - series[s].points[at].value);
            }
    }
    for (size_t m = 0; m < METHODS; m++)
        best = fmin(best, errors[m] / no_change);
    return best;
}

static void judge_half(const struct assess_series *all, size_t count, bool judging)
{
    static struct assess_series part[SERIES_MAX];
    struct half half = {.judging = judging};
    size_t used = 0;
    double mean = 0;
    for (size_t i = 0; i < count && used < SERIES_MAX; i++)
        if (trains(&all[i]) != judging)
            part[used++] = all[i];
    printf(
        "\n%s half: %zu series\n%-14s %-5s %6s %6s %7s  MAE/nc MAE/ln in80   in95   Brier  pace\n",
        judging ? "judging" : "training", used, "indicator", "mode", "window", "ahead", "cases");
    if (backtest_run(part, used, take, &half) != STATUS_OK) {
        promise(false, "the backtest ran");
        return;
    }
    for (size_t i = 0; i < NOISY; i++) {
        mean += half.noisy_error[i] / NOISY;
        if (judging)
            promise(half.noisy_error[i] <= 1.05, "%s: error %.3f of no change, at most 1.05",
                    noisy[i], half.noisy_error[i]);
    }
    printf("noisy series together: %.3f of no change\n", mean);
    for (size_t i = 0; i < SMOOTH; i++) {
        double best = best_trend(part, used, smooth[i]), ratio = half.smooth_error[i] / best;
        printf("%s: %.3f of no change; best trend method %.3f; ratio %.3f\n", smooth[i],
               half.smooth_error[i], best, ratio);
        if (judging)
            promise(ratio <= 1.20, "%s: %.3f of the best trend method, at most 1.20", smooth[i],
                    ratio);
    }
    if (judging)
        promise(mean <= 1.05, "noisy series together: %.3f, at most 1.05", mean);
}

int main(void)
{
    size_t count = 0;
    struct assess_file *file = shared_series("world.csv");
    const struct assess_series *series = assess_file_series(file, &count);
    judge_half(series, count, false);
    judge_half(series, count, true);
    assess_file_destroy(&file);
    printf("%d promises broken\n", failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
