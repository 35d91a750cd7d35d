#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE_BYTES = 2048 };

static _Atomic int log_threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&log_threshold, (int)level);
}

static size_t log_prefix(char *line, size_t size, enum log_level level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    int more =
        snprintf(line + length, size - length, ".%03ldZ %s ", now.tv_nsec / 1000000, names[level]);
    return more < 0 ? length : length + (size_t)more;
}

void log_line(enum log_level level, const char *format, ...)
{
    if ((int)level < atomic_load(&log_threshold))
        return;
    char line[LOG_LINE_BYTES];
    size_t length = log_prefix(line, sizeof line, level);
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + length, sizeof line - length, format, arguments);
    va_end(arguments);
    if (more < 0)
        return;
    length += (size_t)more;
    if (length > sizeof line - 2) {
        length = sizeof line - 2;
        memcpy(line + length - 3, "...", 3);
    }
    /* a line break inside a value would forge a line */
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < 0x20)
            line[i] = ' ';
    line[length++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written;
}
