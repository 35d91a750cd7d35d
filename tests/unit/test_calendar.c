/* The calendar's rules against tests/rules/calendar.rules, and China's dates. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/period_rule.h"
#include "server/chain/calendar_record.h"

enum { FIELDS_MAX = 6, ITEMS_MAX = 8 };

#define UNIT UINT64_C(450223101201000)

/* Cuts at `mark`, without blanks around the parts. */
static size_t split(char *text, char mark, char *parts[], size_t most)
{
    size_t count = 0;
    char *next = text;
    while (next != NULL && count < most) {
        char *begin = next;
        next = strchr(begin, mark);
        if (next != NULL)
            *next++ = '\0';
        while (isspace((unsigned char)*begin))
            begin++;
        size_t length = strlen(begin);
        while (length > 0 && isspace((unsigned char)begin[length - 1]))
            begin[--length] = '\0';
        parts[count++] = begin;
    }
    return count == 1 && parts[0][0] == '\0' ? 0 : count;
}

static int64_t moment(const char *text)
{
    int64_t time_us = 0;
    cr_assert(china_parse(text, true, &time_us), "not a time: %s", text);
    return time_us;
}

static void equal_time(const char *line, int64_t found, const char *expected, bool closing)
{
    char text[CHINA_TEXT_BYTES];
    cr_expect_str_eq(china_text(found, closing, text), expected, "%s: %s", line, text);
}

static const struct form plain_form = {.code = "village",
                                       .reporter = "village",
                                       .opens = "01-01",
                                       .due = "02-15 24:00",
                                       .due_township = "02-28 24:00"};

static void default_check(const char *line, char *fields[])
{
    char *texts[2] = {0};
    int64_t opens_us = 0, due_us = 0;
    struct form form = plain_form;
    cr_assert_eq(split(fields[1], ';', texts, 2), 2, "%s", line);
    form.opens = texts[0];
    form.due = texts[1];
    if (!cutoff_default(&form, LEVEL_UNIT, atoi(fields[2]), &opens_us, &due_us)) {
        cr_expect_str_eq(fields[3], "none", "%s", line);
        return;
    }
    equal_time(line, opens_us, fields[3], false);
    equal_time(line, due_us, fields[4], true);
}

static void set_check(const char *line, char *fields[])
{
    char *items[ITEMS_MAX] = {0};
    struct cutoff_entry entries[ITEMS_MAX];
    struct cutoff_exception exceptions[ITEMS_MAX];
    struct cutoff_book book = {.period = 2025, .entries = entries, .exceptions = exceptions};
    struct cutoff cutoff;
    book.entry_count = split(fields[1], ';', items, ITEMS_MAX);
    for (size_t i = 0; i < book.entry_count; i++)
        entries[i] = (struct cutoff_entry){.place = strtoull(items[i], NULL, 10),
                                           .form = "village",
                                           .level = LEVEL_UNIT,
                                           .due_us = moment(items[i] + 13)};
    book.exception_count = split(fields[2], ';', items, ITEMS_MAX);
    for (size_t i = 0; i < book.exception_count; i++)
        exceptions[i] = (struct cutoff_exception){.unit = strtoull(items[i], NULL, 10),
                                                  .form = "village",
                                                  .level = LEVEL_UNIT,
                                                  .until_us = moment(items[i] + 16)};
    cr_assert(cutoff_find(&book, &plain_form, LEVEL_UNIT, strtoull(fields[3], NULL, 10), &cutoff));
    equal_time(line, cutoff.due_us, fields[4], true);
    cr_expect(cutoff_find(&book, &plain_form, LEVEL_TOTAL, UINT64_C(450223101000000), &cutoff));
    equal_time(line, cutoff.due_us, "2026-02-28 24:00", true); /* another level */
}

static void remind_check(const char *line, char *fields[])
{
    char *days[ITEMS_MAX] = {0};
    struct cutoff cutoff = {.due_us = moment(fields[3])};
    cr_assert(china_parse(fields[2], false, &cutoff.opens_us));
    cutoff.days.reminder_count = split(fields[1], ' ', days, ITEMS_MAX);
    for (size_t i = 0; i < cutoff.days.reminder_count; i++)
        cutoff.days.reminders[i] = (uint32_t)atoi(days[i]);
    cr_expect_eq(cutoff_reminder(&cutoff, moment(fields[4])), (uint32_t)atoi(fields[5]), "%s",
                 line);
}

