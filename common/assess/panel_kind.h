/* What kind of figure an indicator of a panel file is, where the file does not say. Pure; any
 * thread.
 *
 * By the unit column ("%", "per 1000 live births", "per 10,000"), else by the World Bank's naming
 * (.ZS percent, .ENRR gross percent, .MORT .IMRT .NMRT .TFRT per 1,000, SH.IMM. percent), else by
 * the figures: within 0-100 percent, negative ones a measure, others per 1,000. Rates per 1,000 and
 * more are taken to be better when lower, all others when higher. */
#ifndef ZHIBAO_ASSESS_PANEL_KIND_H
#define ZHIBAO_ASSESS_PANEL_KIND_H

#include "assess/series.h"

/* `unit` may be ""; `least` and `most` of all figures of the indicator. */
enum assess_kind panel_kind_guess(const char *indicator, const char *unit, double least,
                                  double most);
enum polarity panel_polarity_guess(enum assess_kind kind);

#endif
