/* Gaps: town and country, boys and girls, ages, stages of schooling, institutions, diseases; and
 * between the places just below. */
#include <stdio.h>
#include <string.h>

#include "plan/unit_words.h"
#include "yearbook/chapters.h"

struct key {
    const char *prefix, *zh, *en;
    bool always; /* said even where there is none */
};

static const struct key keys[] = {
    {"area=",        "城乡差距",    "Town and country",                     true },
    {"sex=",         "性别差距",    "Boys and girls",                       true },
    {"age=",         "年龄组差距", "Age groups: highest, lowest",          true },
    {"stage=",       "学段差距",    "Stages of schooling: highest, lowest", false},
    {"institution=", "机构差距",    "Kinds of institution",                 false},
    {"disease=",     "病种差距",    "Diseases: highest, lowest",            false},
};

static void chance_cell(const struct book *book, struct document *document, struct grid *grid,
                        bool known, double p)
{
    if (!known)
        grid_text(document, grid, "—", "nothing");
    else
        grid_text(document, grid,
                  p < 0.05 ? TR(book, "不像偶然", "no") : TR(book, "可能只是偶然", "may be chance"),
                  "");
}

static void gap_add(const struct book *book, struct document *document, struct grid *grid,
                    const Zhibao__IndicatorResult *row, const Zhibao__Gap *gap)
{
    char first[128], second[128];
    stratum_words(gap->first, book->english, first, sizeof first);
    stratum_words(gap->second, book->english, second, sizeof second);
    grid_row(document, grid);
    grid_text(document, grid, TR(book, row->name_zh, row->name_en), "");
    grid_text(document, grid, unit_word(row->unit, book->english), "");
    grid_text(document, grid, first, "");
    grid_number(document, grid, gap->first_value, row->decimals);
    grid_text(document, grid, second, "");
    grid_number(document, grid, gap->second_value, row->decimals);
    grid_number(document, grid, gap->difference, row->decimals);
    grid_text(document, grid, gap->ahead == 0 ? "—" : gap->ahead > 0 ? first : second, "");
    chance_cell(book, document, grid, gap->has_p, gap->p);
}

/* Counts the gaps of a key; adds those that may be printed to `grid`, unless it is NULL. */
static size_t gaps_walk(const struct book *book, struct document *document, const char *prefix,
                        struct grid *grid, size_t *out_hidden)
{
    size_t shown = 0;
    *out_hidden = 0;
    for (size_t page = 0; page < book->exact->count; page++)
        for (size_t i = 0; i < book->exact->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = book->exact->pages[page]->indicators[i];
            for (size_t k = 0; k < row->n_gaps; k++) {
                if (strncmp(row->gaps[k]->first, prefix, strlen(prefix)) != 0)
                    continue;
                if (!book_gap_printable(book, row, row->gaps[k])) {
                    ++*out_hidden;
                    continue;
                }
                shown++;
                if (grid != NULL)
                    gap_add(book, document, grid, row, row->gaps[k]);
            }
        }
    return shown;
}

static size_t gap_table(const struct book *book, struct document *document, const struct key *key)
{
    const struct grid_column columns[] = {
        {TR(book, "指标",       "Indicator"),  22, false},
        {TR(book, "单位",       "Unit"),       6,  false},
        {TR(book, "甲",          "First"),      8,  false},
        {TR(book, "甲值",       "Value"),      8,  true },
        {TR(book, "乙",          "Second"),     8,  false},
        {TR(book, "乙值",       "Value"),      8,  true },
        {TR(book, "相差",       "Difference"), 9,  true },
        {TR(book, "较好",       "Better"),     8,  false},
        {TR(book, "是否偶然", "By chance?"), 11, false},
    };
    size_t hidden = 0;
    size_t shown = gaps_walk(book, document, key->prefix, NULL, &hidden);
    if (shown == 0 && !key->always)
        return hidden;
    document_heading(document, TR(book, key->zh, key->en));
    if (shown == 0) {
        document_paragraph(document, TR(book, "没有可以公布的差距。", "There is none to publish."));
    } else {
        struct grid *grid =
            document_grid(document, TR(book, "差距", "Gaps"), TR(book, key->zh, key->en), columns,
                          sizeof columns / sizeof *columns);
        gaps_walk(book, document, key->prefix, grid, &hidden);
    }
    return hidden;
}

