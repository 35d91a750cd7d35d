/* Whether a report of a period is taken now: one rule, with one set of words, for the aggregator
 * and for who checks before sending. Pure. */
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

#endif
