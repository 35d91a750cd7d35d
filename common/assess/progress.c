#include "assess/progress.h"

#include <math.h>

double pass_rate_of_judgeable(const struct pass_rate *rate)
{
    size_t judged = rate->met + rate->not_met;
    return judged == 0 ? NAN : (double)rate->met / (double)judged;
}

double pass_rate_of_all(const struct pass_rate *rate)
{
    size_t all = rate->met + rate->not_met + rate->no_data + rate->not_judgeable;
    return all == 0 ? NAN : (double)rate->met / (double)all;
}

static double divide(double dividend, double divisor)
{
    if (dividend == divisor)
        return 1;
    return divisor == 0 ? NAN : dividend / divisor;
}

double progress_realisation(enum polarity polarity, double value, double target)
{
    double share = polarity == POLARITY_HIGHER  ? divide(value, target)
                   : polarity == POLARITY_LOWER ? (value == 0 ? 1 : divide(target, value))
                   : value == target            ? 1
                                                : 1 - divide(fabs(value - target), fabs(target));
    return isnan(share) ? NAN : fmin(1, fmax(0, share));
}

double progress_weighted(const double *realisations, const double *weights, size_t count)
{
    double sum = 0, all = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(realisations[i]) || isnan(weights[i]))
            continue;
        sum += weights[i] * realisations[i];
        all += weights[i];
    }
    return all > 0 ? sum / all : NAN;
}

double progress_from_base(double base, double value, double target)
{
    return target == base ? NAN : (value - base) / (target - base);
}

struct gap progress_gap(enum polarity polarity, double first, double second)
{
    struct gap gap = {.difference = first - second, .ratio = NAN};
    bool lower = polarity == POLARITY_LOWER, judged = lower || polarity == POLARITY_HIGHER;
    double worse = (first < second) == lower ? second : first;
    double better = worse == first ? second : first;
    if (judged && first != second)
        gap.ahead = better == first ? 1 : -1;
    if (better != 0)
        gap.ratio = worse / better;
    return gap;
}
