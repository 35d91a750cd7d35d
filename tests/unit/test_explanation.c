#include "plan/explanation.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "text/fold.h"

static enum status judge(const char *text)
{
    struct boilerplate *list = NULL;
    struct explanation_key key;
    cr_assert_eq(boilerplate_create(&list), STATUS_OK);
    enum status status = explanation_judge(list, text, &key);
    boilerplate_destroy(&list);
    return status;
}

Test(explanation, says_something)
{
    static const char *const good[] = {
        "新建安置小区交付，迁入家庭较多",
        "情况属实，台风后两户整户外迁",
        "the new estate brought 40 families",
        "第三村民小组整组搬迁到县城",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect_eq(judge(good[i]), STATUS_OK, "%s", good[i]);
}

Test(explanation, boilerplate_is_refused)
{
    static const char *const bad[] = {
        "核实无误",
        "核实无误。",
        "情况属实",
        "已核实",
        "同上",
        "无",
        "无。",
        "N/A",
        "ＯＫ",
        "核实无误，情况属实，数据准确", /* nothing but phrases */
        "经核实，数据无误，情况属实！",
        "我村情况属实，数据真实", /* too little besides */
        "哈哈哈哈哈哈哈哈哈哈",
        "１２１２１２１２１２",
        "The figures are correct.",
        "Checked and correct",
        "核 实 无 误　情 况 属 实",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_eq(judge(bad[i]), STATUS_E_EXPLANATION_BOILERPLATE, "%s", bad[i]);
}

Test(explanation, fewer_than_eight_characters_are_refused)
{
    static const char *const few[] = {
        "", "？", "搬迁了一些户", "人口流动，增加。", "moved in", "　搬迁　了　一　些　户　"};
    for (size_t i = 0; i < sizeof few / sizeof *few; i++)
        cr_expect_eq(judge(few[i]), STATUS_E_EXPLANATION_SHORT, "%s", few[i]);
    cr_expect_eq(judge("今年迁入了八户人"), STATUS_OK);
    cr_expect_eq(judge("㍿㍿"), STATUS_OK, "two characters that NFKC makes eight");
}

Test(explanation, the_same_words_have_the_same_key)
{
    struct boilerplate *list = NULL;
    struct explanation_key one, same, other;
    cr_assert_eq(boilerplate_create(&list), STATUS_OK);
    cr_assert_eq(explanation_judge(list, "迁入12户，Ａ区交付", &one), STATUS_OK);
    cr_assert_eq(explanation_judge(list, " 迁入１２户,a区 交付。", &same), STATUS_OK);
    cr_assert_eq(explanation_judge(list, "迁入13户，A区交付", &other), STATUS_OK);
    cr_expect_arr_eq(one.bytes, same.bytes, sizeof one.bytes);
    cr_expect(memcmp(one.bytes, other.bytes, sizeof one.bytes) != 0);
    boilerplate_destroy(&list);
}

Test(explanation, another_list_may_be_read)
{
    struct boilerplate *list = NULL;
    struct explanation_key key;
    cr_assert_eq(
        boilerplate_read("# ours\r\n天气原因造成变化 # a comment\r\n\r\nAs always\n", &list),
        STATUS_OK);
    cr_expect_eq(boilerplate_count(list), 2);
    cr_expect_eq(explanation_judge(list, "天气原因，造成变化", &key),
                 STATUS_E_EXPLANATION_BOILERPLATE);
    cr_expect_eq(explanation_judge(list, "核实无误，情况属实", &key), STATUS_OK);
    boilerplate_destroy(&list);
    cr_expect_eq(boilerplate_read("\xff\xfe\n", &list), STATUS_INVALID);
}

Test(explanation, text_that_is_not_utf8_is_refused)
{
    cr_expect_eq(judge("\xff\xfe"), STATUS_E_TEXT);
}

Test(fold, keeps_letters_digits_and_symbols)
{
    char *folded = NULL;
    size_t characters = 0;
    cr_assert_eq(text_fold("  Ｈeßen、①、５＋３＝８ 元！\t", &folded, &characters), STATUS_OK);
    cr_expect_str_eq(folded, "hessen15+3=8元");
    cr_expect_eq(characters, 13);
    free(folded);
}
