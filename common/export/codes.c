#include "export/codes.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { ARENA_BYTES = 96 * 1024 * 1024, FIRST_SLOTS = 1024, LISTS_MAX = 24 };

struct codes {
    struct arena *arena; /* the texts */
    struct code *items;
    size_t count, room;
    size_t *slots; /* an open hash table of positions + 1; 0 is free */
    size_t slot_count;
    struct {
        const char *list;
        size_t used;
    } lists[LISTS_MAX];
};

struct codes *codes_create(void)
{
    struct codes *codes = calloc(1, sizeof *codes);
    if (codes == NULL)
        return NULL;
    codes->arena = arena_create(ARENA_BYTES);
    codes->slot_count = FIRST_SLOTS;
    codes->slots = calloc(codes->slot_count, sizeof *codes->slots);
    if (codes->arena == NULL || codes->slots == NULL)
        codes_destroy(&codes);
    return codes;
}

void codes_destroy(struct codes **codes)
{
    if (codes == NULL || *codes == NULL)
        return;
    arena_destroy(&(*codes)->arena);
    free((*codes)->items);
    free((*codes)->slots);
    free(*codes);
    *codes = NULL;
}

static size_t hash(const char *list, const char *id)
{
    size_t value = 5381;
    for (; *list != '\0'; list++)
        value = value * 33 ^ (unsigned char)*list;
    for (; *id != '\0'; id++)
        value = value * 33 ^ (unsigned char)*id;
    return value;
}

/* The slot of a code, or the free one where it belongs. */
static size_t *find_slot(const struct codes *codes, const char *list, const char *id)
{
    for (size_t at = hash(list, id);; at++) {
        size_t *slot = &codes->slots[at & (codes->slot_count - 1)];
        if (*slot == 0)
            return slot;
        const struct code *code = &codes->items[*slot - 1];
        if (strcmp(code->id, id) == 0 && strcmp(code->list, list) == 0)
            return slot;
    }
}

static bool grow(struct codes *codes)
{
    if (codes->count == codes->room) {
        size_t room = codes->room == 0 ? FIRST_SLOTS / 2 : codes->room * 2;
        struct code *items = realloc(codes->items, room * sizeof *items);
        if (items == NULL)
            return false;
        codes->items = items;
        codes->room = room;
    }
    if (codes->count * 2 < codes->slot_count)
        return true;
    size_t *old = codes->slots;
    codes->slots = calloc(codes->slot_count * 2, sizeof *codes->slots);
    if (codes->slots == NULL) {
        codes->slots = old;
        return false;
    }
    codes->slot_count *= 2;
    free(old);
    for (size_t i = 0; i < codes->count; i++)
        *find_slot(codes, codes->items[i].list, codes->items[i].id) = i + 1;
    return true;
}

static size_t next_index(struct codes *codes, const char *list)
{
    for (size_t i = 0; i < LISTS_MAX; i++) {
        if (codes->lists[i].list == NULL)
            codes->lists[i].list = list;
        if (strcmp(codes->lists[i].list, list) == 0)
            return codes->lists[i].used++;
    }
    return SIZE_MAX;
}

size_t codes_add(struct codes *codes, const char *list, const struct export_cell *cell)
{
    size_t *slot = find_slot(codes, list, cell->text);
    if (*slot != 0)
        return codes->items[*slot - 1].index;
    if (codes->count == CODES_MAX || !grow(codes))
        return SIZE_MAX;
    struct code code = {.list = list,
                        .id = arena_string(codes->arena, cell->text),
                        .zh = arena_string(codes->arena, cell->zh),
                        .en = arena_string(codes->arena, cell->en),
                        .note = cell->note == NULL ? NULL : arena_string(codes->arena, cell->note)};
    if (code.id == NULL || code.zh == NULL || code.en == NULL ||
        (cell->note != NULL && code.note == NULL))
        return SIZE_MAX;
    code.index = next_index(codes, list);
    codes->items[codes->count++] = code;
    *find_slot(codes, list, code.id) = codes->count;
    return code.index;
}

const struct code *codes_at(const struct codes *codes, size_t position)
{
    return position < codes->count ? &codes->items[position] : NULL;
}
