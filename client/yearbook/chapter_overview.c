/* How the plan's targets stand, by domain. */
#include <string.h>

#include "plan/stratum.h"
#include "stats/attain.h"
#include "yearbook/chapters.h"

enum { DOMAINS_MAX = CHART_BARS_MAX, PARTS = 5 };

struct domain_tally {
    const char *domain;
    unsigned parts[PARTS];
};

struct overview {
    size_t count;
    struct domain_tally domains[DOMAINS_MAX];
    struct domain_tally total;
};

static const Zhibao__TargetResult *deciding(const Zhibao__IndicatorResult *row)
{
    for (size_t i = 0; i < row->n_targets; i++)
        if (row->targets[i]->decides)
            return row->targets[i];
    return NULL;
}

static bool has_area(const Zhibao__IndicatorResult *row)
{
    size_t length = 0;
    return stratum_value(row->stratum, "area", &length) != NULL;
}

/* As the server counts: of an urban and a rural target of an indicator the worse, once. 0: counted
 * with an earlier row, or without a deciding target. */
static int verdict(const struct pulled *pulled, const Zhibao__IndicatorResult *row)
{
    const Zhibao__TargetResult *target = deciding(row);
    bool before = true;
    if (target == NULL)
        return 0;
    enum attainment worst = (enum attainment)target->attainment;
    for (size_t page = 0; has_area(row) && page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *other = pulled->pages[page]->indicators[i];
            const Zhibao__TargetResult *others = deciding(other);
            before = before && other != row;
            if (other == row || others == NULL || !has_area(other) ||
                strcmp(other->indicator, row->indicator) != 0)
                continue;
            if (before)
                return 0;
            worst = attainment_worse(worst, (enum attainment)others->attainment);
        }
    return (int)worst;
}

static struct domain_tally *tally_of(struct overview *overview, const char *domain)
{
    for (size_t i = 0; i < overview->count; i++)
        if (strcmp(overview->domains[i].domain, domain) == 0)
            return &overview->domains[i];
    if (overview->count == DOMAINS_MAX)
        return NULL;
    overview->domains[overview->count].domain = domain;
    return &overview->domains[overview->count++];
}

static size_t part_of(int attainment)
{
    switch (attainment) {
    case ATTAINMENT_MET: return 0;
    case ATTAINMENT_MET_UNCERTAIN: return 1;
    case ATTAINMENT_NOT_MET: return 2;
    case ATTAINMENT_NO_DATA: return 3;
    default: return 4;
    }
}

static void count(const struct book *book, struct overview *overview)
{
    const struct pulled *pulled = book->published[book->year_count - 1];
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = pulled->pages[page]->indicators[i];
            int attainment = verdict(pulled, row);
            struct domain_tally *tally = attainment == 0 ? NULL : tally_of(overview, row->domain);
            if (tally == NULL)
                continue;
            tally->parts[part_of(attainment)]++;
            overview->total.parts[part_of(attainment)]++;
        }
}

static void chart(const struct book *book, const struct overview *overview,
                  struct document *document)
{
    static const char *const colours[PARTS] = {"#2e7d46", "#8aa83a", "#b3261e", "#4a5462",
                                               "#7d8896"};
    const char *const names[PARTS] = {TR(book, "达标", "met"),
                                      TR(book, "达标（不确定）", "met, uncertain"),
                                      TR(book, "未达标", "not met"), TR(book, "无数据", "no data"),
                                      TR(book, "无法判断", "not judgeable")};
    struct chart *made = arena_alloc(document->arena, sizeof *made);
    const char **kept = arena_array(document->arena, PARTS, sizeof *kept);
    document->failed = document->failed || made == NULL || kept == NULL;
    if (document->failed)
        return;
    memcpy(kept, names, sizeof names);
    *made = (struct chart){.title = "",
                           .note = "",
                           .bar_count = overview->count,
                           .part_count = PARTS,
                           .part_names = kept,
                           .part_colours = colours};
    for (size_t i = 0; i < overview->count; i++) {
        made->bars[i].label =
            document_text(document, book_domain(book, overview->domains[i].domain));
        memcpy(made->bars[i].parts, overview->domains[i].parts, sizeof overview->domains[i].parts);
    }
    if (chart_shows(made))
        document_charts(document, made, 1);
}

