/* A city's plan for the city's own aggregator, to which districts report their consolidations. */
#ifndef ZHIBAO_CLI_PLAN_CUT_H
#define ZHIBAO_CLI_PLAN_CUT_H

#include "plan/plan_dir.h"

/* Leaves in places.csv what is a district or above, and in units.csv of districts only their
 * statistics department, committee office and administrator. Row by row, as the files have them:
 * each begins with the place's code, then (units.csv) the department. */
void plan_cut(struct plan_files *files);

#endif
