/* One series against one target: status, paces, forecast, probability, class, fluctuation. This is
 * what `zhibao assess` and the server print; README.md tells the method on one page. Pure; any
 * thread. */
#ifndef ZHIBAO_ASSESS_ASSESS_H
#define ZHIBAO_ASSESS_ASSESS_H

#include "assess/fluctuation.h"
#include "assess/goal.h"
#include "assess/small.h"

enum assess_status {
    ASSESS_NO_TARGET,
    ASSESS_MET,
    ASSESS_MET_UNCERTAIN, /* the figure meets it; the 95% interval of its counts does not wholly */
    ASSESS_NOT_MET,
    ASSESS_NO_DATA,
    ASSESS_NOT_JUDGEABLE, /* the base is missing */
};

/* By the probability p of meeting the target when due: likely >= 0.8, watch >= 0.5, unlikely >= 0.2
 * (yellow), very unlikely below (red). `reached`: the latest figure meets it already. */
enum assess_class {
    ASSESS_UNCLASSED, /* no target */
    ASSESS_REACHED,
    ASSESS_LIKELY,
    ASSESS_WATCH,
    ASSESS_UNLIKELY,
    ASSESS_VERY_UNLIKELY,
    ASSESS_INSUFFICIENT_DATA, /* fewer than 4 figures, or the target cannot be judged */
};

struct assessment {
    const struct assess_series *series;
    const struct assess_target *target; /* NULL without one */
    size_t count;                       /* points used */
    int latest_year;                    /* 0 without data */
    double latest_value;
    enum assess_status status;
    struct limits judged95; /* of the judged figure's counts; NAN without */
    struct goal now, due;   /* what the target asks of the judged figure, and when it is due */
    int judged_year;        /* the latest year, or the target's where that has passed */
    int due_year;           /* of the forecast: the target's, else the year after the latest */
    double required_pace;   /* unit a year from the latest figure; 0 when due's bound is met */
    double recent_pace;     /* median of pairwise slopes, unit a year */
    bool has_forecast;
    struct trend trend;
    struct forecast forecast;
    double p_reach; /* of meeting it when due; of meeting it every year until then for maintain */
    enum assess_class class;
    struct fluctuation_finding fluctuation;
    bool worsening; /* met, moving away, and p_reach < 0.8 */
    int silent;     /* years without a figure up to the reference year, when 2 or more */
};

/* What is known besides the series. */
struct assess_context {
    int year;                  /* figures after it are not looked at; 0: all are */
    int reference_year;        /* when "now" is, to notice figures that stay away; 0: do not */
    int first_year;            /* from when figures are owed; 0: not known */
    const struct panel *panel; /* NULL: judge the series alone */
    size_t member;             /* the series' number in the panel */
};

/* Judges one target of a series, or the series alone with `target` NULL. Doubles of the result that
 * cannot be computed are NAN. The result borrows series, target and panel. */
struct assessment assess_judge(const struct assess_series *series,
                               const struct assess_target *target,
                               const struct assess_context *context);

/* Points of the series up to `year` (0: all). */
size_t assess_known(const struct assess_series *series, int year);

/* "met", "reached", "adverse" ...; "" for no target, unclassed and unknown. */
const char *assess_status_text(enum assess_status status);
const char *assess_class_text(enum assess_class class);
const char *fluctuation_text(enum fluctuation kind);

/* The class of a probability. */
enum assess_class assess_class_of(double p_reach);

#endif
