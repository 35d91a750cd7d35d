/* The form's rules applied to a filled-in form. */
#include <string.h>

#include "lib/filled_parts.h"

static size_t cell_index(const struct form *form, uint32_t number)
{
    const struct cell *cell = form_cell(form, number);
    return cell == NULL ? SIZE_MAX : (size_t)(cell - form->cells);
}

/* Copies what form_check found to the problems, with the line of the file in place of the field. */
static void translate(struct filler *filler, const struct problems *found, bool soft)
{
    const struct filled_form *filled = filler->filled;
    for (size_t i = 0; i < found->count; i++) {
        const struct problem *from = &found->items[i];
        size_t index = cell_index(filler->form, from->cell);
        const struct entry *entry = index == SIZE_MAX ? NULL : &filled->entries[index];
        if (soft && entry != NULL && entry->explanation != NULL)
            continue;
        filler_problem(filler, from->code, from->cell, entry == NULL ? 0 : entry->line,
                       soft ? COLUMN_EXPLANATION : COLUMN_VALUE, from->zh, from->en);
    }
    filler->problems->dropped += found->dropped;
}

/* Why an explanation is none; NULL when it is one. */
static const char *reproach(enum status status, bool english)
{
    switch (status) {
    case STATUS_E_EXPLANATION_BOILERPLATE:
        return english ? "the explanation is boilerplate: give the reason"
                       : "说明是套话，请写明原因";
    case STATUS_E_EXPLANATION_SHORT:
        return english ? "the explanation has fewer than 8 characters: give the reason"
                       : "说明不足8个字（不计标点），请写明原因";
    case STATUS_E_EXPLANATION_REPEATED:
        return english ? "the explanation repeats that of another cell or of last year"
                       : "说明与另一项或上年的相同，请写明这一项今年的原因";
    default: return NULL;
    }
}

static bool is_among(const struct explanation_key *keys, size_t count,
                     const struct explanation_key *key)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(keys[i].bytes, key->bytes, sizeof key->bytes) == 0)
            return true;
    return false;
}

static enum status explanations_judge(struct filler *filler, const struct boilerplate *list)
{
    const struct filled_form *filled = filler->filled;
    struct explanation_key *keys =
        arena_array(filled->arena, filled->explanation_count, sizeof *keys);
    if (keys == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < filled->explanation_count; i++) {
        uint32_t number = filled->explanations[i].cell;
        enum status status = explanation_judge(list, filled->explanations[i].text, &keys[i]);
        if (status == STATUS_OK &&
            (is_among(keys, i, &keys[i]) ||
             is_among(filler->history->said, filler->history->said_count, &keys[i])))
            status = STATUS_E_EXPLANATION_REPEATED;
        if (status != STATUS_OK)
            filler_problem(filler, status, number,
                           filled->entries[cell_index(filler->form, number)].line,
                           COLUMN_EXPLANATION, reproach(status, false), reproach(status, true));
    }
    return STATUS_OK;
}

static enum status check_soft(struct filler *filler)
{
    const struct filled_history *history = filler->history;
    struct boilerplate *own = NULL;
    struct problems found;
    struct soft_input input = {.period = history->period,
                               .observations = filler->filled->observations,
                               .years = history->years,
                               .year_count = history->year_count,
                               .sums = history->sums,
                               .sum_count = history->sum_count};
    enum status status = history->boilerplate == NULL ? boilerplate_create(&own) : STATUS_OK;
    if (status == STATUS_OK)
        status = explanations_judge(filler, own != NULL ? own : history->boilerplate);
    boilerplate_destroy(&own);
    if (status != STATUS_OK)
        return status;
    problems_init(&found);
    if (soft_check(blank_form_plan(filler->filled->blank), filler->form, &input, SOFT_ALL,
                   &found) != STATUS_OK)
        translate(filler, &found, true);
    problems_clear(&found);
    return STATUS_OK;
}

enum status filler_check(struct filler *filler)
{
    struct problems found;
    problems_init(&found);
    enum status hard = form_check(blank_form_plan(filler->filled->blank), filler->form,
                                  &filler->filled->observations, &found);
    translate(filler, &found, false);
    if (hard != STATUS_OK && filler->first == STATUS_OK)
        filler->first = hard;
    problems_clear(&found);
    return hard == STATUS_OK ? check_soft(filler) : STATUS_OK;
}
