/* How good the forecasts would have been on figures already known. Pure; one thread at a time.
 *
 * Every window of 5 and of 8 figures (at most two years missing in it) of every series is forecast
 * 1, 3 and 5 years ahead, as if nothing later and nothing earlier were known, and compared with the
 * figure that came. Each window is judged "alone" and, where 50 or more series of the group have a
 * window that ends in the same year, in the "panel" of those windows. */
#ifndef ZHIBAO_ASSESS_BACKTEST_H
#define ZHIBAO_ASSESS_BACKTEST_H

#include "assess/interval.h"
#include "assess/series.h"
#include "base/status.h"

enum { BACKTEST_NAME_BYTES = 64 };

struct backtest_row {
    char name[BACKTEST_NAME_BYTES]; /* the group: an indicator; "all" for the mean of groups */
    enum interval_mode mode;
    size_t window; /* figures; 0: both windows pooled */
    int years;     /* ahead; 0: all horizons pooled */
    size_t cases;
    double mae_no_change;    /* mean |error| / that of "as the last figure": below 1 is better */
    double mae_line;         /* the same against a least-squares line, extended */
    double cover80, cover95; /* shares of figures inside the intervals */
    double brier;            /* mean (p - reached)^2 over three made-up targets a case: the last
                                figure, and that bettered by 10% and 20% (percent where more is
                                better: of the way to 100) */
    double brier_pace;       /* the same of a yes or no: recent pace >= required pace */
};

typedef void backtest_take(const struct backtest_row *row, void *taker);

/* Groups are the series that share `panel`. Gives every group's rows with windows pooled, then
 * those of "all" by window and pooled; rows without cases are left out. STATUS_NOT_FOUND without
 * any case; STATUS_NO_MEMORY. */
MUST_CHECK enum status backtest_run(const struct assess_series *series, size_t count,
                                    backtest_take *take, void *taker);

#endif
