#include "case/case_figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const matters[CASE_FIGURE_MATTERS] = {
    "",       "violence", "neglect",      "no_guardian", "bullying", "sexual_abuse",
    "injury", "missing",  "dropping_out", "other"};
static const char *const channels[CASE_FIGURE_CHANNELS] = {
    "",       "village",       "school",  "kindergarten", "childcare", "hospital",
    "police", "civil_affairs", "hotline", "patrol",       "self"};
static const char *const ages[CASE_FIGURE_AGES] = {"0-2", "3-5", "6-11", "12-14", "15-17"};

enum { OTHER = CASE_FIGURE_MATTERS - 1 };

/* -1: no child's age. */
static int age_group(uint32_t age)
{
    static const uint32_t ends[CASE_FIGURE_AGES] = {2, 5, 11, 14, 17};
    for (int i = 0; age > 0 && i < CASE_FIGURE_AGES; i++)
        if (age - 1 <= ends[i])
            return i;
    return -1;
}

void case_figures_add(struct case_figures *figures, unsigned matter, unsigned channel,
                      const char *sex, uint32_t age)
{
    int group = age_group(age), which = strcmp(sex, "m") == 0 ? 0 : strcmp(sex, "f") == 0 ? 1 : -1;
    figures->total++;
    figures->by_matter[matter > 0 && matter < CASE_FIGURE_MATTERS ? matter : OTHER]++;
    if (channel > 0 && channel < CASE_FIGURE_CHANNELS)
        figures->by_channel[channel]++;
    if (group < 0 || which < 0)
        figures->not_known++;
    else
        figures->by_sex_age[which][group]++;
}

static void line_add(struct case_figure_line *lines, size_t *count, const char *kind,
                     const char *name, const char *stratum, unsigned value)
{
    struct case_figure_line *line = &lines[(*count)++];
    snprintf(line->element, sizeof line->element, "cases_%s%s", kind, name);
    snprintf(line->stratum, sizeof line->stratum, "%s", stratum);
    line->value = value;
}

size_t case_figures_lines(const struct case_figures *figures,
                          struct case_figure_line out_lines[CASE_FIGURE_LINES_MAX])
{
    size_t count = 0;
    line_add(out_lines, &count, "", "total", "", figures->total);
    for (int sex = 0; sex < 2; sex++)
        for (int age = 0; age < CASE_FIGURE_AGES; age++) {
            char stratum[32];
            snprintf(stratum, sizeof stratum, "sex=%c;age=%s", sex == 0 ? 'm' : 'f', ages[age]);
            line_add(out_lines, &count, "", "reported", stratum, figures->by_sex_age[sex][age]);
        }
    line_add(out_lines, &count, "", "sex_or_age_not_known", "", figures->not_known);
    for (int i = 1; i < CASE_FIGURE_MATTERS; i++)
        line_add(out_lines, &count, "of_", matters[i], "", figures->by_matter[i]);
    for (int i = 1; i < CASE_FIGURE_CHANNELS; i++)
        line_add(out_lines, &count, "from_", channels[i], "", figures->by_channel[i]);
    return count;
}

static int by_time(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

struct case_times case_times_of(int64_t *taken_us, size_t count, int64_t limit_us)
{
    struct case_times times = {.count = count};
    size_t open = 0;
    if (count > 0)
        qsort(taken_us, count, sizeof *taken_us, by_time);
    while (open < count && taken_us[open] < 0)
        open++;
    size_t done = count - open;
    for (size_t i = open; i < count; i++)
        times.in_time += taken_us[i] <= limit_us;
    if (done > 0) {
        times.median_us = taken_us[open + (done + 1) / 2 - 1];
        times.p90_us = taken_us[open + (9 * done + 9) / 10 - 1];
    }
    return times;
}
