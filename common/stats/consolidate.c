#include "stats/consolidate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/blocks.h"

/* What is to be added up, and how; all of it follows from the plan. */
static void context_begin(struct context *context, const struct gathering *gathering)
{
    context->gathering = gathering;
    context->paired = context->indicator->denominator.count > 0 &&
                      context->indicator->kind != INDICATOR_SHARE_OF_UNITS;
    context->cross = context->paired &&
                     (gathering->form_count[SIDE_NUMERATOR] != 1 ||
                      gathering->form_count[SIDE_DENOMINATOR] != 1 ||
                      gathering->forms[SIDE_NUMERATOR][0] != gathering->forms[SIDE_DENOMINATOR][0]);
    context->pairing = context->cross ? PAIR_GROUP : PAIR_AREA;
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

/* The groups of a part, paired each for itself or all as one. */
static enum status part_groups(const struct context *context, const char *stratum, size_t first,
                               size_t end, enum part_pairing pairing, struct arena *arena,
                               struct consolidation_part *part)
{
    const struct hit *hits = context->gathering->hits;
    struct context as = *context;
    size_t count = 0;
    if (pairing == PART_WHOLE)
        as.pairing = PAIR_WHOLE;
    for (size_t i = 0; i < context->input->figure_count; i++)
        count += context->input->figures[i].district == part->place;
    for (size_t i = first; i < end; i++)
        count +=
            i == first || judged_group(context, &hits[i]) != judged_group(context, &hits[i - 1]);
    struct group_value *groups = arena_array(arena, count, sizeof *groups);
    if (groups == NULL)
        return STATUS_NO_MEMORY;
    count = 0;
    for (size_t at = first, next; at < end; at = next) {
        struct outcome outcome = {0};
        uint64_t group = judged_group(context, &hits[at]);
        for (next = at; next < end && judged_group(context, &hits[next]) == group;)
            next++;
        blocks_add(&as, at, next, &outcome);
        outcome_close(&outcome);
        groups[count].group = group;
        groups[count].presence = outcome_evaluate(context, &outcome, &groups[count])
                                     ? PRESENCE_VALUE
                                     : outcome_prevailing(context, &outcome);
        count += take_figures(context, stratum, &groups[count]);
    }
    part->groups[pairing] = groups;
    part->group_count[pairing] = count;
    return STATUS_OK;
}

/* One part: the hits of a township, or of a place above. */
static enum status part_make(const struct context *context, const char *stratum, size_t first,
                             size_t end, struct arena *arena, struct consolidation_part *part)
{
    const struct hit *hits = context->gathering->hits;
    part->place = place_ancestor(hits[first].group, PLACE_TOWNSHIP);
    part->first_group = hits[first].group;
    part->level = place_level(part->first_group);
    for (size_t i = first; i < end; i++)
        part->mixed = part->mixed || place_level(hits[i].group) != part->level;
    part->weighed = context->input->weights != NULL;
    part->first_weight = part->weighed ? block_weight(context, part->first_group) : (double)NAN;
    blocks_add(context, first, end, &part->outcome);
    if (context->cross)
        blocks_whole(context, first, end, part->sides);
    if (!wants_groups(context, (size_t)(context->indicator - context->plan->indicators)))
        return STATUS_OK;
    enum status status = part_groups(context, stratum, first, end, PART_EACH, arena, part);
    if (status == STATUS_OK && context->cross)
        status = part_groups(context, stratum, first, end, PART_WHOLE, arena, part);
    return status;
}

static size_t part_end(const struct gathering *gathering, size_t first)
{
    size_t end = first;
    uint64_t place = place_ancestor(gathering->hits[first].group, PLACE_TOWNSHIP);
    while (end < gathering->count &&
           place_ancestor(gathering->hits[end].group, PLACE_TOWNSHIP) == place)
        end++;
    return end;
}

static enum status parts_make(const struct context *context, const char *stratum,
                              struct arena *arena, struct consolidation_part **out_parts,
                              size_t *out_count)
{
    const struct gathering *gathering = context->gathering;
    size_t count = 0;
    enum status status = STATUS_OK;
    for (size_t at = 0; at < gathering->count; at = part_end(gathering, at))
        count++;
    struct consolidation_part *parts = calloc(count + 1, sizeof *parts);
    if (parts == NULL)
        return STATUS_NO_MEMORY;
    count = 0;
    for (size_t at = 0, end; at < gathering->count && status == STATUS_OK; at = end) {
        end = part_end(gathering, at);
        status = part_make(context, stratum, at, end, arena, &parts[count++]);
    }
    if (status != STATUS_OK) {
        free(parts);
        return status;
    }
    *out_parts = parts;
    *out_count = count;
    return STATUS_OK;
}

enum status consolidate_parts(const struct consolidation_input *input, size_t indicator,
                              const char *stratum, struct arena *arena,
                              struct consolidation_part **out_parts, size_t *out_count)
{
    struct gathering gathering = {0};
    struct context context = {
        .plan = input->plan, .indicator = &input->plan->indicators[indicator], .input = input};
    enum status status = gather(input, context.indicator, stratum, &gathering);
    if (status != STATUS_OK)
        return status;
    context_begin(&context, &gathering);
    status = parts_make(&context, stratum, arena, out_parts, out_count);
    gathering_clear(&gathering);
    return status;
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
    value->presence = outcome_prevailing(context, outcome);
    bool has = outcome_evaluate(context, outcome, &whole);
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

/* Whether numerators meet denominators only over the whole place: its groups are of several levels.
 */
static bool is_whole(const struct context *context, const struct consolidation_part *const *parts,
                     size_t count)
{
    for (size_t i = 0; context->cross && i < count; i++)
        if (parts[i]->mixed || parts[i]->level != parts[0]->level)
            return true;
    return false;
}

static void parts_sum(const struct context *context, const struct consolidation_part *const *parts,
                      size_t count, bool whole, struct outcome *outcome)
{
    struct side_sum sides[SIDES] = {0};
    for (size_t i = 0; i < count; i++) {
        outcome_join(outcome, &parts[i]->outcome);
        for (enum side side = SIDE_NUMERATOR; side < SIDES; side++)
            side_join(&sides[side], &parts[i]->sides[side]);
    }
    if (whole) {
        struct place_weight weight = {parts[0]->first_group, parts[0]->first_weight};
        struct consolidation_input input = {.weights = parts[0]->weighed ? &weight : NULL,
                                            .weight_count = 1};
        struct context as = *context;
        as.input = &input;
        *outcome = (struct outcome){0};
        block_count(&as, sides, parts[0]->first_group, outcome);
    }
    outcome_close(outcome);
}

static enum status groups_join(const struct consolidation_part *const *parts, size_t count,
                               enum part_pairing pairing, struct arena *arena,
                               struct indicator_value *value)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += parts[i]->group_count[pairing];
    struct group_value *groups = arena_array(arena, total, sizeof *groups);
    if (groups == NULL)
        return STATUS_NO_MEMORY;
    value->groups = groups;
    for (size_t i = 0; i < count; i++) {
        if (parts[i]->group_count[pairing] > 0)
            memcpy(groups, parts[i]->groups[pairing],
                   parts[i]->group_count[pairing] * sizeof *groups);
        groups += parts[i]->group_count[pairing];
    }
    value->group_count = total;
    return STATUS_OK;
}

static enum status parts_join(const struct context *context,
                              const struct consolidation_part *const *parts, size_t count,
                              struct arena *arena, struct indicator_value *value)
{
    struct outcome outcome = {0};
    bool whole = is_whole(context, parts, count);
    enum status status = STATUS_OK;
    parts_sum(context, parts, count, whole, &outcome);
    if (wants_groups(context, value->indicator))
        status = groups_join(parts, count, whole ? PART_WHOLE : PART_EACH, arena, value);
    if (status == STATUS_OK)
        fill(context, &outcome, value);
    return status;
}

enum status consolidate_join(const struct plan *plan, size_t indicator, const char *stratum,
                             const struct consolidation_part *const *parts, size_t count,
                             struct arena *arena, struct indicator_value *out_value)
{
    struct gathering gathering = {0};
    struct consolidation_input input = {.plan = plan, .sorted = true};
    struct context context = {
        .plan = plan, .indicator = &plan->indicators[indicator], .input = &input};
    struct indicator_value value = {.indicator = indicator, .stratum = stratum};
    enum status status = gather(&input, context.indicator, stratum, &gathering);
    if (status != STATUS_OK)
        return status;
    context_begin(&context, &gathering);
    status = parts_join(&context, parts, count, arena, &value);
    gathering_clear(&gathering);
    if (status == STATUS_OK)
        *out_value = value;
    return status;
}

enum status consolidate(const struct consolidation_input *input, size_t indicator,
                        const char *stratum, struct arena *arena, struct indicator_value *out_value)
{
    struct gathering gathering = {0};
    struct context context = {
        .plan = input->plan, .indicator = &input->plan->indicators[indicator], .input = input};
    struct indicator_value value = {.indicator = indicator, .stratum = stratum};
    struct consolidation_part *parts = NULL;
    size_t count = 0;
    enum status status = gather(input, context.indicator, stratum, &gathering);
    if (status != STATUS_OK)
        return status;
    context_begin(&context, &gathering);
    status = parts_make(&context, stratum, arena, &parts, &count);
    const struct consolidation_part **list =
        status == STATUS_OK ? calloc(count + 1, sizeof(struct consolidation_part *)) : NULL;
    if (status == STATUS_OK && list == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        list[i] = &parts[i];
    if (status == STATUS_OK)
        status = parts_join(&context, list, count, arena, &value);
    if (status == STATUS_OK)
        *out_value = value;
    free(list);
    free(parts);
    gathering_clear(&gathering);
    return status;
}