static void escalate_check(const char *line, char *fields[])
{
    struct cutoff cutoff = {.due_us = moment(fields[2])};
    cutoff.days.escalation = (uint32_t)atoi(fields[1]);
    cr_expect_eq(cutoff_escalates(&cutoff, moment(fields[3])), strcmp(fields[4], "yes") == 0, "%s",
                 line);
}

static void late_check(const char *line, char *fields[])
{
    struct cutoff cutoff = {.due_us = moment(fields[1])};
    cr_expect_eq(cutoff_late(&cutoff, moment(fields[2])), strcmp(fields[3], "yes") == 0, "%s",
                 line);
}

/* As the clock does it: one move after another, until no outage is left that counts. */
static void outage_check(const char *line, char *fields[])
{
    char *items[ITEMS_MAX] = {0};
    struct outage outages[ITEMS_MAX], which;
    struct cutoff_move moves[ITEMS_MAX];
    struct cutoff_entry entry = {.place = 450223000000,
                                 .form = "village",
                                 .level = LEVEL_UNIT,
                                 .due_us = moment(fields[1]),
                                 .made_us = fields[2][0] == '\0' ? 0 : moment(fields[2])};
    struct cutoff_book book = {
        .period = 2025, .entries = &entry, .entry_count = 1, .moves = moves, .outages = outages};
    struct cutoff cutoff;
    book.outage_count = split(fields[3], ';', items, ITEMS_MAX);
    for (size_t i = 0; i < book.outage_count; i++) {
        char *ends[2] = {0};
        cr_assert_eq(split(items[i], '~', ends, 2), 2, "%s", line);
        outages[i] = (struct outage){moment(ends[0]), moment(ends[1])};
    }
    while (book.move_count < ITEMS_MAX &&
           cutoff_outage(&book, &plain_form, LEVEL_UNIT, UNIT, &moves[book.move_count], &which)) {
        moves[book.move_count].place = 450223000000;
        book.move_count++;
    }
    cr_assert(cutoff_find(&book, &plain_form, LEVEL_UNIT, UNIT, &cutoff));
    equal_time(line, cutoff.due_us, fields[4], true);
    cr_expect_eq(cutoff.moved, cutoff.due_us != entry.due_us, "%s", line);
}

Test(calendar, rules_are_those_of_the_data_file)
{
    static const struct {
        const char *word;
        void (*check)(const char *line, char *fields[]);
        size_t fields, least;
    } kinds[] = {
        {"default",  default_check,  5, 8 },
        {"set",      set_check,      5, 10},
        {"remind",   remind_check,   6, 10},
        {"escalate", escalate_check, 5, 6 },
        {"late",     late_check,     4, 2 },
        {"outage",   outage_check,   5, 12},
    };
    size_t seen[sizeof kinds / sizeof *kinds] = {0};
    char line[400], copy[400], *fields[FIELDS_MAX];
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/rules/calendar.rules", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        memcpy(copy, line, sizeof copy);
        size_t count = split(copy, '|', fields, FIELDS_MAX), kind = 0;
        while (kind < sizeof kinds / sizeof *kinds && strcmp(kinds[kind].word, fields[0]) != 0)
            kind++;
        cr_assert_lt(kind, sizeof kinds / sizeof *kinds, "%s", line);
        cr_assert_eq(count, kinds[kind].fields, "%s", line);
        kinds[kind].check(line, fields);
        seen[kind]++;
    }
    fclose(file);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        cr_expect_geq(seen[i], kinds[i].least, "%s", kinds[i].word);
}

Test(calendar, next_level)
{
    const uint64_t district = 450223000000;
    cr_expect_eq(cutoff_next_level(450223101201000, district), UINT64_C(450223101000000));
    cr_expect_eq(cutoff_next_level(450223101000000, district), UINT64_C(450223000000001));
    cr_expect_eq(cutoff_next_level(450223000000017, district), UINT64_C(450223000000001));
    cr_expect_eq(cutoff_next_level(450223000000001, district), UINT64_C(450223000000002));
}

