/* Adds up what was gathered for an indicator, block by block. Used by consolidate only. Pure; any
 * thread. */
#ifndef ZHIBAO_STATS_BLOCKS_H
#define ZHIBAO_STATS_BLOCKS_H

#include "stats/gather.h"
#include "stats/part.h"

/* At which level numerators meet their denominators; consolidate.h says why. */
enum pairing { PAIR_AREA, PAIR_GROUP, PAIR_WHOLE };

struct context {
    const struct plan *plan;
    const struct indicator *indicator;
    const struct gathering *gathering;
    const struct consolidation_input *input;
    enum pairing pairing;
    bool paired; /* the indicator has a denominator */
    bool cross;  /* and reads it from another form than its numerator */
};

/* Adds the blocks of a range of hits. */
void blocks_add(const struct context *context, size_t first, size_t end, struct outcome *outcome);

/* Adds a range of hits up as one block's sides. */
void blocks_whole(const struct context *context, size_t first, size_t end,
                  struct side_sum sides[SIDES]);

/* Counts one block; `group` is the place of its first hit. */
void block_count(const struct context *context, const struct side_sum sides[SIDES], uint64_t group,
                 struct outcome *outcome);

void side_join(struct side_sum *side, const struct side_sum *other);
void outcome_join(struct outcome *outcome, const struct outcome *other);

/* Once everything is added: whoever said nothing has not reported. */
void outcome_close(struct outcome *outcome);

/* The weight of a village's children; NAN: not known. */
double block_weight(const struct context *context, uint64_t group);

/* The value that an outcome makes, and what it was divided from; false when there is none. */
bool outcome_evaluate(const struct context *context, const struct outcome *outcome,
                      struct group_value *out);

/* Which nothing prevails where there is no value. */
enum presence outcome_prevailing(const struct context *context, const struct outcome *outcome);

#endif
