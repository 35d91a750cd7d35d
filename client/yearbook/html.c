#include "yearbook/html.h"

#include <string.h>

#include "yearbook/escape.h"

enum { CHARTS_A_ROW = 3 };

struct html {
    const struct document *document;
    enum html_kind kind;
    FILE *out;
    size_t chart_count; /* written so far: plain ones are files that office.c draws */
};

static const char *tr(const struct html *html, const char *zh, const char *en)
{
    return html->document->english ? en : zh;
}

/* What a word processor calls a class: a style of reference.c; NULL for none. */
static const char *style_of(const char *class)
{
    static const char *const styles[][2] = {
        {"note",   "Small Note"},
        {"title",  "Small Note"},
        {"target", "Small Note"},
        {"demo",   "Made Up"   },
        {"plan",   "Cover Line"},
        {"line",   "Cover Line"},
    };
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        if (strcmp(styles[i][0], class) == 0)
            return styles[i][1];
    return NULL;
}

/* <tag class="class">text</tag> */
static void element(const struct html *html, const char *tag, const char *class, const char *text)
{
    const char *style = html->kind == HTML_PLAIN ? style_of(class) : NULL;
    if (style != NULL)
        fprintf(html->out, "<div custom-style=\"%s\">", style);
    fprintf(html->out, "<%s", tag);
    if (class[0] != '\0' && html->kind != HTML_PLAIN)
        fprintf(html->out, " class=\"%s\"", class);
    fputc('>', html->out);
    escape_text(text, html->out);
    fprintf(html->out, "</%s>%s\n", tag, style == NULL ? "" : "</div>");
}

static void column_widths(const struct html *html, const struct grid *grid)
{
    unsigned total = 0;
    for (size_t i = 0; i < grid->column_count; i++)
        total += grid->columns[i].width;
    fputs("<colgroup>", html->out);
    for (size_t i = 0; i < grid->column_count; i++)
        fprintf(html->out, "<col style=\"width: %.1f%%\">",
                100.0 * grid->columns[i].width / (total == 0 ? 1 : total));
    fputs("</colgroup>\n", html->out);
}

static void cell_write(const struct html *html, const struct grid_column *column,
                       const struct grid_cell *cell)
{
    const char *align = column->number ? (html->kind != HTML_PLAIN ? "n" : "right") : "";
    fputs("<td", html->out);
    if (html->kind == HTML_PLAIN && align[0] != '\0')
        fprintf(html->out, " style=\"text-align: %s\"", align);
    else if (html->kind != HTML_PLAIN && (align[0] != '\0' || cell->class[0] != '\0'))
        fprintf(html->out, " class=\"%s%s%s\"", align,
                align[0] != '\0' && cell->class[0] != '\0' ? " " : "", cell->class);
    fputc('>', html->out);
    escape_text(cell->text, html->out);
    fputs("</td>", html->out);
}

static void grid_write(const struct html *html, const struct grid *grid)
{
    fprintf(html->out, "<table%s>\n", html->kind != HTML_PLAIN ? " class=\"grid\"" : "");
    element(html, "caption", "", grid->caption);
    column_widths(html, grid);
    fputs("<thead><tr>", html->out);
    for (size_t i = 0; i < grid->column_count; i++) {
        bool number = grid->columns[i].number;
        fprintf(html->out, "<th scope=\"col\"%s>",
                !number                    ? ""
                : html->kind != HTML_PLAIN ? " class=\"n\""
                                           : " style=\"text-align: right\"");
        escape_text(grid->columns[i].head, html->out);
        fputs("</th>", html->out);
    }
    fputs("</tr></thead>\n<tbody>\n", html->out);
    for (size_t row = 0; row < grid->row_count; row++) {
        fputs("<tr>", html->out);
        for (size_t i = 0; i < grid->column_count; i++)
            cell_write(html, &grid->columns[i], &grid->cells[row * grid->column_count + i]);
        fputs("</tr>\n", html->out);
    }
    fputs("</tbody></table>\n", html->out);
}

static void chart_write(struct html *html, const struct chart *chart)
{
    html->chart_count++;
    if (html->kind != HTML_PLAIN) {
        chart_svg(chart, html->out);
        return;
    }
    fprintf(html->out, "<img src=\"chart%zu.png\" width=\"%s\" alt=\"", html->chart_count,
            chart->bar_count > 0 ? "16cm" : "5.2cm");
    escape_text(chart->title, html->out);
    fputs("\">", html->out);
}

static void chart_cell(struct html *html, const struct chart *chart)
{
    fputs("<td>", html->out);
    element(html, "p", "title", chart->title);
    fputs("<p>", html->out);
    chart_write(html, chart);
    fputs("</p>\n", html->out);
    if (chart->note[0] != '\0')
        element(html, "p", "target", chart->note);
    fputs("</td>\n", html->out);
}

