/* The yearbook's parts that ask no server: texts that stay texts, the same bytes from the same
 * document, what may be printed of gaps between groups, and other programs run for a bounded time.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "lib/child.h"
#include "plan_fixture.h"
#include "yearbook/annex.h"
#include "yearbook/book.h"
#include "yearbook/escape.h"
#include "yearbook/html.h"

enum { ARENA = 16 * 1024 * 1024 };

typedef void escaper(const char *text, FILE *out);

static void expect_escaped(escaper *escape, const char *text, const char *expected)
{
    char *made = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&made, &size);
    escape(text, out);
    fclose(out);
    cr_assert_str_eq(made, expected);
    free(made);
}

Test(yearbook, texts_cannot_be_markup)
{
    expect_escaped(escape_text, "<b a='1'>&\"", "&lt;b a=&#39;1&#39;&gt;&amp;&quot;");
    expect_escaped(escape_text, "鹿寨县 ≤3.0‰", "鹿寨县 ≤3.0‰");
    expect_escaped(escape_css, "a\"b\\c</style>", "\"a\\22 b\\5c c\\3c /style\\3e \"");
    expect_escaped(escape_csv, "plain", "plain");
    expect_escaped(escape_csv, "a,\"b\"\n", "\"a,\"\"b\"\"\n\"");
}

/* A document with every kind of block, and hostile texts in it. */
static struct document *sample(struct arena *arena, bool english, const char *hostile)
{
    static const struct grid_column columns[] = {
        {"指标", 3, false},
        {"2025",   1, true },
    };
    struct document *document = document_create(arena, english);
    struct chart *chart = arena_alloc(arena, sizeof *chart);
    *chart = (struct chart){
        .title = document_text(document, hostile),
        .note = "",
        .first_year = 2021,
        .last_year = 2025,
        .point_count = 2,
        .points = {{2021, 90.25}, {2025, 93.5}},
        .has_bound = true,
        .bound = 95,
        .decimals = 2
    };
    document->demonstration = true;
    document->title = document->running = document_text(document, hostile);
    document_cover(document, hostile);
    document_chapter(document, hostile);
    document_heading(document, hostile);
    document_item(document, hostile);
    document_note(document, hostile);
    document_charts(document, chart, 1);
    struct grid *grid = document_grid(document, "表", hostile, columns, 2);
    grid_row(document, grid);
    grid_text(document, grid, hostile, "met");
    grid_number(document, grid, 93.456, 2);
    grid_text(document, grid, "one cell too many", "");
    return document;
}

static char *html_of(const struct document *document, enum html_kind kind)
{
    char *made = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&made, &size);
    html_write(document, kind, out);
    cr_assert_eq(fclose(out), 0);
    return made;
}

Test(yearbook, hostile_texts_are_shown_and_never_run)
{
    const char *hostile =
        "</style></td><script>alert(1)</script><img src=x onerror='y'>\x01\xff&amp;";
    struct arena *arena = arena_create(ARENA);
    for (int kind = HTML_PAGES; kind <= HTML_PLAIN; kind++) {
        char *html = html_of(sample(arena, kind == HTML_PLAIN, hostile), (enum html_kind)kind);
        cr_assert_null(strstr(html, "<script"));
        cr_assert_null(strstr(html, "onerror='"));
        cr_assert_null(strchr(html, '\x01'));
        cr_assert_null(strchr(html, '\xff'));
        cr_assert_null(strstr(html, "one cell too many"));
        cr_assert_not_null(strstr(html, "&lt;script&gt;alert(1)"));
        cr_assert_not_null(strstr(html, "&amp;amp;"));
        cr_assert_not_null(strstr(html, ">93.46</td>"));
        size_t ends = 0;
        for (const char *at = html; (at = strstr(at, "</style>")) != NULL; at++)
            ends++;
        cr_assert_eq(ends, kind == HTML_PAGES ? 1 : 0);
        free(html);
    }
    arena_destroy(&arena);
}

