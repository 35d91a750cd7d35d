/* Each indicator's value at the place, and what the plan's targets say of it. */
#include <string.h>

#include "plan/stratum.h"
#include "server/query/pull.h"
#include "server/query/rollup.h"

struct rows {
    struct pull *pull;
    size_t count, room;
    Zhibao__IndicatorResult **items;
};

const char *pull_kind_text(enum indicator_kind kind)
{
    switch (kind) {
    case INDICATOR_RATIO: return "ratio";
    case INDICATOR_COUNT: return "count";
    case INDICATOR_MEAN: return "mean";
    case INDICATOR_MEASURE: return "measure";
    case INDICATOR_SHARE_OF_UNITS: return "share_of_units";
    case INDICATOR_EACH_UNIT: return "each_unit";
    case INDICATOR_EXISTENCE: return "existence";
    }
    return "";
}

bool pull_demonstration(const struct pull *pull, const struct indicator *indicator)
{
    const struct expression *sides[] = {&indicator->numerator, &indicator->denominator};
    const struct tally_book *book = pull->years[0].book;
    if (pull->rolled != NULL)
        return rolled_demonstration(pull->rolled, indicator);
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < sides[side]->count; i++)
            if (tally_book_demonstration(book, sides[side]->terms[i].element))
                return true;
    return false;
}

static Zhibao__IndicatorResult *row_make(const struct pull *pull,
                                         const struct indicator_value *value, bool printed)
{
    enum { KINDS = 3 };
    struct arena *arena = pull->query->arena;
    const struct indicator *indicator = &pull->plan->indicators[value->indicator];
    Zhibao__IndicatorResult *row =
        (Zhibao__IndicatorResult *)reply_new(arena, &zhibao__indicator_result__descriptor);
    if (row == NULL)
        return NULL;
    row->indicator = reply_text(indicator->code);
    row->name_zh = reply_text(indicator->name_zh);
    row->name_en = reply_text(indicator->name_en);
    row->domain = reply_text(indicator->domain);
    row->kind = reply_text(pull_kind_text(indicator->kind));
    row->unit = reply_text(indicator->unit);
    row->stratum = reply_text(value->stratum);
    row->presence = (Zhibao__Presence)value->presence;
    row->value = value->presence == PRESENCE_VALUE ? value->value : 0;
    row->has_fraction = value->has_fraction;
    row->numerator = value->numerator;
    row->denominator = value->denominator;
    row->decimals = indicator->decimals;
    row->codes = reply_text(indicator->sdmx);
    row->reporting = value->reporting;
    row->expected = value->expected;
    row->demonstration = !printed && value->reporting > 0 && pull_demonstration(pull, indicator);
    row->worst_place = value->worst_group;
    /* of villages of which one is not known, nobody knows the share */
    row->has_coverage = value->weightless == 0 && value->covered_of > 0;
    row->coverage = row->has_coverage ? value->covered / value->covered_of : 0;
    row->coverage_unknown = value->weightless;
    row->empty = arena_array(arena, KINDS, sizeof *row->empty);
    if (row->empty == NULL)
        return NULL;
    row->empty[row->n_empty++] = value->not_applicable;
    row->empty[row->n_empty++] = value->not_collected;
    row->empty[row->n_empty++] = value->not_reported;
    return row;
}

static enum status row_append(struct rows *rows, Zhibao__IndicatorResult *row)
{
    if (row == NULL)
        return STATUS_NO_MEMORY;
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? 128 : rows->room * 2;
        Zhibao__IndicatorResult **grown =
            arena_array(rows->pull->query->arena, room, sizeof(Zhibao__IndicatorResult *));
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        if (rows->count > 0)
            memcpy(grown, rows->items, rows->count * sizeof(Zhibao__IndicatorResult *));
        rows->items = grown;
        rows->room = room;
    }
    rows->items[rows->count++] = row;
    return STATUS_OK;
}

/* One indicator in one stratum. Below the plan's own place only what somebody there owes. */
static enum status row_add(struct rows *rows, size_t indicator, const char *stratum)
{
    const struct pull *pull = rows->pull;
    struct indicator_value value;
    bool printed = false;
    enum status status = pull_value(pull, indicator, stratum, pull->period, &value, &printed);
    if (status != STATUS_OK)
        return status;
    if (pull->place != pull->plan->place && value.expected == 0 && value.reporting == 0)
        return STATUS_OK;
    Zhibao__IndicatorResult *row = row_make(pull, &value, printed);
    status = row_append(rows, row);
    return status == STATUS_OK ? pull_targets(pull, &value, row) : status;
}

static bool is_collected(const struct plan *plan, size_t element)
{
    for (size_t form = 0; form < plan->form_count; form++)
        for (size_t k = 0; k < plan->forms[form].cell_count; k++)
            if (plan->forms[form].cells[k].element == element)
                return true;
    return false;
}

/* Whether the plan's forms bring all that the indicator is made of; one catalogue serves all plans,
 * and what a plan does not collect is not shown among its results. */
static bool is_measured(const struct plan *plan, const struct indicator *indicator)
{
    const struct expression *sides[] = {&indicator->numerator, &indicator->denominator};
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < sides[side]->count; i++)
            if (!is_collected(plan, sides[side]->terms[i].element))
                return false;
    return indicator->numerator.count > 0;
}

