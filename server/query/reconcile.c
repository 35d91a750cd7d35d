/* RECONCILE: the same count as several units report it, side by side with the differences. */
#include "server/query/reconcile.h"

#include <math.h>
#include <string.h>

#include "server/query/handlers.h"
#include "server/query/pull.h"

/* From the count's first figure with a value. */
static void differences_set(Zhibao__ReconcileCount *count)
{
    const Zhibao__ReconcileFigure *first = NULL;
    double least = INFINITY, most = -INFINITY;
    size_t values = 0;
    for (size_t i = 0; i < count->n_figures; i++) {
        Zhibao__ReconcileFigure *figure = count->figures[i];
        if (figure->presence != ZHIBAO__PRESENCE__PRESENCE_VALUE)
            continue;
        values++;
        least = fmin(least, figure->value);
        most = fmax(most, figure->value);
        if (first == NULL) {
            first = figure;
            continue;
        }
        figure->has_difference = true;
        figure->difference = figure->value - first->value;
        figure->has_percent = first->value != 0;
        if (figure->has_percent)
            figure->percent = 100 * figure->difference / first->value;
    }
    count->has_spread = values >= 2;
    if (count->has_spread)
        count->spread = most - least;
}

/* Every form's figure for one row of reconcile.csv. */
static enum status figures_add(struct reconciling *reconciling, const struct same_count *same,
                               Zhibao__ReconcileCount *count)
{
    const struct plan *plan = reconciling->plan;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->form_count && status == STATUS_OK; i++) {
        Zhibao__ReconcileFigure *figure = NULL;
        if (!reconcile_has(&plan->forms[i], &same->figure))
            continue;
        status = reconcile_figure(reconciling, same, &plan->forms[i], &figure);
        if (status == STATUS_OK && figure != NULL)
            count->figures[count->n_figures++] = figure;
    }
    return status;
}

/* The count whose rows begin at *next, which moves behind them; nothing to compare: NULL. */
static enum status count_make(struct reconciling *reconciling, size_t *next,
                              Zhibao__ReconcileCount **out_count)
{
    const struct plan *plan = reconciling->plan;
    const struct same_count *same = &plan->same_counts[*next];
    struct arena *arena = reconciling->query->arena;
    Zhibao__ReconcileCount *count =
        (Zhibao__ReconcileCount *)reply_new(arena, &zhibao__reconcile_count__descriptor);
    size_t end = *next;
    while (end < plan->same_count_count && strcmp(plan->same_counts[end].count, same->count) == 0)
        end++;
    if (count != NULL)
        count->figures =
            arena_array(arena, (end - *next) * plan->form_count, sizeof(Zhibao__ReconcileFigure *));
    if (count == NULL || count->figures == NULL)
        return STATUS_NO_MEMORY;
    count->count = reply_text(same->count);
    count->name_zh = reply_text(same->name_zh);
    count->name_en = reply_text(same->name_en);
    enum status status = STATUS_OK;
    for (; *next < end && status == STATUS_OK; (*next)++)
        status = figures_add(reconciling, &plan->same_counts[*next], count);
    differences_set(count);
    *out_count = count->n_figures >= 2 ? count : NULL;
    return status;
}

static enum status counts_fill(struct reconciling *reconciling, const char *only,
                               Zhibao__Reconciled *reply)
{
    const struct plan *plan = reconciling->plan;
    enum status status = STATUS_OK;
    bool known = only[0] == '\0';
    reply->counts = arena_array(reconciling->query->arena, plan->same_count_count,
                                sizeof(Zhibao__ReconcileCount *));
    if (reply->counts == NULL)
        return STATUS_NO_MEMORY;
    for (size_t next = 0; next < plan->same_count_count && status == STATUS_OK;) {
        Zhibao__ReconcileCount *count = NULL;
        if (only[0] != '\0' && strcmp(plan->same_counts[next].count, only) != 0) {
            next++;
            continue;
        }
        known = true;
        status = count_make(reconciling, &next, &count);
        if (status == STATUS_OK && count != NULL)
            reply->counts[reply->n_counts++] = count;
        for (size_t i = 0; count != NULL && i < count->n_figures; i++)
            reply->demonstration = reply->demonstration || count->figures[i]->demonstration;
    }
    return known ? status
                 : query_refuse(reconciling->query, STATUS_E_CELL_UNKNOWN, "count",
                                "规划的reconcile.csv中没有这个数",
                                "the plan's reconcile.csv has no such count");
}

/* Everybody's reports of the year. */
static enum status standing_read(const struct pull *pull, struct reconciling *reconciling)
{
    struct query *query = pull->query;
    struct report_scope scope = {.place = pull->place, .period_count = 1};
    struct form_map *map = NULL;
    struct standing_report *standing = NULL;
    int64_t period = pull->period;
    enum status status = form_map_create(query->db, query->arena, pull->plan, NULL, &map);
    if (status == STATUS_OK)
        status = pull_districts(pull, &scope);
    if (status != STATUS_OK)
        return status;
    scope.periods = &period;
    scope.forms = form_map_ids(map, &scope.form_count);
    status =
        query_standing(query->db, query->arena, &scope, &standing, &reconciling->standing_count);
    reconciling->map = map;
    reconciling->standing = standing;
    return status;
}

enum status query_run_reconcile(struct query *query, const ProtobufCMessage *request,
                                ProtobufCMessage **out_reply)
{
    const Zhibao__Reconcile *asked = (const Zhibao__Reconcile *)request;
    struct pull pull = {.query = query};
    Zhibao__Reconciled *reply =
        (Zhibao__Reconciled *)reply_new(query->arena, &zhibao__reconciled__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = pull_begin_year(&pull, asked->place, asked->period, asked->plan);
    if (status != STATUS_OK)
        return status;
    struct reconciling reconciling = {.query = query,
                                      .plan = pull.plan,
                                      .place = pull.place,
                                      .period = pull.period,
                                      .reports = asked->reports && asked->count[0] != '\0',
                                      .budget = REPLY_BUDGET};
    status = standing_read(&pull, &reconciling);
    reply->place = pull.place;
    reply->place_name = reply_text(plan_place(pull.plan, pull.place)->name_zh);
    reply->period = asked->period;
    reply->plan = reply_text(pull.plan->code);
    if (status == STATUS_OK)
        status = counts_fill(&reconciling, asked->count, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
