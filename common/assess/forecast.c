#include "assess/forecast.h"

#include <assert.h>
#include <math.h>

static void set_intervals(struct forecast *forecast)
{
    const struct transform *transform = &forecast->transform;
    forecast->value = transform_back(transform, forecast->z);
    forecast->low80 = transform_back(transform, forecast->z - forecast->half80);
    forecast->high80 = transform_back(transform, forecast->z + forecast->half80);
    forecast->low95 = transform_back(transform, forecast->z - forecast->half95);
    forecast->high95 = transform_back(transform, forecast->z + forecast->half95);
}

struct forecast forecast_make(const struct trend *trend, int year, const struct panel *panel,
                              size_t member)
{
    struct forecast result = {.year = year, .transform = trend->transform, .n = trend->n};
    double scale = trend->scale, weight = trend->weight;
    assert(trend->n >= TREND_LEAST && year > trend->last_year);
    result.years = year - trend->last_year;
    result.z = trend->level + trend->slope * result.years;
    if (panel != NULL) {
        result.mode = INTERVAL_PANEL;
        result.areas = panel_size(panel);
        scale = (scale + panel_scale(panel)) / 2;
        weight = (weight + panel_weight(panel)) / 2;
    }
    result.half80 =
        hypot(interval_half80(result.mode, scale, weight, trend->slope, trend->n, result.years),
              interval_z80 * trend->noise);
    double ratio = interval_ratio95(result.mode, trend->n);
    if (panel != NULL) {
        result.half80 *= panel_multiplier(panel, result.years, member);
        ratio = panel_ratio95(panel, result.years, member);
    }
    result.half95 = result.half80 * ratio;
    set_intervals(&result);
    return result;
}

/* P(z of the figure <= at); where nothing is uncertain, `at` itself is reached from both sides. */
static double share_below(const struct forecast *forecast, double at)
{
    double distance = at - forecast->z;
    if (!(forecast->half80 > 0))
        return distance >= 0 ? 1 : 0;
    double share =
        forecast->mode == INTERVAL_PANEL
            ? interval_share_learned(forecast->half95 / forecast->half80, forecast->half80,
                                     fabs(distance))
            : interval_share(forecast->mode, forecast->n, forecast->half80, fabs(distance));
    return distance >= 0 ? (1 + share) / 2 : (1 - share) / 2;
}

double forecast_below(const struct forecast *forecast, double value)
{
    if (value < forecast->transform.lower)
        return 0;
    if (value >= forecast->transform.upper)
        return 1;
    return share_below(forecast, transform_forward(&forecast->transform, value));
}

double forecast_above(const struct forecast *forecast, double value)
{
    if (value > forecast->transform.upper)
        return 0;
    if (value <= forecast->transform.lower)
        return 1;
    double at = transform_forward(&forecast->transform, value);
    if (!(forecast->half80 > 0) && at == forecast->z)
        return 1;
    return 1 - share_below(forecast, at);
}
