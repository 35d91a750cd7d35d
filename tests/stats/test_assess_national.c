/* China's published national figures up to 2018 forecast 2019-2022; every miss of an 80% interval
 * is listed. Nothing was fitted to these series. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assess/forecast.h"
#include "shared_series.h"

enum { ORIGIN = 2018, LAST = 2022 };

struct tally {
    int cases, inside80, inside95;
    double error, error_no_change;
};

static void judge_series(const struct assess_series *series, struct tally *tally)
{
    size_t known = series->count;
    while (known > 0 && series->points[known - 1].year > ORIGIN)
        known--;
    if (known < TREND_LEAST || series->points[known - 1].year != ORIGIN)
        return;
    struct trend trend = trend_fit(series->kind, series->points, known);
    printf("%s (%s): %zu figures %d-%d\n", series->name, assess_kind_names[series->kind], trend.n,
           trend.first_year, trend.last_year);
    for (int year = ORIGIN + 1; year <= LAST; year++) {
        size_t at = assess_find(series, year, true);
        if (at == SIZE_MAX)
            continue;
        double actual = series->points[at].value;
        struct forecast f = forecast_make(&trend, year, NULL, 0);
        bool inside80 = actual >= f.low80 && actual <= f.high80;
        bool inside95 = actual >= f.low95 && actual <= f.high95;
        printf("  %d: %6.2f, forecast %6.2f, 80%% %.2f-%.2f%s\n", year, actual, f.value, f.low80,
               f.high80,
               inside80   ? ""
               : inside95 ? "  MISS"
                          : "  MISS of 95% too");
        tally->cases++;
        tally->inside80 += inside80;
        tally->inside95 += inside95;
        double off = f.value - actual, still = series->points[known - 1].value - actual;
        tally->error += off < 0 ? -off : off;
        tally->error_no_change += still < 0 ? -still : still;
    }
}

int main(void)
{
    size_t count = 0;
    struct tally tally = {0};
    struct assess_file *file = shared_series("national.csv");
    const struct assess_series *series = assess_file_series(file, &count);
    for (size_t i = 0; i < count; i++)
        judge_series(&series[i], &tally);
    printf("%d forecasts: %d inside 80%%, %d inside 95%%, error %.2f of no change\n", tally.cases,
           tally.inside80, tally.inside95, tally.error / tally.error_no_change);
    promise(tally.cases >= 15, "%d forecasts, at least 15", tally.cases);
    promise(tally.inside80 * 10 >= tally.cases * 6,
            "at least 60%% of so few inside 80%% intervals");
    promise(tally.inside95 * 10 >= tally.cases * 8,
            "at least 80%% of so few inside 95%% intervals");
    promise(tally.error < 0.6 * tally.error_no_change, "error well below no change");
    assess_file_destroy(&file);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
