/* How far long answers are, for those who wait for them: a bounded table in memory under names that
 * the asker chose, each seen by its own unit alone. When it is full, the oldest is forgotten. Any
 * thread. */
#ifndef ZHIBAO_WEB_PROGRESS_H
#define ZHIBAO_WEB_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { PROGRESS_NAME_BYTES = 33, PROGRESS_MAX = 256 };

struct progress;

struct progress *progress_create(void);
void progress_destroy(struct progress **progress);

/* Whether a name may be one: 1 to 32 letters and digits. */
bool progress_name_good(const char *name);

/* Notes that so much of about so much is done; `ended` at its end, good or bad. A name of "" is
 * noted nowhere. */
void progress_note(struct progress *progress, uint64_t unit, const char *name, uint64_t done,
                   uint64_t all, bool ended);

/* False for a name that the unit has not, or not any more. */
bool progress_find(struct progress *progress, uint64_t unit, const char *name, uint64_t *out_done,
                   uint64_t *out_all, bool *out_ended);

#endif
