/* How many reports of cases a key, a unit and a district may bring: leaky counters, one lane for
 * ordinary reports and one for emergencies, which the other cannot close (proto/CASES.md
 * section 5.1).
 *
 * Pure: the caller keeps the counters and gives the time. A counter of zeros is a fresh one. */
#ifndef ZHIBAO_CASE_CASE_FLOOD_H
#define ZHIBAO_CASE_CASE_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reports that are put off are told of once in so long. */
#define CASE_FLOOD_TOLD_US INT64_C(3600000000)

enum case_flood_of { CASE_FLOOD_KEY, CASE_FLOOD_UNIT, CASE_FLOOD_DISTRICT, CASE_FLOOD_OF };

/* What was taken and is not given back yet, in microseconds of giving back; per lane. */
struct case_flood {
    int64_t taken_us[2], last_us[2];
};

/* Whether one more report may come now by all of the counters, `out of` which each is by its place
 * in the array (NULL: none); then it is counted in all, else in none. A clock that was set back
 * gives nothing back and takes nothing. */
bool case_flood_take(struct case_flood *const counters[CASE_FLOOD_OF], bool emergency,
                     int64_t now_us);

/* At once, and how long until one is given back, of a kind of counter and lane. */
struct case_flood_limit {
    unsigned most;
    int64_t each_us;
};
struct case_flood_limit case_flood_limit(enum case_flood_of of, bool emergency);

#endif
