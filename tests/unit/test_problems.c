#include <criterion/criterion.h>
#include <string.h>

#include "plan/problems.h"
#include "text/utf8.h"

static bool is_utf8(const char *text)
{
    uint32_t code = 0;
    for (size_t size = strlen(text); size > 0;) {
        size_t length = utf8_next(text, size, &code);
        if (length == 0)
            return false;
        text += length;
        size -= length;
    }
    return true;
}

Test(problems, keep_order_and_default_sentences)
{
    struct problems problems;
    problems_init(&problems);
    problems_add(&problems, STATUS_E_RANGE, 7, "observations.value[3]", NULL, NULL);
    problems_addf(&problems, STATUS_E_CHECK, 0, NULL, "%d大于%d", "%d above %d", 3, 2);
    cr_assert_eq(problems.count, 2);
    cr_expect_eq(problems.items[0].cell, 7);
    cr_expect_str_eq(problems.items[0].zh, "第7项：超出取值范围", "a sentence names its cell");
    cr_expect_str_eq(problems.items[0].en, "cell 7: outside its range");
    cr_expect_str_eq(problems.items[1].field, "");
    cr_expect_str_eq(problems.items[1].zh, "3大于2");
    cr_expect_str_eq(problems.items[1].en, "3 above 2");
    problems_clear(&problems);
    cr_expect_eq(problems.count, 0);
    cr_expect_null(problems.items);
}

Test(problems, count_beyond_the_limit)
{
    struct problems problems;
    problems_init(&problems);
    for (int i = 0; i < PROBLEMS_MAX + 30; i++)
        problems_addf(&problems, STATUS_E_RANGE, 0, "x", "%d", "%d", i);
    cr_expect_eq(problems.count, PROBLEMS_MAX);
    cr_expect_eq(problems.dropped, 30);
    cr_expect_str_eq(problems.items[PROBLEMS_MAX - 1].en, "199");
    problems_clear(&problems);
}

Test(problems, cut_long_texts_at_whole_characters)
{
    char text[601];
    struct problems problems;
    problems_init(&problems);
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "规", 4);
        problems_add(&problems, STATUS_E_TEXT, 0, text, text, text);
        problems_addf(&problems, STATUS_E_TEXT, 0, text, "%s", "%s", text);
    }
    for (size_t i = 0; i < problems.count; i++) {
        cr_expect(is_utf8(problems.items[i].zh) && is_utf8(problems.items[i].en));
        cr_expect(is_utf8(problems.items[i].field));
        cr_expect_gt(strlen(problems.items[i].zh), PROBLEM_TEXT_BYTES - 4);
    }
    problems_clear(&problems);
}
