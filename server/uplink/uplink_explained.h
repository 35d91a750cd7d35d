/* The explanations behind a district's consolidated figures, on their way to the level above. Pure;
 * the caller's arena. */
#ifndef ZHIBAO_SERVER_UPLINK_UPLINK_EXPLAINED_H
#define ZHIBAO_SERVER_UPLINK_UPLINK_EXPLAINED_H

#include "query.pb-c.h"
#include "server/store/query_explained.h"
#include "server/uplink/uplink_sums.h"

enum {
    UPLINK_EXPLANATION_BYTES = 1900,    /* of one cell: a text has 2,000 at most */
    UPLINK_EXPLAINED_BYTES = 64 * 1024, /* of one report; beyond that a cell only says how many */
};

/* An explanation as its unit gave it, and the unit's name. */
struct uplink_said {
    const struct explained_row *row;
    const char *unit_name;
};

/* One explanation for each cell of `sheet` whose sum holds an explained figure: who, the figure and
 * the words, unit by unit; of what does not fit how many there are. STATUS_NO_MEMORY. */
MUST_CHECK enum status uplink_explained(const struct plan *plan, const Zhibao__FormSheet *sheet,
                                        const struct uplink_said *said, size_t count,
                                        struct arena *arena, Zhibao__Report *report);

#endif
