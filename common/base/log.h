/* Structured log lines: `time level what happened: why key=value key=value`.
 *
 * The one global of the project besides signal flags. Any thread. Lines go to stderr, one write(2)
 * each. Never log secrets, report contents or anything that names a child. */
#ifndef ZHIBAO_BASE_LOG_H
#define ZHIBAO_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Lines below this level are dropped. Default LOG_INFO. */
void log_set_level(enum log_level level);

/* When stderr is systemd's journal, lines carry their priority as it wants it ("<4>") instead of
 * the time and the level's name, which it notes itself. Call once, before the first line. */
void log_follow_journal(void);

/* printf-like; write values that may hold spaces as key="...". At most 2 KB, cut with "...". */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for what a peer can bring about as often as it likes: at most LOG_LIMITED_A_SECOND lines
 * a second of all such; how many were left out is told before the next one. */
enum { LOG_LIMITED_A_SECOND = 20 };
void log_limited(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_line(LOG_ERROR, __VA_ARGS__)

#endif
