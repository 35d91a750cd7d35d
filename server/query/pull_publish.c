/* What may be published: small numbers of children left out, with whatever would give them away. */
#include <math.h>
#include <string.h>

#include "assess/plan_series.h"
#include "assess/suppress.h"
#include "plan/stratum.h"
#include "server/query/pull.h"

enum { COLUMNS = 2, SIBLINGS_MAX = 400, PARTS_MAX = 64 };

struct publishing {
    struct pull *pull;
    Zhibao__IndicatorResult **rows;
    size_t count;
    bool *hidden; /* parallel to rows */
    size_t sibling_count, own;
    struct pull *siblings; /* gathered; none at the plan's own place */
};

/* Whether the indicator counts children or cases; institutions are no secret. */
static bool is_sensitive(const struct plan *plan, const struct indicator *indicator)
{
    for (size_t i = 0; i < indicator->numerator.count; i++) {
        const char *unit = plan->elements[indicator->numerator.terms[i].element].unit;
        if (strcmp(unit, "person") == 0 || strcmp(unit, "case") == 0)
            return true;
    }
    return false;
}

/* Those with the event and those without it. */
static void cells_of(double value, bool has_fraction, double numerator, double denominator,
                     uint64_t out_cells[COLUMNS])
{
    out_cells[0] = (uint64_t)fmax(0, has_fraction ? numerator : value);
    out_cells[1] = has_fraction ? (uint64_t)fmax(0, denominator - numerator) : 0;
}

static void cells_of_row(const Zhibao__IndicatorResult *row, uint64_t out_cells[COLUMNS])
{
    cells_of(row->value, row->has_fraction, row->numerator, row->denominator, out_cells);
}

static bool is_small(const uint64_t cells[COLUMNS])
{
    return (cells[0] > 0 && cells[0] < SUPPRESS_BELOW) ||
           (cells[1] > 0 && cells[1] < SUPPRESS_BELOW);
}

