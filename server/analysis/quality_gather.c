#include <math.h>
#include <string.h>

#include "record.pb-c.h"
#include "server/analysis/quality.h"
#include "server/store/query_calendar.h"
#include "server/store/query_quality.h"
#include "wire/codec.h"

enum { PAYLOAD_ARENA_BYTES = 1024 * 1024 };

static enum status sheets_make(struct quality_book *book)
{
    const struct plan *plan = book->pull->plan;
    struct arena *arena = book->pull->query->arena;
    book->sheets = arena_array(arena, plan->unit_count * plan->form_count + 1, sizeof(void *));
    book->counted = arena_array(arena, plan->form_count + 1, sizeof *book->counted);
    if (book->sheets == NULL || book->counted == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->unit_count; i++)
        for (size_t form = 0; form < plan->form_count; form++) {
            if (!place_contains(book->pull->place, unit_place(plan->units[i].id)) ||
                !plan_unit_owes(plan, &plan->units[i], &plan->forms[form]))
                continue;
            struct quality_sheet *sheet = arena_alloc(arena, sizeof *sheet);
            if (sheet == NULL)
                return STATUS_NO_MEMORY;
            memset(sheet, 0, sizeof *sheet);
            book->sheets[i * plan->form_count + form] = sheet;
        }
    return STATUS_OK;
}

static struct quality_sheet *sheet_of(const struct quality_book *book, uint64_t unit, size_t form)
{
    const struct plan *plan = book->pull->plan;
    const struct unit *found = plan_unit(plan, unit);
    return found == NULL || form == PLAN_NONE
               ? NULL
               : book->sheets[(size_t)(found - plan->units) * plan->form_count + form];
}

static enum status figures_take(const struct quality_book *book, const struct report_row *row,
                                size_t form, struct quality_sheet *sheet, int year)
{
    struct arena *arena = book->pull->query->arena;
    const struct form *shape = &book->pull->plan->forms[form];
    double *figures = arena_array(arena, shape->cell_count, sizeof *figures);
    uint8_t *presence = arena_array(arena, shape->cell_count, sizeof *presence);
    if (figures == NULL || presence == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < shape->cell_count; i++) {
        figures[i] = NAN;
        presence[i] = PRESENCE_NOT_REPORTED;
    }
    for (size_t i = 0; i < row->observations.count; i++) {
        const struct cell *cell = form_map_cell(book->map, row->form_id, row->observations.cell[i]);
        if (cell == NULL)
            continue;
        presence[cell - shape->cells] = (uint8_t)row->observations.presence[i];
        if (row->observations.presence[i] == PRESENCE_VALUE)
            figures[cell - shape->cells] = row->observations.value[i];
    }
    sheet->figures[year] = figures;
    if (year == 0)
        sheet->presence = presence;
    sheet->demonstration = sheet->demonstration || row->demonstration;
    return STATUS_OK;
}

/* A report_visitor; rows come newest first. */
static enum status row_take(void *context, const struct report_row *row)
{
    struct quality_book *book = context;
    size_t form = form_map_form(book->map, row->form_id);
    struct quality_sheet *sheet = sheet_of(book, row->unit, form);
    int year = book->pull->period - row->period;
    if (sheet == NULL || row->bad_signature || year < 0 || year >= QUALITY_YEARS)
        return STATUS_OK;
    if (row->unit != book->unit || row->period != book->period) {
        book->unit = row->unit;
        book->period = row->period;
        memset(book->counted, 0, book->pull->plan->form_count * sizeof *book->counted);
    }
    if (year == 0)
        sheet->received = true;
    if (!row->accepted)
        return STATUS_OK;
    if (book->counted[form]) { /* an older revision had been accepted too */
        sheet->restated[year] = true;
        return STATUS_OK;
    }
    book->counted[form] = true;
    return figures_take(book, row, form, sheet, year);
}

/* Whether an amended report says why: a note, or an explanation of a cell. */
static bool has_reason(const struct arrival *arrival)
{
    struct arena *arena = arena_create(PAYLOAD_ARENA_BYTES);
    ProtobufCMessage *message = NULL;
    bool found = false;
    if (arena != NULL && message_read(&zhibao__report__descriptor, arena, arrival->payload,
                                      arrival->payload_size, &message) == STATUS_OK) {
        const Zhibao__Report *report = (const Zhibao__Report *)message;
        found = report->note[0] != '\0' || report->n_explanations > 0;
    }
    arena_destroy(&arena);
    return found;
}

static enum status arrival_take(void *context, const struct arrival *arrival)
{
    const struct quality_book *book = context;
    struct quality_sheet *sheet =
        sheet_of(book, arrival->unit, form_map_form(book->map, arrival->form_id));
    int year = book->pull->period - arrival->period;
    if (sheet == NULL || year < 0 || year >= QUALITY_YEARS)
        return STATUS_OK;
    if (year == 0 &&
        (sheet->first_received_us == 0 || arrival->received_us < sheet->first_received_us))
        sheet->first_received_us = arrival->received_us;
    if (arrival->revision > 1)
        sheet->reasoned[year] = has_reason(arrival); /* the newest comes last */
    return STATUS_OK;
}

enum status quality_gather(struct quality_book *book)
{
    const struct pull *pull = book->pull;
    struct query *query = pull->query;
    struct report_scope scope = {.place = pull->place};
    struct form_map *map = NULL;
    int64_t periods[QUALITY_YEARS];
    for (int year = 0; year < QUALITY_YEARS; year++)
        if (pull->period - year >= pull->plan->first_year)
            periods[scope.period_count++] = pull->period - year;
    scope.periods = periods;
    enum status status = sheets_make(book);
    if (status == STATUS_OK)
        status = form_map_create(query->db, query->arena, pull->plan, NULL, &map);
    if (status != STATUS_OK)
        return status;
    book->map = map;
    status = query_cutoff_book(query->db, query->arena, pull->plan, pull->period, &book->cutoffs);
    if (status != STATUS_OK)
        return status;
    scope.forms = form_map_ids(map, &scope.form_count);
    status = pull_districts(pull, &scope);
    if (status == STATUS_OK)
        status = query_reports(query->db, query->arena, &scope, row_take, book);
    if (status == STATUS_OK)
        status = query_arrivals(query->db, query->arena, &scope, arrival_take, book);
    return status;
}
