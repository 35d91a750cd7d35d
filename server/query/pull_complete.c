/* Completeness: of the units that owe a form, who reported and how far the reports have come. */
#include "server/query/pull.h"

/* Of the very largest places only so many are listed by number; the counts are always whole. */
enum { LISTED_MAX = 20000 };

bool pull_owes(const struct pull *pull, size_t unit, size_t form)
{
    const struct plan *plan = pull->plan;
    if (pull->rolled != NULL)
        return (pull->flags[unit * plan->form_count + form] & PULL_OWES) != 0;
    return plan_unit_owes_in(plan, &plan->units[unit], &plan->forms[form],
                             registry_places(pull->query->registry), pull->period);
}

static uint32_t owed_count(const struct pull *pull, size_t form)
{
    uint32_t count = 0;
    if (pull->rolled == NULL)
        return tally_book_expected(pull->years[0].book, form);
    for (size_t i = 0; i < pull->plan->unit_count; i++)
        count += place_contains(pull->place, unit_place(pull->plan->units[i].id)) &&
                 pull_owes(pull, i, form);
    return count;
}

static void unit_count(uint8_t flags, uint64_t unit, Zhibao__Completeness *row)
{
    bool received = (flags & PULL_RECEIVED) != 0;
    bool accepted = (flags & PULL_ACCEPTED) != 0;
    row->expected++;
    row->received += received;
    row->accepted += accepted;
    row->confirmed += (flags & PULL_CONFIRMED) != 0;
    row->final += (flags & PULL_FINAL) != 0;
    if (!received && row->n_missing < LISTED_MAX)
        row->missing[row->n_missing++] = unit;
    if (received && !accepted && row->n_not_accepted < LISTED_MAX)
        row->not_accepted[row->n_not_accepted++] = unit;
    if ((flags & PULL_ENTERED) != 0 && row->n_entered < LISTED_MAX)
        row->entered[row->n_entered++] = unit;
}

static enum status form_count(const struct pull *pull, size_t form, uint32_t expected,
                              Zhibao__Pulled *reply)
{
    struct arena *arena = pull->query->arena;
    const struct plan *plan = pull->plan;
    size_t listed = expected < LISTED_MAX ? expected : LISTED_MAX;
    Zhibao__Completeness *row =
        (Zhibao__Completeness *)reply_new(arena, &zhibao__completeness__descriptor);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    row->form = reply_text(plan->forms[form].code);
    row->missing = arena_array(arena, listed, sizeof *row->missing);
    row->not_accepted = arena_array(arena, listed, sizeof *row->not_accepted);
    row->entered = arena_array(arena, listed, sizeof *row->entered);
    if (row->missing == NULL || row->not_accepted == NULL || row->entered == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->unit_count; i++)
        if (place_contains(pull->place, unit_place(plan->units[i].id)) && pull_owes(pull, i, form))
            unit_count(pull->flags[i * plan->form_count + form], plan->units[i].id, row);
    reply->completeness[reply->n_completeness++] = row;
    return STATUS_OK;
}

enum status pull_completeness(const struct pull *pull, Zhibao__Pulled *reply)
{
    enum status status = STATUS_OK;
    reply->completeness =
        arena_array(pull->query->arena, pull->plan->form_count, sizeof(Zhibao__Completeness *));
    if (reply->completeness == NULL)
        return STATUS_NO_MEMORY;
    for (size_t form = 0; form < pull->plan->form_count && status == STATUS_OK; form++) {
        uint32_t expected = owed_count(pull, form);
        if (expected > 0)
            status = form_count(pull, form, expected, reply);
    }
    return status;
}
