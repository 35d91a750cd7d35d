/* The chain's time: China's (UTC+8, no daylight saving), whatever the machine's zone. Moments are
 * microseconds since 1970-01-01 UTC. Years 1970 to 9999. Pure; any thread. */
#ifndef ZHIBAO_BASE_CHINA_TIME_H
#define ZHIBAO_BASE_CHINA_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define CHINA_HOUR_US INT64_C(3600000000)
#define CHINA_DAY_US  (24 * CHINA_HOUR_US)

enum { CHINA_TEXT_BYTES = 20 };

/* The moment of a date and hour in China; hour 24 is the end of that day. False for what no
 * calendar has (February 30, hour 25). */
bool china_moment(int year, int month, int day, int hour, int minute, int64_t *out_us);

int china_year(int64_t time_us);

/* "2026-02-15", "2026-02-15 18:00", "2026-02-15 24:00"; without an hour, 00:00 or, when `closing`,
 * 24:00. False for anything else. */
bool china_parse(const char *text, bool closing, int64_t *out_us);

/* "02-15 24:00", "01-01": the month and day of a given year, likewise. */
bool china_parse_in_year(const char *text, int year, bool closing, int64_t *out_us);

/* "2026-02-15 18:00"; midnight is the 24:00 of the day before when `closing`, as people write a
 * cut-off. "" for 0. Returns `text`. */
char *china_text(int64_t time_us, bool closing, char text[CHINA_TEXT_BYTES]);

/* The first end of a day (24:00) at or after the moment. */
int64_t china_day_end(int64_t time_us);

/* The same date and hour `years` later; February 29 becomes the 28th where there is none. A moment
 * at midnight is the 24:00 of the day before when `closing`. */
int64_t china_shift_years(int64_t time_us, int years, bool closing);

#endif
