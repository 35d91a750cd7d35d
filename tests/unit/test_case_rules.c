/* The rules of cases against tests/rules: every cell of states, actions and actors; clocks and
 * escalation; who receives a case. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "case/case_figures.h"
#include "case/case_flood.h"
#include "case/case_route.h"
#include "case/case_rules.h"

enum { LINE_BYTES = 512, WORDS_MAX = 16 };

static const char *const states[CASE_STATES] = {
    "none",     "reported", "acknowledged", "assessed",   "acted", "assisted",
    "reviewed", "closed",   "reopened",     "registered", "left"};
static const char *const actions[CASE_ACTION_END] = {
    "",        "report",     "acknowledge", "assess", "act",        "assist", "review",
    "outcome", "close",      "reopen",      "add",    "leave",      "offer",  "accept",
    "decline", "supplement", "register",    "visit",  "deregister", "rewrap"};
static const char *const actors[CASE_ACTORS] = {"other",      "lead",    "handler", "member",
                                                "supervisor", "offered", "reporter"};
static const char *const clocks[CASE_CLOCK_COUNT] = {"acknowledge", "assess", "outcome", "review",
                                                     "visit"};

static size_t index_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    cr_assert_fail("unknown word %s", word);
    return 0;
}

/* The bits of a list joined by commas. */
static unsigned set_of(char *list, const char *const *words, size_t count)
{
    unsigned set = 0;
    for (char *word = strsep(&list, ","); word != NULL; word = strsep(&list, ","))
        set |= 1U << index_of(word, words, count);
    return set;
}

