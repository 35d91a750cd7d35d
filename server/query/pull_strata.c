/* The parts of an indicator that reports tell apart: sexes, ages, urban and rural, groups. */
#include <math.h>
#include <string.h>

#include "assess/plan_series.h"
#include "assess/progress.h"
#include "plan/stratum.h"
#include "server/query/pull.h"

enum { STRATA_MAX = 24, STRATUM_BYTES = 96 };

struct strata {
    size_t count;
    char *texts[STRATA_MAX]; /* "key=value", one tag each */
};

static enum status stratum_note(struct strata *strata, struct arena *arena, const char *text,
                                size_t length)
{
    for (size_t i = 0; i < strata->count; i++)
        if (strlen(strata->texts[i]) == length && memcmp(strata->texts[i], text, length) == 0)
            return STATUS_OK;
    if (strata->count == STRATA_MAX)
        return STATUS_OK;
    char *copy = arena_printf(arena, "%.*s", (int)length, text);
    if (copy == NULL)
        return STATUS_NO_MEMORY;
    strata->texts[strata->count++] = copy;
    return STATUS_OK;
}

/* Every tag of the cells that hold an element of the numerator. */
static enum status strata_of_form(const struct pull *pull, const struct indicator *indicator,
                                  const struct form *form, struct strata *strata)
{
    struct arena *arena = pull->query->arena;
    enum status status = STATUS_OK;
    bool holds = false;
    for (size_t i = 0; i < form->cell_count; i++) {
        if (form->cells[i].element != indicator->numerator.terms[0].element)
            continue;
        holds = true;
        for (const char *tag = form->cells[i].stratum; *tag != '\0' && status == STATUS_OK;) {
            size_t length = strcspn(tag, ";");
            status = stratum_note(strata, arena, tag, length);
            tag += length + (tag[length] == ';');
        }
    }
    if (!holds || strcmp(form->reporter, "village") != 0)
        return status;
    if (status == STATUS_OK)
        status = stratum_note(strata, arena, "area=urban", 10);
    if (status == STATUS_OK)
        status = stratum_note(strata, arena, "area=rural", 10);
    return status;
}

static enum status strata_list(const struct pull *pull, size_t index, struct strata *out_strata)
{
    const struct indicator *indicator = &pull->plan->indicators[index];
    enum status status = STATUS_OK;
    out_strata->count = 0;
    for (size_t i = 0;
         indicator->numerator.count > 0 && i < pull->plan->form_count && status == STATUS_OK; i++)
        status = strata_of_form(pull, indicator, &pull->plan->forms[i], out_strata);
    return status;
}

enum status pull_strata(const struct pull *pull, size_t indicator, pull_add add, void *context)
{
    struct strata strata;
    enum status status = strata_list(pull, indicator, &strata);
    for (size_t i = 0; i < strata.count && status == STATUS_OK; i++)
        status = add(context, indicator, strata.texts[i]);
    return status;
}

static Zhibao__Gap *gap_make(const struct pull *pull, const struct indicator_value *first,
                             const struct indicator_value *second)
{
    const struct indicator *indicator = &pull->plan->indicators[first->indicator];
    Zhibao__Gap *row = (Zhibao__Gap *)reply_new(pull->query->arena, &zhibao__gap__descriptor);
    if (row == NULL)
        return NULL;
    struct gap gap = progress_gap(indicator->polarity, first->value, second->value);
    struct assess_point left =
        plan_series_point(pull->plan, indicator, pull->period, first->value,
                          first->has_fraction ? first->numerator : (double)NAN,
                          first->has_fraction ? first->denominator : (double)NAN);
    struct assess_point right =
        plan_series_point(pull->plan, indicator, pull->period, second->value,
                          second->has_fraction ? second->numerator : (double)NAN,
                          second->has_fraction ? second->denominator : (double)NAN);
    row->first = reply_text(first->stratum);
    row->second = reply_text(second->stratum);
    row->first_value = first->value;
    row->second_value = second->value;
    row->difference = gap.difference;
    row->has_ratio = isfinite(gap.ratio);
    row->ratio = row->has_ratio ? gap.ratio : 0;
    row->ahead = gap.ahead;
    row->has_p = assess_has_counts(&left) && assess_has_counts(&right);
    row->p = row->has_p ? small_change(plan_series_kind(indicator), &left, &right) : 0;
    return row;
}

/* The gap between the two parts that one key tells apart, or between the best and the worst of
 * more. */
static enum status key_gap(const struct pull *pull, const struct strata *strata, size_t first,
                           const char *key, size_t indicator, Zhibao__IndicatorResult *row)
{
    struct indicator_value low = {0}, high = {0};
    size_t found = 0, length = strlen(key);
    for (size_t i = first; i < strata->count; i++) {
        struct indicator_value value;
        bool printed = false;
        if (strncmp(strata->texts[i], key, length) != 0)
            continue;
        enum status status =
            pull_value(pull, indicator, strata->texts[i], pull->period, &value, &printed);
        if (status != STATUS_OK)
            return status;
        if (value.presence != PRESENCE_VALUE)
            continue;
        /* urban before rural, boys before girls; of all others the highest and the lowest */
        bool pair = strcmp(key, "area=") == 0 || strcmp(key, "sex=") == 0;
        if (found == 0 || (!pair && value.value > high.value) || (pair && found == 1))
            *(pair && found == 1 ? &low : &high) = value;
        if (!pair && (found == 0 || value.value < low.value))
            low = value;
        found++;
    }
    if (found < 2)
        return STATUS_OK;
    Zhibao__Gap *gap = gap_make(pull, &high, &low);
    if (gap == NULL)
        return STATUS_NO_MEMORY;
    /* of many pairs the widest was taken: Bonferroni */
    gap->p = fmin(1, gap->p * (double)(found * (found - 1)) / 2);
    row->gaps[row->n_gaps++] = gap;
    return STATUS_OK;
}

enum status pull_gaps(const struct pull *pull, size_t indicator, Zhibao__IndicatorResult *row)
{
    static const char *const keys[] = {
        "area=", "sex=", "age=", "stage=", "institution=", "disease="};
    enum { KEYS = sizeof keys / sizeof *keys };
    struct strata strata;
    enum indicator_kind kind = pull->plan->indicators[indicator].kind;
    if (kind != INDICATOR_RATIO && kind != INDICATOR_MEAN && kind != INDICATOR_SHARE_OF_UNITS)
        return STATUS_OK; /* counts of larger groups are larger */
    enum status status = strata_list(pull, indicator, &strata);
    row->gaps = arena_array(pull->query->arena, KEYS, sizeof(Zhibao__Gap *));
    if (row->gaps == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < KEYS && status == STATUS_OK; i++)
        status = key_gap(pull, &strata, 0, keys[i], indicator, row);
    return status;
}
