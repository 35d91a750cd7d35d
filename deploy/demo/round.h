/* What goes wrong in the made-up round: villages that never report, and first reports with a slip.
 * Pure; any thread. */
#ifndef ZHIBAO_DEMO_ROUND_H
#define ZHIBAO_DEMO_ROUND_H

#include "demo/figures.h"

/* Whether a village never sends this year's report. */
bool round_is_missing(uint64_t seed, uint64_t village, int year);

/* The one village of a township whose first report of the year holds a slip; 0 when none reports.
 */
uint64_t round_returned(const struct plan *plan, uint64_t seed, uint64_t township, int year);

/* The slip: a cell (its index in the form), and the value typed instead of the right one. False
 * when the form has no fitting cell. */
bool round_slip(const struct plan *plan, const struct form *form, const struct figure *figures,
                size_t *out_index, int64_t *out_wrong);

#endif
