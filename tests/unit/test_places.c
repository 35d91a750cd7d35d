/* Every story of tests/rules/places.rules. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/place_history.h"

enum { CHANGES_MAX = 16, KNOWN_MAX = 32, WORDS_MAX = 16, WORD_BYTES = 80 };

static const uint64_t district = UINT64_C(450223000000);

struct story {
    char name[WORD_BYTES];
    struct place_change changes[CHANGES_MAX];
    size_t change_count;
    struct place_span known[KNOWN_MAX];
    size_t known_count;
    struct place_history *history;
};

static uint64_t place_of(const char *letter)
{
    uint64_t number = (uint64_t)(tolower((unsigned char)letter[0]) - 'a' + 1);
    uint64_t base = number == 'x' - 'a' + 1 ? UINT64_C(450224000000) : district;
    cr_assert_eq(strlen(letter), 1, "%s", letter);
    return islower((unsigned char)letter[0]) ? base + 101200 + number
                                             : base + (100 + number) * 1000;
}

static void renew(struct story *story)
{
    place_history_destroy(&story->history);
    cr_assert_eq(place_history_create(story->changes, story->change_count, &story->history),
                 STATUS_OK);
}

/* The places of words up to `end` or ">" or ":"; returns the word after. */
static char **take_places(char **word, uint64_t *places, size_t *count)
{
    for (*count = 0; *word != NULL &&
                     islower((unsigned char)(*word)[0]) + isupper((unsigned char)(*word)[0]) > 0 &&
                     strlen(*word) == 1;
         word++)
        places[(*count)++] = place_of(*word);
    return word;
}

/* As the aggregator does: a place that a change ends is registered as ended. */
static void make(struct story *story, const struct place_change *change)
{
    cr_assert_lt(story->change_count, CHANGES_MAX);
    story->changes[story->change_count++] = *change;
    for (size_t i = 0; i < change->from_count; i++)
        for (size_t k = 0; k < story->known_count; k++) {
            bool goes_on = false;
            for (size_t j = 0; j < change->to_count; j++)
                goes_on = goes_on || change->to[j] == change->from[i];
            if (story->known[k].place == change->from[i] && !goes_on)
                story->known[k].to = change->date;
        }
    renew(story);
}

static void line_change(struct story *story, char **words)
{
    struct place_change change;
    uint64_t fault = 0;
    memset(&change, 0, sizeof change);
    change.kind = strcmp(words[0], "merge") == 0   ? CHANGE_MERGE
                  : strcmp(words[0], "split") == 0 ? CHANGE_SPLIT
                                                   : CHANGE_RENAME;
    change.date = place_date_parse(words[1]);
    char **word = take_places(words + 2, change.from, &change.from_count);
    cr_assert_str_eq(*word, ">", "%s", story->name);
    word = take_places(word + 1, change.to, &change.to_count);
    cr_assert_str_eq(*word, ":", "%s", story->name);
    enum status status = place_change_check(story->history, &change, story->known,
                                            story->known_count, district, &fault);
    cr_assert_str_eq(status_name(status), word[1], "%s: %s %s: %s instead of %s", story->name,
                     words[0], words[1], status_name(status), word[1]);
    if (status == STATUS_OK)
        make(story, &change);
}

static void line_force(const struct story *story, char **words)
{
    struct place_span span = {.place = place_of(words[1])};
    for (size_t i = 0; i < story->known_count; i++)
        if (story->known[i].place == span.place)
            span.from = story->known[i].from; /* without `to`: the history itself must know */
    bool there = place_in_force(story->history, &span, atoi(words[2]));
    cr_assert_eq(there, strcmp(words[3], "yes") == 0, "%s: %s in %s", story->name, words[1],
                 words[2]);
}

static void line_territory(const struct story *story, char **words)
{
    struct territory territory;
    uint64_t wanted[TERRITORY_MAX];
    size_t count = 0;
    unsigned breaks = 0;
    char **word = take_places(words + 4, wanted, &count);
    if (*word != NULL) {
        cr_assert_str_eq(*word, "breaks");
        breaks = (unsigned)atoi(word[1]);
    }
    cr_assert_eq(place_territory(story->history, place_of(words[1]), atoi(words[2]), &territory),
                 STATUS_OK);
    cr_assert_eq(territory.count, count, "%s: %s in %s: %zu places instead of %zu", story->name,
                 words[1], words[2], territory.count, count);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(territory.places[i], wanted[i], "%s: %s in %s: place %zu", story->name,
                     words[1], words[2], i);
    cr_assert_eq(territory.breaks, breaks, "%s: %s in %s: %u breaks", story->name, words[1],
                 words[2], territory.breaks);
}

static void line_read(struct story *story, char *line)
{
    char *words[WORDS_MAX] = {0};
    size_t count = 0;
    if (strncmp(line, "story ", 6) == 0) {
        story->change_count = story->known_count = 0;
        snprintf(story->name, sizeof story->name, "%.70s", line + 6);
        renew(story);
        return;
    }
    for (char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        cr_assert_lt(count, WORDS_MAX - 1);
        words[count++] = word;
    }
    if (strcmp(words[0], "known") == 0)
        story->known[story->known_count++] =
            (struct place_span){place_of(words[1]), place_date_parse(words[2]),
                                words[3] == NULL ? 0 : place_date_parse(words[3])};
    else if (strcmp(words[0], "force") == 0)
        line_force(story, words);
    else if (strcmp(words[0], "territory") == 0)
        line_territory(story, words);
    else
        line_change(story, words);
}

Test(places, are_as_the_stories_tell)
{
    static char line[256];
    struct story story = {0};
    size_t lines = 0;
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/rules/places.rules", "r");
    cr_assert_not_null(file);
    for (; fgets(line, sizeof line, file) != NULL; lines++)
        if (line[0] != '#' && line[0] != '\n')
            line_read(&story, line);
    fclose(file);
    place_history_destroy(&story.history);
    cr_assert_gt(lines, 150);
}

Test(places, dates_are_real_days)
{
    cr_assert_eq(place_date_parse("2024-02-29"), 20240229);
    cr_assert_eq(place_date_parse("2021"), 20210101);
    static const char *const wrong[] = {"",           "2023-02-29", "2100-02-29",
                                        "2024-00-01", "2024-04-31", "2024/04/30",
                                        "2024-4-30",  "20240430",   "2024-04-300"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(place_date_parse(wrong[i]), 0, "%s", wrong[i]);
}