static FILE *rules_open(const char *name)
{
    char path[LINE_BYTES];
    snprintf(path, sizeof path, "%s/tests/rules/%s", ZHIBAO_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    return file;
}

/* The next rule's words; false at the end. `line` keeps the text for messages. */
static bool rule_next(FILE *file, char line[LINE_BYTES], char text[LINE_BYTES],
                      char *words[WORDS_MAX + 1], size_t *out_count)
{
    do {
        if (fgets(line, LINE_BYTES, file) == NULL) {
            fclose(file);
            return false;
        }
    } while (line[0] == '#' || line[0] == '\n');
    snprintf(text, LINE_BYTES, "%s", line);
    *out_count = 0;
    char *rest = text;
    for (char *word = strsep(&rest, " \n"); word != NULL; word = strsep(&rest, " \n"))
        if (word[0] != '\0') {
            cr_assert_lt(*out_count, WORDS_MAX, "%s", line);
            words[(*out_count)++] = word;
        }
    return true;
}

Test(case_rules, are_those_of_the_data_file)
{
    static char expected[CASE_STATES][CASE_ACTION_END][CASE_ACTORS][32];
    bool ever[CASE_ACTION_END][CASE_ACTORS] = {0};
    char line[LINE_BYTES], text[LINE_BYTES], *words[WORDS_MAX + 1];
    size_t count = 0, allowed = 0;
    FILE *file = rules_open("case.rules");
    while (rule_next(file, line, text, words, &count)) {
        cr_assert_eq(count, 5, "%s", line);
        size_t action = index_of(words[0], actions, CASE_ACTION_END);
        unsigned from = set_of(words[1], states, CASE_STATES),
                 who = set_of(words[2], actors, CASE_ACTORS);
        for (size_t s = 0; s < CASE_STATES; s++)
            for (size_t a = 0; a < CASE_ACTORS; a++) {
                if ((from & 1U << s) == 0 || (who & 1U << a) == 0)
                    continue;
                cr_assert_str_empty(expected[s][action][a], "twice: %s", line);
                snprintf(expected[s][action][a], 32, "%s",
                         strcmp(words[4], "same") == 0 ? states[s] : words[4]);
                ever[action][a] = true;
                allowed++;
            }
    }
    cr_assert_gt(allowed, 150);
    for (size_t s = 0; s < CASE_STATES; s++)
        for (size_t action = 1; action < CASE_ACTION_END; action++)
            for (size_t a = 0; a < CASE_ACTORS; a++) {
                enum case_state to = CASE_STATE_NONE;
                enum status status = case_step((enum case_state)s, (enum case_action)action,
                                               (enum case_actor)a, &to);
                const char *wanted = expected[s][action][a][0] != '\0' ? expected[s][action][a]
                                     : ever[action][a]                 ? "E_CASE_STATE"
                                                                       : "E_FORBIDDEN";
                cr_expect_str_eq(status == STATUS_OK ? states[to] : status_name(status), wanted,
                                 "%s %s %s", states[s], actions[action], actors[a]);
            }
}

Test(case_rules, nothing_outside_the_table_is_allowed)
{
    enum case_state to = CASE_STATE_NONE;
    cr_assert_eq(case_step(CASE_STATES, CASE_ACTION_ACT, CASE_ACTOR_LEAD, &to), STATUS_E_FORBIDDEN);
    cr_assert_eq(case_step(CASE_STATE_REPORTED, CASE_ACTION_END, CASE_ACTOR_LEAD, &to),
                 STATUS_E_FORBIDDEN);
    cr_assert_eq(case_step(CASE_STATE_REPORTED, CASE_ACTION_ACT, CASE_ACTORS, &to),
                 STATUS_E_FORBIDDEN);
}

static unsigned flood(struct case_flood *key, struct case_flood *unit, struct case_flood *district,
                      bool emergency, int64_t now_us)
{
    struct case_flood *const counters[CASE_FLOOD_OF] = {key, unit, district};
    unsigned taken = 0;
    while (taken < 1000 && case_flood_take(counters, emergency, now_us))
        taken++;
    return taken;
}

Test(case_figures, count_each_case_once_in_every_view)
{
    struct case_figures figures = {0};
    struct case_figure_line lines[CASE_FIGURE_LINES_MAX];
    unsigned views[3] = {0};
    case_figures_add(&figures, 1, 2, "f", 10); /* nine years old */
    case_figures_add(&figures, 6, 1, "m", 1);
    case_figures_add(&figures, 0, 1, "", 18);
    case_figures_add(&figures, 99, 99, "f", 19); /* 18: no child's age */
    size_t count = case_figures_lines(&figures, lines);
    cr_assert_eq(count, 31);
    cr_expect_str_eq(lines[0].element, "cases_total");
    cr_expect_eq(lines[0].value, 4);
    for (size_t i = 1; i < count; i++) {
        int view = strncmp(lines[i].element, "cases_of_", 9) == 0      ? 1
                   : strncmp(lines[i].element, "cases_from_", 11) == 0 ? 2
                                                                       : 0;
        views[view] += lines[i].value;
        if (strcmp(lines[i].stratum, "sex=f;age=6-11") == 0)
            cr_expect_eq(lines[i].value, 1);
    }
    cr_expect(views[0] == 4 && views[1] == 4 && views[2] == 3, "%u %u %u", views[0], views[1],
              views[2]);
}

Test(case_figures, times_are_by_nearest_rank)
{
    int64_t taken[] = {90, 10, -1, 20, 30, 100, 40, 50, 60, 70, 80};
    struct case_times times = case_times_of(taken, 11, 50);
    cr_expect(times.count == 11 && times.in_time == 5, "%zu %zu", times.count, times.in_time);
    cr_expect_eq(times.median_us, 50);
    cr_expect_eq(times.p90_us, 90);
    times = case_times_of(taken, 0, 50);
    cr_expect(times.count == 0 && times.median_us == 0);
}

Test(case_flood, closes_the_ordinary_lane_and_narrows_that_of_emergencies)
{
    const int64_t minute_us = INT64_C(60) * 1000000, day_us = 1440 * minute_us;
    struct case_flood key = {{0}, {0}}, other = key, unit = key, district = key;
    int64_t now = 1000 * day_us;
    cr_expect_eq(flood(&key, &unit, &district, false, now), 20);
    cr_expect_eq(flood(&key, &unit, &district, false, now + 9 * minute_us), 0);
    cr_expect_eq(flood(&key, &unit, &district, false, now + 10 * minute_us), 1);
    cr_expect_eq(flood(&key, &unit, &district, true, now), 10, "the other lane is open");
    for (int minute = 1; minute < 10; minute++)
        cr_expect_eq(flood(&key, &unit, &district, true, now + minute * minute_us), 1,
                     "one a minute, always");
    cr_expect_eq(flood(&other, &unit, &district, false, now + 10 * minute_us), 20, "a colleague");
    cr_expect_eq(flood(&key, &unit, &district, true, now - day_us), 0, "a clock set back");
    cr_expect_eq(flood(&key, &unit, &district, true, now - day_us + minute_us), 1, "goes on");
}

Test(case_flood, no_unit_can_close_its_district)
{
    struct case_flood unit = {{0}, {0}}, other = unit, district = unit;
    const int64_t now = INT64_C(1) << 50;
    cr_expect_eq(flood(NULL, &unit, &district, true, now), 30);
    cr_expect_eq(flood(NULL, &unit, &district, false, now), 60);
    cr_expect_eq(flood(NULL, &other, &district, true, now), 30, "another unit");
    for (int units = 2; units < 10; units++) {
        struct case_flood more = {{0}, {0}};
        cr_expect_eq(flood(NULL, &more, &district, true, now), 30);
    }
    struct case_flood last = {{0}, {0}};
    cr_expect_eq(flood(NULL, &last, &district, true, now), 0, "ten at once fill the district's");
    cr_expect_eq(flood(NULL, &last, &district, true, now + 6 * 1000000), 1, "one in six seconds");
}

static const int64_t hour_us = INT64_C(3600) * 1000000;

/* "action@hours[!][:actor][!]" as a step of the course. */
static void step_play(char *word, struct case_course *course, const struct case_clocks *limits,
                      const char *line)
{
    char *actor_name = NULL, *rest = word, *mark = strchr(word, '!');
    enum case_state to = CASE_STATE_NONE;
    bool emergency = mark != NULL;
    if (emergency)
        *mark = '\0';
    size_t action = index_of(strsep(&rest, "@"), actions, CASE_ACTION_END);
    char *hours = strsep(&rest, ":");
    actor_name = rest;
    size_t actor = action == CASE_ACTION_REPORT ? (size_t)CASE_ACTOR_REPORTER
                   : actor_name == NULL         ? (size_t)CASE_ACTOR_LEAD
                                                : index_of(actor_name, actors, CASE_ACTORS);
    cr_assert_eq(case_step(course->state, (enum case_action)action, (enum case_actor)actor, &to),
                 STATUS_OK, "%s", line);
    case_course_step(course, limits, (enum case_action)action, (enum case_actor)actor, emergency,
                     strtoll(hours, NULL, 10) * hour_us, to);
}

static void overdue_list(const struct case_course *course, int64_t now_us, char out[LINE_BYTES])
{
    snprintf(out, LINE_BYTES, "-");
    for (int clock = 0; clock < CASE_CLOCK_COUNT; clock++) {
        if (!case_clock_overdue(course, (enum case_clock)clock, now_us))
            continue;
        size_t used = out[0] == '-' ? 0 : strlen(out);
        snprintf(out + used, LINE_BYTES - used, "%s%s", used == 0 ? "" : ",", clocks[clock]);
    }
}

Test(case_rules, clocks_run_as_the_data_file_says)
{
    const struct case_clocks limits = case_clocks_default();
    char line[LINE_BYTES], text[LINE_BYTES], overdue[LINE_BYTES], *words[WORDS_MAX + 1];
    size_t count = 0, lines = 0;
    FILE *file = rules_open("case_clock.rules");
    while (rule_next(file, line, text, words, &count)) {
        struct case_course course = {0};
        cr_assert_geq(count, 6, "%s", line);
        for (size_t i = 0; i + 5 < count; i++)
            step_play(words[i], &course, &limits, line);
        cr_assert_eq(strncmp(words[count - 5], "now@", 4), 0, "%s", line);
        int64_t now_us = strtoll(words[count - 5] + 4, NULL, 10) * hour_us;
        case_course_pass(&course, &limits, now_us);
        overdue_list(&course, now_us, overdue);
        cr_expect_str_eq(states[course.state], words[count - 3], "%s", line);
        cr_expect_eq(course.level, strtoul(words[count - 2], NULL, 10), "level %u: %s",
                     course.level, line);
        cr_expect_str_eq(overdue, words[count - 1], "%s", line);
        lines++;
    }
    cr_assert_gt(lines, 35);
}

Test(case_rules, a_clock_is_told_once_before_and_at_each_level)
{
    const struct case_clocks limits = case_clocks_default();
    struct case_course course = {0};
    case_course_step(&course, &limits, CASE_ACTION_REPORT, CASE_ACTOR_REPORTER, false, 0,
                     CASE_STATE_REPORTED);
    cr_expect_eq(case_course_next(&course, &limits), 18 * hour_us, "six hours before 24");
    static const struct {
        int64_t hours;
        int acknowledge, assess;
    } moments[] = {
        {0,   -1, -1},
        {17,  -1, -1},
        {18,  0,  -1},
        {23,  0,  -1},
        {24,  1,  -1},
        {48,  2,  -1},
        {66,  2,  0 },
        {72,  3,  1 },
        {999, 9,  9 }
    };
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        int64_t now_us = moments[i].hours * hour_us;
        cr_expect_eq(case_clock_told(&course, &limits, CASE_CLOCK_ACKNOWLEDGE, now_us),
                     moments[i].acknowledge, "%d h", (int)moments[i].hours);
        cr_expect_eq(case_clock_told(&course, &limits, CASE_CLOCK_ASSESS, now_us),
                     moments[i].assess, "%d h", (int)moments[i].hours);
        cr_expect_eq(case_clock_told(&course, &limits, CASE_CLOCK_REVIEW, now_us), -1);
    }
    course = (struct case_course){0};
    case_course_step(&course, &limits, CASE_ACTION_REPORT, CASE_ACTOR_REPORTER, true, 0,
                     CASE_STATE_REPORTED);
    cr_expect_eq(case_course_next(&course, &limits), hour_us - hour_us / 4);
    course = (struct case_course){0};
    cr_expect_eq(case_course_next(&course, &limits), 0);
}

