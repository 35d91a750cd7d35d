/* Whether a report of a period is taken now, or the period locked: one rule, with one set of words,
 * for the aggregator and for who checks before sending. Pure. */
#ifndef ZHIBAO_PLAN_PERIOD_RULE_H
#define ZHIBAO_PLAN_PERIOD_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/problems.h"

struct period_rule {
    int first_year, last_year; /* of the plan; both 0: not known */
    bool locked;
    int64_t opens_us; /* the form's opening; INT64_MIN: always open */
};

/* Adds what speaks against `period` at `now_us`, and returns its code: E_PERIOD, E_PERIOD_FUTURE,
 * E_PERIOD_LOCKED, E_NOT_OPEN, or STATUS_OK. Years are China's. */
enum status period_rule_check(const struct period_rule *rule, int period, int64_t now_us,
                              struct problems *problems);

/* Whether a period may be locked: adds E_PERIOD_FUTURE, and returns it, while it is not over at
 * `now_us`; else STATUS_OK. */
enum status period_rule_over(int period, int64_t now_us, struct problems *problems);

#endif
