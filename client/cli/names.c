#include "cli/names.h"

#include <string.h>

enum { UNITS_MAX = 1000000 };

struct names {
    const struct context *context;
    const Zhibao__UnitRow **rows;
    size_t count;
};

static bool add_page(struct context *context, const Zhibao__Units *page,
                     const Zhibao__UnitRow ***rows, size_t *count, size_t *room)
{
    if (*count + page->n_units > UNITS_MAX)
        return false;
    if (*count + page->n_units > *room) {
        size_t wanted = 2 * (*count + page->n_units);
        const Zhibao__UnitRow **grown =
            arena_array(context->arena, wanted, sizeof(Zhibao__UnitRow *));
        if (grown == NULL)
            return false;
        if (*count > 0)
            memcpy(grown, *rows, *count * sizeof(Zhibao__UnitRow *));
        *rows = grown;
        *room = wanted;
    }
    for (size_t i = 0; i < page->n_units; i++)
        (*rows)[(*count)++] = page->units[i];
    return true;
}

/* STATUS_OK, or why the server did not tell. */
static enum status fetch(struct context *context, uint64_t place, const Zhibao__UnitRow ***out_rows,
                         size_t *out_count)
{
    Zhibao__ListUnits question = ZHIBAO__LIST_UNITS__INIT;
    ProtobufCMessage *message = NULL;
    const Zhibao__UnitRow **rows = NULL;
    size_t count = 0, room = 0;
    question.place = place;
    for (;;) {
        enum status status = zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_LIST_UNITS,
                                            &question.base, context->arena, &message);
        if (status != STATUS_OK)
            return status;
        const Zhibao__Units *page = (const Zhibao__Units *)message;
        if (!add_page(context, page, &rows, &count, &room))
            return STATUS_LIMIT;
        if (page->next[0] == '\0' || page->n_units == 0)
            break;
        question.cursor = page->next;
    }
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}

struct names *names_fetch(struct context *context, uint64_t place)
{
    struct names *names = arena_alloc(context->arena, sizeof *names);
    if (names == NULL || fetch(context, place, &names->rows, &names->count) != STATUS_OK)
        return NULL;
    names->context = context;
    return names;
}

const char *names_find(const struct names *names, uint64_t unit)
{
    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < names->count; i++)
        if (names->rows[i]->unit == unit) {
            const Zhibao__UnitRow *row = names->rows[i];
            return row->name_en[0] == '\0' ? row->name_zh
                                           : TR(names->context, row->name_zh, row->name_en);
        }
    return NULL;
}

bool units_fetch(struct context *context, uint64_t place, const Zhibao__UnitRow ***out_rows,
                 size_t *out_count, enum exit_code *out_code)
{
    enum status status = fetch(context, place, out_rows, out_count);
    if (status == STATUS_OK)
        return true;
    *out_code = failed(context, status);
    return false;
}
