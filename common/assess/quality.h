/* How good one unit's figures look: ten things looked at, each with how often something was found.
 * A score is a reason to ask, not a verdict. Pure; any thread.
 *
 * Sources: WHO data quality review (completeness, timeliness, outliers, consistency over time
 * within 33%); Iglewicz & Hoaglin 1993 (modified z above 3.5); Hampel 1974 as Countdown 2030 uses
 * it (more than 5 MAD from the median). Thresholds are printed with the findings. */
#ifndef ZHIBAO_ASSESS_QUALITY_H
#define ZHIBAO_ASSESS_QUALITY_H

#include <stdbool.h>
#include <stddef.h>

enum quality_part {
    QUALITY_COMPLETE,   /* reports received of those owed, and required cells with a figure */
    QUALITY_TIMELY,     /* reports that came by their due date */
    QUALITY_OUTLIER,    /* figures far from the unit's own earlier ones: modified z */
    QUALITY_PEERS,      /* changes far from those of like units: MAD */
    QUALITY_CONSISTENT, /* figures within a third of the mean of the three years before */
    QUALITY_RELATED,    /* related figures in the order that they must have */
    QUALITY_SUMS,     /* parts that add up to their whole, rates that are what their counts give */
    QUALITY_SLIP,     /* figures ten, a hundred or a thousand times what they were */
    QUALITY_REPEATED, /* the same figure three years running */
    QUALITY_RESTATED, /* earlier years changed after they were accepted, without a reason */
};
enum { QUALITY_PARTS = 10 };

extern const char *const quality_part_names[QUALITY_PARTS]; /* "completeness" ... */

struct quality {
    struct quality_count {
        size_t looked_at, flagged;
    } parts[QUALITY_PARTS];
};

/* Counts one thing looked at. */
void quality_note(struct quality *quality, enum quality_part part, bool flagged);

/* 0..1: share not flagged; NAN where nothing was looked at. */
double quality_part_score(const struct quality *quality, enum quality_part part);

/* Mean of the parts that were looked at, equally weighted; NAN for none. */
double quality_score(const struct quality *quality);

/* Tests of one figure. `earlier` holds `count` figures >= 0 of the years before, oldest first.
 * QUALITY_NOT_TOLD: too few or too small figures to say. Figures under 10 on average are too small
 * for all but outliers: they swing by chance. */
enum quality_answer { QUALITY_NOT_TOLD, QUALITY_GOOD, QUALITY_FLAGGED };

/* Modified z = 0.6745 (x - median) / MAD above 3.5, on ln(1 + x), of 4 earlier figures or more; a
 * MAD below 0.05 is taken as that. */
enum quality_answer quality_outlier(const double *earlier, size_t count, double now);

/* More than 5 MAD from the median of `count` >= 8 peers' (NAN left out); MAD at least 0.05. For
 * yearly changes ln((1 + now) / (1 + before)). */
enum quality_answer quality_among_peers(const double *peers, size_t count, double own);

/* Outside 2/3 to 4/3 of the mean of up to three years before; from 2 earlier figures on. */
enum quality_answer quality_consistent(const double *earlier, size_t count, double now);

/* A power of ten times the median of 2 earlier figures or more, within a fifth. */
enum quality_answer quality_slip(const double *earlier, size_t count, double now);

/* The same as the two years before. */
enum quality_answer quality_repeated(const double *earlier, size_t count, double now);

/* Whether a reported rate is what its counts give, within half of its last decimal. */
bool quality_rate_agrees(double rate, unsigned decimals, double numerator, double denominator,
                         double factor);

/* Whether parts add up to the whole, but for binary fractions. */
bool quality_sum_agrees(const double *parts, size_t count, double whole);

#endif
