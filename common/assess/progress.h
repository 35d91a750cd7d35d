/* Figures about many targets or groups at once: pass rates, realisation, progress, gaps. Pure; any
 * thread. */
#ifndef ZHIBAO_ASSESS_PROGRESS_H
#define ZHIBAO_ASSESS_PROGRESS_H

#include "assess/series.h"

/* How many targets are met, among those that can be judged and among all (China's 达标率 is printed
 * with either; both are shown). */
struct pass_rate {
    size_t met, not_met, no_data, not_judgeable;
};
double pass_rate_of_judgeable(const struct pass_rate *rate); /* 0..1, NAN without any */
double pass_rate_of_all(const struct pass_rate *rate);

/* Realisation (实现程度) of one indicator, 0..1: value/target where higher is better, target/value
 * where lower is, 1 - |value - target|/|target| else; at most 1, at least 0. NAN where a division
 * by 0 is asked for (but 1 where value = target). It flatters: 94 of 95 is 99%. Source: the
 * monitoring of the xiaokang programme, NBS 2008. */
double progress_realisation(enum polarity polarity, double value, double target);

/* sum weights * realisations / sum weights; items with NAN are left out. NAN without any. */
double progress_weighted(const double *realisations, const double *weights, size_t count);

/* Share of the way from base to target that has been gone, (value - base)/(target - base): below 0
 * for the wrong way, above 1 past it. NAN where target = base. */
double progress_from_base(double base, double value, double target);

/* Distance between two groups (urban and rural, boys and girls), and the ratio of the worse to the
 * better. `ahead` is +1 when the first is better, -1 when the second is, 0 when equal or when the
 * polarity knows no better. */
struct gap {
    double difference, ratio; /* first - second; ratio NAN for division by 0 */
    int ahead;
};
struct gap progress_gap(enum polarity polarity, double first, double second);

#endif