static void table_row(struct document *document, struct grid *grid, const char *name,
                      const struct domain_tally *tally)
{
    unsigned all = 0;
    unsigned judged = tally->parts[0] + tally->parts[1] + tally->parts[2];
    for (size_t k = 0; k < PARTS; k++)
        all += tally->parts[k];
    grid_row(document, grid);
    grid_text(document, grid, name, "");
    grid_count(document, grid, all);
    for (size_t k = 0; k < PARTS; k++)
        grid_count(document, grid, tally->parts[k]);
    if (judged == 0)
        grid_text(document, grid, "—", "nothing");
    else
        grid_number(document, grid, 100.0 * (tally->parts[0] + tally->parts[1]) / judged, 1);
}

static void table(const struct book *book, const struct overview *overview,
                  struct document *document)
{
    const struct grid_column columns[] = {
        {TR(book, "领域",                "Domain"),         7, false},
        {TR(book, "目标",                "Targets"),        3, true },
        {TR(book, "达标",                "Met"),            3, true },
        {TR(book, "达标（不确定）", "Met, uncertain"), 4, true },
        {TR(book, "未达标",             "Not met"),        3, true },
        {TR(book, "无数据",             "No data"),        3, true },
        {TR(book, "无法判断",          "Not judgeable"),  4, true },
        {TR(book, "达标率%",            "Met, %"),         4, true },
    };
    struct grid *grid = document_grid(document, TR(book, "总体情况", "Overview"),
                                      TR(book, "各领域目标达标情况", "Targets by domain"), columns,
                                      sizeof columns / sizeof *columns);
    for (size_t i = 0; i < overview->count; i++)
        table_row(document, grid, book_domain(book, overview->domains[i].domain),
                  &overview->domains[i]);
    table_row(document, grid, TR(book, "合计", "All"), &overview->total);
    document_note(
        document,
        TR(book,
           "注：一个指标有几个目标的，计最近一个未到期的本地目标；城乡分列的计一次，取较差的。"
           "达标率为达标（含不确定）占可判断的比例。",
           "Note: of several targets of an indicator the nearest local one that is due "
           "counts; a pair for town and country counts once, by the worse. The share is of "
           "the targets that can be judged; uncertain ones count as met."));
}

static void summary(const struct book *book, struct document *document)
{
    const Zhibao__PassRate *pass = book->published[book->year_count - 1]->pages[0]->pass;
    if (pass == NULL || !pass->has_rates)
        return;
    uint32_t judged = pass->met + pass->not_met;
    uint32_t all = judged + pass->no_data + pass->not_judgeable;
    document_paragraph(document,
                       document_printf(document,
                                       TR(book,
                                          "%u年，%u个目标中可判断的有%u个，其中达标%u个，占%.1f%%"
                                          "（其中%u个因人数少而不确定）；未达标%u个。"
                                          "另有%u个没有数据，%u个无法判断。",
                                          "In %u, %u of the plan's targets can be looked at and %u "
                                          "of them judged: %u are met, "
                                          "%.1f%% (%u of these uncertain for want of numbers), %u "
                                          "are not. For %u there are no "
                                          "data, and %u cannot be judged."),
                                       book->year, all, judged, pass->met, 100 * pass->of_judgeable,
                                       pass->met_uncertain, pass->not_met, pass->no_data,
                                       pass->not_judgeable));
    if (pass->has_progress)
        document_paragraph(
            document,
            document_printf(document,
                            TR(book, "有基数的%u个目标中，从基数走到目标的路程，中位数为%.0f%%。",
                               "Of the way from base to target, the median of the %u targets that "
                               "have a base has "
                               "gone %.0f%%."),
                            pass->progress_of, 100 * pass->progress));
}

void chapter_overview(const struct book *book, struct document *document)
{
    struct overview overview = {0};
    document_chapter(document, TR(book, "二、总体情况", "2. Overview"));
    summary(book, document);
    count(book, &overview);
    chart(book, &overview, document);
    table(book, &overview, document);
}
