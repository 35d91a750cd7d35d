/* One figure of a reconciliation: a unit's, or the sum of many units'. */
#include <string.h>

#include "plan/stratum.h"
#include "server/query/reconcile.h"

enum { NOTHINGS = 3 }; /* not applicable, not collected, not reported */

bool reconcile_has(const struct form *form, const struct expression *figure)
{
    for (size_t i = 0; i < figure->count; i++)
        if (form_choose(form, figure->terms[i].element, figure->terms[i].stratum).pattern == NULL)
            return false;
    return figure->count > 0;
}

/* What a unit's report says: cells with a value, and the others by kind of nothing. */
struct said {
    double value;
    size_t values, nothings[NOTHINGS];
};

/* The most frequent nothing; when equal as in common/stats/consolidate.h. */
static enum presence prevailing(const size_t nothings[NOTHINGS])
{
    if (nothings[2] >= nothings[1] && nothings[2] >= nothings[0])
        return PRESENCE_NOT_REPORTED;
    return nothings[1] >= nothings[0] ? PRESENCE_NOT_COLLECTED : PRESENCE_NOT_APPLICABLE;
}

static void term_add(const struct reconciling *reconciling, const struct form *form,
                     const struct term *term, const struct standing_report *report,
                     struct said *said)
{
    struct cell_choice choice = form_choose(form, term->element, term->stratum);
    const struct observations *observations = &report->observations;
    size_t cells = 0, seen = 0;
    for (size_t i = 0; i < form->cell_count; i++)
        cells += cell_chosen(&choice, &form->cells[i]);
    for (size_t i = 0; i < observations->count; i++) {
        const struct cell *cell =
            form_map_cell(reconciling->map, report->form_id, observations->cell[i]);
        if (cell == NULL || !cell_chosen(&choice, cell))
            continue;
        seen++;
        if (observations->presence[i] == PRESENCE_VALUE) {
            said->value += term->sign * observations->value[i];
            said->values++;
        } else {
            said->nothings[observations->presence[i] - PRESENCE_NOT_APPLICABLE]++;
        }
    }
    said->nothings[NOTHINGS - 1] += cells - seen; /* not listed is not reported */
}

static Zhibao__ReconcileReport *report_make(const struct reconciling *reconciling,
                                            const struct same_count *same, const struct form *form,
                                            uint64_t unit, const struct standing_report *standing)
{
    struct arena *arena = reconciling->query->arena;
    Zhibao__ReconcileReport *report =
        (Zhibao__ReconcileReport *)reply_new(arena, &zhibao__reconcile_report__descriptor);
    struct said said = {0};
    if (report == NULL)
        return NULL;
    report->unit = unit;
    report->unit_name = query_unit_name(reconciling->query, unit);
    report->presence = ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED;
    if (report->unit_name == NULL || standing == NULL)
        return report->unit_name == NULL ? NULL : report;
    for (size_t i = 0; i < same->figure.count; i++)
        term_add(reconciling, form, &same->figure.terms[i], standing, &said);
    report->revision = (uint32_t)standing->revision;
    report->state = (Zhibao__State)standing->state;
    report->accepted = standing->counts;
    report->demonstration = standing->demonstration;
    report->entered_by = standing->entered_by;
    report->presence = said.values > 0 ? ZHIBAO__PRESENCE__PRESENCE_VALUE
                                       : (Zhibao__Presence)prevailing(said.nothings);
    report->value = said.value;
    report->incomplete =
        said.values > 0 && said.nothings[0] + said.nothings[1] + said.nothings[2] > 0;
    return reply_bytes(arena, standing->id.bytes, RECORD_ID_BYTES, &report->id) ? report : NULL;
}

/* Standing reports from *next on that are the unit's; *next moves behind them. */
static const struct standing_report *standing_find(const struct reconciling *reconciling,
                                                   const struct form *form, uint64_t unit,
                                                   size_t *next)
{
    const struct standing_report *found = NULL;
    while (*next < reconciling->standing_count && reconciling->standing[*next].unit < unit)
        (*next)++;
    for (; *next < reconciling->standing_count && reconciling->standing[*next].unit == unit;
         (*next)++) {
        const struct standing_report *standing = &reconciling->standing[*next];
        size_t of = form_map_form(reconciling->map, standing->form_id);
        if (of != PLAN_NONE && &reconciling->plan->forms[of] == form)
            found = standing;
    }
    return found;
}

