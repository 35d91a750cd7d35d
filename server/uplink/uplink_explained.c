#include "server/uplink/uplink_explained.h"

#include <string.h>

#include "base/unit_id.h"
#include "text/utf8.h"

enum { ROOM_LEAST = 200 }; /* for the beginning of a text that does not fit */

/* Whether the figure explained is part of the cell's sum. */
static bool is_part(const struct plan *plan, const struct uplink_source *from,
                    const struct explained_row *row)
{
    uint64_t place = unit_place(row->unit);
    return from->form != PLAN_NONE && from->cell == row->cell &&
           strcmp(plan->forms[from->form].code, row->form) == 0 &&
           (from->area == AREA_NONE || (from->area == AREA_RURAL && place_is_rural(place)) ||
            (from->area == AREA_URBAN && place_is_urban(place)));
}

/* "NAME（VALUE）：TEXT". NULL without memory. */
static char *one_text(struct arena *arena, const struct uplink_said *said)
{
    const struct explained_row *row = said->row;
    if (row->presence != PRESENCE_VALUE)
        return arena_printf(arena, "%s：%s", said->unit_name, row->text);
    return arena_printf(arena, "%s（%.15g）：%s", said->unit_name, row->value, row->text);
}

/* All that is said of one cell, as much as there is room for; "" for nothing, NULL without memory.
 */
static char *cell_text(const struct plan *plan, const struct uplink_source *from,
                       const struct uplink_said *said, size_t count, size_t room,
                       struct arena *arena)
{
    char *text = arena_string(arena, "");
    size_t listed = 0, all = 0;
    for (size_t i = 0; i < count && text != NULL; i++) {
        if (!is_part(plan, from, said[i].row))
            continue;
        all++;
        const char *one = one_text(arena, &said[i]);
        if (one != NULL && listed == 0 && strlen(one) > room && room >= ROOM_LEAST)
            one = arena_printf(arena, "%.*s……", (int)utf8_cut(one, room - ROOM_LEAST / 2), one);
        if (one == NULL)
            return NULL;
        if (listed + 1 != all || strlen(text) + strlen(one) + strlen("；") > room)
            continue;
        text = arena_printf(arena, "%s%s%s", text, listed == 0 ? "" : "；", one);
        listed++;
    }
    if (text == NULL || listed == all)
        return text;
    return arena_printf(arena, "%s%s另有%zu条说明在区县可查（%zu more in the district）", text,
                        listed == 0 ? "" : "；", all - listed, all - listed);
}

enum status uplink_explained(const struct plan *plan, const Zhibao__FormSheet *sheet,
                             const struct uplink_said *said, size_t count, struct arena *arena,
                             Zhibao__Report *report)
{
    size_t used = 0;
    report->explanations = arena_array(arena, sheet->n_cells, sizeof *report->explanations);
    if (report->explanations == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < sheet->n_cells && count > 0; i++) {
        struct uplink_source from = uplink_source_find(plan, sheet->cells[i]);
        size_t left = used < UPLINK_EXPLAINED_BYTES ? UPLINK_EXPLAINED_BYTES - used : 0;
        size_t room = left < UPLINK_EXPLANATION_BYTES ? left : UPLINK_EXPLANATION_BYTES;
        char *text = cell_text(plan, &from, said, count, room, arena);
        if (text == NULL)
            return STATUS_NO_MEMORY;
        if (text[0] == '\0')
            continue;
        Zhibao__Explanation *explanation = arena_alloc(arena, sizeof *explanation);
        if (explanation == NULL)
            return STATUS_NO_MEMORY;
        zhibao__explanation__init(explanation);
        explanation->cell = sheet->cells[i]->cell;
        explanation->text = text;
        report->explanations[report->n_explanations++] = explanation;
        used += strlen(text);
    }
    return STATUS_OK;
}
