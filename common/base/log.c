#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOG_LINE_BYTES = 2048 };

static _Atomic int log_threshold = LOG_INFO;

/* Of log_limited: the second that is counted, its lines, and those left out since the last line. */
static _Atomic int64_t limited_second;
static _Atomic unsigned limited_count, limited_left_out;

static _Atomic bool log_to_journal;

void log_follow_journal(void)
{
    struct stat info;
    unsigned long long device = 0, inode = 0;
    const char *stream = getenv("JOURNAL_STREAM");
    if (stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
        fstat(STDERR_FILENO, &info) == 0)
        atomic_store(&log_to_journal, info.st_dev == device && info.st_ino == inode);
}

void log_set_level(enum log_level level)
{
    atomic_store(&log_threshold, (int)level);
}

static size_t log_prefix(char *line, size_t size, enum log_level level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    static const int priorities[] = {7, 6, 4, 3};
    struct timespec now;
    struct tm utc;
    if (atomic_load(&log_to_journal))
        return (size_t)snprintf(line, size, "<%d>", priorities[level]);
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t length = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
    int more =
        snprintf(line + length, size - length, ".%03ldZ %s ", now.tv_nsec / 1000000, names[level]);
    return more < 0 ? length : length + (size_t)more;
}

static void __attribute__((format(printf, 2, 0)))
log_write(enum log_level level, const char *format, va_list arguments)
{
    char line[LOG_LINE_BYTES];
    size_t length = log_prefix(line, sizeof line, level);
    int more = vsnprintf(line + length, sizeof line - length, format, arguments);
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

static bool is_wanted(enum log_level level)
{
    return (int)level >= atomic_load(&log_threshold);
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list arguments;
    if (!is_wanted(level))
        return;
    va_start(arguments, format);
    log_write(level, format, arguments);
    va_end(arguments);
}

/* Whether there is room in this second. Threads may disagree about where it begins, by a line. */
static bool take_turn(unsigned *out_left_out)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *out_left_out = 0;
    if (atomic_exchange(&limited_second, (int64_t)now.tv_sec) != now.tv_sec) {
        atomic_store(&limited_count, 0);
        *out_left_out = atomic_exchange(&limited_left_out, 0);
    }
    if (atomic_fetch_add(&limited_count, 1) < LOG_LIMITED_A_SECOND)
        return true;
    atomic_fetch_add(&limited_left_out, 1);
    return false;
}

void log_limited(enum log_level level, const char *format, ...)
{
    unsigned left_out = 0;
    va_list arguments;
    if (!is_wanted(level) || !take_turn(&left_out))
        return;
    if (left_out > 0)
        log_line(level, "lines like the next were left out lines=%u", left_out);
    va_start(arguments, format);
    log_write(level, format, arguments);
    va_end(arguments);
}
