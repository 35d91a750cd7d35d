/* The CSV file of `zhibao assess` as series with points and targets. Pure; one thread at a time.
 *
 * Columns, in any order, others are passed over: series, kind, polarity, year, value, numerator,
 * denominator, target_op, target_value, target_year, base_year, base_value, stratum, and, if one
 * likes, indicator (the panel a series belongs to) and definition (a name for how the figure is
 * defined: where it changes the series breaks; blank is as before). The first five are required. A
 * row gives a figure, a target or both; kind and polarity may be blank where another row of the
 * series has them; a blank value is worked out from its counts.
 *
 * A panel file is read too: indicator, area (or iso3, place), year, value, and, if one likes, kind,
 * polarity and unit. Kinds not given are guessed (panel_kind.h).
 *
 * Panels: series of one stratum, kind and polarity belong together when they share the indicator
 * column, else the part of their names before the first '/', '|' or ':', else operator and value of
 * their first target.
 *
 * What is wrong goes to `problems` with "FILE:line:column". A series with a wrong row is left out
 * and the others stand; only gaps, unordered rows and rates that differ from their counts are
 * remarks, after which the series is assessed all the same. */
#ifndef ZHIBAO_ASSESS_ASSESS_CSV_H
#define ZHIBAO_ASSESS_ASSESS_CSV_H

#include <stdint.h>

#include "assess/series.h"
#include "base/status.h"

struct assess_file;

/* STATUS_OK when at least one series can be assessed; STATUS_INVALID when none can, E_HEADER,
 * E_EMPTY, E_ENCODING, E_MALFORMED, LIMIT when the file as a whole is wrong (a problem says so in
 * each case), NO_MEMORY. `name` is what problems call the file. */
MUST_CHECK enum status assess_csv_read(const uint8_t *bytes, size_t size, const char *name,
                                       struct problems *problems, struct assess_file **out_file);
void assess_file_destroy(struct assess_file **file);

/* In the order of their first rows; owned by the file. */
const struct assess_series *assess_file_series(const struct assess_file *file, size_t *out_count);

/* How many series were left out for what is wrong with them. */
size_t assess_file_left_out(const struct assess_file *file);

/* Whether it was a panel file, and the kinds that were guessed are as `kind` of the series. */
bool assess_file_is_panel(const struct assess_file *file);

#endif
