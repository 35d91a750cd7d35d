/* What a district's consolidation says besides its sums: how many units are behind each, and what
 * each unit has where the plan asks each for itself (PROTOCOL.md section 19). */
#include <string.h>

#include "server/query/pull.h"
#include "server/store/query_record.h"
#include "wire/codec.h"

/* Room for one more. */
static struct unit_figure *figure_new(struct pull_year *year, struct arena *arena)
{
    if (year->figure_count == year->figure_room) {
        size_t room = year->figure_room == 0 ? 256 : 2 * year->figure_room;
        struct unit_figure *grown = arena_array(arena, room, sizeof *grown);
        if (grown == NULL)
            return NULL;
        if (year->figure_count > 0)
            memcpy(grown, year->figures, year->figure_count * sizeof *grown);
        year->figures = grown;
        year->figure_room = room;
    }
    return &year->figures[year->figure_count++];
}

static enum status figure_add(const struct pull *pull, struct pull_year *year, uint64_t unit,
                              const Zhibao__UnitFigure *from)
{
    size_t indicator = plan_indicator(pull->plan, from->indicator);
    if (indicator == PLAN_NONE)
        return STATUS_OK; /* of a former version of the plan */
    struct unit_figure *figure = figure_new(year, pull->query->arena);
    if (figure == NULL)
        return STATUS_NO_MEMORY;
    bool has = from->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
    *figure = (struct unit_figure){
        .indicator = indicator,
        .stratum = from->stratum,
        .district = unit_place(unit),
        .value = {.group = from->place,
                  .has_value = has,
                  .presence = (enum presence)from->presence,
                  .averaged = from->averaged,
                  .value = from->value,
                  .numerator = from->numerator,
                  .denominator = from->denominator}
    };
    return STATUS_OK;
}

enum status pull_consolidation(const struct pull *pull, struct pull_year *year,
                               const struct report_row *row, const struct tally_entry *entry)
{
    struct stored_record record;
    struct arena *arena = pull->query->arena;
    ProtobufCMessage *message = NULL;
    uint64_t district = unit_place(row->unit);
    enum status status = query_record(pull->query->db, arena, district, district, row->unit,
                                      ZHIBAO__RECORD_KIND__RECORD_REPORT, &row->id, &record);
    if (status == STATUS_OK)
        status = message_read(&zhibao__report__descriptor, arena, record.payload,
                              record.payload_size, &message);
    if (status != STATUS_OK)
        return status;
    const Zhibao__Report *report = (const Zhibao__Report *)message;
    for (size_t i = 0; i < report->n_reporters && i < report->observations->n_cell; i++) {
        const struct cell *cell = form_cell(entry->form, report->observations->cell[i]);
        if (cell != NULL && report->observations->presence[i] == PRESENCE_VALUE)
            tally_entry_reporters(entry, cell, report->reporters[i]);
    }
    for (size_t i = 0; i < report->n_units && status == STATUS_OK; i++)
        status = figure_add(pull, year, row->unit, report->units[i]);
    return status;
}
