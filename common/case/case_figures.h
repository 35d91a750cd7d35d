/* The yearly figures of cases (proto/CASES.md section 10): counts by kind, channel, sex and age
 * group, and how soon somebody acted. Drawn up by who can open the cases. Pure; any thread. */
#ifndef ZHIBAO_CASE_CASE_FIGURES_H
#define ZHIBAO_CASE_CASE_FIGURES_H

#include <stddef.h>
#include <stdint.h>

enum {
    CASE_FIGURE_MATTERS = 10,  /* enum CaseMatter: 1 and up */
    CASE_FIGURE_CHANNELS = 11, /* enum CaseChannel: 1 and up */
    CASE_FIGURE_AGES = 5,      /* 0-2, 3-5, 6-11, 12-14, 15-17 years */
    CASE_FIGURE_LINES_MAX = 64,
};

struct case_figures {
    unsigned total, not_known; /* all; of those the ones without sex or age */
    unsigned by_matter[CASE_FIGURE_MATTERS], by_channel[CASE_FIGURE_CHANNELS];
    unsigned by_sex_age[2][CASE_FIGURE_AGES]; /* boys, girls */
};

/* One more case; `sex` as in CaseContent, `age` years + 1 or 0. What is no known value counts as
 * CASE_OTHER, and no channel. */
void case_figures_add(struct case_figures *figures, unsigned matter, unsigned channel,
                      const char *sex, uint32_t age);

/* The lines of the form: element and stratum of the plan's catalogue (deploy/plans/cases), value.
 * Returns how many. */
struct case_figure_line {
    char element[48], stratum[32];
    unsigned value;
};
size_t case_figures_lines(const struct case_figures *figures,
                          struct case_figure_line out_lines[CASE_FIGURE_LINES_MAX]);

/* How long it took, of those where it was done, and whether in time. Microseconds. */
struct case_times {
    size_t count, in_time;     /* all that were due or done; of those done in time */
    int64_t median_us, p90_us; /* of those done, by nearest rank; 0: none */
};

/* `taken_us`: of each case how long it took, negative when it is not done and overdue. Sorts it. */
struct case_times case_times_of(int64_t *taken_us, size_t count, int64_t limit_us);

#endif
