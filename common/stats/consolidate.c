#include "stats/consolidate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/gather.h"

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

/* One term's tallies of one (group, area). The cells of a term are parts of one figure: a unit
 * reports it when it has a value in any of them, and has none when it has none in all. */
struct term_sum {
    bool any; /* has a tally */
    double sum;
    uint32_t units, answers, not_applicable, not_collected, not_reported;
};

struct side_sum {
    double sum;
    uint32_t units, answers, not_applicable, not_collected, not_reported, expected;
    uint32_t terms; /* bits of the terms that have a value */
};

/* What the blocks of a range of hits add up to. */
struct outcome {
    bool any; /* something was counted */
    double numerator, denominator;
    uint32_t values; /* units behind the numerator, also those behind consolidations */
    uint32_t reporting, not_applicable, not_collected, not_reported, expected, unpaired;
    double covered, covered_of;
    uint32_t weightless;
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

static int weight_order(const void *key, const void *item)
{
    const uint64_t place = *(const uint64_t *)key;
    const struct place_weight *weight = item;
    return (place > weight->place) - (place < weight->place);
}

/* Counts the children of a village that owes the figure. */
static void add_coverage(const struct context *context, uint64_t group, bool counts,
                         struct outcome *outcome)
{
    const struct consolidation_input *input = context->input;
    if (input->weights == NULL || place_level(group) != PLACE_VILLAGE)
        return;
    const struct place_weight *found =
        bsearch(&group, input->weights, input->weight_count, sizeof *input->weights, weight_order);
    if (found == NULL || isnan(found->weight)) {
        outcome->weightless++;
        return;
    }
    outcome->covered_of += found->weight;
    if (counts)
        outcome->covered += found->weight;
}

static void add_block(const struct context *context, const struct side_sum sides[SIDES],
                      uint64_t group, struct outcome *outcome)
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

static struct outcome sum_range(const struct context *context, size_t first, size_t end)
{
    struct outcome outcome = {0};
    for (size_t at = first; at < end;) {
        struct side_sum sides[SIDES] = {0};
        uint64_t group = context->gathering->hits[at].group;
        at = sum_block(context, at, end, sides);
        add_block(context, sides, group, &outcome);
    }
    if (outcome.expected > 0) {
        uint32_t told = outcome.reporting + outcome.not_applicable + outcome.not_collected;
        outcome.not_reported = told < outcome.expected ? outcome.expected - told : 0;
    }
    return outcome;
}

static void choose_pairing(struct context *context)
{
    const struct gathering *gathering = context->gathering;
    context->paired = context->indicator->denominator.count > 0 &&
                      context->indicator->kind != INDICATOR_SHARE_OF_UNITS;
    context->cross = context->paired &&
                     (gathering->form_count[SIDE_NUMERATOR] != 1 ||
                      gathering->form_count[SIDE_DENOMINATOR] != 1 ||
                      gathering->forms[SIDE_NUMERATOR][0] != gathering->forms[SIDE_DENOMINATOR][0]);
    context->pairing = context->cross ? PAIR_GROUP : PAIR_AREA;
    for (size_t i = 1; context->cross && i < gathering->count; i++)
        if (place_level(gathering->hits[i].group) != place_level(gathering->hits[0].group))
            context->pairing = PAIR_WHOLE;
}

/* The value that an outcome makes, and what it was divided from; false when there is none. */
static bool evaluate(const struct context *context, const struct outcome *outcome,
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

/* Which nothing prevails where there is no value. */
static enum presence prevailing(const struct context *context, const struct outcome *outcome)
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

/* Whether pages and judgements need every group's value. */
static bool wants_groups(const struct context *context, size_t indicator)
{
    if (context->indicator->kind == INDICATOR_EACH_UNIT)
        return true;
    for (size_t i = 0; i < context->plan->target_count; i++)
        if (context->plan->targets[i].indicator == indicator &&
            context->plan->targets[i].scope >= SCOPE_EACH_TOWNSHIP)
            return true;
    return false;
}

/* Villages are judged one by one only where the plan asks for each of them; else by township. */
static uint64_t judged_group(const struct context *context, const struct hit *hit)
{
    bool each = context->indicator->kind == INDICATOR_EACH_UNIT && !context->paired;
    return each ? hit->group : place_ancestor(hit->group, PLACE_TOWNSHIP);
}

/* The units' own figures in the place of their district's; how many they were. A district whose
 * units are not told apart says at best what their mean is. */
static size_t take_figures(const struct context *context, const char *stratum,
                           struct group_value *groups)
{
    const struct consolidation_input *input = context->input;
    size_t indicator = (size_t)(context->indicator - context->plan->indicators), count = 0;
    if (place_level(groups->group) != PLACE_DISTRICT)
        return 1;
    struct group_value district = *groups;
    for (size_t i = 0; i < input->figure_count; i++) {
        const struct unit_figure *figure = &input->figures[i];
        if (figure->indicator == indicator && figure->district == district.group &&
            stratum_equal(figure->stratum, stratum))
            groups[count++] = figure->value;
    }
    if (count > 0)
        return count;
    groups->averaged = groups->averaged || input->consolidated;
    return 1;
}

static enum status add_groups(const struct context *context, struct arena *arena,
                              struct indicator_value *value)
{
    const struct hit *hits = context->gathering->hits;
    size_t count = context->input->figure_count, total = context->gathering->count;
    for (size_t i = 0; i < total; i++)
        count += i == 0 || judged_group(context, &hits[i]) != judged_group(context, &hits[i - 1]);
    struct group_value *groups = arena_array(arena, count, sizeof *groups);
    if (groups == NULL)
        return STATUS_NO_MEMORY;
    count = 0;
    for (size_t first = 0, end; first < total; first = end) {
        uint64_t group = judged_group(context, &hits[first]);
        for (end = first; end < total && judged_group(context, &hits[end]) == group;)
            end++;
        struct outcome outcome = sum_range(context, first, end);
        groups[count].group = group;
        groups[count].presence = evaluate(context, &outcome, &groups[count])
                                     ? PRESENCE_VALUE
                                     : prevailing(context, &outcome);
        count += take_figures(context, value->stratum, &groups[count]);
    }
    value->groups = groups;
    value->group_count = count;
    return STATUS_OK;
}

/* each_unit: the plan is met only if the worst group meets it, so the worst is the value. */
static const struct group_value *worst(const struct context *context,
                                       const struct indicator_value *value)
{
    const struct group_value *found = NULL;
    bool lower = context->indicator->polarity == POLARITY_LOWER;
    for (size_t i = 0; i < value->group_count; i++) {
        const struct group_value *group = &value->groups[i];
        if (!group->has_value)
            continue;
        if (found == NULL || (lower ? group->value > found->value : group->value < found->value))
            found = group;
    }
    return found;
}

static void fill(const struct context *context, const struct outcome *outcome,
                 struct indicator_value *value)
{
    struct group_value whole = {0};
    const struct group_value *found = NULL;
    bool each = context->indicator->kind == INDICATOR_EACH_UNIT;
    value->reporting = outcome->reporting;
    value->expected = outcome->expected;
    value->not_applicable = outcome->not_applicable;
    value->not_collected = outcome->not_collected;
    value->not_reported = outcome->not_reported;
    value->unpaired = outcome->unpaired;
    value->covered = outcome->covered;
    value->covered_of = outcome->covered_of;
    value->weightless = outcome->weightless;
    value->presence = prevailing(context, outcome);
    bool has = evaluate(context, outcome, &whole);
    found = each ? worst(context, value) : &whole;
    if (found == NULL)
        return;
    bool divided = context->paired || context->indicator->kind == INDICATOR_SHARE_OF_UNITS;
    value->has_fraction = divided && outcome->any;
    value->numerator = value->has_fraction ? found->numerator : 0;
    value->denominator = value->has_fraction ? found->denominator : 0;
    if (!has && !each)
        return;
    value->presence = PRESENCE_VALUE;
    value->value = found->value;
    value->averaged = found->averaged;
    value->worst_group = found->group;
}

enum status consolidate(const struct consolidation_input *input, size_t indicator,
                        const char *stratum, struct arena *arena, struct indicator_value *out_value)
{
    struct gathering gathering = {0};
    struct context context = {.plan = input->plan,
                              .indicator = &input->plan->indicators[indicator],
                              .gathering = &gathering,
                              .input = input};
    struct indicator_value value = {.indicator = indicator, .stratum = stratum};
    enum status status = gather(input, context.indicator, stratum, &gathering);
    if (status != STATUS_OK)
        return status;
    choose_pairing(&context);
    struct outcome outcome = sum_range(&context, 0, gathering.count);
    if (wants_groups(&context, indicator))
        status = add_groups(&context, arena, &value);
    if (status == STATUS_OK) {
        fill(&context, &outcome, &value);
        *out_value = value;
    }
    gathering_clear(&gathering);
    return status;
}
