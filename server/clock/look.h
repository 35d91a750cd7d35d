/* What the clock has to do now, found from the database: a look gathers the notices whose time has
 * come and that were not made yet. What was made is in the database, so that a restart makes
 * nothing twice. The clock thread's. */
#ifndef ZHIBAO_SERVER_CLOCK_LOOK_H
#define ZHIBAO_SERVER_CLOCK_LOOK_H

#include "server/clock/clock_work.h"
#include "server/store/db.h"
#include "server/trust/registry.h"

/* At most CLOCK_NOTICES_MAX notices, in the arena; *out_more: there are more. First the cut-offs
 * that outages moved, and alone: who is late is known once they are stored. */
MUST_CHECK enum status clock_look(struct db *db, struct registry *registry, struct arena *arena,
                                  int64_t now_us, struct cutoff_notice **out_notices,
                                  size_t *out_count, bool *out_more);

#endif