Test(yearbook, the_same_document_gives_the_same_bytes)
{
    struct arena *one = arena_create(ARENA), *two = arena_create(ARENA);
    char *first = html_of(sample(one, false, "新生儿死亡率"), HTML_PAGES);
    char *second = html_of(sample(two, false, "新生儿死亡率"), HTML_PAGES);
    char *other = html_of(sample(two, false, "婴儿死亡率"), HTML_PAGES);
    cr_assert_str_eq(first, second);
    cr_assert_str_neq(first, other);
    cr_assert_not_null(strstr(first, "演示数据"));
    cr_assert_not_null(strstr(first, "@top-right"));
    cr_assert_not_null(strstr(first, "table-header-group"));
    free(first);
    free(second);
    free(other);
    arena_destroy(&one);
    arena_destroy(&two);
}

Test(yearbook, a_document_without_memory_says_so)
{
    struct arena *arena = arena_create(4096);
    struct document *document = document_create(arena, false);
    document_chapter(document, "章");
    const struct grid_column column = {"甲", 1, false};
    for (int i = 0; i < 10000; i++) {
        struct grid *grid = document_grid(document, NULL, "表", &column, 1);
        grid_row(document, grid);
        grid_number(document, grid, i, 0);
    }
    cr_assert(document->failed);
    arena_destroy(&arena);
}

Test(yearbook, nothing_is_drawn_of_one_point_or_empty_bars)
{
    struct chart chart = {.point_count = 1, .points = {{2025, 1}}};
    cr_assert_not(chart_shows(&chart));
    chart.point_count = 2;
    cr_assert(chart_shows(&chart));
    struct chart bars = {.bar_count = 1, .part_count = 2};
    cr_assert_not(chart_shows(&bars));
    bars.bars[0].parts[1] = 1;
    cr_assert(chart_shows(&bars));
}

/* One indicator as pulled, with boys and girls. */
struct sexes {
    Zhibao__IndicatorResult whole, boys, girls, shown;
    Zhibao__IndicatorResult *rows[3], *published[1];
    Zhibao__Pulled exact_page, published_page;
    struct pulled exact, public;
    Zhibao__Gap gap;
    struct book book;
};

static void fraction(Zhibao__IndicatorResult *row, const char *indicator, const char *stratum,
                     double numerator, double denominator)
{
    zhibao__indicator_result__init(row);
    row->indicator = (char *)indicator;
    row->stratum = (char *)stratum;
    row->presence = ZHIBAO__PRESENCE__PRESENCE_VALUE;
    row->has_fraction = true;
    row->numerator = numerator;
    row->denominator = denominator;
}

static void sexes_make(struct sexes *made, struct plan *plan, const char *indicator, double boys,
                       double girls, double all)
{
    memset(made, 0, sizeof *made);
    fraction(&made->whole, indicator, "", all, 2000);
    fraction(&made->boys, indicator, "sex=m", boys, 1000);
    fraction(&made->girls, indicator, "sex=f", girls, 1000);
    fraction(&made->shown, indicator, "", all, 2000);
    made->rows[0] = &made->whole;
    made->rows[1] = &made->boys;
    made->rows[2] = &made->girls;
    made->published[0] = &made->shown;
    zhibao__pulled__init(&made->exact_page);
    zhibao__pulled__init(&made->published_page);
    made->exact_page.indicators = made->rows;
    made->exact_page.n_indicators = 3;
    made->published_page.indicators = made->published;
    made->published_page.n_indicators = 1;
    made->exact.pages[0] = &made->exact_page;
    made->public.pages[0] = &made->published_page;
    made->exact.count = made->public.count = 1;
    zhibao__gap__init(&made->gap);
    made->gap.first = (char *)"sex=m";
    made->gap.second = (char *)"sex=f";
    made->book.plan = plan;
    made->book.place = plan->place;
    made->book.exact = &made->exact;
    made->book.published[0] = &made->public;
    made->book.years[0] = 2025;
    made->book.year_count = 1;
}

static bool printable(struct sexes *made)
{
    return book_gap_printable(&made->book, &made->whole, &made->gap);
}

