/* What one township adds to an indicator, so that the totals of larger places are made from their
 * townships and not from their villages. Made and joined by stats/consolidate.h only; a plain
 * value that may be kept. */
#ifndef ZHIBAO_STATS_PART_H
#define ZHIBAO_STATS_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/unit_id.h"

struct group_value;

/* One side of a ratio, over all terms. */
struct side_sum {
    double sum;
    uint32_t units, answers, not_applicable, not_collected, not_reported, expected;
    uint32_t terms; /* bits of the terms that have a value */
};

/* What blocks add up to. */
struct outcome {
    bool any; /* something was counted */
    double numerator, denominator;
    uint32_t values; /* units behind the numerator, also those behind consolidations */
    uint32_t reporting, not_applicable, not_collected, not_reported, expected, unpaired;
    double covered, covered_of;
    uint32_t weightless;
};

/* How numerators meet their denominators: within each group, or over the whole place; only the
 * place asked for tells which (consolidate.h), so a part knows both. */
enum part_pairing { PART_EACH, PART_WHOLE, PART_PAIRINGS };

struct consolidation_part {
    uint64_t place;         /* a township, or a place above for figures of its own */
    enum place_level level; /* of its first group */
    bool mixed;             /* its groups are of several levels */
    bool weighed;           /* coverage was asked for */
    uint64_t first_group;
    double first_weight; /* of that group, if it is a village; NAN: not known */
    struct outcome outcome;
    struct side_sum sides[2]; /* where numerator and denominator are of several forms */
    size_t group_count[PART_PAIRINGS];
    const struct group_value *groups[PART_PAIRINGS];
};

#endif