Test(calendar, days_of_a_record)
{
    Zhibao__CalendarEntry entry = ZHIBAO__CALENDAR_ENTRY__INIT;
    uint32_t days[CUTOFF_REMINDERS_MAX + 1] = {1, 14, 3, 14};
    struct cutoff_days read;
    cr_assert(calendar_days_read(&entry, &read));
    cr_expect_eq(read.reminder_count, 3);
    cr_expect_eq(read.reminders[0], 7);
    entry.reminder_days = days;
    entry.n_reminder_days = 4;
    cr_assert(calendar_days_read(&entry, &read));
    cr_assert_eq(read.reminder_count, 3);
    cr_expect(read.reminders[0] == 14 && read.reminders[1] == 3 && read.reminders[2] == 1);
    days[1] = CUTOFF_DAYS_MAX + 1;
    cr_expect_not(calendar_days_read(&entry, &read));
    days[1] = 0;
    cr_expect_not(calendar_days_read(&entry, &read));
    days[0] = 0;
    entry.n_reminder_days = 1;
    cr_assert(calendar_days_read(&entry, &read));
    cr_expect_eq(read.reminder_count, 0);
    entry.n_reminder_days = CUTOFF_REMINDERS_MAX + 1;
    cr_expect_not(calendar_days_read(&entry, &read));
    entry.n_reminder_days = 0;
    entry.escalation_days = CUTOFF_DAYS_MAX + 1;
    cr_expect_not(calendar_days_read(&entry, &read));
}

/* The moments are those that `date -u -d ... +%s` gives. */
Test(calendar, china_dates)
{
    char text[CHINA_TEXT_BYTES];
    int64_t time_us = 0;
    cr_assert(china_moment(2026, 2, 15, 24, 0, &time_us));
    cr_expect_eq(time_us, INT64_C(1771171200000000)); /* 2026-02-15 16:00 UTC */
    cr_expect_str_eq(china_text(time_us, true, text), "2026-02-15 24:00");
    cr_expect_str_eq(china_text(time_us, false, text), "2026-02-16 00:00");
    cr_expect_eq(china_year(INT64_C(1767196799999999)), 2025); /* a moment before midnight there */
    cr_expect_eq(china_year(INT64_C(1767196800000000)), 2026);
    cr_expect_not(china_moment(2026, 2, 29, 0, 0, &time_us));
    cr_expect(china_moment(2028, 2, 29, 0, 0, &time_us));
    cr_expect_not(china_moment(2100, 2, 29, 0, 0, &time_us));
    cr_expect_not(china_parse("2026-2-15", true, &time_us));
    cr_expect_not(china_parse("2026-02-15T18:00", true, &time_us));
    cr_expect_not(china_parse("2026-02-15 18:00 ", true, &time_us));
    for (int year = 1970; year < 2200; year++)
        for (int month = 1; month <= 12; month++) {
            char expected[CHINA_TEXT_BYTES + 16];
            snprintf(expected, sizeof expected, "%04d-%02d-28 09:07", year, month);
            cr_assert(china_moment(year, month, 28, 9, 7, &time_us));
            cr_expect_str_eq(china_text(time_us, true, text), expected);
        }
}

Test(calendar, a_year_later)
{
    char text[CHINA_TEXT_BYTES];
    cr_expect_str_eq(china_text(china_shift_years(moment("2026-02-15 24:00"), 1, true), true, text),
                     "2027-02-15 24:00");
    cr_expect_str_eq(china_text(china_shift_years(moment("2026-12-31 24:00"), 1, true), true, text),
                     "2027-12-31 24:00");
    cr_expect_str_eq(china_text(china_shift_years(moment("2028-02-29 24:00"), 1, true), true, text),
                     "2029-02-28 24:00");
    cr_expect_str_eq(
        china_text(china_shift_years(moment("2028-02-29 18:30"), -4, true), true, text),
        "2024-02-29 18:30");
}

Test(calendar, a_year_is_locked_when_it_is_over_in_china)
{
    const int64_t new_year_us = INT64_C(1798732800000000); /* 2027-01-01 00:00 in China */
    struct problems problems;
    problems_init(&problems);
    cr_expect_eq(period_rule_over(2026, new_year_us, &problems), STATUS_OK);
    cr_expect_eq(problems.count, 0U);
    cr_expect_eq(period_rule_over(2026, new_year_us - 1, &problems), STATUS_E_PERIOD_FUTURE);
    cr_expect_eq(period_rule_over(2027, new_year_us, &problems), STATUS_E_PERIOD_FUTURE);
    cr_assert_eq(problems.count, 2U);
    cr_expect_str_eq(problems.items[0].field, "period");
    cr_expect_str_eq(problems.items[0].en,
                     "2026 is not over: it can be locked from 1 January 2027 (China)");
    cr_expect_str_eq(problems.items[0].zh, "2026年尚未结束，2027年1月1日（北京时间）起才能锁定");
    problems_clear(&problems);
}
