#include "assess/quality.h"

#include <math.h>
#include <stdlib.h>

static const double modified_z = 0.6745, z_most = 3.5, mads_most = 5, mad_least = 0.05;
static const double third = 1.0 / 3, slip_slack = 0.2, small_figure = 10;

enum { OUTLIER_LEAST = 4, PEERS_LEAST = 8, FIGURES_MAX = 64, PEERS_MAX = 4096, YEARS_MEANT = 3 };

const char *const quality_part_names[QUALITY_PARTS] = {
    "completeness", "timeliness", "outliers", "peers",    "consistency",
    "related",      "sums",       "slips",    "repeated", "restated",
};

void quality_note(struct quality *quality, enum quality_part part, bool flagged)
{
    quality->parts[part].looked_at++;
    quality->parts[part].flagged += flagged;
}

double quality_part_score(const struct quality *quality, enum quality_part part)
{
    const struct quality_count *count = &quality->parts[part];
    return count->looked_at == 0 ? (double)NAN
                                 : 1 - (double)count->flagged / (double)count->looked_at;
}

double quality_score(const struct quality *quality)
{
    double sum = 0;
    size_t count = 0;
    for (int part = 0; part < QUALITY_PARTS; part++) {
        double score = quality_part_score(quality, (enum quality_part)part);
        if (isnan(score))
            continue;
        sum += score;
        count++;
    }
    return count == 0 ? (double)NAN : sum / (double)count;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The median of numbers, which are sorted. count >= 1. */
static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Median and MAD of numbers, which are overwritten. */
static double spread(double *values, size_t count, double *out_mad)
{
    double middle = median(values, count);
    for (size_t i = 0; i < count; i++)
        values[i] = fabs(values[i] - middle);
    *out_mad = fmax(median(values, count), mad_least);
    return middle;
}

enum quality_answer quality_outlier(const double *earlier, size_t count, double now)
{
    double z[FIGURES_MAX], mad = 0;
    if (count < OUTLIER_LEAST || count > FIGURES_MAX)
        return QUALITY_NOT_TOLD;
    for (size_t i = 0; i < count; i++)
        z[i] = log1p(earlier[i]);
    double middle = spread(z, count, &mad);
    bool far = modified_z * fabs(log1p(now) - middle) / mad > z_most;
    /* chance alone makes 3 of 1 */
    bool matters = fabs(now - expm1(middle)) >= small_figure;
    return far && matters ? QUALITY_FLAGGED : QUALITY_GOOD;
}

enum quality_answer quality_among_peers(const double *peers, size_t count, double own)
{
    double values[PEERS_MAX], mad = 0;
    size_t known = 0;
    for (size_t i = 0; i < count && known < PEERS_MAX; i++)
        if (isfinite(peers[i]))
            values[known++] = peers[i];
    if (known < PEERS_LEAST || !isfinite(own))
        return QUALITY_NOT_TOLD;
    double middle = spread(values, known, &mad);
    return fabs(own - middle) > mads_most * mad ? QUALITY_FLAGGED : QUALITY_GOOD;
}

static double mean_of_last(const double *earlier, size_t count)
{
    size_t used = count < YEARS_MEANT ? count : YEARS_MEANT;
    double sum = 0;
    for (size_t i = count - used; i < count; i++)
        sum += earlier[i];
    return sum / (double)used;
}

enum quality_answer quality_consistent(const double *earlier, size_t count, double now)
{
    if (count < 2)
        return QUALITY_NOT_TOLD;
    double mean = mean_of_last(earlier, count);
    if (mean < small_figure)
        return QUALITY_NOT_TOLD;
    return fabs(now / mean - 1) > third + 1e-9 ? QUALITY_FLAGGED : QUALITY_GOOD;
}

enum quality_answer quality_slip(const double *earlier, size_t count, double now)
{
    double values[FIGURES_MAX];
    if (count < 2 || count > FIGURES_MAX || !(now > 0))
        return QUALITY_NOT_TOLD;
    for (size_t i = 0; i < count; i++)
        values[i] = earlier[i];
    double middle = median(values, count);
    if (fmax(middle, now) < small_figure || !(middle > 0))
        return QUALITY_NOT_TOLD;
    for (int power = -3; power <= 3; power++)
        if (power != 0 && fabs(now / middle / pow(10, power) - 1) <= slip_slack)
            return QUALITY_FLAGGED;
    return QUALITY_GOOD;
}

enum quality_answer quality_repeated(const double *earlier, size_t count, double now)
{
    if (count < 2 || now < small_figure)
        return QUALITY_NOT_TOLD;
    return earlier[count - 1] == now && earlier[count - 2] == now ? QUALITY_FLAGGED : QUALITY_GOOD;
}

bool quality_rate_agrees(double rate, unsigned decimals, double numerator, double denominator,
                         double factor)
{
    if (!(denominator > 0))
        return false;
    double half = 0.5 * pow(10, -(double)decimals);
    return fabs(rate - factor * numerator / denominator) <= half * (1 + 1e-9);
}

bool quality_sum_agrees(const double *parts, size_t count, double whole)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += parts[i];
    return fabs(sum - whole) <= 1e-9 * fmax(1, fabs(whole));
}
