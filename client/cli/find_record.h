/* A report or total of the server's by the first digits of its id, through TRACK. One thread. */
#ifndef ZHIBAO_CLI_FIND_RECORD_H
#define ZHIBAO_CLI_FIND_RECORD_H

#include "cli/review.h"

/* Among the records of `unit` (0: this home's own) and, with `below`, everything below that unit
 * which this one may see. Lives in the context's arena. NULL after a complaint: too short, none,
 * several, or no answer. */
const Zhibao__TrackedReport *record_find(struct context *context, const char *prefix, uint64_t unit,
                                         bool below, enum exit_code *out_code);

/* What a review of it names; false without memory. */
bool record_subject(struct context *context, const Zhibao__TrackedReport *report,
                    struct review_subject *out_subject);

/* The first digits of an id in lower case as TRACK takes them; false after a complaint. */
bool prefix_read(struct context *context, const char *text, char **out_prefix,
                 enum exit_code *out_code);

#endif
