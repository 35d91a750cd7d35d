/* Every domain: charts of its indicators, then the table of figures, targets and status. */
#include <math.h>
#include <string.h>

#include "cli/words.h"
#include "plan/unit_words.h"
#include "yearbook/chapters.h"

enum { YEARS_SHOWN = 10, CHARTS_MAX = 160, DOMAINS_MAX = 16 };

struct domain {
    const struct book *book;
    struct document *document;
    const char *code;
    size_t first_year; /* index of the first year shown */
};

static bool is_shown(const struct book *book, const Zhibao__IndicatorResult *row)
{
    if (row->indicator[0] == '\0')
        return false;
    for (size_t i = 0; i < book->year_count && row->n_targets == 0; i++) {
        const Zhibao__IndicatorResult *figure = book_figure(book, i, row->indicator, row->stratum);
        if (figure != NULL && figure->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE)
            return true;
    }
    return row->n_targets > 0;
}

static bool is_yesno(const Zhibao__IndicatorResult *row)
{
    return strcmp(row->unit, "yesno") == 0 || strcmp(row->kind, "existence") == 0;
}

/* A figure that the plan's text gives, while nobody reported one. */
static bool is_printed(const Zhibao__IndicatorResult *row)
{
    return row->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE && row->reporting == 0;
}

/* Whole amounts of many digits go without decimals, which would not fit. */
static unsigned decimals_shown(const Zhibao__IndicatorResult *row)
{
    return fabs(row->value) >= 1e5 && row->value == round(row->value) ? 0 : row->decimals;
}

void figure_cell(const struct book *book, struct document *document, struct grid *grid,
                 const Zhibao__IndicatorResult *row)
{
    char text[64];
    if (row == NULL)
        grid_text(document, grid, "", "nothing");
    else if (row->suppressed)
        grid_text(document, grid, "*", "nothing");
    else if (row->presence != ZHIBAO__PRESENCE__PRESENCE_VALUE)
        grid_text(document, grid,
                  row->presence == 0 ? "—" : presence_text(book->context, (int)row->presence),
                  "nothing");
    else if (is_yesno(row))
        grid_text(document, grid, row->value != 0 ? TR(book, "是", "yes") : TR(book, "否", "no"),
                  "");
    else if (is_printed(row))
        grid_text(document, grid,
                  document_printf(document, "%s†", number_text(row->value, row->decimals, text)),
                  "");
    else
        grid_number(document, grid, row->value, decimals_shown(row));
}

static const char *status_class(int attainment)
{
    switch (attainment) {
    case ZHIBAO__ATTAINMENT__ATTAINMENT_MET: return "met";
    case ZHIBAO__ATTAINMENT__ATTAINMENT_MET_UNCERTAIN: return "uncertain";
    case ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_MET: return "not_met";
    case ZHIBAO__ATTAINMENT__ATTAINMENT_NO_DATA: return "no_data";
    default: return "not_judgeable";
    }
}

/* What the series foretells of a target, where every figure behind it may be printed. */
static const char *outlook_words(const struct book *book, const Zhibao__IndicatorResult *row,
                                 const char *target)
{
    const Zhibao__IndicatorResult *exact = book_exact(book, row->indicator, row->stratum);
    if (exact == NULL || book_silent(book, row->indicator, row->stratum))
        return "";
    for (size_t i = 0; i < exact->n_targets; i++)
        if (strcmp(exact->targets[i]->target, target) == 0 && exact->targets[i]->outlook != NULL)
            return book_class(book, exact->targets[i]->outlook->class_);
    return "";
}

static void target_cells(const struct domain *domain, struct grid *grid,
                         const Zhibao__IndicatorResult *row, const Zhibao__TargetResult *target)
{
    const struct book *book = domain->book;
    struct document *document = domain->document;
    char words[BOOK_NAME_BYTES];
    if (target == NULL) {
        grid_text(document, grid, "", "");
        grid_text(document, grid, "", "");
        return;
    }
    bool marked = target->decides && row->n_targets > 1;
    grid_text(document, grid,
              document_printf(document, "%s%s",
                              book_target(book, target->op, target->value, target->year, words),
                              marked ? TR(book, "（以此为准）", " (decides)") : ""),
              "");
    const char *ahead = outlook_words(book, row, target->target);
    grid_text(document, grid,
              document_printf(document, "%s%s%s",
                              attainment_text(book->context, (int)target->attainment),
                              ahead[0] == '\0' ? "" : TR(book, "，", ", "), ahead),
              status_class((int)target->attainment));
}

static void base_cell(const struct domain *domain, struct grid *grid,
                      const Zhibao__IndicatorResult *row, const Zhibao__TargetResult *target)
{
    int year = 0;
    const char *text = "";
    if (!book_base(domain->book, row->indicator, row->stratum, target == NULL ? "" : target->target,
                   &year, &text))
        grid_text(domain->document, grid, "—", "nothing");
    else if (year == 0)
        grid_text(domain->document, grid, text, "");
    else
        grid_text(
            domain->document, grid,
            document_printf(domain->document, TR(domain->book, "%s（%d）", "%s (%d)"), text, year),
            "");
}