enum { SEATS = 9 };

static const struct {
    const char *name;
    uint64_t unit;
    enum case_duty duty;
} seats_of[SEATS] = {
    {"t4",  UINT64_C(450223104000000), CASE_DUTY_TOWNSHIP  },
    {"in1", UINT64_C(450223000000012), CASE_DUTY_INTAKE    },
    {"t4b", UINT64_C(450223104000000), CASE_DUTY_TOWNSHIP  },
    {"t5",  UINT64_C(450223105000000), CASE_DUTY_TOWNSHIP  },
    {"in2", UINT64_C(450223000000012), CASE_DUTY_INTAKE    },
    {"pol", UINT64_C(450223000000013), CASE_DUTY_POLICE    },
    {"sup", UINT64_C(450223000000002), CASE_DUTY_SUPERVISOR},
    {"top", UINT64_C(450200000000012), CASE_DUTY_ABOVE     },
    {"edu", UINT64_C(450223000000011), CASE_DUTY_DEPARTMENT},
};

static size_t seat_of(const char *name)
{
    for (size_t i = 0; i < SEATS; i++)
        if (strcmp(seats_of[i].name, name) == 0)
            return i;
    cr_assert_fail("unknown seat %s", name);
    return 0;
}

static uint64_t place_of(const char *word)
{
    return strcmp(word, "v4") == 0   ? UINT64_C(450223104201)
           : strcmp(word, "v5") == 0 ? UINT64_C(450223105203)
           : strcmp(word, "d") == 0  ? UINT64_C(450223000000)
                                     : 0;
}

