/* What in the plan's own text contradicts itself or leaves open how to judge; and targets that no
 * indicator measures. Reported, never repaired. */
#include <stdio.h>
#include <string.h>

#include "yearbook/chapters.h"

static void finding_add(const struct book *book, struct document *document, struct grid *grid,
                        const struct finding *finding)
{
    grid_row(document, grid);
    grid_text(document, grid, document_printf(document, "%u", finding->number), "");
    grid_text(document, grid, book->english ? finding->kind : finding->kind_zh, "");
    grid_text(document, grid, TR(book, finding->zh, finding->en), "");
}

static void findings_table(const struct book *book, struct document *document,
                           enum finding_severity severity, const char *caption)
{
    const struct grid_column columns[] = {
        {TR(book, "编号", "No."),     5,  false},
        {TR(book, "类别", "Kind"),    16, false},
        {TR(book, "发现", "Finding"), 60, false},
    };
    struct grid *grid = NULL;
    for (size_t i = 0; i < book->findings->count; i++) {
        const struct finding *finding = &book->findings->items[i];
        if (finding->severity != severity)
            continue;
        if (grid == NULL)
            grid = document_grid(document, TR(book, "规划文本", "The plan's text"), caption,
                                 columns, sizeof columns / sizeof *columns);
        finding_add(book, document, grid, finding);
    }
}

static const struct target *target_find(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (strcmp(plan->targets[i].code, code) == 0)
            return &plan->targets[i];
    return NULL;
}

static void unmeasured_add(const struct book *book, struct document *document,
                           const Zhibao__IndicatorResult *row)
{
    const struct grid_column columns[] = {
        {TR(book, "章节", "Section"),          14, false},
        {TR(book, "原文", "The plan's words"), 66, false},
    };
    if (row->n_targets == 0)
        return;
    document_heading(document,
                     TR(book, "没有监测指标的目标", "Targets that no indicator measures"));
    struct grid *grid =
        document_grid(document, TR(book, "规划文本", "The plan's text"),
                      TR(book, "没有监测指标的目标", "Targets that no indicator measures"), columns,
                      sizeof columns / sizeof *columns);
    for (size_t i = 0; i < row->n_targets; i++) {
        const struct target *target = target_find(book->plan, row->targets[i]->target);
        if (target == NULL)
            continue;
        grid_row(document, grid);
        grid_text(document, grid, target->section, "");
        grid_text(document, grid, target->quote, "");
    }
}

void chapter_plan(const struct book *book, struct document *document)
{
    const struct pulled *pulled = book->published[book->year_count - 1];
    size_t counts[SEVERITIES] = {0};
    for (size_t i = 0; i < book->findings->count; i++)
        counts[book->findings->items[i].severity]++;
    document_chapter(
        document, TR(book, "八、规划文本中须留意之处", "8. Contradictions and gaps in the plan"));
    document_paragraph(
        document,
        document_printf(
            document,
            TR(book,
               "以下是规划文本中自相矛盾、缺少依据之处，按原文照录，只报告，不修补；达标与否均按原"
               "文判断。共%zu处："
               "高（自相矛盾或数字不可能）%zu处，中（缺少依据，须加假定或无法判断）%"
               "zu处，低（看结果时须知道）%zu处；"
               "这里列出前两种，全部可由 zhibao plan check 列出。",
               "These are places where the plan's text contradicts itself or leaves something out, "
               "as "
               "it is written: reported, not repaired, and targets are judged as written. %zu in "
               "all: "
               "%zu high (a contradiction or an impossible figure), %zu medium (something missing, "
               "so "
               "that judging needs an assumption or cannot be done), %zu low (to be known when "
               "results "
               "are read). The first two kinds are listed here; zhibao plan check lists all."),
            book->findings->count, counts[SEVERITY_HIGH], counts[SEVERITY_MEDIUM],
            counts[SEVERITY_LOW]));
    findings_table(book, document, SEVERITY_HIGH,
                   TR(book, "自相矛盾或数字不可能", "Contradictions and impossible figures"));
    findings_table(book, document, SEVERITY_MEDIUM,
                   TR(book, "缺少依据", "What is missing or open"));
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++)
            if (pulled->pages[page]->indicators[i]->indicator[0] == '\0')
                unmeasured_add(book, document, pulled->pages[page]->indicators[i]);
}
