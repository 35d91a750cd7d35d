/* Charts as SVG, drawn by us: the same numbers give the same bytes. No text but digits and the
 * labels given. Pure; any thread. */
#ifndef ZHIBAO_YEARBOOK_CHART_H
#define ZHIBAO_YEARBOOK_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CHART_POINTS_MAX = 16, CHART_BARS_MAX = 16, CHART_PARTS_MAX = 6 };

struct chart_point {
    int year;
    double value;
};

struct chart_bar {
    const char *label;
    unsigned parts[CHART_PARTS_MAX];
};

/* A series of years with the line of its target, or bars of parts. */
struct chart {
    const char *title, *note; /* beside the drawing, as text: "" for none */
    int first_year, last_year;
    size_t point_count;
    struct chart_point points[CHART_POINTS_MAX]; /* ascending by year */
    bool has_bound;
    double bound;
    unsigned decimals;
    size_t bar_count; /* 0: a series */
    struct chart_bar bars[CHART_BARS_MAX];
    size_t part_count;
    const char *const *part_names, *const *part_colours; /* of as many */
};

/* Whether there is anything to see: two points, or a bar that is not empty. */
bool chart_shows(const struct chart *chart);

/* Writes an <svg> element. */
void chart_svg(const struct chart *chart, FILE *out);

#endif
