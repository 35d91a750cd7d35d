#include "case/case_flood.h"

#define SECOND_US INT64_C(1000000)

/* An emergency is given back within a minute: its lane is narrow at times and never closed. What
 * one unit may bring is well below what its district may. */
static const struct case_flood_limit limits[CASE_FLOOD_OF][2] = {
    [CASE_FLOOD_KEY] = {{20, 600 * SECOND_US}, {10, 60 * SECOND_US}},
    [CASE_FLOOD_UNIT] = {{60, 180 * SECOND_US}, {30, 30 * SECOND_US}},
    [CASE_FLOOD_DISTRICT] = {{600, 20 * SECOND_US}, {300, 6 * SECOND_US}},
};

struct case_flood_limit case_flood_limit(enum case_flood_of of, bool emergency)
{
    return limits[of][emergency];
}

static void give_back(struct case_flood *counter, bool emergency, int64_t now_us)
{
    int64_t *taken = &counter->taken_us[emergency], *last = &counter->last_us[emergency];
    int64_t passed = now_us > *last ? now_us - *last : 0;
    *taken = *taken > passed ? *taken - passed : 0;
    *last = now_us;
}

bool case_flood_take(struct case_flood *const counters[CASE_FLOOD_OF], bool emergency,
                     int64_t now_us)
{
    for (int of = 0; of < CASE_FLOOD_OF; of++) {
        const struct case_flood_limit *limit = &limits[of][emergency];
        if (counters[of] == NULL)
            continue;
        give_back(counters[of], emergency, now_us);
        if (counters[of]->taken_us[emergency] > (int64_t)(limit->most - 1) * limit->each_us)
            return false;
    }
    for (int of = 0; of < CASE_FLOOD_OF; of++)
        if (counters[of] != NULL)
            counters[of]->taken_us[emergency] += limits[of][emergency].each_us;
    return true;
}