/* The places beside this one, whose sum is published too. */
static enum status siblings_gather(struct publishing *publishing)
{
    struct pull *pull = publishing->pull;
    const struct plan *plan = pull->plan;
    const struct place *own = plan_place(plan, pull->place);
    if (pull->place == plan->place)
        return STATUS_OK;
    publishing->siblings =
        arena_array(pull->query->arena, SIBLINGS_MAX, sizeof *publishing->siblings);
    if (publishing->siblings == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->place_count && publishing->sibling_count < SIBLINGS_MAX; i++) {
        if (plan->places[i].parent != own->parent)
            continue;
        struct pull *sibling = &publishing->siblings[publishing->sibling_count];
        *sibling = (struct pull){.query = pull->query,
                                 .plan = plan,
                                 .place = plan->places[i].code,
                                 .period = pull->period,
                                 .only = pull->only};
        if (sibling->place == pull->place)
            publishing->own = publishing->sibling_count;
        publishing->sibling_count++;
        enum status status = pull_gather(sibling);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* Whether the place's figure has to go so that the total over its siblings gives none away. */
static enum status hide_among_siblings(struct publishing *publishing, size_t indicator,
                                       const char *stratum, bool *out_hidden)
{
    uint64_t cells[SIBLINGS_MAX * COLUMNS] = {0};
    bool hidden[SIBLINGS_MAX * COLUMNS];
    for (size_t i = 0; i < publishing->sibling_count; i++) {
        struct indicator_value value;
        bool printed = false;
        struct pull *sibling = &publishing->siblings[i];
        enum status status =
            pull_value(sibling, indicator, stratum, sibling->period, &value, &printed);
        if (status != STATUS_OK)
            return status;
        bool has = value.presence == PRESENCE_VALUE;
        cells_of(has ? value.value : 0, has && value.has_fraction, value.numerator,
                 value.denominator, &cells[i * COLUMNS]);
    }
    suppress_table(cells, publishing->sibling_count, COLUMNS, hidden);
    *out_hidden = hidden[publishing->own * COLUMNS] || hidden[publishing->own * COLUMNS + 1];
    return STATUS_OK;
}

/* Parts of one key (sex, area ...) of the rows first to end: the whole is their total. */
static void hide_parts(struct publishing *publishing, size_t first, size_t end, const char *key)
{
    uint64_t cells[PARTS_MAX * COLUMNS] = {0};
    bool hidden[PARTS_MAX * COLUMNS];
    size_t at[PARTS_MAX], count = 0, length = 0;
    for (size_t i = first; i < end && count < PARTS_MAX; i++) {
        if (stratum_value(publishing->rows[i]->stratum, key, &length) == NULL)
            continue;
        cells_of_row(publishing->rows[i], &cells[count * COLUMNS]);
        at[count++] = i;
    }
    suppress_table(cells, count, COLUMNS, hidden);
    for (size_t i = 0; i < count; i++)
        if (hidden[i * COLUMNS] || hidden[i * COLUMNS + 1])
            publishing->hidden[at[i]] = true;
}

/* Keys of strata, as plans use them. */
static const char *const keys[] = {"area",    "sex",   "age",        "stage",
                                   "disease", "cause", "institution"};

static enum status hide_indicator(struct publishing *publishing, size_t first, size_t end)
{
    const struct plan *plan = publishing->pull->plan;
    size_t indicator = plan_indicator(plan, publishing->rows[first]->indicator);
    enum status status = STATUS_OK;
    if (indicator == PLAN_NONE || !is_sensitive(plan, &plan->indicators[indicator]))
        return STATUS_OK;
    for (size_t i = first; i < end && status == STATUS_OK; i++) {
        uint64_t cells[COLUMNS];
        cells_of_row(publishing->rows[i], cells);
        publishing->hidden[i] = is_small(cells);
        if (!publishing->hidden[i] && publishing->sibling_count > 1)
            status = hide_among_siblings(publishing, indicator, publishing->rows[i]->stratum,
                                         &publishing->hidden[i]);
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        hide_parts(publishing, first, end, keys[i]);
    if (publishing->hidden[first]) /* whose parts add up to it */
        memset(publishing->hidden + first, true, end - first);
    return status;
}

static Zhibao__IndicatorResult *row_of(const struct publishing *publishing, const char *code,
                                       size_t *out_at)
{
    for (size_t i = 0; i < publishing->count; i++)
        if (strcmp(publishing->rows[i]->indicator, code) == 0) {
            *out_at = i;
            return publishing->rows[i];
        }
    return NULL;
}

/* Neonatal deaths are infant deaths: a small difference of two published counts is a small count.
 */
static void hide_nested(struct publishing *publishing)
{
    const struct plan *plan = publishing->pull->plan;
    for (size_t i = 0; i < publishing->count; i++) {
        Zhibao__IndicatorResult *inner = publishing->rows[i];
        size_t indicator = plan_indicator(plan, inner->indicator), at = 0;
        struct relation relation;
        if (indicator == PLAN_NONE || publishing->hidden[i] || inner->stratum[0] != '\0')
            continue;
        const char *cursor = plan->indicators[indicator].related;
        while (plan_related_next(plan, &cursor, &relation)) {
            if (!relation.at_most || relation.indicator == PLAN_NONE)
                continue;
            const Zhibao__IndicatorResult *outer =
                row_of(publishing, plan->indicators[relation.indicator].code, &at);
            if (outer == NULL || publishing->hidden[at] || !inner->has_fraction ||
                !outer->has_fraction || inner->denominator != outer->denominator)
                continue;
            double between = outer->numerator - inner->numerator;
            if (between > 0 && between < SUPPRESS_BELOW)
                publishing->hidden[i] = true;
        }
    }
}

static void target_blank(Zhibao__TargetResult *target)
{
    target->why_zh = reply_text("小于5的数和能推出它的数不公布");
    target->why_en = reply_text("numbers below 5, and what gives them away, are left out");
    target->has_interval = target->has_realisation = target->has_progress = false;
    target->low95 = target->high95 = target->realisation = target->progress = 0;
    target->outlook = NULL;
}

static void row_blank(Zhibao__IndicatorResult *row)
{
    row->suppressed = true;
    row->has_fraction = false;
    row->value = row->numerator = row->denominator = 0;
    row->n_gaps = 0;
    row->outlook = NULL;
    for (size_t i = 0; i < row->n_targets; i++)
        target_blank(row->targets[i]);
}

enum status pull_publish(struct pull *pull, Zhibao__IndicatorResult **rows, size_t count)
{
    struct publishing publishing = {.pull = pull, .rows = rows, .count = count};
    publishing.hidden = arena_array(pull->query->arena, count + 1, sizeof(bool));
    if (publishing.hidden == NULL)
        return STATUS_NO_MEMORY;
    memset(publishing.hidden, 0, count * sizeof(bool));
    enum status status = siblings_gather(&publishing);
    for (size_t first = 0, end; first < count && status == STATUS_OK; first = end) {
        for (end = first + 1;
             end < count && strcmp(rows[end]->indicator, rows[first]->indicator) == 0; end++)
            ;
        status = hide_indicator(&publishing, first, end);
    }
    hide_nested(&publishing);
    for (size_t i = 0; i < count; i++)
        if (publishing.hidden[i] && rows[i]->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE)
            row_blank(rows[i]);
    return status;
}
