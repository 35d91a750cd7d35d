/* The cover, and how to read what follows. */
#include <string.h>

#include "base/china_time.h"
#include "yearbook/chapters.h"

static const char *statistics_name(const struct book *book)
{
    const struct unit *unit = plan_unit(book->plan, unit_make(book->place, 1));
    if (unit == NULL)
        return NULL;
    return TR(book, unit->name_zh, unit->name_en);
}

static void cover(const struct book *book, struct document *document)
{
    char time[CHINA_TEXT_BYTES];
    const char *name = statistics_name(book);
    document->subtitle =
        document_text(document, TR(book, book->plan->name_zh, book->plan->name_en));
    document->title = document_printf(
        document, TR(book, "%s%u年监测报告与资料汇编", "%s %u: monitoring report and yearbook"),
        book->place_name, book->year);
    document->running = document_printf(
        document, TR(book, "%s%u年监测报告与资料汇编", "%s %u: monitoring yearbook"),
        book->place_name, book->year);
    document->author = name == NULL ? "" : document_text(document, name);
    if (name != NULL)
        document_cover(document, document_printf(document, TR(book, "编制：%s", "%s"), name));
    if (book->latest_us != 0)
        document_cover(document, document_printf(document,
                                                 TR(book, "资料截至%s（北京时间）",
                                                    "With what was reported by %s (China's time)"),
                                                 china_text(book->latest_us, false, time)));
    document_cover(document,
                   book->locked ? TR(book, "本年数据已锁定", "The year's figures are locked")
                                : TR(book, "本年数据尚未锁定，可能更正",
                                     "The year's figures are not locked yet and may be corrected"));
}

/* A sign or status, and what it means. */
struct meaning {
    const char *zh, *en, *meaning_zh, *meaning_en, *class;
};

static const struct meaning signs[] = {
    {"0",                  "0",              "数值为零，确有报送",                                "the figure is zero and was reported so",             ""},
    {"不适用",          "not applicable", "该项对填报单位不适用",
     "the item does not apply to the units that report it",                                                                                                      ""},
    {"未采集",          "not collected",  "该年没有采集这一数据",                             "nobody collected it in that year",                   ""},
    {"未报送",          "not reported",   "应报的单位没有报送，或尚未通过审核",
     "the units that owe it did not report it, or it is not accepted yet",                                                                                       ""},
    {"*",                  "*",              "不公布：小于5的人数、件数和能推出它的数",
     "not published: counts of persons or cases below 5, and what would tell them",                                                                              ""},
    {"†",                "†",            "规划文本所载的数，不是报送的",                 "printed in the plan's text, not reported by anyone",
     ""                                                                                                                                                            },
    {"（以此为准）", "(decides)",      "同一指标有几个目标时，达标与否以它为准",
     "of several targets of an indicator, the one that decides",                                                                                                 ""},
};

static const struct meaning statuses[] = {
    {"达标",                "met",            "按规划原文，本年数值达到目标；“以上、以下、以内”含本数",
     "the year's figure reaches the target as the plan words it; bounds include their number",                                                                         "met"          },
    {"达标（不确定）", "met, uncertain", "按数值达标，但人数少，95%区间跨过目标",
     "reached by the figure, but numbers are small: the 95% interval crosses the bound",                                                                               "uncertain"    },
    {"未达标",             "not met",        "本年数值没有达到目标；规划尚未到期的，是目前的差距",
     "not reached by the year's figure; where the target is not due yet, the distance so far",                                                                         "not_met"      },
    {"无数据",             "no data",        "没有数值可以判断",                                                             "there is no figure to judge", "no_data"      },
    {"无法判断",          "not judgeable",  "规划没有写明数值、基数，或目标为定性",
     "the plan gives no number or no base, or the target is qualitative",                                                                                              "not_judgeable"},
};

static void meanings(const struct book *book, struct document *document, const char *caption,
                     const char *head, const struct meaning *rows, size_t count)
{
    struct grid_column columns[2] = {
        {.head = head, .width = 2},
        {.width = 9           }
    };
    columns[1].head = TR(book, "意思", "Meaning");
    struct grid *grid = document_grid(document, NULL, caption, columns, 2);
    for (size_t i = 0; i < count; i++) {
        grid_row(document, grid);
        grid_text(document, grid, TR(book, rows[i].zh, rows[i].en), rows[i].class);
        grid_text(document, grid, TR(book, rows[i].meaning_zh, rows[i].meaning_en), "");
    }
}

void chapter_front(const struct book *book, struct document *document)
{
    cover(book, document);
    document_chapter(document, TR(book, "一、怎样阅读", "1. How to read this"));
    document_paragraph(
        document,
        document_printf(
            document,
            TR(book,
               "本汇编根据《%s》的监测指标和目标，汇集%s%d—%"
               "u年由村（社区）、乡镇（街道）和各部门报送、"
               "经审核通过的数据。每个数都由报送的分子、分母重新汇总得出，比率不取平均。",
               "This yearbook follows the indicators and targets of the %s. It brings together "
               "what the "
               "villages, townships and departments of %s reported for %d to %u and what was "
               "accepted "
               "on review. Every figure is consolidated anew from the reported numerators and "
               "denominators; rates are never averaged."),
            TR(book, book->plan->name_zh, book->plan->name_en), book->place_name, book->years[0],
            book->year));
    if (book->demonstration)
        document_paragraph(
            document,
            TR(book,
               "其中含演示数据：规划、目标、区划和规划所载基数是真的，其余的数为虚构，只为演示，不"
               "得引用。",
               "It contains demonstration data: plan, targets, places and the baselines printed in "
               "the "
               "plan are real; all other figures are made up for demonstration and must not be "
               "quoted."));
    meanings(book, document, TR(book, "表中的符号", "Signs in the tables"),
             TR(book, "符号", "Sign"), signs, sizeof signs / sizeof *signs);
    meanings(book, document, TR(book, "达标情况", "What the statuses mean"),
             TR(book, "达标情况", "Status"), statuses, sizeof statuses / sizeof *statuses);
    document_paragraph(
        document,
        TR(book,
           "图中实线为各年数值，虚线为目标。预警按统计方法得出，说明见“编制方法”一章；它是值得过问"
           "的"
           "理由，不是结论。随附的两个CSV文件列出每个数背后的报告。",
           "In the charts the solid line shows the years' figures, the broken line the target. "
           "Warnings "
           "come from the statistical method described under \"Methods\": a reason to ask, not a "
           "verdict. Two CSV files beside this one list the reports behind every figure."));
}

struct document *yearbook_document(const struct book *book, struct arena *arena)
{
    struct document *document = document_create(arena, book->english);
    if (document == NULL)
        return NULL;
    document->demonstration = book->demonstration;
    document->time_us = book->latest_us;
    chapter_front(book, document);
    chapter_overview(book, document);
    chapter_domains(book, document);
    chapter_warnings(book, document);
    chapter_gaps(book, document);
    chapter_quality(book, document);
    chapter_methods(book, document);
    chapter_plan(book, document);
    return document->failed ? NULL : document;
}
