#include "server/ingest/suspicion.h"

#include <stdlib.h>
#include <string.h>

#include "plan/soft_check.h"
#include "server/query/total.h"
#include "server/store/history_store.h"
#include "server/trust/lookup.h"

enum { PERIOD_BASE = 2000, PERIOD_BITS = 64, SUMS_MAX = 64 };

struct district_row {
    uint64_t district;
    uint64_t known, stored; /* a bit for each period from PERIOD_BASE on */
};

struct period_memory {
    struct lookup districts;
};

enum status period_memory_create(struct period_memory **out_memory)
{
    struct period_memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return STATUS_NO_MEMORY;
    lookup_init(&memory->districts, sizeof(struct district_row), sizeof(uint64_t));
    *out_memory = memory;
    return STATUS_OK;
}

void period_memory_destroy(struct period_memory **memory)
{
    if (memory == NULL || *memory == NULL)
        return;
    lookup_clear(&(*memory)->districts);
    free(*memory);
    *memory = NULL;
}

void period_memory_forget(struct period_memory *memory)
{
    lookup_clear(&memory->districts);
    lookup_init(&memory->districts, sizeof(struct district_row), sizeof(uint64_t));
}

/* 0 for a period that is not remembered. */
static uint64_t bit_of(int period)
{
    return period < PERIOD_BASE || period >= PERIOD_BASE + PERIOD_BITS
               ? 0
               : UINT64_C(1) << (period - PERIOD_BASE);
}

void period_memory_note(struct period_memory *memory, struct task **tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct district_row *row = lookup_find(&memory->districts, &tasks[i]->district);
        if (row == NULL)
            continue; /* nothing known: it will be asked for */
        row->known |= bit_of((int)tasks[i]->report->period);
        row->stored |= bit_of((int)tasks[i]->report->period);
    }
}

/* The n-th year before a report. */
static struct history_key key_of(const struct task *task, int before)
{
    return (struct history_key){.district = task->district,
                                .unit = task->leaf.unit,
                                .form_id = task->form.id,
                                .period = (int)task->report->period - before};
}

/* Asks which of the periods before these reports have anything stored, where that is not known. */
static enum status periods_learn(struct period_memory *memory, struct db *db, struct arena *arena,
                                 struct task **reports, size_t count)
{
    struct history_key *keys = arena_array(arena, count * SOFT_YEARS_MAX, sizeof *keys);
    bool *stored = arena_array(arena, count * SOFT_YEARS_MAX, sizeof *stored);
    size_t asked = 0;
    if (keys == NULL || stored == NULL)
        return STATUS_NO_MEMORY;
    enum status status = lookup_reserve(&memory->districts, count);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        struct district_row *row = lookup_put(&memory->districts, &reports[i]->district);
        for (int before = 1; before <= SOFT_YEARS_MAX; before++) {
            uint64_t bit = bit_of((int)reports[i]->report->period - before);
            if ((row->known & bit) != bit)
                keys[asked++] = key_of(reports[i], before);
            row->known |= bit;
        }
    }
    if (asked == 0)
        return STATUS_OK;
    status = store_periods_known(db, arena, keys, asked, stored);
    for (size_t i = 0; i < asked && status == STATUS_OK; i++) {
        struct district_row *row = lookup_find(&memory->districts, &keys[i].district);
        if (stored[i])
            row->stored |= bit_of(keys[i].period);
    }
    if (status != STATUS_OK)
        period_memory_forget(memory);
    return status;
}

static bool has_period(const struct period_memory *memory, const struct history_key *key)
{
    const struct district_row *row = lookup_find(&memory->districts, &key->district);
    return row != NULL && (row->stored & bit_of(key->period)) != 0;
}

