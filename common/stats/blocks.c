#include "stats/blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One term's tallies of one (group, area). The cells of a term are parts of one figure: a unit
 * reports it when it has a value in any of them, and has none when it has none in all. */
struct term_sum {
    bool any; /* has a tally */
    double sum;
    uint32_t units, answers, not_applicable, not_collected, not_reported;
};

static uint32_t larger(uint32_t left, uint32_t right)
{
    return left > right ? left : right;
}

static uint32_t smaller(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

static void term_take(struct term_sum *term, const struct tally *tally)
{
    bool first = !term->any;
    term->sum += tally->sum;
    term->units = larger(term->units, tally->units);
    term->answers = larger(term->answers, tally->units + tally->more);
    term->not_applicable =
        first ? tally->not_applicable : smaller(term->not_applicable, tally->not_applicable);
    term->not_collected =
        first ? tally->not_collected : smaller(term->not_collected, tally->not_collected);
    term->not_reported =
        first ? tally->not_reported : smaller(term->not_reported, tally->not_reported);
    term->any = true;
}

/* Adds the terms of one (group, area) to its side. A unit counts for an expression when it counts
 * for each term. */
static void side_take(struct side_sum *side, const struct term_sum *terms,
                      const struct expression *expression)
{
    uint32_t units = UINT32_MAX, answers = UINT32_MAX, not_applicable = 0, not_collected = 0,
             not_reported = 0;
    bool any = false;
    for (size_t i = 0; i < expression->count && i < GATHER_TERMS_MAX; i++) {
        units = smaller(units, terms[i].units);
        answers = smaller(answers, terms[i].answers);
        not_applicable = larger(not_applicable, terms[i].not_applicable);
        not_collected = larger(not_collected, terms[i].not_collected);
        not_reported = larger(not_reported, terms[i].not_reported);
        side->sum += expression->terms[i].sign * terms[i].sum;
        any = any || terms[i].any;
        if (terms[i].units > 0)
            side->terms |= UINT32_C(1) << i;
    }
    if (!any)
        return;
    side->units += units;
    side->answers += answers;
    side->not_applicable += not_applicable;
    side->not_collected += not_collected;
    side->not_reported += not_reported;
}

static bool same_block(const struct context *context, const struct hit *left,
                       const struct hit *right)
{
    if (context->pairing == PAIR_WHOLE)
        return true;
    return left->group == right->group &&
           (context->pairing == PAIR_GROUP || left->area == right->area);
}

static const struct expression *side_expression(const struct context *context, enum side side)
{
    return side == SIDE_NUMERATOR ? &context->indicator->numerator
                                  : &context->indicator->denominator;
}

static size_t side_terms(const struct context *context, enum side side)
{
    size_t count = side_expression(context, side)->count;
    return count < GATHER_TERMS_MAX ? count : GATHER_TERMS_MAX;
}

/* Adds up the block that begins at hit `first`; returns where the next one begins. */
static size_t sum_block(const struct context *context, size_t first, size_t end,
                        struct side_sum sides[SIDES])
{
    const struct hit *hits = context->gathering->hits;
    struct term_sum terms[SIDES][GATHER_TERMS_MAX];
    size_t at = first;
    while (at < end && same_block(context, &hits[first], &hits[at])) {
        const struct hit *atom = &hits[at];
        for (enum side side = SIDE_NUMERATOR; side < SIDES; side++)
            memset(terms[side], 0, side_terms(context, side) * sizeof terms[side][0]);
        for (; at < end && hits[at].group == atom->group && hits[at].area == atom->area; at++) {
            sides[hits[at].side].expected += hits[at].expected;
            if (hits[at].tally != NULL)
                term_take(&terms[hits[at].side][hits[at].term], hits[at].tally);
        }
        for (enum side side = SIDE_NUMERATOR; side < SIDES; side++)
            side_take(&sides[side], terms[side], side_expression(context, side));
    }
    return at;
}

/* Whether every term has a value somewhere in the block. */
static bool is_complete(const struct context *context, enum side side,
                        const struct side_sum sides[SIDES])
{
    size_t count = side_expression(context, side)->count;
    return count > 0 && count <= GATHER_TERMS_MAX &&
           sides[side].terms == (uint32_t)((UINT64_C(1) << count) - 1);
}

/* Whether all that should answer did; unknown expectations are met. */
static bool has_answered(const struct side_sum *side)
{
    return side->units + side->not_applicable >= side->expected;
}

void side_join(struct side_sum *side, const struct side_sum *other)
{
    side->sum += other->sum;
    side->units += other->units;
    side->answers += other->answers;
    side->not_applicable += other->not_applicable;
    side->not_collected += other->not_collected;
    side->not_reported += other->not_reported;
    side->expected += other->expected;
    side->terms |= other->terms;
}

void outcome_join(struct outcome *outcome, const struct outcome *other)
{
    outcome->any = outcome->any || other->any;
    outcome->numerator += other->numerator;
    outcome->denominator += other->denominator;
    outcome->values += other->values;
    outcome->reporting += other->reporting;
    outcome->not_applicable += other->not_applicable;
    outcome->not_collected += other->not_collected;
    outcome->not_reported += other->not_reported;
    outcome->expected += other->expected;
    outcome->unpaired += other->unpaired;
    outcome->covered += other->covered;
    outcome->covered_of += other->covered_of;
    outcome->weightless += other->weightless;
}

static int weight_order(const void *key, const void *item)
{
    const uint64_t place = *(const uint64_t *)key;
    const struct place_weight *weight = item;
    return (place > weight->place) - (place < weight->place);
}

double block_weight(const struct context *context, uint64_t group)
{
    const struct consolidation_input *input = context->input;
    const struct place_weight *found =
        bsearch(&group, input->weights, input->weight_count, sizeof *input->weights, weight_order);
    return found == NULL ? (double)NAN : found->weight;
}

/* Counts the children of a village that owes the figure. */
static void add_coverage(const struct context *context, uint64_t group, bool counts,
                         struct outcome *outcome)
{
    if (context->input->weights == NULL || place_level(group) != PLACE_VILLAGE)
        return;
    double weight = block_weight(context, group);
    if (isnan(weight)) {
        outcome->weightless++;
        return;
    }
    outcome->covered_of += weight;
    if (counts)
        outcome->covered += weight;
}

void block_count(const struct context *context, const struct side_sum sides[SIDES], uint64_t group,
                 struct outcome *outcome)
{
    const struct side_sum *numerator = &sides[SIDE_NUMERATOR];
    const struct side_sum *other = &sides[SIDE_DENOMINATOR];
    bool complete = is_complete(context, SIDE_NUMERATOR, sides);
    bool counts = complete && (!context->paired || is_complete(context, SIDE_DENOMINATOR, sides)) &&
                  (!context->cross || (has_answered(numerator) && has_answered(other)));
    outcome->expected += numerator->expected;
    /* of an incomplete pair, the side without a value tells which nothing it is */
    const struct side_sum *why = complete && context->paired && !counts ? other : numerator;
    outcome->not_applicable += why->not_applicable;
    outcome->not_collected += why->not_collected;
    outcome->not_reported += why->not_reported;
    if (numerator->expected > 0)
        add_coverage(context, group, counts, outcome);
    if (!counts)
        return;
    bool both = context->paired && !context->cross;
    outcome->any = true;
    outcome->numerator += numerator->sum;
    outcome->denominator += other->sum;
    outcome->values += numerator->answers;
    outcome->reporting += both ? smaller(numerator->units, other->units) : numerator->units;
    if (both)
        outcome->unpaired +=
            larger(numerator->units, other->units) - smaller(numerator->units, other->units);
}

void blocks_add(const struct context *context, size_t first, size_t end, struct outcome *outcome)
{
    for (size_t at = first; at < end;) {
        struct side_sum sides[SIDES] = {0};
        uint64_t group = context->gathering->hits[at].group;
        at = sum_block(context, at, end, sides);
        block_count(context, sides, group, outcome);
    }
}

void blocks_whole(const struct context *context, size_t first, size_t end,
                  struct side_sum sides[SIDES])
{
    struct context whole = *context;
    whole.pairing = PAIR_WHOLE;
    (void)sum_block(&whole, first, end, sides);
}

void outcome_close(struct outcome *outcome)
{
    if (outcome->expected == 0)
        return;
    uint32_t told = outcome->reporting + outcome->not_applicable + outcome->not_collected;
    outcome->not_reported = told < outcome->expected ? outcome->expected - told : 0;
}

bool outcome_evaluate(const struct context *context, const struct outcome *outcome,
                      struct group_value *out)
{
    const struct indicator *indicator = context->indicator;
    const struct element *element = &context->plan->elements[indicator->numerator.terms[0].element];
    bool each = indicator->kind == INDICATOR_EACH_UNIT && !context->paired;
    bool shared =
        indicator->kind == INDICATOR_SHARE_OF_UNITS || (each && element->type == ELEMENT_YESNO);
    out->numerator = outcome->numerator;
    out->denominator = shared || each ? outcome->values : outcome->denominator;
    if (!outcome->any)
        return false;
    if (indicator->kind == INDICATOR_MEASURE && outcome->values > 1)
        return false;
    if (context->paired || shared || each) {
        if (out->denominator == 0)
            return false;
        out->value = out->numerator / out->denominator * indicator->factor;
        out->averaged = each && !shared && outcome->values > 1;
    } else if (indicator->kind == INDICATOR_EXISTENCE) {
        out->value = outcome->numerator > 0;
    } else {
        out->value = outcome->numerator * indicator->factor;
    }
    out->has_value = true;
    return true;
}

enum presence outcome_prevailing(const struct context *context, const struct outcome *outcome)
{
    const struct gathering *gathering = context->gathering;
    if (outcome->any) /* divided by nothing, or several figures that are not to be summed */
        return PRESENCE_NOT_APPLICABLE;
    if (gathering->form_count[SIDE_NUMERATOR] == 0 ||
        (context->paired && gathering->form_count[SIDE_DENOMINATOR] == 0))
        return PRESENCE_NOT_COLLECTED;
    if (outcome->not_applicable > outcome->not_collected &&
        outcome->not_applicable > outcome->not_reported)
        return PRESENCE_NOT_APPLICABLE;
    return outcome->not_collected > outcome->not_reported ? PRESENCE_NOT_COLLECTED
                                                          : PRESENCE_NOT_REPORTED;
}
