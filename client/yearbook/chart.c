#include "yearbook/chart.h"

#include <math.h>

#include "cli/rows.h"
#include "cli/words.h"
#include "yearbook/escape.h"

enum { WIDTH = 190, HEIGHT = 100, LEFT = 12, RIGHT = 178, TOP = 16, BOTTOM = 78 };
enum {
    BAR_WIDTH = 640,
    BAR_RIGHT = 610,
    LETTER = 6,
    LABEL_AIR = 22,
    BAR_HEIGHT = 18,
    BAR_STEP = 27,
    KEY = 26
};

#define FONT "font-family=\"Zhibao Sans, Noto Sans CJK SC, sans-serif\""

bool chart_shows(const struct chart *chart)
{
    for (size_t i = 0; i < chart->bar_count; i++)
        for (size_t k = 0; k < chart->part_count; k++)
            if (chart->bars[i].parts[k] > 0)
                return true;
    return chart->bar_count == 0 && chart->point_count >= 2;
}

static double x_of(const struct chart *chart, int year)
{
    int span = chart->last_year - chart->first_year;
    return span <= 0 ? (LEFT + RIGHT) / 2.0
                     : LEFT + 8 + (RIGHT - LEFT - 16.0) * (year - chart->first_year) / span;
}

struct scale {
    double low, high;
};

/* From the least to the largest of values and target, with some air. */
static struct scale scale_of(const struct chart *chart)
{
    struct scale scale = {chart->points[0].value, chart->points[0].value};
    for (size_t i = 1; i < chart->point_count; i++) {
        scale.low = fmin(scale.low, chart->points[i].value);
        scale.high = fmax(scale.high, chart->points[i].value);
    }
    if (chart->has_bound) {
        scale.low = fmin(scale.low, chart->bound);
        scale.high = fmax(scale.high, chart->bound);
    }
    double span = scale.high - scale.low;
    if (!(span > 0))
        span = fmax(fabs(scale.high), 1);
    scale.low -= 0.12 * span;
    scale.high += 0.12 * span;
    return scale;
}

static double y_of(const struct scale *scale, double value)
{
    return BOTTOM - (BOTTOM - TOP) * (value - scale->low) / (scale->high - scale->low);
}

static void value_label(const struct chart *chart, const struct scale *scale, size_t index,
                        FILE *out)
{
    char text[64];
    double x = x_of(chart, chart->points[index].year);
    double y = y_of(scale, chart->points[index].value);
    bool first = index == 0;
    fprintf(out,
            "<text x=\"%.1f\" y=\"%.1f\" font-size=\"9\" text-anchor=\"%s\" fill=\"#1f4e8c\" " FONT
            ">%s</text>",
            first ? x - 6 : x + 6, y < TOP + 8 ? y + 12 : y - 5, first ? "start" : "end",
            number_text(chart->points[index].value, chart->decimals, text));
}

static void series_svg(const struct chart *chart, FILE *out)
{
    struct scale scale = scale_of(chart);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
            "fill=\"#f6f8fb\"/><line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#8a94a3\" "
            "stroke-width=\"0.8\"/>",
            WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, TOP - 8, RIGHT - LEFT, BOTTOM - TOP + 8, LEFT,
            BOTTOM, RIGHT, BOTTOM);
    if (chart->has_bound)
        fprintf(out,
                "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#b3261e\" "
                "stroke-width=\"1\" stroke-dasharray=\"4 3\"/>",
                LEFT, y_of(&scale, chart->bound), RIGHT, y_of(&scale, chart->bound));
    fputs("<polyline fill=\"none\" stroke=\"#1f4e8c\" stroke-width=\"1.6\" points=\"", out);
    for (size_t i = 0; i < chart->point_count; i++)
        fprintf(out, "%s%.1f,%.1f", i == 0 ? "" : " ", x_of(chart, chart->points[i].year),
                y_of(&scale, chart->points[i].value));
    fputs("\"/>", out);
    for (size_t i = 0; i < chart->point_count; i++)
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.4\" fill=\"#1f4e8c\"/>",
                x_of(chart, chart->points[i].year), y_of(&scale, chart->points[i].value));
    value_label(chart, &scale, 0, out);
    value_label(chart, &scale, chart->point_count - 1, out);
    for (int year = chart->first_year; year <= chart->last_year; year++)
        if (chart->last_year - chart->first_year <= 5 || year == chart->first_year ||
            year == chart->last_year)
            fprintf(out,
                    "<text x=\"%.1f\" y=\"%d\" font-size=\"8.5\" text-anchor=\"middle\" "
                    "fill=\"#5b6573\" " FONT ">%d</text>",
                    x_of(chart, year), BOTTOM + 13, year);
    fputs("</svg>", out);
}

