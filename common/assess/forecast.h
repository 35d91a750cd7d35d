/* A figure some years ahead, with its intervals and probabilities. Pure; any thread.
 *
 * z = level + slope * years; the intervals are z -+ half80 and z -+ half95, back on the figures'
 * scale and within their natural bounds. Errors are taken as symmetrical on z. */
#ifndef ZHIBAO_ASSESS_FORECAST_H
#define ZHIBAO_ASSESS_FORECAST_H

#include "assess/panel.h"

struct forecast {
    int year, years; /* the year forecast, and how far from the last figure: >= 1 */
    double value;    /* in the series' unit, as the four below */
    double low80, high80, low95, high95;
    double z, half80, half95;
    struct transform transform;
    enum interval_mode mode;
    size_t n;
    size_t areas; /* series in the panel; 0 alone */
};

/* The forecast of `year` > trend->last_year. `trend` rests on TREND_LEAST figures or more. `panel`
 * may be NULL, else the series is its member number `member`; it must outlive the forecast. */
struct forecast forecast_make(const struct trend *trend, int year, const struct panel *panel,
                              size_t member);

/* Probability, 0..1, that the figure will be at most `value` (at least, for forecast_above);
 * figures at a natural bound count as reaching a `value` at that bound. */
double forecast_below(const struct forecast *forecast, double value);
double forecast_above(const struct forecast *forecast, double value);

#endif
