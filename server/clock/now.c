#include "server/clock/now.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "base/log.h"

enum { LINE_BYTES = 64 };

static atomic_int_least64_t offset_us; /* 0 but in tests */

int64_t server_now_us(void)
{
    return clock_now_us() + atomic_load(&offset_us);
}

/* A whole number of seconds on the first line, ended by a newline: a file half written is none. */
static bool offset_read(const char *path, int64_t *out_us)
{
    char line[LINE_BYTES] = "";
    char *end = NULL;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool good = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    long long seconds = good ? strtoll(line, &end, 10) : 0;
    if (!good || end == line || *end != '\n' || llabs(seconds) > INT32_MAX)
        return false;
    *out_us = (int64_t)seconds * 1000000;
    return true;
}

bool test_clock_follow(const char *path)
{
    int64_t wanted = 0;
    char now[CHINA_TEXT_BYTES];
    if (path[0] == '\0' || !offset_read(path, &wanted) || wanted == atomic_load(&offset_us))
        return false;
    atomic_store(&offset_us, wanted);
    log_warning("THE CLOCK WAS MOVED FOR A TEST: receipts do not tell the true time"
                " seconds=%" PRId64 " china=\"%s\"",
                wanted / 1000000, china_text(server_now_us(), false, now));
    return true;
}