/* Where bars begin: right of the longest label. */
static int bar_left(const struct chart *chart)
{
    size_t columns = 0;
    for (size_t i = 0; i < chart->bar_count; i++) {
        size_t width = text_width(chart->bars[i].label);
        columns = width > columns ? width : columns;
    }
    return (int)(columns < 40 ? columns : 40) * LETTER + LABEL_AIR;
}

static unsigned bar_total(const struct chart *chart, const struct chart_bar *bar)
{
    unsigned total = 0;
    for (size_t k = 0; k < chart->part_count; k++)
        total += bar->parts[k];
    return total;
}

static void bar_svg(const struct chart *chart, const struct chart_bar *bar, double y, double unit,
                    FILE *out)
{
    int left = bar_left(chart);
    double x = left;
    fprintf(out,
            "<text x=\"%d\" y=\"%.1f\" font-size=\"12\" text-anchor=\"end\" fill=\"#222\" " FONT
            ">",
            left - 8, y + 13.5);
    escape_text(bar->label, out);
    fputs("</text>", out);
    for (size_t k = 0; k < chart->part_count; k++) {
        double width = unit * bar->parts[k];
        if (bar->parts[k] == 0)
            continue;
        fprintf(out,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\" "
                "stroke=\"#fff\" stroke-width=\"0.8\"/>",
                x, y, width, BAR_HEIGHT, chart->part_colours[k]);
        if (width >= 14)
            fprintf(out,
                    "<text x=\"%.1f\" y=\"%.1f\" font-size=\"10.5\" text-anchor=\"middle\" "
                    "fill=\"#fff\" " FONT ">%u</text>",
                    x + width / 2, y + 13, bar->parts[k]);
        x += width;
    }
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"10.5\" fill=\"#444\" " FONT ">%u</text>",
            x + 5, y + 13, bar_total(chart, bar));
}

static void key_svg(const struct chart *chart, FILE *out)
{
    double step = (double)BAR_RIGHT / (double)chart->part_count;
    for (size_t k = 0; k < chart->part_count; k++) {
        double x = LABEL_AIR + step * (double)k;
        fprintf(out,
                "<rect x=\"%.1f\" y=\"5\" width=\"11\" height=\"11\" fill=\"%s\"/><text x=\"%.1f\" "
                "y=\"15\" font-size=\"11\" fill=\"#222\" " FONT ">",
                x, chart->part_colours[k], x + 15);
        escape_text(chart->part_names[k], out);
        fputs("</text>", out);
    }
}

static void bars_svg(const struct chart *chart, FILE *out)
{
    unsigned largest = 1;
    int height = KEY + BAR_STEP * (int)chart->bar_count + 4;
    for (size_t i = 0; i < chart->bar_count; i++) {
        unsigned total = bar_total(chart, &chart->bars[i]);
        largest = total > largest ? total : largest;
    }
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\">",
            BAR_WIDTH, height, BAR_WIDTH, height);
    key_svg(chart, out);
    for (size_t i = 0; i < chart->bar_count; i++)
        bar_svg(chart, &chart->bars[i], KEY + BAR_STEP * (double)i,
                (double)(BAR_RIGHT - bar_left(chart)) / largest, out);
    fputs("</svg>", out);
}

void chart_svg(const struct chart *chart, FILE *out)
{
    if (chart->bar_count > 0)
        bars_svg(chart, out);
    else
        series_svg(chart, out);
}
