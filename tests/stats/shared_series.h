/* The public series beside the project, which are not part of it: ../shared/series. */
#ifndef ZHIBAO_TESTS_SHARED_SERIES_H
#define ZHIBAO_TESTS_SHARED_SERIES_H

#include "assess/assess_csv.h"
#include "text/csv.h"

enum { SKIPPED = 77 }; /* what ctest takes for "skipped" */

/* Reads NAME of ../shared/series. Says so and exits with SKIPPED where it is absent, with 1 where
 * it cannot be read. */
struct assess_file *shared_series(const char *name);

/* Says what was asserted and counts what failed. */
extern int failures;
void promise(bool kept, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
