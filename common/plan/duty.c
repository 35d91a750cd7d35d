#include "plan/duty.h"

#include <stdio.h>
#include <string.h>

enum { CHINA_HOURS = 8, DAY_S = 24 * 60 * 60 };

const struct duty *plan_duty(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->duty_count; i++)
        if (strcmp(plan->duties[i].code, code) == 0)
            return &plan->duties[i];
    return NULL;
}

bool duty_owed_by(const struct plan *plan, const struct duty *duty, uint64_t unit,
                  enum unit_role role, const char *department)
{
    uint64_t place = unit_place(unit);
    if (strcmp(duty->reporter, "village") == 0)
        return role == ROLE_VILLAGE && place_contains(plan->place, place);
    if (strcmp(duty->reporter, "township") == 0)
        return role == ROLE_TOWNSHIP && place_contains(plan->place, place);
    if (place != plan->place)
        return false;
    if (strcmp(duty->reporter, "members") == 0)
        return role == ROLE_DEPARTMENT || role == ROLE_STATISTICS;
    return department[0] != '\0' && strcmp(duty->reporter, department) == 0;
}

static uint64_t place_above(uint64_t place)
{
    switch (place_level(place)) {
    case PLACE_VILLAGE: return place_ancestor(place, PLACE_TOWNSHIP);
    case PLACE_TOWNSHIP: return place_ancestor(place, PLACE_DISTRICT);
    case PLACE_DISTRICT: return place_ancestor(place, PLACE_CITY);
    case PLACE_CITY: return place_ancestor(place, PLACE_PROVINCE);
    case PLACE_PROVINCE:
    case PLACE_NATION: break;
    }
    return 0;
}

uint64_t duty_receiver(const struct plan *plan, const struct duty *duty, uint64_t unit)
{
    const char *receiver = duty->receiver;
    if (strcmp(receiver, "township") == 0)
        return unit_make(place_ancestor(unit_place(unit), PLACE_TOWNSHIP), UNIT_OWN);
    if (strcmp(receiver, "office_above") == 0)
        return unit_make(place_above(plan->place), UNIT_OFFICE);
    if (strcmp(receiver, "department_above") == 0)
        return unit_make(place_above(plan->place), unit_number(unit));
    for (size_t i = 0; i < plan->department_count; i++)
        if (strcmp(plan->departments[i].code, receiver) == 0)
            return unit_make(plan->place, plan->departments[i].number);
    return 0; /* "none", "unnamed" */
}

bool duty_is_yearly(const struct duty *duty)
{
    return strcmp(duty->frequency, "yearly") == 0;
}

bool duty_takes_report(const struct duty *duty)
{
    return strcmp(duty->what, "data") == 0;
}

bool duty_takes_document(const struct duty *duty)
{
    return !duty_takes_report(duty) && strcmp(duty->receiver, "none") != 0;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar (Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms", days_from_civil). */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t moment_us(int64_t days, int hour, int minute)
{
    int64_t seconds = days * DAY_S + (hour - CHINA_HOURS) * INT64_C(3600) + minute * INT64_C(60);
    return seconds * 1000000;
}

/* The end of the same day `months` later, or of that month's last day where it is shorter. */
static bool months_after(uint32_t promulgated, int months, int64_t *out_due_us)
{
    int year = (int)(promulgated / 10000), month = (int)(promulgated / 100 % 100),
        day = (int)(promulgated % 100);
    if (year < 1990 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int count = year * 12 + month - 1 + months;
    int64_t first = days_of(count / 12, count % 12 + 1, 1);
    int64_t next = days_of((count + 1) / 12, (count + 1) % 12 + 1, 1);
    int64_t last = first + day - 1 < next ? first + day - 1 : next - 1;
    *out_due_us = moment_us(last + 1, 0, 0);
    return true;
}

bool duty_due_us(const struct plan *plan, const struct duty *duty, int period, uint32_t promulgated,
                 int64_t *out_due_us)
{
    int month = 0, day = 0, hour = 0, minute = 0, number = 0, used = 0;
    const char *due = duty->due;
    if (sscanf(due, "%2d-%2d %2d:%2d%n", &month, &day, &hour, &minute, &used) == 4 &&
        due[used] == '\0') {
        *out_due_us = moment_us(days_of(period + 1, month, day), hour, minute);
        return period != 0;
    }
    if (sscanf(due, "+%d %n", &number, &used) == 1 && strncmp(due + used, "month", 5) == 0)
        return months_after(promulgated, number, out_due_us);
    if (sscanf(due, "+%d %n", &number, &used) == 1 && strncmp(due + used, "year", 4) == 0) {
        *out_due_us = moment_us(days_of(plan->first_year + number, 1, 1), 0, 0);
        return true;
    }
    if (sscanf(due, "%4d%n", &number, &used) == 1 && due[used] == '\0' && used == 4) {
        *out_due_us = moment_us(days_of(number + 1, 1, 1), 0, 0);
        return true;
    }
    return false;
}
