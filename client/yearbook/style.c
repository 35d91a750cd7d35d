/* The style of the yearbook on paper (A4) and on a screen. */
#include "yearbook/escape.h"
#include "yearbook/html.h"

#define NOTO "/usr/share/fonts/opentype/noto/"

const struct html_font html_fonts[HTML_FONTS] = {
    {"Zhibao Sans",  "normal", "sans.otf",  NOTO "NotoSansCJK-Regular.ttc" },
    {"Zhibao Sans",  "bold",   "bold.otf",  NOTO "NotoSansCJK-Bold.ttc"    },
    {"Zhibao Serif", "normal", "serif.otf", NOTO "NotoSerifCJK-Regular.ttc"},
};

/* The marks of lists and hyphenation are in the comment, so that fonts that are cut to the page's
 * characters have them. */
void html_font_faces(FILE *out)
{
    fputs("/* • ‐ */\n", out);
    for (size_t i = 0; i < HTML_FONTS; i++)
        fprintf(out, "@font-face { font-family: \"%s\"; font-weight: %s; src: url(\"%s\"); }\n",
                html_fonts[i].family, html_fonts[i].weight, html_fonts[i].file);
}

static const char page[] =
    "@page { size: A4; margin: 24mm 18mm 20mm 18mm; @bottom-center { content: counter(page); "
    "font: 9pt \"Zhibao Sans\", \"Noto Sans CJK SC\", sans-serif; } ";

static const char rules[] =
    "@page :first { @bottom-center { content: none; } }\n"
    "html { font-family: \"Zhibao Serif\", \"Noto Serif CJK SC\", \"Source Han Serif SC\", SimSun, "
    "serif; "
    "font-size: 10.5pt; line-height: 1.65; color: #1b1b1b; }\n"
    "body { margin: 0; }\n"
    "h1, h2, th, caption, nav, .cover, .title, .demo { font-family: \"Zhibao Sans\", \"Noto Sans "
    "CJK SC\", "
    "\"Source Han Sans SC\", \"Microsoft YaHei\", sans-serif; }\n"
    "h1 { font-size: 17pt; line-height: 1.4; margin: 0 0 6mm; padding-bottom: 2mm; "
    "border-bottom: 1.2pt solid #1f4e8c; color: #14365f; }\n"
    "h2 { font-size: 12.5pt; margin: 6mm 0 2mm; color: #14365f; break-after: avoid; }\n"
    "p.text { margin: 0 0 2mm; text-align: justify; }\n"
    "html:lang(zh) p.text { text-indent: 2em; }\n"
    "p.note { font-size: 8.5pt; line-height: 1.5; color: #444; margin: 1mm 0 3mm; }\n"
    "ul { margin: 0 0 3mm; padding-left: 1.6em; }\n"
    "li { margin: 0 0 1mm; } p.item { margin: 0; }\n"
    "section { break-before: page; }\n"
    "nav { break-before: page; }\n"
    "nav ul { list-style: none; margin: 0; padding: 0; } nav p { margin: 0; }\n"
    "nav li { margin: 0 0 3mm; font-size: 11.5pt; }\n"
    "nav a { color: inherit; text-decoration: none; }\n"
    "p.contents { font-size: 17pt; text-align: center; margin: 0 0 9mm; }\n"
    ".cover { text-align: center; }\n"
    ".cover .plan { font-size: 15pt; margin: 0 0 6mm; color: #14365f; }\n"
    ".cover .name { font-size: 27pt; line-height: 1.45; font-weight: bold; margin: 0 0 30mm; "
    "color: #14365f; }\n"
    ".cover .line { font-size: 12pt; margin: 0 0 2mm; }\n"
    ".demo { color: #b3261e; border: 1.4pt solid #b3261e; display: inline-block; "
    "padding: 1.5mm 6mm; font-size: 13pt; font-weight: bold; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "table.grid { font-size: 8.2pt; line-height: 1.4; margin: 0 0 4mm; table-layout: fixed; "
    "border-top: 1.1pt solid #333; border-bottom: 1.1pt solid #333; }\n"
    "caption { font-size: 9.5pt; font-weight: bold; margin: 3mm 0 1.2mm; text-align: center; "
    "break-after: avoid; }\n"
    "thead { display: table-header-group; }\n"
    "tr { break-inside: avoid; }\n"
    "table.grid th { background: #e8edf4; font-weight: bold; text-align: left; "
    "border-bottom: 0.8pt solid #333; padding: 1mm 1.2mm; vertical-align: middle; }\n"
    "table.grid td { border-bottom: 0.3pt solid #aab2bd; padding: 0.8mm 1.2mm; "
    "vertical-align: top; overflow-wrap: break-word; }\n"
    "table.grid .n { text-align: right; font-variant-numeric: tabular-nums; }\n"
    "table.grid .n + td:not(.n), table.grid .n + th:not(.n) { padding-left: 3.5mm; }\n"
    "td.met { color: #1b6e35; } td.uncertain { color: #5b7a1b; } td.not_met { color: #b3261e; "
    "font-family: \"Zhibao Sans\", \"Noto Sans CJK SC\", sans-serif; font-weight: bold; } "
    "td.no_data, td.not_judgeable, td.nothing { color: #666; }\n"
    "td.red { color: #fff; background: #b3261e; } td.yellow { background: #f7d774; } "
    "td.notice { background: #e8edf4; }\n"
    "td.nothing { font-size: 7.2pt; } td.long { font-size: 6.2pt; }\n"
    "table.charts { table-layout: fixed; margin: 0 0 4mm; }\n"
    "table.charts td { vertical-align: top; padding: 0 1.5mm 2.5mm; }\n"
    "table.charts p { margin: 0; } table.charts svg, p.wide svg { max-width: 100%; "
    "height: auto; }\n"
    "p.title { font-size: 8.6pt; line-height: 1.35; font-weight: bold; }\n"
    "p.target { font-size: 7.8pt; line-height: 1.35; color: #b3261e; }\n"
    "p.wide { margin: 2mm 0 3mm; }\n"
    "@media print { p.banner { display: none; } .cover { padding-top: 45mm; } "
    "nav a::after { content: leader(\".\") target-counter(attr(href), page); } }\n"
    "@media screen { body { max-width: 62rem; margin: 0 auto; padding: 0 1rem 4rem; "
    "overflow-x: auto; } .cover { padding: 3rem 0 1rem; } section { margin-top: 3.5rem; } "
    "p.banner { position: sticky; top: 0; margin: 0; padding: .3rem; text-align: center; "
    "background: #b3261e; color: #fff; } }\n";

void html_style(const struct document *document, FILE *out)
{
    fputs(page, out);
    fputs("@top-left { font: 8.5pt \"Zhibao Sans\", \"Noto Sans CJK SC\", sans-serif; color: #444; "
          "content: ",
          out);
    escape_css(document->running, out);
    fputs("; } ", out);
    if (document->demonstration) {
        fputs("@top-right { font: bold 9pt \"Zhibao Sans\", \"Noto Sans CJK SC\", sans-serif; "
              "color: #b3261e; "
              "content: ",
              out);
        escape_css(document->english ? "DEMONSTRATION DATA" : "演示数据", out);
        fputs("; } ", out);
    }
    fputs("}\n", out);
    fputs(rules, out);
}
