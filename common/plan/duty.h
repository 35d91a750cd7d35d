/* Duties (报送任务): who owes what to whom by when, as deploy/plans/README.md describes the columns
 * of duties.csv. Only what the plan's text or the proposed calendar says; nothing is added. Pure;
 * any thread. */
#ifndef ZHIBAO_PLAN_DUTY_H
#define ZHIBAO_PLAN_DUTY_H

#include "plan/plan.h"

/* The plan's duty with this code, or NULL. */
const struct duty *plan_duty(const struct plan *plan, const char *code);

/* Whether the unit owes it. "members" are the departments of the plan's own place, the statistics
 * department among them. */
bool duty_owed_by(const struct plan *plan, const struct duty *duty, uint64_t unit,
                  enum unit_role role, const char *department);

/* The unit that receives it from `unit`; 0 when the text names none or nothing is sent. A unit
 * above the plan's place need not be registered anywhere. */
uint64_t duty_receiver(const struct plan *plan, const struct duty *duty, uint64_t unit);

/* Whether it is owed for every year of the plan; else once. */
bool duty_is_yearly(const struct duty *duty);

/* What fulfils it: a report of its form; a document; or nothing that is sent. */
bool duty_takes_report(const struct duty *duty);
bool duty_takes_document(const struct duty *duty);

/* The moment (microseconds since 1970, UTC) after which it is overdue, in China's time: a day of
 * the year after `period`, the end of a year, some years after the plan begins, or some months
 * after the day it was promulgated (20220301; 0: not known). False when no moment follows from the
 * text. */
bool duty_due_us(const struct plan *plan, const struct duty *duty, int period, uint32_t promulgated,
                 int64_t *out_due_us);

#endif
