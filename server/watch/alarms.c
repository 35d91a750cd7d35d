#include "server/watch/alarms.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"

#define X(NAME, name, zh, en) {#name, zh, en},
const struct alarm_row alarm_rows[ALARM_COUNT] = {ALARM_TABLE(X)};
#undef X

const struct alarm_row *alarm_find(const char *name)
{
    for (size_t i = 0; i < ALARM_COUNT; i++)
        if (strcmp(alarm_rows[i].name, name) == 0)
            return &alarm_rows[i];
    return NULL;
}

bool alarm_is_raised(const struct alarms *alarms, enum alarm alarm)
{
    return atomic_load(&alarms->since_us[alarm]) != 0;
}

bool alarm_set(struct alarms *alarms, enum alarm alarm, bool raised, int64_t now_us,
               const char *detail)
{
    int64_t since_us = atomic_load(&alarms->since_us[alarm]);
    if (raised == (since_us != 0))
        return false;
    atomic_store(&alarms->since_us[alarm], raised ? now_us : 0);
    if (raised)
        log_warning("alarm: %s alarm=%s %s (RUNBOOK.md)", alarm_rows[alarm].en,
                    alarm_rows[alarm].name, detail);
    else
        log_info("alarm over: %s alarm=%s seconds=%" PRId64, alarm_rows[alarm].en,
                 alarm_rows[alarm].name, (now_us - since_us) / 1000000);
    return raised;
}
