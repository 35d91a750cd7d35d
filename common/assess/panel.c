#include "assess/panel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS_SEEN = 256 }; /* more than any series is long */

static const double years_of_doubt = 8;                    /* see README: chosen, not fitted */
static const double ratio_least = 1.53, ratio_most = 4.12; /* of a normal, and of Cauchy's */

/* Errors of one horizon: grouped by member as they were made, and all sorted. */
struct errors {
    size_t count, room, areas;
    size_t years;          /* distinct years forecast */
    bool seen[YEARS_SEEN]; /* by year modulo YEARS_SEEN */
    double *made, *sorted;
    size_t *first; /* of member i in `made`; members + 1 entries */
};

struct panel {
    size_t members, usable;
    double scale, weight;
    struct errors horizons[PANEL_HORIZONS + 1]; /* [0] unused */
};

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static bool add_error(struct errors *errors, double ratio, int year)
{
    if (errors->count == errors->room) {
        size_t room = errors->room == 0 ? 256 : errors->room * 2;
        double *grown = reallocarray(errors->made, room, sizeof *grown);
        if (grown == NULL)
            return false;
        errors->made = grown;
        errors->room = room;
    }
    bool *seen = &errors->seen[(unsigned)year % YEARS_SEEN];
    errors->years += !*seen;
    *seen = true;
    errors->made[errors->count++] = ratio;
    return true;
}

/* Medians of stray and weight of some trends. */
struct usual {
    double scale, weight;
};

/* The medians over those of `count` trends that rest on `n` figures (0: on any that can be
 * forecast from). *out_used is how many; untouched medians where there are none. */
static enum status find_usual(const struct trend *trends, size_t count, size_t n,
                              struct usual *out_usual, size_t *out_used)
{
    double *scales = calloc(2 * count + 1, sizeof *scales);
    size_t used = 0;
    if (scales == NULL)
        return STATUS_NO_MEMORY;
    double *weights = scales + count;
    for (size_t i = 0; i < count; i++) {
        if (n == 0 ? trends[i].n < TREND_LEAST : trends[i].n != n)
            continue;
        scales[used] = trends[i].scale;
        weights[used++] = trends[i].weight;
    }
    if (used > 0) {
        qsort(scales, used, sizeof *scales, compare);
        qsort(weights, used, sizeof *weights, compare);
        *out_usual = (struct usual){scales[used / 2], weights[used / 2]};
    }
    *out_used = used;
    free(scales);
    return STATUS_OK;
}

