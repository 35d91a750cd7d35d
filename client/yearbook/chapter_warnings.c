/* Early warnings, with what was seen and why each was raised. */
#include <string.h>

#include "yearbook/chapters.h"

static const char *level_words(const struct book *book, const char *level)
{
    if (strcmp(level, "red") == 0)
        return TR(book, "红", "red");
    if (strcmp(level, "yellow") == 0)
        return TR(book, "黄", "yellow");
    return TR(book, "提示", "notice");
}

static const char *level_class(const char *level)
{
    return strcmp(level, "red") == 0 ? "red" : strcmp(level, "yellow") == 0 ? "yellow" : "notice";
}

static void warning_add(const struct book *book, struct document *document, struct grid *grid,
                        const Zhibao__Warning *warning)
{
    char name[BOOK_NAME_BYTES], target[BOOK_NAME_BYTES];
    grid_row(document, grid);
    grid_text(document, grid, level_words(book, warning->level), level_class(warning->level));
    grid_text(document, grid,
              book_indicator(book, warning->name_zh, warning->name_en, warning->stratum, name), "");
    grid_text(document, grid,
              warning->target[0] == '\0'
                  ? ""
                  : book_target(book, warning->op, warning->value, warning->year, target),
              "");
    if (warning->since == 0)
        grid_text(document, grid, "", "");
    else
        grid_text(document, grid, document_printf(document, "%u", warning->since), "");
    grid_text(document, grid, TR(book, warning->zh, warning->en), "");
}

static void table(const struct book *book, struct document *document, size_t shown)
{
    const struct grid_column columns[] = {
        {TR(book, "级别", "Level"),     5,  false},
        {TR(book, "指标", "Indicator"), 15, false},
        {TR(book, "目标", "Target"),    12, false},
        {TR(book, "自",    "Since"),     5,  false},
        {TR(book, "说明", "Why"),       42, false},
    };
    if (shown == 0)
        return;
    struct grid *grid = document_grid(document, TR(book, "预警", "Warnings"),
                                      TR(book, "预警及其理由", "Warnings and their reasons"),
                                      columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < book->warning_count; i++)
        if (!book_silent(book, book->warnings[i]->indicator, book->warnings[i]->stratum))
            warning_add(book, document, grid, book->warnings[i]);
}

void chapter_warnings(const struct book *book, struct document *document)
{
    size_t shown = 0, red = 0, yellow = 0;
    for (size_t i = 0; i < book->warning_count; i++) {
        const Zhibao__Warning *warning = book->warnings[i];
        if (book_silent(book, warning->indicator, warning->stratum))
            continue;
        shown++;
        red += strcmp(warning->level, "red") == 0;
        yellow += strcmp(warning->level, "yellow") == 0;
    }
    document_chapter(document, TR(book, "四、预警", "4. Early warnings"));
    document_paragraph(
        document, document_printf(
                      document,
                      TR(book,
                         "判断了%u个目标，其中%u个因数据不足4年，不作预测。发出预警%zu条：红色%"
                         "zu条，黄色%zu条，提示%zu条。",
                         "%u targets were looked at, %u of them with fewer than the 4 figures that "
                         "a forecast "
                         "takes. %zu warnings were raised: %zu red, %zu yellow, %zu notices."),
                      book->judged, book->insufficient, shown, red, yellow, shown - red - yellow));
    document_paragraph(
        document,
        TR(book,
           "红色：到期未达标，或达标可能性不足20%；黄色：达标可能性20%—50%"
           "；提示：波动较大，达标后变差，或连续"
           "两年没有数据。“自”是不间断地符合预警条件的最早一年。",
           "Red: due and not met, or met with a probability below 20%; yellow: 20% to 50%; notice: "
           "a "
           "large fluctuation, worse after it was met, or no figure for two years. \"Since\" is "
           "the "
           "first year of the unbroken run in which the warning would have been raised."));
    table(book, document, shown);
    if (shown < book->warning_count)
        document_note(document,
                      document_printf(document,
                                      TR(book, "注：另有%zu条预警涉及不公布的数，没有列出。",
                                         "Note: %zu more warnings concern figures that are not "
                                         "published; they are not listed."),
                                      book->warning_count - shown));
}