static enum status years_load(const struct period_memory *memory, struct db *db,
                              struct arena *arena, struct task **reports, size_t count)
{
    size_t room = count * SOFT_YEARS_MAX, wanted = 0;
    struct history_key *keys = arena_array(arena, room, sizeof *keys);
    size_t *owners = arena_array(arena, room, sizeof *owners);
    if (keys == NULL || owners == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        for (int before = 1; before <= SOFT_YEARS_MAX && soft_needs_years(reports[i]->form.form);
             before++) {
            struct history_key key = key_of(reports[i], before);
            if (!has_period(memory, &key))
                continue;
            owners[wanted] = i;
            keys[wanted++] = key;
        }
    if (wanted == 0)
        return STATUS_OK;
    bool *found = arena_array(arena, wanted, sizeof *found);
    struct observations *observations = arena_array(arena, wanted, sizeof *observations);
    if (found == NULL || observations == NULL)
        return STATUS_NO_MEMORY;
    enum status status = store_earlier_years(db, arena, keys, wanted, found, observations);
    for (size_t i = 0; i < wanted && status == STATUS_OK; i++) {
        struct task_before *before = &reports[owners[i]]->before;
        if (found[i])
            before->years[before->year_count++] =
                (struct soft_year){keys[i].period, observations[i]};
    }
    return status;
}

/* Only of reports that explain something themselves. */
static enum status explanations_load(const struct period_memory *memory, struct db *db,
                                     struct arena *arena, struct task **reports, size_t count)
{
    struct history_key *keys = arena_array(arena, count, sizeof *keys);
    size_t *owners = arena_array(arena, count, sizeof *owners);
    struct earlier_explanation *rows = NULL;
    size_t wanted = 0, row_count = 0;
    if (keys == NULL || owners == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct history_key key = key_of(reports[i], 1);
        if (reports[i]->report->n_explanations == 0 || !has_period(memory, &key))
            continue;
        owners[wanted] = i;
        keys[wanted++] = key;
    }
    if (wanted == 0)
        return STATUS_OK;
    enum status status = store_earlier_explanations(db, arena, keys, wanted, &rows, &row_count);
    struct explanation_key *words = arena_array(arena, row_count, sizeof *words);
    if (status == STATUS_OK && words == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < row_count && status == STATUS_OK; i++) {
        struct task_before *before = &reports[owners[rows[i].key]]->before;
        words[i] = rows[i].words;
        if (before->said_count++ == 0)
            before->said = &words[i];
    }
    return status;
}

enum status suspicion_load(struct period_memory *memory, struct db *db, struct arena *arena,
                           struct task **reports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        reports[i]->before = (struct task_before){0};
    enum status status = periods_learn(memory, db, arena, reports, count);
    if (status == STATUS_OK)
        status = years_load(memory, db, arena, reports, count);
    if (status == STATUS_OK)
        status = explanations_load(memory, db, arena, reports, count);
    return status;
}

/* -1, 0, 1 as the batch sorts its reports: form, period, unit. */
static int compare_wanted(const struct task *task, const struct history_key *wanted)
{
    if (task->form.id != wanted->form_id)
        return task->form.id < wanted->form_id ? -1 : 1;
    if ((int)task->report->period != wanted->period)
        return (int)task->report->period < wanted->period ? -1 : 1;
    if (task->leaf.unit != wanted->unit)
        return task->leaf.unit < wanted->unit ? -1 : 1;
    return 0;
}

/* The newest report of this series that the same batch is about to store; NULL. */
static const struct task *batch_find(struct task **reports, size_t end,
                                     const struct history_key *wanted)
{
    size_t first = 0, last = end;
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        if (compare_wanted(reports[middle], wanted) <= 0)
            first = middle + 1;
        else
            last = middle;
    }
    while (first > 0 && compare_wanted(reports[first - 1], wanted) == 0) {
        if (reports[first - 1]->outcome == TASK_WAITING)
            return reports[first - 1];
        first--;
    }
    return NULL;
}