/* Small ones in rows of three; one alone as it is. */
static void charts_write(struct html *html, const struct block *block)
{
    if (block->charts[0].bar_count > 0) {
        fputs("<p class=\"wide\">", html->out);
        chart_write(html, &block->charts[0]);
        fputs("</p>\n", html->out);
        return;
    }
    fprintf(html->out, "<table%s><tbody>\n",
            html->kind != HTML_PLAIN ? " class=\"charts\" role=\"presentation\"" : "");
    for (size_t i = 0; i < block->chart_count; i += CHARTS_A_ROW) {
        fputs("<tr>", html->out);
        for (size_t k = i; k < i + CHARTS_A_ROW; k++) {
            if (k < block->chart_count)
                chart_cell(html, &block->charts[k]);
            else
                fputs("<td></td>", html->out);
        }
        fputs("</tr>\n", html->out);
    }
    fputs("</tbody></table>\n", html->out);
}

static void chapter_write(struct html *html, size_t number)
{
    const struct chapter *chapter = &html->document->chapters[number];
    bool list = false;
    fprintf(html->out, "<section>\n<h1 id=\"c%zu\">", number + 1);
    escape_text(chapter->title, html->out);
    fputs("</h1>\n", html->out);
    for (size_t i = 0; i < chapter->block_count; i++) {
        const struct block *block = &chapter->blocks[i];
        bool item = block->kind == BLOCK_ITEM;
        if (item != list)
            fputs(item ? "<ul>\n" : "</ul>\n", html->out);
        list = item;
        switch (block->kind) {
        case BLOCK_HEADING: element(html, "h2", "", block->text); break;
        case BLOCK_PARAGRAPH: element(html, "p", "text", block->text); break;
        case BLOCK_ITEM:
            fputs("<li>", html->out);
            element(html, "p", "item", block->text);
            fputs("</li>\n", html->out);
            break;
        case BLOCK_NOTE: element(html, "p", "note", block->text); break;
        case BLOCK_GRID: grid_write(html, block->grid); break;
        case BLOCK_CHARTS: charts_write(html, block); break;
        }
    }
    fputs(list ? "</ul>\n</section>\n" : "</section>\n", html->out);
}

static void cover_write(const struct html *html)
{
    const struct document *document = html->document;
    fputs("<header class=\"cover\">\n", html->out);
    if (document->demonstration)
        element(html, "p", "demo",
                tr(html, "演示数据：数字为虚构，不得引用",
                   "DEMONSTRATION DATA: made-up figures, not to be quoted"));
    element(html, "p", "plan", document->subtitle);
    if (html->kind != HTML_PLAIN) /* pandoc makes the title of <title> */
        element(html, "p", "name", document->title);
    for (size_t i = 0; i < document->cover_count; i++)
        element(html, "p", "line", document->cover[i]);
    fputs("</header>\n", html->out);
}

static void contents_write(const struct html *html)
{
    fputs("<nav>\n", html->out);
    if (html->kind != HTML_PLAIN)
        element(html, "p", "contents", tr(html, "目　录", "Contents"));
    else
        element(html, "h1", "", tr(html, "目录", "Contents"));
    fputs("<ul>\n", html->out);
    for (size_t i = 0; i < html->document->chapter_count; i++) {
        fprintf(html->out, "<li><p><a href=\"#c%zu\">", i + 1);
        escape_text(html->document->chapters[i].title, html->out);
        fputs("</a></p></li>\n", html->out);
    }
    fputs("</ul>\n</nav>\n", html->out);
}

void html_write(const struct document *document, enum html_kind kind, FILE *out)
{
    struct html html = {document, kind, out, 0};
    fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
            document->english ? "en" : "zh-CN");
    escape_text(document->title, out);
    fputs("</title>\n", out);
    if (kind != HTML_PLAIN) {
        fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
              "name=\"author\" content=\"",
              out);
        escape_text(document->author, out);
        fputs("\">\n<style>\n", out);
        if (kind == HTML_PRINT)
            html_font_faces(out);
        html_style(document, out);
        fputs("</style>\n", out);
    }
    fputs("</head>\n<body>\n", out);
    if (kind != HTML_PLAIN && document->demonstration)
        element(&html, "p", "banner",
                tr(&html, "演示数据：数字为虚构，不得引用",
                   "Demonstration data: made-up figures, not to be quoted"));
    cover_write(&html);
    contents_write(&html);
    fputs("<main>\n", out);
    for (size_t i = 0; i < document->chapter_count; i++)
        chapter_write(&html, i);
    fputs("</main>\n</body>\n</html>\n", out);
}