Test(yearbook, gaps_tell_no_small_number)
{
    struct plan *plan = fixture_plan("luzhai");
    struct sexes *made = calloc(1, sizeof *made);
    sexes_make(made, plan, "imr", 12, 9, 21);
    cr_assert(printable(made));
    sexes_make(made, plan, "imr", 0, 9, 9);
    cr_assert(printable(made), "nobody is no small number");
    sexes_make(made, plan, "imr", 4, 9, 13);
    cr_assert_not(printable(made), "a small part");
    sexes_make(made, plan, "imr", 12, 997, 1009);
    cr_assert_not(printable(made), "all but three");
    sexes_make(made, plan, "imr", 12, 9, 23);
    cr_assert_not(printable(made), "two of unknown sex are left over");
    sexes_make(made, plan, "imr", 12, 9, 21);
    made->book.place += 1000000;
    cr_assert_not(printable(made), "a place beside others, which a sum would tell");
    sexes_make(made, plan, "imr", 12, 9, 21);
    made->shown.suppressed = true;
    cr_assert_not(printable(made), "the whole is left out");
    sexes_make(made, plan, "imr", 12, 9, 21);
    made->shown.suppressed = true;
    made->shown.indicator = (char *)"nmr";
    cr_assert_not(printable(made), "what lies within it is left out");
    sexes_make(made, plan, "imr", 12, 9, 21);
    fraction(&made->whole, "u5mr", "sex=m", 14, 1000);
    made->rows[0] = &made->whole;
    Zhibao__IndicatorResult whole;
    fraction(&whole, "imr", "", 21, 2000);
    cr_assert_not(book_gap_printable(&made->book, &whole, &made->gap),
                  "two boys died between one and five");
    sexes_make(made, plan, "rural_tap_water_coverage", 1, 2, 3);
    free(made);
    plan_destroy(&plan);
}

Test(yearbook, what_is_left_out_is_left_out_of_the_annex)
{
    struct plan *plan = fixture_plan("luzhai");
    struct sexes *made = calloc(1, sizeof *made);
    char *text = NULL;
    size_t size = 0;
    sexes_make(made, plan, "imr", 1, 2, 3);
    made->shown.value = 1.2345;
    made->shown.suppressed = true;
    made->book.year = 2025;
    FILE *out = open_memstream(&text, &size);
    annex_figures(&made->book, out);
    fclose(out);
    cr_assert_null(strstr(text, "1.2345"));
    cr_assert_not_null(strstr(text, ",imr,"));
    cr_assert_not_null(strstr(text, ",*,"));
    free(text);
    free(made);
    plan_destroy(&plan);
}

struct heard {
    size_t count;
    char last[CHILD_LINE_BYTES];
};

static void hear(const char *text, void *context)
{
    struct heard *heard = context;
    heard->count++;
    snprintf(heard->last, sizeof heard->last, "%s", text);
}

static bool given_up(void *context)
{
    return context != NULL;
}

Test(yearbook, other_programs_run_for_a_bounded_time)
{
    char words[CHILD_WORDS_BYTES];
    const char *const good[] = {"true", NULL};
    const char *const none[] = {"zhibao-no-such-program", NULL};
    const char *const loud[] = {"sh", "-c", "echo $WORD >&2; exit 3", NULL};
    const char *const slow[] = {"sleep", "600", NULL};
    const char *const setting[] = {"WORD=grund", NULL};
    struct child child = {.arguments = good, .timeout_s = 60};
    cr_assert_eq(child_run(&child, words), STATUS_OK);
    child.arguments = none;
    cr_assert_eq(child_run(&child, words), STATUS_NOT_FOUND);
    child.arguments = loud;
    child.settings = setting;
    cr_assert_eq(child_run(&child, words), STATUS_IO);
    cr_assert_str_eq(words, "grund ");
    struct heard heard = {.count = 0};
    const char *const lines[] = {"sh", "-c", "printf 'one\\ntwo' >&2; exit 3", NULL};
    child = (struct child){.arguments = lines, .timeout_s = 60, .line = hear, .context = &heard};
    cr_assert_eq(child_run(&child, words), STATUS_IO);
    cr_assert_eq(heard.count, 2);
    cr_assert_str_eq(heard.last, "two");
    child.arguments = slow;
    child.stopped = given_up;
    cr_assert_eq(child_run(&child, words), STATUS_CANCELLED);
    child.stopped = NULL;
    child.timeout_s = 0;
    cr_assert_eq(child_run(&child, words), STATUS_TIMEOUT);
}
