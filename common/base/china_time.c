#include "base/china_time.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { YEAR_FIRST = 1970, YEAR_LAST = 9999, FEBRUARY = 2 };

#define MINUTE_US INT64_C(60000000)

struct date {
    int year, month, day;
};

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == FEBRUARY && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01. Counted from March, so that the leap day is the last of its year. */
static int64_t days_of(struct date date)
{
    int64_t year = date.month > FEBRUARY ? date.year : date.year - 1;
    int64_t month = (date.month + 9) % 12;
    int64_t before = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5;
    return before + date.day - 1 - 719468; /* 0000-03-01 to 1970-01-01 */
}

/* The day of China's calendar at the moment, and how far into it. */
static int64_t day_split(int64_t time_us, int64_t *out_rest_us)
{
    int64_t local = time_us + 8 * CHINA_HOUR_US;
    int64_t day = local / CHINA_DAY_US;
    *out_rest_us = local % CHINA_DAY_US;
    if (*out_rest_us < 0) {
        *out_rest_us += CHINA_DAY_US;
        day--;
    }
    return day;
}

static struct date date_of(int64_t day)
{
    int year = (int)(day / 366) + YEAR_FIRST;
    struct date date = {year, 1, 1};
    while (days_of((struct date){date.year + 1, 1, 1}) <= day)
        date.year++;
    int64_t left = day - days_of(date);
    while (left >= days_in_month(date.year, date.month)) {
        left -= days_in_month(date.year, date.month);
        date.month++;
    }
    date.day += (int)left;
    return date;
}

bool china_moment(int year, int month, int day, int hour, int minute, int64_t *out_us)
{
    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month) || hour < 0 || hour > 24 || minute < 0 || minute > 59 ||
        (hour == 24 && minute != 0))
        return false;
    *out_us = days_of((struct date){year, month, day}) * CHINA_DAY_US + hour * CHINA_HOUR_US +
              minute * MINUTE_US - 8 * CHINA_HOUR_US;
    return true;
}

int china_year(int64_t time_us)
{
    int64_t rest = 0;
    return date_of(day_split(time_us, &rest)).year;
}

/* Exactly `digits` digits. */
static bool number_read(const char **text, int digits, int *out_number)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)(*text)[i]))
            return false;
        number = 10 * number + ((*text)[i] - '0');
    }
    *text += digits;
    *out_number = number;
    return true;
}

static bool mark_read(const char **text, char mark)
{
    if (**text != mark)
        return false;
    (*text)++;
    return true;
}

bool china_parse_in_year(const char *text, int year, bool closing, int64_t *out_us)
{
    int month = 0, day = 0, hour = closing ? 24 : 0, minute = 0;
    if (!number_read(&text, 2, &month) || !mark_read(&text, '-') || !number_read(&text, 2, &day))
        return false;
    if (*text != '\0' && (!mark_read(&text, ' ') || !number_read(&text, 2, &hour) ||
                          !mark_read(&text, ':') || !number_read(&text, 2, &minute)))
        return false;
    return *text == '\0' && china_moment(year, month, day, hour, minute, out_us);
}

bool china_parse(const char *text, bool closing, int64_t *out_us)
{
    int year = 0;
    return number_read(&text, 4, &year) && mark_read(&text, '-') &&
           china_parse_in_year(text, year, closing, out_us);
}

char *china_text(int64_t time_us, bool closing, char text[CHINA_TEXT_BYTES])
{
    int64_t rest = 0;
    int64_t day = day_split(time_us, &rest);
    text[0] = '\0';
    if (time_us <= 0)
        return text;
    if (closing && rest == 0) {
        day--;
        rest = CHINA_DAY_US;
    }
    struct date date = date_of(day);
    snprintf(text, CHINA_TEXT_BYTES, "%04u-%02u-%02u %02u:%02u", (unsigned)date.year % 10000,
             (unsigned)date.month % 100, (unsigned)date.day % 100,
             (unsigned)(rest / CHINA_HOUR_US) % 100,
             (unsigned)(rest % CHINA_HOUR_US / MINUTE_US) % 100);
    return text;
}

int64_t china_day_end(int64_t time_us)
{
    int64_t rest = 0;
    day_split(time_us, &rest);
    return rest == 0 ? time_us : time_us - rest + CHINA_DAY_US;
}

int64_t china_shift_years(int64_t time_us, int years, bool closing)
{
    int64_t rest = 0, result = time_us;
    int64_t day = day_split(time_us, &rest);
    bool end = closing && rest == 0;
    struct date date = date_of(end ? day - 1 : day);
    date.year += years;
    if (date.day > days_in_month(date.year, date.month))
        date.day = days_in_month(date.year, date.month);
    if (!china_moment(date.year, date.month, date.day, end ? 24 : 0, 0, &result))
        return time_us;
    return result + rest;
}