static void area_add(const struct book *book, struct document *document, struct grid *grid,
                     const Zhibao__AreaRows *rows)
{
    const Zhibao__AreaGap *gap = rows->gap;
    double high = 0, low = 0;
    for (size_t i = 0; i < rows->n_areas; i++) {
        if (rows->areas[i]->place == gap->highest)
            high = rows->areas[i]->rate;
        if (rows->areas[i]->place == gap->lowest)
            low = rows->areas[i]->rate;
    }
    grid_row(document, grid);
    grid_text(document, grid, TR(book, rows->name_zh, rows->name_en), "");
    grid_text(document, grid, unit_word(rows->unit, book->english), "");
    grid_text(document, grid, gap->highest_name, "");
    grid_number(document, grid, high, rows->decimals);
    grid_text(document, grid, gap->lowest_name, "");
    grid_number(document, grid, low, rows->decimals);
    grid_number(document, grid, gap->difference, rows->decimals);
    chance_cell(book, document, grid, true, gap->p);
}

static void area_table(const struct book *book, struct document *document)
{
    const struct grid_column columns[] = {
        {TR(book, "指标",       "Indicator"),  22, false},
        {TR(book, "单位",       "Unit"),       6,  false},
        {TR(book, "最高",       "Highest"),    11, false},
        {TR(book, "数值",       "Value"),      8,  true },
        {TR(book, "最低",       "Lowest"),     11, false},
        {TR(book, "数值",       "Value"),      8,  true },
        {TR(book, "相差",       "Difference"), 9,  true },
        {TR(book, "是否偶然", "By chance?"), 11, false},
    };
    size_t shown = 0;
    struct grid *grid = NULL;
    document_heading(document, TR(book, "地区差距", "Between places"));
    for (size_t i = 0; i < book->area_count; i++) {
        if (book->areas[i]->gap == NULL || book->areas[i]->mortality)
            continue;
        if (shown++ == 0)
            grid = document_grid(document, TR(book, "差距", "Gaps"),
                                 TR(book, "下一级各地之间，近三年合并",
                                    "Between the places just below, three years pooled"),
                                 columns, sizeof columns / sizeof *columns);
        area_add(book, document, grid, book->areas[i]);
    }
    if (shown == 0)
        document_paragraph(document, TR(book, "没有可以公布的差距。", "There is none to publish."));
    else
        document_note(
            document,
            TR(book, "注：只比较可以公布的地方；死亡率不在地区间比较。最高、最低不表示好坏的名次。",
               "Note: only among places whose figures may be published; mortality is not "
               "compared between places. Highest and lowest are no ranks."));
}

void chapter_gaps(const struct book *book, struct document *document)
{
    size_t hidden = 0;
    document_chapter(document, TR(book, "五、差距", "5. Gaps"));
    document_paragraph(
        document,
        TR(book,
           "同一指标在不同的儿童之间相差多少。村级数据的城乡按统计用区划代码划分（末三位001—199为居"
           "委会，"
           "200—399为村委会）。“不像偶然”指人数检验p小于0.05。",
           "How far an indicator lies apart between groups of children. Villages are told apart as "
           "town "
           "and country by their codes (last three digits 001-199: residents' committees, 200-399: "
           "villagers' committees). \"No\": a test of the counts gives p below 0.05."));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        hidden += gap_table(book, document, &keys[i]);
    if (hidden > 0)
        document_note(
            document,
            document_printf(document,
                            TR(book,
                               "注：另有%zu项分组差距不公布：人数少，或会使不公布的数被推算出来。",
                               "Note: %zu more gaps between groups are not published: "
                               "numbers are small, or they would tell what is left out."),
                            hidden));
    area_table(book, document);
}
