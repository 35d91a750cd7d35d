/* An indicator's figures over the years as a series, and what it foretells, by the code of
 * common/assess. Used by pulls with analysis; one request, in its arena. */
#ifndef ZHIBAO_SERVER_ANALYSIS_OUTLOOK_H
#define ZHIBAO_SERVER_ANALYSIS_OUTLOOK_H

#include "server/query/pull.h"

/* The comparable figures up to the pull's period: printed ones before anybody reported, then the
 * consolidated ones; those before the last change of definition are left out. NULL for yes/no
 * indicators, which are not forecast. */
MUST_CHECK enum status outlook_series(const struct pull *pull, size_t indicator,
                                      const char *stratum, struct assess_series **out_series);

/* A series of the indicator without its figures: name, kind, polarity and breaks. */
MUST_CHECK enum status outlook_like(const struct pull *pull, size_t indicator, const char *stratum,
                                    struct assess_series *out_series);

/* Whether the pull's place is a township, or a part of one, and the indicator about deaths: too few
 * to be judged, foretold or alarmed. */
bool outlook_withheld(const struct pull *pull, size_t indicator);

/* The series against a target (NULL: none), `base` as the target's judgement has it (NAN: not
 * known). Tells the pull's notice. NULL for a qualitative target, and where it is withheld. */
MUST_CHECK enum status outlook_make(const struct pull *pull, const struct assess_series *series,
                                    const struct target *target, double base, bool decides,
                                    Zhibao__Outlook **out_outlook);

/* The numbers and words of an assessment but for its sentences. */
void outlook_figures(const struct assessment *assessment, Zhibao__Outlook *outlook);

#endif
