/* What the writer stores of openings, cut-offs, exceptions and the clock thread's findings. All run
 * inside its transaction; STATUS_OK, STATUS_DATABASE, STATUS_NO_MEMORY. */
#ifndef ZHIBAO_SERVER_STORE_CALENDAR_STORE_H
#define ZHIBAO_SERVER_STORE_CALENDAR_STORE_H

#include "calendar.pb-c.h"
#include "server/clock/clock_work.h"
#include "server/ingest/apply.h"

/* The defaults of every form, level and period of the plan, in place of the former ones. */
MUST_CHECK enum status store_cutoff_defaults(struct db *db, struct arena *arena,
                                             const struct plan *plan);

/* One row an entry; days as they are meant (defaults filled in). */
MUST_CHECK enum status store_calendar_entry(struct apply *apply, const struct task *task,
                                            const Zhibao__Calendar *calendar,
                                            const struct cutoff_entry *entry);

MUST_CHECK enum status store_extension(struct apply *apply, const struct task *task,
                                       const Zhibao__Extension *extension, uint64_t unit,
                                       uint64_t district);

/* *out_new: it was not made before. Then its report_event has to be stored too. */
MUST_CHECK enum status store_cutoff_notice(struct apply *apply, const struct task *task,
                                           const struct cutoff_notice *notice, bool *out_new);

/* Sets the mark, notes the outage and the contacts. */
MUST_CHECK enum status store_clock_marks(struct apply *apply, const struct clock_work *work);

#endif
