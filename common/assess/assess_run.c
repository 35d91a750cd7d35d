#include "assess/assess_run.h"

#include <stdlib.h>
#include <string.h>

/* A series' place among those that share its panel's name. */
struct seat {
    struct assess_series series; /* what of it is comparable */
    size_t index;                /* in the run */
    const struct panel *panel;   /* NULL: alone */
    size_t member;
};

struct run {
    struct seat *seats; /* by series index, once learned */
    struct panel **panels;
    size_t panel_count;
};

static int by_panel(const void *left, const void *right)
{
    const struct seat *a = left, *b = right;
    int order = strcmp(a->series.panel, b->series.panel);
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

static int by_index(const void *left, const void *right)
{
    const struct seat *a = left, *b = right;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* One panel of seats[0..count). Too few is no failure: they are judged alone. */
static enum status learn(struct run *run, struct seat *seats, size_t count, int year)
{
    enum status status = STATUS_NO_MEMORY;
    struct panel *panel = NULL;
    if (count < PANEL_LEAST || seats[0].series.panel[0] == '\0')
        return STATUS_OK;
    const struct assess_series **members = calloc(count, sizeof *members);
    size_t *points = calloc(count, sizeof *points);
    if (members == NULL || points == NULL)
        goto cleanup;
    for (size_t i = 0; i < count; i++) {
        members[i] = &seats[i].series;
        points[i] = assess_known(&seats[i].series, year);
    }
    status = panel_learn(members, points, count, &panel);
    if (status == STATUS_OK) {
        run->panels[run->panel_count++] = panel;
        for (size_t i = 0; i < count; i++) {
            seats[i].panel = panel;
            seats[i].member = i;
        }
    } else if (status == STATUS_NOT_FOUND) {
        status = STATUS_OK;
    }

cleanup:
    free(members);
    free(points);
    return status;
}

static enum status learn_all(struct run *run, const struct assess_series *series, size_t count,
                             int year, bool across)
{
    run->seats = calloc(count + 1, sizeof *run->seats);
    run->panels = calloc(count / PANEL_LEAST + 1, sizeof *run->panels);
    if (run->seats == NULL || run->panels == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        run->seats[i] = (struct seat){
            .series = across ? series[i] : assess_comparable(&series[i], year), .index = i};
    qsort(run->seats, count, sizeof *run->seats, by_panel);
    for (size_t first = 0, next; first < count; first = next) {
        const char *name = run->seats[first].series.panel;
        for (next = first + 1; next < count && strcmp(run->seats[next].series.panel, name) == 0;
             next++)
            ;
        enum status status = learn(run, &run->seats[first], next - first, year);
        if (status != STATUS_OK)
            return status;
    }
    qsort(run->seats, count, sizeof *run->seats, by_index);
    return STATUS_OK;
}

static int latest_year(const struct assess_series *series, size_t count)
{
    int latest = 0;
    for (size_t i = 0; i < count; i++)
        if (series[i].count > 0 && series[i].points[series[i].count - 1].year > latest)
            latest = series[i].points[series[i].count - 1].year;
    return latest;
}

enum status assess_run(const struct assess_series *series, size_t count, int year, bool across,
                       assess_take *take, void *taker)
{
    struct run run = {0};
    struct assess_context context = {.year = year, .reference_year = year};
    if (year == 0)
        context.reference_year = latest_year(series, count);
    enum status status = learn_all(&run, series, count, year, across);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        context.panel = run.seats[i].panel;
        context.member = run.seats[i].member;
        for (size_t j = 0; j < series[i].target_count || j == 0; j++) {
            const struct assess_target *target =
                series[i].target_count == 0 ? NULL : &series[i].targets[j];
            struct assessment assessment = assess_judge(&run.seats[i].series, target, &context);
            take(&assessment, taker);
        }
    }
    for (size_t i = 0; i < run.panel_count; i++)
        panel_destroy(&run.panels[i]);
    free(run.panels);
    free(run.seats);
    return status;
}
