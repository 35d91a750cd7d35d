/* Every cell of the rules of comments against tests/rules/comment.rules; who answers for a figure,
 * and who may comment on it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "plan_fixture.h"
#include "server/chain/comment_rules.h"

enum { STATES = 5, ACTORS = 4, WORD_BYTES = 40, HEALTH = 10 };

static const char *const states[] = {"none", "noted", "open", "answered", "closed"};
static const char *const actors[] = {"other", "author", "reporter", "both"};

static size_t index_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    cr_assert_fail("unknown word %s", word);
    return 0;
}

Test(comment_rules, are_those_of_the_data_file)
{
    static char line[256];
    bool seen[STATES][2][ACTORS] = {0};
    size_t lines = 0;
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/rules/comment.rules", "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char words[4][WORD_BYTES];
        if (line[0] == '#' || line[0] == '\n')
            continue;
        cr_assert_eq(sscanf(line, "%39s %39s %39s -> %39s", words[0], words[1], words[2], words[3]),
                     4, "%s", line);
        size_t from = index_of(words[0], states, STATES),
               actor = index_of(words[2], actors, ACTORS);
        bool close = strcmp(words[1], "close") == 0;
        cr_assert_not(seen[from][close][actor], "twice: %s", line);
        seen[from][close][actor] = true;
        enum comment_state to = COMMENT_NONE;
        struct comment_actor who = {.author = (actor & 1) != 0, .reporter = (actor & 2) != 0};
        enum status status = comment_step(
            (enum comment_state)from, close ? COMMENT_EVENT_CLOSE : COMMENT_EVENT_ANSWER, who, &to);
        cr_assert_str_eq(status == STATUS_OK ? states[to] : status_name(status), words[3], "%s",
                         line);
        lines++;
    }
    fclose(file);
    cr_assert_eq(lines, STATES * 2 * ACTORS);
    cr_assert_eq(comment_opened(true), COMMENT_FLAGGED);
    cr_assert_eq(comment_opened(false), COMMENT_NOTED);
}

static uint64_t result_of(const struct plan *plan, const char *indicator, uint64_t place)
{
    Zhibao__FigureRef figure = ZHIBAO__FIGURE_REF__INIT;
    figure.indicator = (char *)indicator;
    figure.place = place;
    return comment_reporter(plan, &figure, 0);
}

Test(comment_rules, a_figure_has_one_unit_that_answers_for_it)
{
    const uint64_t district = UINT64_C(450223000000), village = UINT64_C(450223104201);
    struct plan *plan = fixture_plan("luzhai");
    Zhibao__FigureRef cell = ZHIBAO__FIGURE_REF__INIT;
    cell.form = (char *)"village";
    cell.cell = plan_form(plan, "village")->cells[0].number;
    cell.place = village;
    cr_assert_eq(comment_reporter(plan, &cell, unit_make(village, UNIT_OWN)),
                 unit_make(village, UNIT_OWN));
    cr_assert_eq(comment_reporter(plan, &cell, unit_make(district, UNIT_OFFICE)), 0);
    cell.cell = 99999;
    cr_assert_eq(comment_reporter(plan, &cell, unit_make(village, UNIT_OWN)), 0);
    cr_assert_eq(result_of(plan, "nmr", village), unit_make(village, UNIT_OWN));
    cr_assert_eq(result_of(plan, "nmr", district), unit_make(district, HEALTH));
    cr_assert_eq(result_of(plan, "children_home_coverage", UINT64_C(450223104000)),
                 unit_make(UINT64_C(450223104000), UNIT_OWN));
    cr_assert_eq(result_of(plan, "no such", district), 0);
    cr_assert_eq(result_of(plan, "nmr", UINT64_C(110101001000)), 0);
    plan_destroy(&plan);
}

Test(comment_rules, who_may_see_a_figure_may_comment_on_it)
{
    const uint64_t village = UINT64_C(450223104201), other = UINT64_C(450223104202),
                   township = UINT64_C(450223104000), district = UINT64_C(450223000000);
    uint64_t reporter = unit_make(village, UNIT_OWN);
    cr_assert(comment_may_open(ROLE_VILLAGE, reporter, village, reporter));
    cr_assert_not(comment_may_open(ROLE_VILLAGE, unit_make(other, UNIT_OWN), village, reporter));
    cr_assert(comment_may_open(ROLE_TOWNSHIP, unit_make(township, UNIT_OWN), village, reporter));
    cr_assert_not(comment_may_open(ROLE_TOWNSHIP, unit_make(township, UNIT_OWN), district,
                                   unit_make(district, UNIT_STATISTICS)));
    cr_assert(comment_may_open(ROLE_OFFICE, unit_make(district, UNIT_OFFICE), village, reporter));
    cr_assert_not(comment_may_open(ROLE_DEPARTMENT, unit_make(district, 10), village, reporter));
}