/* Whether `stratum` is named by a target before number `end` of the indicator, or by a fact before
 * number `fact_end`. */
static bool named_before(const struct pull *pull, size_t indicator, const char *stratum, size_t end,
                         size_t fact_end)
{
    const struct plan *plan = pull->plan;
    for (size_t i = 0; i < end; i++)
        if (plan->targets[i].indicator == indicator &&
            stratum_equal(plan->targets[i].stratum, stratum))
            return true;
    for (size_t i = 0; i < fact_end; i++)
        if (plan->facts[i].indicator == indicator && plan->facts[i].year == pull->period &&
            stratum_equal(plan->facts[i].stratum, stratum))
            return true;
    return false;
}

/* A pull_add: a stratum that no target names. */
static enum status stratum_add(void *context, size_t indicator, const char *stratum)
{
    struct rows *rows = context;
    struct indicator_value value;
    bool printed = false;
    if (named_before(rows->pull, indicator, stratum, rows->pull->plan->target_count,
                     rows->pull->plan->fact_count))
        return STATUS_OK;
    enum status status =
        pull_value(rows->pull, indicator, stratum, rows->pull->period, &value, &printed);
    if (status != STATUS_OK || value.presence != PRESENCE_VALUE)
        return status;
    return row_append(rows, row_make(rows->pull, &value, printed));
}

/* What reports tell apart beyond the strata that the plan names, and the gaps between parts. */
static enum status parts_add(struct rows *rows, size_t indicator, size_t whole)
{
    enum status status = pull_strata(rows->pull, indicator, stratum_add, rows);
    if (status == STATUS_OK && whole < rows->count)
        status = pull_gaps(rows->pull, indicator, rows->items[whole]);
    return status;
}

/* The indicator as a whole, then each stratum that its targets, or figures printed for the period,
 * name. */
static enum status indicator_add(struct rows *rows, size_t indicator)
{
    const struct pull *pull = rows->pull;
    const struct plan *plan = pull->plan;
    size_t whole = rows->count;
    bool wanted = named_before(pull, indicator, "", plan->target_count, plan->fact_count) ||
                  is_measured(plan, &plan->indicators[indicator]);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->target_count; i++)
        wanted = wanted || plan->targets[i].indicator == indicator;
    if (wanted)
        status = row_add(rows, indicator, "");
    for (size_t i = 0; i < plan->target_count && status == STATUS_OK; i++)
        if (plan->targets[i].indicator == indicator && plan->targets[i].stratum[0] != '\0' &&
            !named_before(pull, indicator, plan->targets[i].stratum, i, 0))
            status = row_add(rows, indicator, plan->targets[i].stratum);
    for (size_t i = 0; i < plan->fact_count && status == STATUS_OK; i++)
        if (plan->facts[i].indicator == indicator && plan->facts[i].year == pull->period &&
            plan->facts[i].stratum[0] != '\0' &&
            !named_before(pull, indicator, plan->facts[i].stratum, plan->target_count, i))
            status = row_add(rows, indicator, plan->facts[i].stratum);
    if (status == STATUS_OK && pull->analysis && !pull->plain && rows->count > whole)
        status = parts_add(rows, indicator, whole);
    return status;
}

/* The targets that no indicator of the catalogue measures, in a row of their own. */
static enum status unmeasured_add(struct rows *rows)
{
    const struct plan *plan = rows->pull->plan;
    const struct indicator_value value = {
        .indicator = PLAN_NONE, .stratum = "", .presence = PRESENCE_NOT_COLLECTED};
    size_t wanted = 0;
    for (size_t i = 0; i < plan->target_count; i++)
        wanted += plan->targets[i].indicator == PLAN_NONE;
    if (wanted == 0)
        return STATUS_OK;
    struct arena *arena = rows->pull->query->arena;
    Zhibao__IndicatorResult *row =
        (Zhibao__IndicatorResult *)reply_new(arena, &zhibao__indicator_result__descriptor);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    row->name_zh = reply_text("没有对应监测指标的目标");
    row->name_en = reply_text("Targets that no indicator measures");
    row->presence = ZHIBAO__PRESENCE__PRESENCE_NOT_COLLECTED;
    row->targets = arena_array(arena, wanted, sizeof(Zhibao__TargetResult *));
    if (row->targets == NULL)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->target_count && status == STATUS_OK; i++)
        if (plan->targets[i].indicator == PLAN_NONE)
            status = pull_target(rows->pull, i, &value, false, NULL, row);
    return status == STATUS_OK ? row_append(rows, row) : status;
}

enum status pull_results(struct pull *pull, Zhibao__IndicatorResult ***out_rows, size_t *out_count)
{
    struct rows rows = {.pull = pull};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < pull->plan->indicator_count && status == STATUS_OK; i++)
        if (pull->only == PLAN_NONE || pull->only == i)
            status = indicator_add(&rows, i);
    if (status == STATUS_OK && pull->only == PLAN_NONE && pull->place == pull->plan->place)
        status = unmeasured_add(&rows);
    if (status != STATUS_OK)
        return status;
    *out_rows = rows.items;
    *out_count = rows.count;
    return STATUS_OK;
}
