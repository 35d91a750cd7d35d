/* FIGURES: the reports that count, with every figure, for exports. */
#include <string.h>

#include "export.pb-c.h"
#include "server/query/access.h"
#include "server/query/form_map.h"
#include "server/query/handlers.h"
#include "server/query/pull.h"

/* A page ends before a unit for whose reports it might have no room. */
enum { ROOM_BYTES = 128 * 1024, ROOM_FIELDS = 1000 };

struct figures {
    struct query *query;
    const struct plan *plan;
    const struct form_map *map;
    Zhibao__FigureRows *reply;
    size_t room;
    uint64_t after, unit; /* units up to `after` were on earlier pages; whose rows are being read */
    bool seen;            /* the asker may see the unit's reports */
    bool full;
    bool *counted;       /* by form: the unit's counting report was seen */
    uint32_t *positions; /* by form: its place in the reply, from 1 */
    struct reply_budget budget;
};

/* The form is described where a report of it is. */
static enum status form_note(struct figures *figures, size_t index)
{
    struct arena *arena = figures->query->arena;
    const struct form *form = &figures->plan->forms[index];
    if (figures->positions[index] != 0)
        return STATUS_OK;
    Zhibao__FigureForm *told =
        (Zhibao__FigureForm *)reply_new(arena, &zhibao__figure_form__descriptor);
    if (told == NULL)
        return STATUS_NO_MEMORY;
    told->form = reply_text(form->code);
    told->title_zh = reply_text(form->title_zh);
    told->title_en = reply_text(form->title_en);
    told->cells = arena_array(arena, form->cell_count, sizeof(Zhibao__FormCell *));
    if (told->cells == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < form->cell_count; i++) {
        Zhibao__FormCell *cell = reply_cell(arena, figures->plan, &form->cells[i]);
        if (cell == NULL)
            return STATUS_NO_MEMORY;
        told->cells[told->n_cells++] = cell;
    }
    reply_fits(&figures->budget, &told->base);
    figures->reply->forms[figures->reply->n_forms++] = told;
    figures->positions[index] = (uint32_t)figures->reply->n_forms;
    return STATUS_OK;
}

/* The row's figures as cells of the form in force, ascending. */
static Zhibao__Observations *columns_make(const struct figures *figures,
                                          const struct report_row *row, const struct form *form)
{
    struct arena *arena = figures->query->arena;
    Zhibao__Observations *columns =
        (Zhibao__Observations *)reply_new(arena, &zhibao__observations__descriptor);
    uint32_t *presence = arena_array(arena, form->cell_count, sizeof *presence);
    double *value = arena_array(arena, form->cell_count, sizeof *value);
    uint32_t *cells = arena_array(arena, form->cell_count, sizeof *cells);
    if (columns == NULL || presence == NULL || value == NULL || cells == NULL)
        return NULL;
    for (size_t i = 0; i < row->observations.count; i++) {
        const struct cell *cell =
            form_map_cell(figures->map, row->form_id, row->observations.cell[i]);
        if (cell == NULL)
            continue;
        presence[cell - form->cells] = row->observations.presence[i];
        value[cell - form->cells] = row->observations.value[i];
    }
    size_t count = 0;
    for (size_t i = 0; i < form->cell_count; i++) {
        if (presence[i] == 0)
            continue;
        cells[count] = form->cells[i].number;
        presence[count] = presence[i];
        value[count++] = value[i];
    }
    columns->cell = cells;
    columns->presence = presence;
    columns->value = value;
    columns->n_cell = columns->n_presence = columns->n_value = count;
    return columns;
}

static enum status report_add(struct figures *figures, const struct report_row *row, size_t index)
{
    struct arena *arena = figures->query->arena;
    Zhibao__FigureRows *reply = figures->reply;
    const struct place *place = plan_place(figures->plan, unit_place(row->unit));
    enum status status = form_note(figures, index);
    Zhibao__FigureReport *report =
        (Zhibao__FigureReport *)reply_new(arena, &zhibao__figure_report__descriptor);
    if (status != STATUS_OK || report == NULL)
        return status != STATUS_OK ? status : STATUS_NO_MEMORY;
    report->unit = row->unit;
    report->place_name = reply_text(place == NULL ? "" : place->name_zh);
    report->form = figures->positions[index] - 1;
    report->revision = (uint32_t)row->revision;
    report->demonstration = row->demonstration;
    report->observations = columns_make(figures, row, &figures->plan->forms[index]);
    if (report->observations == NULL)
        return STATUS_NO_MEMORY;
    reply_fits(&figures->budget, &report->base);
    if (reply->n_reports == figures->room) {
        size_t room = figures->room == 0 ? 256 : figures->room * 2;
        Zhibao__FigureReport **grown = arena_array(arena, room, sizeof(Zhibao__FigureReport *));
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        if (reply->n_reports > 0)
            memcpy(grown, reply->reports, reply->n_reports * sizeof(Zhibao__FigureReport *));
        reply->reports = grown;
        figures->room = room;
    }
    reply->reports[reply->n_reports++] = report;
    return STATUS_OK;
}