/* "level:role:seat ..." as the data file has it. */
static void recipients_text(const struct case_recipient *recipients, size_t count,
                            char out[LINE_BYTES])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, LINE_BYTES - used, "%s%u:%s:%s", i == 0 ? "" : " ",
                                 recipients[i].level, actors[recipients[i].role],
                                 seats_of[recipients[i].seat].name);
}

Test(case_rules, recipients_are_those_of_the_data_file)
{
    struct case_seat seats[SEATS];
    struct case_recipient recipients[CASE_RECIPIENTS_MAX];
    char line[LINE_BYTES], text[LINE_BYTES], found[LINE_BYTES], *words[WORDS_MAX + 1];
    size_t count = 0, lines = 0;
    memset(seats, 0, sizeof seats);
    for (size_t i = 0; i < SEATS; i++) {
        seats[i] = (struct case_seat){.unit = seats_of[i].unit, .duty = seats_of[i].duty};
        seats[i].holder.bytes[0] = (uint8_t)(i + 1);
    }
    FILE *file = rules_open("case_route.rules");
    while (rule_next(file, line, text, words, &count)) {
        uint64_t units[SEATS];
        struct key_id holders[SEATS];
        struct case_named named = {.units = units, .holders = holders};
        size_t recipient_count = 0;
        cr_assert_geq(count, 5, "%s", line);
        char *list = strcmp(words[2], "-") == 0 ? NULL : words[2];
        for (char *word = strsep(&list, ","); word != NULL; word = strsep(&list, ","))
            if (strncmp(word, "unit:", 5) == 0)
                units[named.unit_count++] = seats[seat_of(word + 5)].unit;
            else
                holders[named.holder_count++] = seats[seat_of(word)].holder;
        enum status status =
            case_route(seats, SEATS, place_of(words[0]), strcmp(words[1], "emergency") == 0, &named,
                       recipients, &recipient_count);
        snprintf(found, sizeof found, "none");
        if (status == STATUS_OK)
            recipients_text(recipients, recipient_count, found);
        const char *wanted = strstr(line, "-> ") + 3;
        cr_expect(strlen(found) + 1 == strlen(wanted) && strncmp(found, wanted, strlen(found)) == 0,
                  "%s gives %s", line, found);
        lines++;
    }
    cr_assert_gt(lines, 20);
}

