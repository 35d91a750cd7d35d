/* Every cell of the chain's rules against tests/rules/chain.rules. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "server/chain/rules.h"

enum { MACHINES = 4, EVENTS = 10, ACTORS = 5, STATES = 15, WORD_BYTES = 40 };

/* In the order of the enums. */
static const char *const machines[] = {"village", "entered", "total", "direct"};
static const char *const events[] = {"accept", "return", "amend",  "withdraw",    "object",
                                     "reopen", "lock",   "unlock", "review_sign", "principal_sign"};
static const char *const actors[] = {"author", "township", "statistics", "aggregator", "other"};

static size_t index_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    cr_assert_fail("unknown word %s", word);
    return 0;
}

/* What holds wherever a line does not say otherwise. */
static const char *refusal_of(enum record_state state)
{
    return state == STATE_STORED       ? "E_NOT_CHECKED"
           : state == STATE_LOCKED     ? "E_PERIOD_LOCKED"
           : state == STATE_SUPERSEDED ? "E_SUBJECT_REVISION"
           : state == STATE_REOPENED   ? "E_STALE"
                                       : "E_SUBJECT_STATE";
}

/* The expected result of each state, from the part behind the colon. */
static void expected_read(char *text, char expected[STATES + 1][WORD_BYTES])
{
    for (int state = 1; state <= STATES; state++)
        snprintf(expected[state], WORD_BYTES, "%s", refusal_of((enum record_state)state));
    for (char *pair = strtok(text, " \n"); pair != NULL; pair = strtok(NULL, " \n")) {
        char *equal = strchr(pair, '=');
        enum record_state state;
        cr_assert_not_null(equal, "%s", pair);
        *equal = '\0';
        if (strcmp(pair, "*") == 0) {
            for (size_t i = 1; i <= STATES; i++)
                snprintf(expected[i], WORD_BYTES, "%s", equal + 1);
            continue;
        }
        cr_assert(record_state_parse(pair, &state), "%s", pair);
        snprintf(expected[state], WORD_BYTES, "%s", equal + 1);
    }
}

static void cells_check(size_t machine, size_t event, size_t actor,
                        char expected[STATES + 1][WORD_BYTES])
{
    for (int from = 1; from <= STATES; from++) {
        enum record_state to = STATE_STORED;
        enum status status = chain_step((enum machine)machine, (enum record_state)from,
                                        (enum chain_event)event, (enum actor)actor, &to);
        const char *result = status == STATUS_OK ? record_state_name(to) : status_name(status);
        cr_assert_str_eq(result, expected[from], "%s %s %s from %s: %s, not %s", machines[machine],
                         events[event], actors[actor], record_state_name((enum record_state)from),
                         result, expected[from]);
    }
}

static void line_check(char *line, bool seen[MACHINES][EVENTS][ACTORS])
{
    char words[3][WORD_BYTES];
    char expected[STATES + 1][WORD_BYTES] = {{0}};
    char *colon = strchr(line, ':');
    cr_assert_not_null(colon, "%s", line);
    cr_assert_eq(sscanf(line, "%39s %39s %39s", words[0], words[1], words[2]), 3);
    size_t machine = index_of(words[0], machines, MACHINES);
    size_t event = index_of(words[1], events, EVENTS);
    bool rest = strcmp(words[2], "*") == 0;
    size_t named = rest ? 0 : index_of(words[2], actors, ACTORS);
    expected_read(colon + 1, expected);
    for (size_t actor = 0; actor < ACTORS; actor++) {
        if (rest ? seen[machine][event][actor] : actor != named)
            continue;
        cr_assert_not(seen[machine][event][actor], "twice: %s", line);
        seen[machine][event][actor] = true;
        cells_check(machine, event, actor, expected);
    }
}

Test(rules, are_those_of_the_data_file)
{
    static char line[1024];
    bool seen[MACHINES][EVENTS][ACTORS] = {0};
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/rules/chain.rules", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (line[0] != '#' && line[0] != '\n')
            line_check(line, seen);
    fclose(file);
    for (size_t i = 0; i < (size_t)MACHINES * EVENTS * ACTORS; i++)
        cr_assert((&seen[0][0][0])[i], "no line for %s %s %s", machines[i / ACTORS / EVENTS],
                  events[i / ACTORS % EVENTS], actors[i % ACTORS]);
}

Test(rules, a_locked_period_moves_nothing)
{
    for (int state = 1; state <= STATES; state++) {
        enum record_state to = STATE_STORED;
        enum status wanted =
            state == STATE_SUPERSEDED ? STATUS_E_SUBJECT_REVISION : STATUS_E_PERIOD_LOCKED;
        cr_assert_eq(chain_step(MACHINE_VILLAGE_REPORT, chain_from((enum record_state)state, true),
                                EVENT_ACCEPT, ACTOR_TOWNSHIP, &to),
                     wanted);
        cr_assert_eq(chain_from((enum record_state)state, false), (enum record_state)state);
    }
}
