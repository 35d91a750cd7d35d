/* Who reported, in time or not, and how good the figures look: counts of units, never a unit's own
 * figures. */
#include <string.h>

#include "assess/quality.h"
#include "yearbook/chapters.h"

static const char *part_words(const struct book *book, size_t part)
{
    static const char *const words[QUALITY_PARTS][2] = {
        {"完整：应报已报，必填项有数",                "complete: what is owed came, with its figures"  },
        {"及时：在截止前报送",                            "in time: before the cut-off"                    },
        {"离群：与本单位历年明显不同",                "outliers: far from the unit's own years before" },
        {"与同类相比：变化与同类单位明显不同",    "peers: changes far from those of like units"    },
        {"历年一致：在前三年平均的三分之一以内", "consistent: within a third of three years' mean"},
        {"相关指标：应有的大小关系",                   "related figures in their order"                 },
        {"分合相符：各部分之和等于合计",             "parts that add up"                              },
        {"单位错：相差十倍、百倍、千倍",             "slips of a power of ten"                        },
        {"三年同数：连续三年完全相同",                "the same figure three years running"            },
        {"无故改数：通过后更正而未说明",             "changed after acceptance without a reason"      },
    };
    return TR(book, words[part][0], words[part][1]);
}

static const char *level_words(const struct book *book, Zhibao__CutoffLevel level)
{
    return level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL
               ? TR(book, "（乡镇汇总）", " (township totals)")
               : "";
}

static void completeness_row(struct document *document, struct grid *grid, const char *name,
                             const Zhibao__CompletenessRow *row)
{
    uint32_t missing = row->expected > row->received ? row->expected - row->received : 0;
    grid_row(document, grid);
    grid_text(document, grid, name, "");
    grid_count(document, grid, row->expected);
    grid_count(document, grid, row->received);
    grid_count(document, grid, row->on_time);
    grid_count(document, grid, row->late);
    grid_count(document, grid, missing);
    grid_count(document, grid, row->accepted);
    if (row->expected == 0) {
        grid_text(document, grid, "—", "nothing");
        grid_text(document, grid, "—", "nothing");
        return;
    }
    grid_number(document, grid, 100.0 * row->received / row->expected, 1);
    grid_number(document, grid, 100.0 * row->on_time / row->expected, 1);
}

static struct grid *completeness_grid(const struct book *book, struct document *document,
                                      const char *caption, const char *what)
{
    const struct grid_column columns[] = {
        {what,            26, false},
        { TR(book, "应报",         "Owed"),  7, true},
        { TR(book, "已报",         "Came"),  7, true},
        { TR(book, "按时",      "On time"),  7, true},
        { TR(book, "迟报",         "Late"),  7, true},
        { TR(book, "未报",      "Missing"),  7, true},
        { TR(book, "已通过",     "Accepted"),  8, true},
        { TR(book, "完整率%",  "Complete, %"),  9, true},
        { TR(book, "及时率%",   "In time, %"),  9, true},
    };
    return document_grid(document, TR(book, "完整性", "Completeness"), caption, columns,
                         sizeof columns / sizeof *columns);
}

static void completeness(const struct book *book, struct document *document)
{
    const Zhibao__CompletenessReply *reply = book->completeness;
    const struct form *village = plan_village_form(book->plan);
    struct grid *grid = NULL;
    document_heading(document, TR(book, "报送的完整和及时", "Completeness and timeliness"));
    for (size_t i = 0; i < reply->n_rows; i++) {
        const Zhibao__CompletenessRow *row = reply->rows[i];
        if (row->place != book->place || row->expected == 0)
            continue;
        if (grid == NULL)
            grid =
                completeness_grid(book, document, TR(book, "各报表的报送情况", "Reports by form"),
                                  TR(book, "报表", "Form"));
        completeness_row(document, grid,
                         document_printf(document, "%s%s", book_form(book, row->form),
                                         level_words(book, row->level)),
                         row);
    }
    grid = NULL;
    for (size_t i = 0; i < reply->n_rows && village != NULL; i++) {
        const Zhibao__CompletenessRow *row = reply->rows[i];
        if (row->place == book->place || row->expected == 0 ||
            row->level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL ||
            strcmp(row->form, village->code) != 0)
            continue;
        if (grid == NULL)
            grid = completeness_grid(
                book, document,
                document_printf(document, TR(book, "下一级各地：%s", "Places just below: %s"),
                                book_form(book, village->code)),
                TR(book, "地方", "Place"));
        completeness_row(document, grid, row->place_name, row);
    }
}

struct totals {
    uint64_t looked_at[QUALITY_PARTS], flagged[QUALITY_PARTS];
    size_t units, high, middle, low;
};

static struct totals add_up(const struct book *book)
{
    struct totals totals = {0};
    for (size_t i = 0; i < book->quality_count; i++) {
        const Zhibao__QualityRow *row = book->quality[i];
        for (size_t k = 0; k < row->n_parts && k < QUALITY_PARTS; k++) {
            totals.looked_at[k] += row->parts[k]->looked_at;
            totals.flagged[k] += row->parts[k]->flagged;
        }
        totals.units += row->has_score != 0;
        totals.high += row->has_score && row->score >= 0.95;
        totals.middle += row->has_score && row->score >= 0.8 && row->score < 0.95;
        totals.low += row->has_score && row->score < 0.8;
    }
    return totals;
}

static void quality(const struct book *book, struct document *document)
{
    const struct grid_column columns[] = {
        {TR(book, "方面",        "What is looked at"), 34, false},
        {TR(book, "看过",        "Looked at"),         9,  true },
        {TR(book, "有疑问",     "Flagged"),           9,  true },
        {TR(book, "没有疑问%", "Not flagged, %"),    11, true },
    };
    struct totals totals = add_up(book);
    document_heading(document, TR(book, "数据质量", "Data quality"));
    document_paragraph(
        document,
        document_printf(document,
                        TR(book,
                           "对%zu个单位的数从十个方面作了检查，得分为各方面没有疑问的比例的平均：0."
                           "95以上的%zu个，0.80—0.95的"
                           "%zu个，0.80以下的%zu个。有疑问是值得核对的理由，不是差错的结论。",
                           "The figures of %zu units were looked at in ten ways. The score is the "
                           "mean share without "
                           "a question: %zu units have .95 or more, %zu from .80 to .95, %zu less. "
                           "A question is a "
                           "reason to check, not a verdict."),
                        totals.units, totals.high, totals.middle, totals.low));
    struct grid *grid = document_grid(document, TR(book, "数据质量", "Data quality"),
                                      TR(book, "数据质量的检查", "What was checked"), columns,
                                      sizeof columns / sizeof *columns);
    for (size_t k = 0; k < QUALITY_PARTS; k++) {
        grid_row(document, grid);
        grid_text(document, grid, part_words(book, k), "");
        grid_count(document, grid, totals.looked_at[k]);
        grid_count(document, grid, totals.flagged[k]);
        if (totals.looked_at[k] == 0)
            grid_text(document, grid, "—", "nothing");
        else
            grid_number(document, grid,
                        100 - 100.0 * (double)totals.flagged[k] / (double)totals.looked_at[k], 1);
    }
}

void chapter_quality(const struct book *book, struct document *document)
{
    document_chapter(document,
                     TR(book, "六、完整性和数据质量", "6. Completeness and data quality"));
    completeness(book, document);
    if (book->has_quality)
        quality(book, document);
}