static void indicator_rows_add(const struct domain *domain, struct grid *grid,
                               const Zhibao__IndicatorResult *row)
{
    const struct book *book = domain->book;
    struct document *document = domain->document;
    char name[BOOK_NAME_BYTES];
    book_indicator(book, row->name_zh, row->name_en, row->stratum, name);
    size_t lines = row->n_targets == 0 ? 1 : row->n_targets;
    for (size_t line = 0; line < lines; line++) {
        const Zhibao__TargetResult *target = row->n_targets == 0 ? NULL : row->targets[line];
        grid_row(document, grid);
        grid_text(document, grid,
                  line == 0 ? name
                            : document_printf(document, TR(book, "%s（续）", "%s (cont.)"), name),
                  line == 0 ? "" : "nothing");
        grid_text(document, grid, line == 0 ? unit_word(row->unit, book->english) : "", "");
        base_cell(domain, grid, row, target);
        for (size_t i = domain->first_year; i < book->year_count; i++) {
            if (line == 0)
                figure_cell(book, document, grid,
                            book_figure(book, i, row->indicator, row->stratum));
            else
                grid_text(document, grid, "", "");
        }
        target_cells(domain, grid, row, target);
    }
}

static void table(const struct domain *domain)
{
    const struct book *book = domain->book;
    struct document *document = domain->document;
    const struct pulled *pulled = book->published[book->year_count - 1];
    struct grid_column columns[GRID_COLUMNS_MAX];
    size_t count = 0;
    columns[count++] = (struct grid_column){TR(book, "指标", "Indicator"), 23, false};
    columns[count++] =
        (struct grid_column){TR(book, "单位", "Unit"), book->english ? 10 : 6, false};
    columns[count++] = (struct grid_column){TR(book, "基数（年）", "Base (year)"), 13, true};
    for (size_t i = domain->first_year; i < book->year_count; i++)
        columns[count++] =
            (struct grid_column){document_printf(document, "%d", book->years[i]), 9, true};
    columns[count++] = (struct grid_column){TR(book, "目标（年）", "Target (year)"), 17, false};
    columns[count++] = (struct grid_column){TR(book, "达标情况", "Status"), 16, false};
    struct grid *grid = document_grid(
        document, TR(book, "达标情况", "Attainment"),
        document_printf(document,
                        TR(book, "%s：指标、目标和达标情况", "%s: figures, targets, status"),
                        book_domain(book, domain->code)),
        columns, count);
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = pulled->pages[page]->indicators[i];
            if (strcmp(row->domain, domain->code) == 0 && is_shown(book, row))
                indicator_rows_add(domain, grid, row);
        }
}

/* The target that decides, unless it has no number and no direction; else NULL. */
static const Zhibao__TargetResult *drawn_target(const Zhibao__IndicatorResult *row)
{
    for (size_t i = 0; i < row->n_targets; i++)
        if (row->targets[i]->decides && strcmp(row->targets[i]->op, "qualitative") != 0)
            return row->targets[i];
    return NULL;
}

/* A series without any figure that is left out; with a gap it would be drawn as if it were whole.
 */
static bool chart_make(const struct domain *domain, const Zhibao__IndicatorResult *row,
                       struct chart *out_chart)
{
    const struct book *book = domain->book;
    const Zhibao__TargetResult *target = drawn_target(row);
    char name[BOOK_NAME_BYTES], words[BOOK_NAME_BYTES];
    *out_chart = (struct chart){.first_year = book->years[domain->first_year],
                                .last_year = (int)book->year,
                                .decimals = decimals_shown(row)};
    if (is_yesno(row) || target == NULL || row->suppressed)
        return false;
    for (size_t i = domain->first_year; i < book->year_count; i++) {
        const Zhibao__IndicatorResult *figure = book_figure(book, i, row->indicator, row->stratum);
        if (figure == NULL || figure->suppressed ||
            figure->presence != ZHIBAO__PRESENCE__PRESENCE_VALUE)
            continue;
        out_chart->points[out_chart->point_count++] =
            (struct chart_point){book->years[i], figure->value};
    }
    if (!chart_shows(out_chart))
        return false;
    const char *unit = unit_word(row->unit, book->english);
    book_indicator(book, row->name_zh, row->name_en, row->stratum, name);
    out_chart->title = document_printf(
        domain->document, unit[0] == '\0' ? "%s%s" : TR(book, "%s（%s）", "%s (%s)"), name, unit);
    out_chart->has_bound = target->has_bound;
    out_chart->bound = target->bound;
    out_chart->note =
        document_printf(domain->document, TR(book, "目标%s", "target %s"),
                        book_target(book, target->op, target->value, target->year, words));
    return true;
}

static void charts(const struct domain *domain)
{
    const struct book *book = domain->book;
    struct document *document = domain->document;
    const struct pulled *pulled = book->published[book->year_count - 1];
    struct chart *made = arena_array(document->arena, CHARTS_MAX, sizeof *made);
    size_t count = 0;
    document->failed = document->failed || made == NULL;
    for (size_t page = 0; made != NULL && page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = pulled->pages[page]->indicators[i];
            if (count < CHARTS_MAX && strcmp(row->domain, domain->code) == 0 &&
                is_shown(book, row) && chart_make(domain, row, &made[count]))
                count++;
        }
    document_charts(document, made, count);
}

static bool is_new(const char *const *seen, size_t count, const char *code)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(seen[i], code) == 0)
            return false;
    return true;
}

void chapter_domains(const struct book *book, struct document *document)
{
    const struct pulled *pulled = book->published[book->year_count - 1];
    const char *seen[DOMAINS_MAX];
    size_t count = 0;
    size_t first = book->year_count > YEARS_SHOWN ? book->year_count - YEARS_SHOWN : 0;
    document_chapter(document, TR(book, "三、各领域进展和达标情况", "3. Progress by domain"));
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = pulled->pages[page]->indicators[i];
            struct domain domain = {book, document, row->domain, first};
            if (count == DOMAINS_MAX || !is_shown(book, row) || !is_new(seen, count, row->domain))
                continue;
            seen[count++] = row->domain;
            document_heading(document, book_domain(book, row->domain));
            charts(&domain);
            table(&domain);
        }
}
