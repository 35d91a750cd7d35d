/* Finds the tallies and expectations that an indicator needs. Used by consolidate only. Pure; any
 * thread. */
#ifndef ZHIBAO_STATS_GATHER_H
#define ZHIBAO_STATS_GATHER_H

#include "stats/consolidate.h"

enum side { SIDE_NUMERATOR, SIDE_DENOMINATOR, SIDES };

enum { GATHER_TERMS_MAX = 32, GATHER_FORMS_MAX = 8 };

/* A tally of one term's cell, or (tally NULL) what one of the side's forms should bring. */
struct hit {
    uint64_t group;
    enum area area;
    uint8_t side, term;
    const struct tally *tally;
    uint32_t expected;
};

struct gathering {
    size_t count;
    struct hit *hits; /* ascending by (group, area); freed by gathering_clear */
    /* forms the side's terms are read from, each once; none: no form asks for it */
    size_t form_count[SIDES];
    size_t forms[SIDES][GATHER_FORMS_MAX];
};

/* STATUS_OK or STATUS_NO_MEMORY. */
MUST_CHECK enum status gather(const struct consolidation_input *input,
                              const struct indicator *indicator, const char *stratum,
                              struct gathering *out_gathering);
void gathering_clear(struct gathering *gathering);

#endif