static void figure_count(Zhibao__ReconcileFigure *figure, const Zhibao__ReconcileReport *report)
{
    figure->expected++;
    figure->accepted += report->accepted != 0;
    figure->demonstration = figure->demonstration || report->demonstration;
    if (report->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE) {
        figure->value += report->value;
        figure->reporting++;
        figure->incomplete = figure->incomplete || report->incomplete;
    } else {
        figure->empty[report->presence - ZHIBAO__PRESENCE__PRESENCE_NOT_APPLICABLE]++;
    }
}

static Zhibao__ReconcileFigure *figure_new(const struct reconciling *reconciling,
                                           const struct same_count *same, const struct form *form)
{
    static const char *const summed[] = {"village", "township", "district"};
    const struct element *element = &reconciling->plan->elements[same->figure.terms[0].element];
    Zhibao__ReconcileFigure *figure = (Zhibao__ReconcileFigure *)reply_new(
        reconciling->query->arena, &zhibao__reconcile_figure__descriptor);
    if (figure == NULL)
        return NULL;
    figure->form = reply_text(form->code);
    figure->reporter = reply_text(form->reporter);
    figure->figure = reply_text(same->figure_text);
    figure->name_zh = reply_text(element->name_zh);
    figure->name_en = reply_text(element->name_en);
    for (size_t i = 0; i < sizeof summed / sizeof *summed; i++)
        figure->sum = figure->sum || strcmp(form->reporter, summed[i]) == 0;
    figure->n_empty = NOTHINGS;
    figure->empty = arena_array(reconciling->query->arena, NOTHINGS, sizeof *figure->empty);
    figure->reports = arena_array(reconciling->query->arena, reconciling->plan->unit_count,
                                  sizeof(Zhibao__ReconcileReport *));
    return figure->empty == NULL || figure->reports == NULL ? NULL : figure;
}

static void figure_close(Zhibao__ReconcileFigure *figure)
{
    size_t nothings[NOTHINGS];
    for (size_t i = 0; i < NOTHINGS; i++)
        nothings[i] = figure->empty[i];
    figure->presence = figure->reporting > 0 ? ZHIBAO__PRESENCE__PRESENCE_VALUE
                                             : (Zhibao__Presence)prevailing(nothings);
    figure->incomplete =
        figure->reporting > 0 && (figure->incomplete || figure->reporting < figure->expected);
}

enum status reconcile_figure(struct reconciling *reconciling, const struct same_count *same,
                             const struct form *form, Zhibao__ReconcileFigure **out_figure)
{
    const struct plan *plan = reconciling->plan;
    const struct place_history *history = registry_places(reconciling->query->registry);
    Zhibao__ReconcileFigure *figure = figure_new(reconciling, same, form);
    size_t next = 0;
    if (figure == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->unit_count; i++) {
        const struct unit *unit = &plan->units[i];
        uint64_t place = unit_place(unit->id);
        bool inside =
            figure->sum ? place_contains(reconciling->place, place) : reconciling->place == place;
        if (!inside || !plan_unit_owes_in(plan, unit, form, history, reconciling->period))
            continue;
        const struct standing_report *standing = standing_find(reconciling, form, unit->id, &next);
        Zhibao__ReconcileReport *report = report_make(reconciling, same, form, unit->id, standing);
        if (report == NULL)
            return STATUS_NO_MEMORY;
        figure_count(figure, report);
        if (figure->sum && !reconciling->reports)
            continue;
        if (reply_fits(&reconciling->budget, &report->base))
            figure->reports[figure->n_reports++] = report;
        else
            figure->reports_cut = true;
    }
    figure_close(figure);
    *out_figure = figure->expected > 0 ? figure : NULL;
    return STATUS_OK;
}