Test(case_rules, a_text_names_units_by_code_and_persons_by_key)
{
    static const struct {
        const char *text;
        bool names;
    } rows[] = {
        {"",                                                              false},
        {"450223000000:12",                                               true },
        {"450223000000:13",                                               false},
        {"450223000000",                                                  false},
        {"450223000000:1",                                                false},
        {"校长；鹿寨县民政局 450223000000:12；450223000000:14", true },
        {"a1b2c3d4e5f60718293a4b5c6d7e8f90",                              true },
        {"x, A1B2C3D4E5F60718293A4B5C6D7E8F90",                           true },
        {"a1b2c3d4e5f60718293a4b5c6d7e8f9",                               false},
        {"a1b2c3d4e5f60718293a4b5c6d7e8f900",                             false},
        {"0a1b2c3d4e5f60718293a4b5c6d7e8f90 a1b2",                        false},
    };
    struct key_id holder;
    cr_assert_eq(hex_decode("a1b2c3d4e5f60718293a4b5c6d7e8f90", holder.bytes, KEY_ID_BYTES),
                 STATUS_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(case_text_names(rows[i].text, UINT64_C(450223000000012), &holder),
                     rows[i].names, "%s", rows[i].text);
}

Test(case_rules, more_recipients_than_fit_are_refused)
{
    enum { MANY = CASE_RECIPIENTS_MAX + 1 };
    static struct case_seat seats[MANY];
    struct case_recipient recipients[CASE_RECIPIENTS_MAX];
    const struct case_named nobody = {0};
    size_t count = 0;
    for (size_t i = 0; i < MANY; i++) {
        seats[i] = (struct case_seat){.unit = 1, .duty = CASE_DUTY_INTAKE};
        memcpy(seats[i].holder.bytes, &i, sizeof i);
    }
    cr_assert_eq(case_route(seats, MANY, 0, false, &nobody, recipients, &count), STATUS_LIMIT);
    cr_assert_eq(case_route(seats, MANY - 1, 0, false, &nobody, recipients, &count), STATUS_OK);
    cr_assert_eq(count, CASE_RECIPIENTS_MAX);
}
