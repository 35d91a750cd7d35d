/* Luzhai's own series over six years: who reports what in each. */
#ifndef ZHIBAO_TESTS_QUERY_SIX_YEARS_H
#define ZHIBAO_TESTS_QUERY_SIX_YEARS_H

#include "test_query_world.h"

#define DISTRICT   UINT64_C(450223000000)
#define TOWNSHIP   UINT64_C(450223100000)
#define HEALTH     (DISTRICT * 1000 + 10)
#define EDUCATION  (DISTRICT * 1000 + 11)
#define STATISTICS (DISTRICT * 1000 + UNIT_STATISTICS)
#define OFFICE     (DISTRICT * 1000 + UNIT_OFFICE)

enum { FIRST = 2021, LAST = 2026, YEARS = LAST - FIRST + 1, SILENT = 2 };
enum { PUBLIC_YEAR = LAST + 1 };

const struct plan *luzhai(void);

/* World_fills of the health form and the village form. */
void fill_health(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                 uint32_t *out_presence, double *out_value);
void fill_village(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                  uint32_t *out_presence, double *out_value);

/* The health department's report of a year, stored and accepted. */
void health_year(int period);

/* The villages' reports of a year, stored and accepted; with some_silent the first village of the
 * first SILENT townships sends none. */
void villages_year(int period, bool some_silent, world_fill fill);

#endif