/* What is usual now: the trends of all figures known. */
static enum status learn_usual(struct panel *panel, const struct assess_series *const *members,
                               const size_t *count_points, size_t count)
{
    struct usual usual = {0};
    struct trend *trends = calloc(count + 1, sizeof *trends);
    if (trends == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (count_points[i] >= TREND_LEAST)
            trends[i] = trend_fit(members[i]->kind, members[i]->points, count_points[i]);
    enum status status = find_usual(trends, count, 0, &usual, &panel->usable);
    panel->scale = usual.scale;
    panel->weight = usual.weight;
    free(trends);
    if (status == STATUS_OK && panel->usable < PANEL_LEAST)
        status = STATUS_NOT_FOUND;
    return status;
}

/* Every forecast that a member's past allows, from trends[0..] of its origins in order. */
static enum status learn_past(struct panel *panel, const struct assess_series *member, size_t count,
                              const struct trend *trends, const struct usual *usual_of)
{
    const struct assess_point *points = member->points;
    for (size_t origin = TREND_LEAST; origin < count; origin++) {
        const struct trend *trend = &trends[origin - TREND_LEAST];
        const struct usual *usual = &usual_of[trend->n];
        double scale = (trend->scale + usual->scale) / 2;
        double weight = (trend->weight + usual->weight) / 2;
        for (size_t i = origin; i < count; i++) {
            int years = points[i].year - trend->last_year;
            if (years > PANEL_HORIZONS)
                break;
            double half =
                hypot(interval_half80(INTERVAL_PANEL, scale, weight, trend->slope, trend->n, years),
                      interval_z80 * trend->noise);
            double z = transform_forward(&trend->transform, points[i].value);
            double error = fabs(z - trend->level - trend->slope * years);
            if (half > 0 && !add_error(&panel->horizons[years], error / half, points[i].year))
                return STATUS_NO_MEMORY;
        }
    }
    return STATUS_OK;
}

static size_t origins(size_t points)
{
    return points > TREND_LEAST ? points - TREND_LEAST : 0;
}

/* The trends of all origins of all members, one member after the other, and what was usual for
 * each number of figures. The caller frees *out_trends. */
static enum status fit_past(const struct assess_series *const *members, const size_t *count_points,
                            size_t count, struct trend **out_trends,
                            struct usual usual_of[TREND_WINDOW + 1])
{
    size_t total = 0, at = 0, used = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++)
        total += origins(count_points[i]);
    struct trend *trends = calloc(total + 1, sizeof *trends);
    if (trends == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        for (size_t origin = TREND_LEAST; origin < count_points[i]; origin++)
            trends[at++] = trend_fit(members[i]->kind, members[i]->points, origin);
    for (size_t n = TREND_LEAST; n <= TREND_WINDOW && status == STATUS_OK; n++)
        status = find_usual(trends, total, n, &usual_of[n], &used);
    if (status != STATUS_OK)
        free(trends);
    else
        *out_trends = trends;
    return status;
}

/* Sorts the errors of every horizon that enough areas gave some. */
static enum status sort_errors(struct panel *panel)
{
    for (int h = 1; h <= PANEL_HORIZONS; h++) {
        struct errors *errors = &panel->horizons[h];
        if (errors->areas < PANEL_LEAST)
            continue;
        errors->sorted = calloc(errors->count, sizeof *errors->sorted);
        if (errors->sorted == NULL)
            return STATUS_NO_MEMORY;
        memcpy(errors->sorted, errors->made, errors->count * sizeof *errors->sorted);
        qsort(errors->sorted, errors->count, sizeof *errors->sorted, compare);
    }
    return STATUS_OK;
}

static enum status learn_errors(struct panel *panel, const struct assess_series *const *members,
                                const size_t *count_points, size_t count)
{
    struct trend *trends = NULL;
    struct usual usual_of[TREND_WINDOW + 1] = {0};
    enum status status = fit_past(members, count_points, count, &trends, usual_of);
    const struct trend *next = trends;
    for (int h = 1; h <= PANEL_HORIZONS && status == STATUS_OK; h++) {
        panel->horizons[h].first = calloc(count + 1, sizeof(size_t));
        if (panel->horizons[h].first == NULL)
            status = STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = learn_past(panel, members[i], count_points[i], next, usual_of);
        next += origins(count_points[i]);
        for (int h = 1; h <= PANEL_HORIZONS; h++) {
            struct errors *errors = &panel->horizons[h];
            errors->first[i + 1] = errors->count;
            errors->areas += errors->count > errors->first[i];
        }
    }
    free(trends);
    return status == STATUS_OK ? sort_errors(panel) : status;
}

enum status panel_learn(const struct assess_series *const *members, const size_t *count_points,
                        size_t count, struct panel **out_panel)
{
    struct panel *panel = calloc(1, sizeof *panel);
    if (panel == NULL)
        return STATUS_NO_MEMORY;
    panel->members = count;
    enum status status = learn_usual(panel, members, count_points, count);
    if (status == STATUS_OK)
        status = learn_errors(panel, members, count_points, count);
    if (status != STATUS_OK)
        panel_destroy(&panel);
    else
        *out_panel = panel;
    return status;
}

void panel_destroy(struct panel **panel)
{
    if (panel == NULL || *panel == NULL)
        return;
    for (int h = 0; h <= PANEL_HORIZONS; h++) {
        free((*panel)->horizons[h].made);
        free((*panel)->horizons[h].sorted);
        free((*panel)->horizons[h].first);
    }
    free(*panel);
    *panel = NULL;
}

size_t panel_size(const struct panel *panel)
{
    return panel->usable;
}

double panel_scale(const struct panel *panel)
{
    return panel->scale;
}

double panel_weight(const struct panel *panel)
{
    return panel->weight;
}

/* How many of the member's own errors are at most `size`. */
static size_t own_below(const struct errors *errors, size_t member, double size)
{
    size_t below = 0;
    for (size_t i = errors->first[member]; i < errors->first[member + 1]; i++)
        below += errors->made[i] <= size;
    return below;
}

/* The size below which a share `p` of the others' errors lies. */
static double others_quantile(const struct errors *errors, size_t member, double p)
{
    size_t kept = errors->count - (errors->first[member + 1] - errors->first[member]);
    size_t wanted = (size_t)ceil(p * (double)(kept + 1));
    wanted = wanted > kept ? kept : wanted;
    for (size_t i = wanted - 1; i < errors->count; i++)
        if (i + 1 - own_below(errors, member, errors->sorted[i]) >= wanted)
            return errors->sorted[i];
    return errors->sorted[errors->count - 1];
}

/* The errors that a horizon is judged by, the nearest learned one's; NULL: none. */
static const struct errors *errors_of(const struct panel *panel, int years)
{
    int h = years > PANEL_HORIZONS ? PANEL_HORIZONS : years;
    while (h >= 1 && panel->horizons[h].sorted == NULL)
        h--;
    return h < 1 || years > 2 * h ? NULL : &panel->horizons[h];
}

static double trust_in(const struct errors *errors)
{
    return (double)errors->years / ((double)errors->years + years_of_doubt);
}

double panel_multiplier(const struct panel *panel, int years, size_t member)
{
    assert(years >= 1 && member < panel->members);
    const struct errors *errors = errors_of(panel, years);
    double quantile = errors == NULL ? 0 : others_quantile(errors, member, 0.80);
    return quantile > 0 ? pow(quantile, trust_in(errors)) : 1;
}

double panel_ratio95(const struct panel *panel, int years, size_t member)
{
    assert(years >= 1 && member < panel->members);
    double shipped = interval_ratio95(INTERVAL_PANEL, 0);
    const struct errors *errors = errors_of(panel, years);
    double inner = errors == NULL ? 0 : others_quantile(errors, member, 0.80);
    if (!(inner > 0))
        return shipped;
    double own = others_quantile(errors, member, 0.95) / inner;
    double ratio = shipped * pow(own / shipped, trust_in(errors));
    return fmin(fmax(ratio, ratio_least), ratio_most);
}
