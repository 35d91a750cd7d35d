/* What of an assessment is a warning, and since when. Pure; any thread.
 *
 * A warning's first year is the earliest of an unbroken run of years up to now in which the same
 * judgement, made with no more of the series than was known then, would have raised it; a panel's
 * experience is taken as it is now. */
#ifndef ZHIBAO_ASSESS_WARNING_H
#define ZHIBAO_ASSESS_WARNING_H

#include "assess/sentence.h"

enum warning_kind {
    WARNING_UNLIKELY = 1,      /* yellow: probability .2 to .5 */
    WARNING_VERY_UNLIKELY = 2, /* red: less */
    WARNING_FLUCTUATION = 3,   /* adverse, favourable, or large where there is no good side */
    WARNING_WORSENING = 4,     /* met, and moving away */
    WARNING_MISSING = 5,       /* no figure for two years or more */
    WARNING_MISSED = 6,        /* red: the target's year is past, and it was not met */
};

enum warning_level { WARNING_NOTICE = 1, WARNING_YELLOW = 2, WARNING_RED = 3 };

struct warning {
    enum warning_kind kind;
    enum warning_level level;
    int since;
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
};

/* At most one of the three about the target, and one each of the others. */
enum { WARNINGS_MAX = 4 };

/* Writes the warnings of an assessment made in `context` (as assess_judge was given it) and gives
 * back how many. */
size_t warning_find(const struct assessment *assessment, const struct assess_context *context,
                    struct warning out_warnings[WARNINGS_MAX]);

/* "unlikely" ..., "yellow" ... */
const char *warning_kind_text(enum warning_kind kind);
const char *warning_level_text(enum warning_level level);

#endif
