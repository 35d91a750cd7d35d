/* One page of a pull: rows within the budget, and the names of what they mention. */
#include <stdlib.h>

#include "server/query/pull.h"

struct mentions {
    size_t count, room;
    uint64_t *codes;
};

static void mention(struct mentions *mentions, const uint64_t *codes, size_t count)
{
    for (size_t i = 0; i < count && mentions->count < mentions->room; i++)
        if (codes[i] != 0)
            mentions->codes[mentions->count++] = codes[i];
}

static size_t row_mentions(const Zhibao__IndicatorResult *row)
{
    size_t count = row->worst_place != 0;
    for (size_t i = 0; i < row->n_targets; i++)
        count += row->targets[i]->n_failing;
    return count;
}

static int by_code(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* A unit's number has 15 digits, a place's 12. */
static const char *name_of(const struct plan *plan, uint64_t code)
{
    if (code > PLACE_MAX) {
        const struct unit *unit = plan_unit(plan, code);
        return unit == NULL ? NULL : unit->name_zh;
    }
    const struct place *place = plan_place(plan, code);
    return place == NULL ? NULL : place->name_zh;
}

/* Names each code once, as far as the budget goes: they are a courtesy, the codes are whole. */
static enum status names_fill(const struct pull *pull, const struct mentions *mentions,
                              Zhibao__Pulled *reply)
{
    struct arena *arena = pull->query->arena;
    struct reply_budget budget = REPLY_BUDGET_NAMES;
    reply->names = arena_array(arena, mentions->count, sizeof(Zhibao__PlaceName *));
    if (reply->names == NULL)
        return STATUS_NO_MEMORY;
    if (mentions->count > 1)
        qsort(mentions->codes, mentions->count, sizeof *mentions->codes, by_code);
    for (size_t i = 0; i < mentions->count; i++) {
        const char *name = name_of(pull->plan, mentions->codes[i]);
        if (name == NULL || (i > 0 && mentions->codes[i] == mentions->codes[i - 1]))
            continue;
        Zhibao__PlaceName *entry =
            (Zhibao__PlaceName *)reply_new(arena, &zhibao__place_name__descriptor);
        if (entry == NULL)
            return STATUS_NO_MEMORY;
        entry->place = mentions->codes[i];
        entry->name = reply_text(name);
        if (!reply_fits(&budget, &entry->base))
            return STATUS_OK;
        reply->names[reply->n_names++] = entry;
    }
    return STATUS_OK;
}

static enum status mentions_make(const struct pull *pull, const Zhibao__Pulled *reply,
                                 struct mentions *out_mentions)
{
    size_t room = 1;
    for (size_t i = 0; i < reply->n_indicators; i++)
        room += row_mentions(reply->indicators[i]);
    for (size_t i = 0; i < reply->n_completeness; i++)
        room += reply->completeness[i]->n_missing + reply->completeness[i]->n_not_accepted;
    out_mentions->codes = arena_array(pull->query->arena, room, sizeof *out_mentions->codes);
    if (out_mentions->codes == NULL)
        return STATUS_NO_MEMORY;
    out_mentions->room = room;
    mention(out_mentions, &pull->place, 1);
    for (size_t i = 0; i < reply->n_indicators; i++) {
        const Zhibao__IndicatorResult *row = reply->indicators[i];
        mention(out_mentions, &row->worst_place, 1);
        for (size_t k = 0; k < row->n_targets; k++)
            mention(out_mentions, row->targets[k]->failing, row->targets[k]->n_failing);
    }
    for (size_t i = 0; i < reply->n_completeness; i++) {
        const Zhibao__Completeness *row = reply->completeness[i];
        mention(out_mentions, row->missing, row->n_missing);
        mention(out_mentions, row->not_accepted, row->n_not_accepted);
    }
    return STATUS_OK;
}

enum status pull_page(const struct pull *pull, Zhibao__IndicatorResult **rows, size_t count,
                      size_t first, Zhibao__Pulled *reply)
{
    struct arena *arena = pull->query->arena;
    struct reply_budget budget = REPLY_BUDGET;
    struct mentions mentions = {0};
    if (first > count)
        first = count;
    reply_fits(&budget, &reply->base); /* the head, with completeness on the first page */
    reply->indicators = arena_array(arena, count - first, sizeof(Zhibao__IndicatorResult *));
    if (reply->indicators == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = first; i < count; i++) {
        if (!reply_fits(&budget, &rows[i]->base) && reply->n_indicators > 0)
            break;
        reply->indicators[reply->n_indicators++] = rows[i];
    }
    if (first + reply->n_indicators < count) {
        int64_t next = (int64_t)(first + reply->n_indicators);
        reply->next = cursor_write(arena, &next, 1);
        if (reply->next == NULL)
            return STATUS_NO_MEMORY;
    }
    enum status status = mentions_make(pull, reply, &mentions);
    return status == STATUS_OK ? names_fill(pull, &mentions, reply) : status;
}
