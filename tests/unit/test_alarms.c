/* The alarms: each has its heading in the runbook, none there is without its alarm; raised and
 * ended once each. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "server/watch/alarms.h"

static bool heading_is(const char *line, const char *name)
{
    return strncmp(line, "### ", 4) == 0 && strncmp(line + 4, name, strlen(name)) == 0 &&
           line[4 + strlen(name)] == '\n';
}

Test(alarms, each_has_its_heading_in_the_runbook)
{
    char line[4096];
    int found[ALARM_COUNT] = {0};
    FILE *runbook = fopen(ZHIBAO_SOURCE_DIR "/deploy/RUNBOOK.md", "re");
    cr_assert_not_null(runbook);
    while (fgets(line, sizeof line, runbook) != NULL) {
        int known = 0;
        for (int i = 0; i < ALARM_COUNT; i++)
            if (heading_is(line, alarm_rows[i].name))
                known = ++found[i];
        cr_expect(strncmp(line, "### ", 4) != 0 || known == 1, "no alarm: %s", line);
    }
    fclose(runbook);
    for (int i = 0; i < ALARM_COUNT; i++)
        cr_expect_eq(found[i], 1, "%s", alarm_rows[i].name);
}

Test(alarms, begin_once_and_end_once)
{
    struct alarms alarms = {0};
    log_set_level(LOG_ERROR);
    cr_expect_not(alarm_set(&alarms, ALARM_QUEUE_FULL, false, 1, ""));
    cr_expect(alarm_set(&alarms, ALARM_QUEUE_FULL, true, 2, ""));
    cr_expect_not(alarm_set(&alarms, ALARM_QUEUE_FULL, true, 3, ""));
    cr_expect(alarm_is_raised(&alarms, ALARM_QUEUE_FULL));
    cr_expect_not(alarm_is_raised(&alarms, ALARM_CLOCK_WRONG));
    cr_expect_not(alarm_set(&alarms, ALARM_QUEUE_FULL, false, 4, ""));
    cr_expect_not(alarm_is_raised(&alarms, ALARM_QUEUE_FULL));
    cr_expect_eq(alarm_find("queue_full"), &alarm_rows[ALARM_QUEUE_FULL]);
    cr_expect_null(alarm_find("queue"));
}
