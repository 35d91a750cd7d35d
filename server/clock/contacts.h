/* Who was heard of when, kept in memory and written now and then: a message costs a look-up, not a
 * row. The loop tells, the clock thread collects. Locked inside; any thread. */
#ifndef ZHIBAO_SERVER_CLOCK_CONTACTS_H
#define ZHIBAO_SERVER_CLOCK_CONTACTS_H

#include "base/arena.h"
#include "base/status.h"

struct contacts;

MUST_CHECK enum status contacts_create(struct contacts **out_contacts);
void contacts_destroy(struct contacts **contacts);

/* The unit's connection sent something just now. Forgotten without a word when memory is short. */
void contacts_note(struct contacts *contacts, uint64_t unit, int64_t now_us);

/* Units heard of since the last call and when, in the arena, at most `most`; the rest come next
 * time. STATUS_NO_MEMORY: nothing is lost. */
MUST_CHECK enum status contacts_collect(struct contacts *contacts, struct arena *arena, size_t most,
                                        int64_t **out_units, int64_t **out_times_us,
                                        size_t *out_count);

#endif
