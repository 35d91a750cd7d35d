/* Every cell of the chain's rules against tests/rules/chain.rules. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "server/chain/rules.h"

enum { MACHINES = 3, EVENTS = 3, ACTORS = 4, STATES = 9, WORD_BYTES = 40 };

static const char *const machines[] = {"village", "total", "direct"};
static const char *const events[] = {"accept", "return", "amend"};
static const char *const actors[] = {"author", "township", "statistics", "other"};

static size_t index_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    cr_assert_fail("unknown word %s", word);
    return 0;
}

/* The expected result of each state, from the part behind the colon. */
static void expected_read(char *text, char expected[STATES + 1][WORD_BYTES])
{
    char rest[WORD_BYTES] = "";
    for (char *pair = strtok(text, " \n"); pair != NULL; pair = strtok(NULL, " \n")) {
        char *equal = strchr(pair, '=');
        enum record_state state;
        cr_assert_not_null(equal, "%s", pair);
        *equal = '\0';
        if (strcmp(pair, "*") == 0) {
            snprintf(rest, sizeof rest, "%s", equal + 1);
            continue;
        }
        cr_assert(record_state_parse(pair, &state), "%s", pair);
        snprintf(expected[state], WORD_BYTES, "%s", equal + 1);
    }
    for (size_t state = 1; state <= STATES; state++)
        if (expected[state][0] == '\0')
            snprintf(expected[state], WORD_BYTES, "%s", rest);
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
    size_t actor = index_of(words[2], actors, ACTORS);
    cr_assert_not(seen[machine][event][actor], "twice: %s", line);
    seen[machine][event][actor] = true;
    expected_read(colon + 1, expected);
    for (int from = 1; from <= STATES; from++) {
        enum record_state to = STATE_STORED;
        enum status status = chain_step((enum machine)machine, (enum record_state)from,
                                        (enum chain_event)event, (enum actor)actor, &to);
        const char *result = status == STATUS_OK ? record_state_name(to) : status_name(status);
        cr_assert_str_eq(result, expected[from], "%s %s %s from %s: %s, not %s", words[0], words[1],
                         words[2], record_state_name((enum record_state)from), result,
                         expected[from]);
    }
}

Test(rules, are_those_of_the_data_file)
{
    static char line[1024];
    bool seen[MACHINES][EVENTS][ACTORS] = {0};
    size_t lines = 0;
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/rules/chain.rules", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || line[0] == '\n')
            continue;
        line_check(line, seen);
        lines++;
    }
    fclose(file);
    cr_assert_eq(lines, MACHINES * EVENTS * ACTORS);
}
