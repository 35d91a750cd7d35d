#include "assess/fluctuation.h"

#include <math.h>

#include "assess/small.h"

static const double share_of_figure = 0.2, points_least = 0.5, points_most = 2;
static const double significant = 0.05;

double fluctuation_minimum(enum assess_kind kind, double before, double after)
{
    double upper = assess_upper(kind);
    double distance = fmin(fmin(before, upper - before), fmin(after, upper - after));
    switch (kind) {
    case ASSESS_PERCENT: return fmin(points_most, fmax(points_least, share_of_figure * distance));
    case ASSESS_GROSS_PERCENT: return points_most;
    case ASSESS_PERMILLE: return share_of_figure * fmin(before, upper - before);
    default: return share_of_figure * fabs(before);
    }
}

static enum fluctuation direction(enum polarity polarity, double change)
{
    if (polarity != POLARITY_HIGHER && polarity != POLARITY_LOWER)
        return FLUCTUATION_LARGE;
    return (change > 0) == (polarity == POLARITY_HIGHER) ? FLUCTUATION_FAVOURABLE
                                                         : FLUCTUATION_ADVERSE;
}

struct fluctuation_finding fluctuation_judge(const struct assess_series *series, size_t count,
                                             const struct panel *panel, size_t member)
{
    struct fluctuation_finding finding = {.kind = FLUCTUATION_UNKNOWN, .p_counts = NAN};
    if (count < TREND_LEAST + 1)
        return finding;
    const struct assess_point *before = &series->points[count - 2];
    const struct assess_point *last = &series->points[count - 1];
    struct trend trend = trend_fit(series->kind, series->points, count - 1);
    struct forecast expected = forecast_make(&trend, last->year, panel, member);
    double change = last->value - before->value;
    finding.from = before->value;
    finding.to = last->value;
    finding.from_year = before->year;
    finding.low = expected.low95;
    finding.high = expected.high95;
    if (assess_has_counts(before) && assess_has_counts(last))
        finding.p_counts = small_change(series->kind, before, last);
    double slack = 1e-9 * fmax(fabs(last->value), fabs(before->value));
    bool outside = last->value < finding.low - slack || last->value > finding.high + slack;
    bool counted = isnan(finding.p_counts) || finding.p_counts < significant;
    bool matters =
        fabs(change) + slack >= fluctuation_minimum(series->kind, before->value, last->value);
    finding.kind = outside && counted && matters && change != 0
                       ? direction(series->polarity, change)
                       : FLUCTUATION_NONE;
    return finding;
}