/* The years before, of this batch or stored. */
static size_t years_merge(struct task **reports, size_t at, struct soft_year *out_years)
{
    const struct task *task = reports[at];
    const struct task_before *before = &task->before;
    size_t count = 0, stored = 0;
    bool mixed = reports[0]->report->period != task->report->period;
    for (int back = 1; back <= SOFT_YEARS_MAX; back++) {
        struct history_key wanted = key_of(task, back);
        const struct task *beside = mixed ? batch_find(reports, at, &wanted) : NULL;
        while (stored < before->year_count && before->years[stored].period > wanted.period)
            stored++;
        if (beside != NULL && beside->report->observations != NULL) {
            const Zhibao__Observations *from = beside->report->observations;
            out_years[count++] = (struct soft_year){
                wanted.period, {from->n_cell, from->cell, from->presence, from->value}
            };
        } else if (stored < before->year_count && before->years[stored].period == wanted.period) {
            out_years[count++] = before->years[stored];
        }
    }
    return count;
}

static bool was_said(const struct explanation_key *said, size_t count,
                     const struct explanation_key *now)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(said[i].bytes, now->bytes, sizeof now->bytes) == 0)
            return true;
    return false;
}

static void repeats_find(struct task **reports, size_t at)
{
    struct task *task = reports[at];
    const Zhibao__Report *report = task->report;
    struct history_key wanted = key_of(task, 1);
    if (form_is_consolidation(task->form.form))
        return;
    const struct task *beside =
        report->n_explanations == 0 ? NULL : batch_find(reports, at, &wanted);
    for (size_t i = 0; i < report->n_explanations; i++) {
        const struct explanation_key *now = &task->explanation_keys[i];
        if (was_said(task->before.said, task->before.said_count, now) ||
            (beside != NULL &&
             was_said(beside->explanation_keys, beside->report->n_explanations, now)))
            explanation_problem(task, STATUS_E_EXPLANATION_REPEATED, i,
                                "的说明与上年的相同，请写明今年的原因",
                                "repeats last year's explanation: give this year's reason");
    }
}

/* What the township's accepted village reports add up to; none when there is no such report. */
static enum status sums_load(struct db *db, struct registry *registry, struct arena *arena,
                             const struct task *task, struct village_sum *out_sums,
                             size_t *out_count)
{
    struct registry_form villages;
    struct township_total total;
    const struct form *form = plan_village_form(task->form.plan);
    *out_count = 0;
    if (task->author.role != ROLE_TOWNSHIP || form == NULL ||
        !soft_needs_villages(task->form.form) ||
        !registry_form(registry, task->form.plan->code, form->code, &villages))
        return STATUS_OK;
    enum status status = total_compute(db, registry, arena, task->leaf.unit, &villages,
                                       (int)task->report->period, &total);
    if (status != STATUS_OK)
        return (int)status >= 100 ? STATUS_OK : status;
    struct observations totals = {total.cell_count, total.cell, total.presence, total.value};
    if (total.report_count > 0)
        *out_count = soft_village_sums(task->form.form, &totals, (uint32_t)total.report_count,
                                       (uint32_t)total.missing_count, out_sums, SUMS_MAX);
    return STATUS_OK;
}

enum status suspicion_judge(struct db *db, struct registry *registry, struct arena *arena,
                            struct task **reports, size_t at)
{
    struct task *task = reports[at];
    const Zhibao__Report *report = task->report;
    const Zhibao__Observations *from = report->observations;
    struct soft_year years[SOFT_YEARS_MAX];
    struct village_sum sums[SUMS_MAX];
    struct soft_input input = {.period = (int)report->period,
                               .years = years,
                               .sums = sums,
                               .explained = task->explained,
                               .explained_count = report->n_explanations};
    if (from != NULL)
        input.observations =
            (struct observations){from->n_cell, from->cell, from->presence, from->value};
    enum status status = sums_load(db, registry, arena, task, sums, &input.sum_count);
    if (status != STATUS_OK)
        return status;
    input.year_count = years_merge(reports, at, years);
    repeats_find(reports, at);
    if (input.year_count > 0 || input.sum_count > 0)
        status =
            soft_check(task->form.plan, task->form.form, &input, SOFT_BY_OTHERS, &task->problems);
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}