/* A report_visitor: rows come by unit, newest revision first. */
static enum status row_take(void *context, const struct report_row *row)
{
    struct figures *figures = context;
    size_t form = form_map_form(figures->map, row->form_id);
    if (form == PLAN_NONE || row->unit <= figures->after)
        return STATUS_OK;
    if (row->unit != figures->unit) {
        bool narrow = figures->budget.bytes < ROOM_BYTES || figures->budget.fields < ROOM_FIELDS;
        if (narrow && figures->reply->n_reports > 0) {
            figures->full = true;
            return STATUS_LIMIT;
        }
        figures->unit = row->unit;
        figures->seen = query_may_see(figures->query, row->unit);
        memset(figures->counted, 0, figures->plan->form_count * sizeof(bool));
    }
    if (!figures->seen || !row->accepted || row->bad_signature || figures->counted[form])
        return STATUS_OK;
    figures->counted[form] = true;
    return report_add(figures, row, form);
}

static enum status rows_read(struct figures *figures, struct pull *pull, const char *form)
{
    struct query *query = figures->query;
    struct form_map *map = NULL;
    int64_t period = pull->period;
    struct report_scope scope = {.place = pull->place, .periods = &period, .period_count = 1};
    size_t forms = figures->plan->form_count;
    if (forms == 0)
        return STATUS_OK; /* published figures only: nobody reports */
    figures->counted = arena_array(query->arena, forms, sizeof(bool));
    figures->positions = arena_array(query->arena, forms, sizeof(uint32_t));
    figures->reply->forms = arena_array(query->arena, forms, sizeof(Zhibao__FigureForm *));
    if (figures->counted == NULL || figures->positions == NULL || figures->reply->forms == NULL)
        return STATUS_NO_MEMORY;
    enum status status = form_map_create(query->db, query->arena, figures->plan, form, &map);
    figures->map = map;
    if (status == STATUS_OK)
        status = pull_districts(pull, &scope);
    if (status != STATUS_OK)
        return status;
    scope.forms = form_map_ids(map, &scope.form_count);
    status = query_reports(query->db, query->arena, &scope, row_take, figures);
    if (!figures->full)
        return status;
    int64_t next = (int64_t)figures->unit;
    figures->reply->next = cursor_write(query->arena, &next, 1);
    return figures->reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* Who may see the place sees all of it; a department its own report there. */
static enum status begin(struct pull *pull, const Zhibao__Figures *asked)
{
    struct query *query = pull->query;
    bool own = pull->place == unit_place(query->asker.id);
    if (!own && !query_may_see_place(query, pull->place))
        return query_refuse(query, STATUS_E_FORBIDDEN, "place",
                            "该行政区划的填报数不在本单位可查看的范围内",
                            "the reports of this place are outside what your unit may see");
    const struct plan *plan = pull_plan(query, asked->plan, pull->place);
    if (plan == NULL)
        return query_refuse(query, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
    if (asked->period > INT16_MAX)
        return query_refuse(query, STATUS_E_PERIOD, "period", NULL, NULL);
    plan = asked->plan[0] == '\0' ? registry_plan_of_year(query->registry, plan, (int)asked->period)
                                  : plan_version(plan, (int)asked->period);
    if (!place_contains(plan->place, pull->place) || plan_place(plan, pull->place) == NULL)
        return query_refuse(query, STATUS_E_PLACE_FOREIGN, "place", "该行政区划不属于此规划",
                            "the plan does not cover this place");
    if ((int)asked->period < plan->first_year || (int)asked->period > plan->last_year)
        return query_refuse(query, STATUS_E_PERIOD, "period", NULL, NULL);
    if (asked->form[0] != '\0' && plan_form(plan, asked->form) == NULL)
        return query_refuse(query, STATUS_E_FORM_UNKNOWN, "form", NULL, NULL);
    pull->plan = plan;
    pull->period = (int)asked->period;
    return STATUS_OK;
}

enum status query_run_figures(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply)
{
    const Zhibao__Figures *asked = (const Zhibao__Figures *)request;
    struct pull pull = {.query = query, .place = asked->place};
    Zhibao__Pulled head = ZHIBAO__PULLED__INIT;
    int64_t after = 0;
    Zhibao__FigureRows *reply =
        (Zhibao__FigureRows *)reply_new(query->arena, &zhibao__figure_rows__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    if (pull.place == 0)
        pull.place = unit_place(query->asker.id);
    enum status status = query_cursor(query, "cursor", asked->cursor, &after, 1);
    if (status == STATUS_OK)
        status = begin(&pull, asked);
    if (status != STATUS_OK)
        return status;
    struct figures figures = {.query = query,
                              .plan = pull.plan,
                              .reply = reply,
                              .after = (uint64_t)after,
                              .budget = REPLY_BUDGET};
    pull_head(&pull, &head);
    reply->place = head.place;
    reply->period = head.period;
    reply->plan = head.plan;
    reply->locked = head.locked;
    status = rows_read(&figures, &pull, asked->form[0] == '\0' ? NULL : asked->form);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
