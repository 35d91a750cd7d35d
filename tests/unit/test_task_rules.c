/* Every cell of the rules of tasks against tests/rules/task.rules; overdue and escalation. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/unit_id.h"
#include "server/chain/task_rules.h"

enum { STATES = 4, EVENTS = 4, ACTORS = 3, WORD_BYTES = 40 };

static const char *const states[] = {"none", "open", "answered", "closed"};
static const char *const events[] = {"open", "answer", "close", "reopen"};
static const char *const actors[] = {"office", "addressee", "other"};

static size_t index_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    cr_assert_fail("unknown word %s", word);
    return 0;
}

Test(task_rules, are_those_of_the_data_file)
{
    static char line[256];
    bool seen[STATES][EVENTS][ACTORS] = {0};
    size_t lines = 0;
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/rules/task.rules", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char words[4][WORD_BYTES];
        if (line[0] == '#' || line[0] == '\n')
            continue;
        cr_assert_eq(sscanf(line, "%39s %39s %39s -> %39s", words[0], words[1], words[2], words[3]),
                     4, "%s", line);
        size_t from = index_of(words[0], states, STATES),
               event = index_of(words[1], events, EVENTS),
               actor = index_of(words[2], actors, ACTORS);
        cr_assert_not(seen[from][event][actor], "twice: %s", line);
        seen[from][event][actor] = true;
        enum task_state to = TASK_STATE_NONE;
        enum status status = task_step((enum task_state)from, (enum task_event)(event + 1),
                                       (enum task_actor)actor, &to);
        cr_assert_str_eq(status == STATUS_OK ? states[to] : status_name(status), words[3], "%s",
                         line);
        lines++;
    }
    fclose(file);
    cr_assert_eq(lines, STATES * EVENTS * ACTORS);
}

Test(task_rules, only_an_open_task_is_overdue)
{
    cr_assert(task_is_overdue(TASK_STATE_OPEN, 100, 100));
    cr_assert_not(task_is_overdue(TASK_STATE_OPEN, 100, 99));
    cr_assert_not(task_is_overdue(TASK_STATE_ANSWERED, 100, 200));
    cr_assert_not(task_is_overdue(TASK_STATE_CLOSED, 100, 200));
}

Test(task_rules, an_overdue_task_escalates_upwards)
{
    const uint64_t office = unit_make(UINT64_C(450223000000), UNIT_OFFICE),
                   village = unit_make(UINT64_C(450223104201), UNIT_OWN),
                   department = unit_make(UINT64_C(450223000000), 10),
                   township = unit_make(UINT64_C(450223104000), UNIT_OWN);
    const int64_t late = TASK_PATIENCE_US;
    cr_assert_eq(task_escalates_to(office, village, 0, 1), township);
    cr_assert_eq(task_escalates_to(office, department, 0, 1), 0);
    cr_assert_eq(task_escalates_to(office, village, 0, late - 1), township);
    cr_assert_eq(task_escalates_to(office, village, 0, late),
                 unit_make(UINT64_C(450200000000), UNIT_OFFICE));
    cr_assert_eq(task_escalates_to(office, department, 0, late),
                 unit_make(UINT64_C(450200000000), UNIT_OFFICE));
    cr_assert_eq(task_escalates_to(unit_make(UINT64_C(450000000000), UNIT_OFFICE), office, 0, late),
                 0);
}
