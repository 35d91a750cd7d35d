/* All series of a file or of a district, with their panels. Pure; one thread at a time. */
#ifndef ZHIBAO_ASSESS_ASSESS_RUN_H
#define ZHIBAO_ASSESS_ASSESS_RUN_H

#include "assess/assess.h"

/* Learns a panel from every 50 or more series that share `panel`, then judges every series against
 * each of its targets (once, without one, where it has none), in order, and gives each assessment
 * to `take`. Unless `across` says so nothing runs across a break in a series
 * (assess_comparable). Figures after `year` are not looked at (0: all are); the reference year is
 * `year`, or the latest year of all series. An assessment is valid during the call.
 * STATUS_NO_MEMORY. */
typedef void assess_take(const struct assessment *assessment, void *taker);
MUST_CHECK enum status assess_run(const struct assess_series *series, size_t count, int year,
                                  bool across, assess_take *take, void *taker);

#endif
