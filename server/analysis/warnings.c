/* WARNINGS: what a pull with analysis finds that somebody has to look at. */
#include <stdlib.h>
#include <string.h>

#include "analysis.pb-c.h"
#include "assess/plan_series.h"
#include "assess/warning.h"
#include "plan/stratum.h"
#include "server/analysis/outlook.h"
#include "server/query/handlers.h"
#include "server/query/pull.h"

struct found {
    Zhibao__Warning *row;
    enum warning_level level;
    enum warning_kind kind;
    size_t order;
};

struct finding {
    struct pull *pull;
    size_t count, room;
    struct found *items;
    uint32_t judged, insufficient, withheld;
};

/* A change, or figures that stay away, is of the series whatever is asked of it. */
static bool is_of_series(enum warning_kind kind)
{
    return kind == WARNING_FLUCTUATION || kind == WARNING_MISSING;
}

static bool is_known(const struct finding *finding, const struct indicator *indicator,
                     const char *stratum, enum warning_kind kind)
{
    for (size_t i = 0; i < finding->count; i++)
        if (finding->items[i].kind == kind &&
            strcmp(finding->items[i].row->indicator, indicator->code) == 0 &&
            strcmp(finding->items[i].row->stratum, stratum) == 0)
            return true;
    return false;
}

static enum status sentences_fill(struct arena *arena, const struct indicator *indicator,
                                  const struct warning *warning, Zhibao__Warning *row)
{
    row->zh = arena_printf(arena, "%s：%s", indicator->name_zh, warning->zh);
    row->en = arena_printf(arena, "%s: %s", indicator->name_en, warning->en);
    return row->zh == NULL || row->en == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status outlook_fill(struct arena *arena, const struct assessment *a,
                                Zhibao__Warning *row)
{
    Zhibao__Outlook *outlook = (Zhibao__Outlook *)reply_new(arena, &zhibao__outlook__descriptor);
    if (outlook == NULL)
        return STATUS_NO_MEMORY;
    outlook_figures(a, outlook);
    row->outlook = outlook;
    return STATUS_OK;
}

static enum status finding_room(struct finding *finding)
{
    if (finding->count < finding->room)
        return STATUS_OK;
    size_t room = finding->room == 0 ? 64 : finding->room * 2;
    struct found *grown = arena_array(finding->pull->query->arena, room, sizeof *grown);
    if (grown == NULL)
        return STATUS_NO_MEMORY;
    if (finding->count > 0)
        memcpy(grown, finding->items, finding->count * sizeof *grown);
    finding->items = grown;
    finding->room = room;
    return STATUS_OK;
}

static enum status warning_add(struct finding *finding, const struct assessment *assessment,
                               const struct indicator *indicator, const struct target *target,
                               const struct warning *warning)
{
    struct arena *arena = finding->pull->query->arena;
    Zhibao__Warning *row = (Zhibao__Warning *)reply_new(arena, &zhibao__warning__descriptor);
    if (row == NULL || finding_room(finding) != STATUS_OK)
        return STATUS_NO_MEMORY;
    row->kind = reply_text(warning_kind_text(warning->kind));
    row->level = reply_text(warning_level_text(warning->level));
    row->indicator = reply_text(indicator->code);
    row->name_zh = reply_text(indicator->name_zh);
    row->name_en = reply_text(indicator->name_en);
    row->stratum = reply_text(assessment->series->stratum);
    row->unit = reply_text(indicator->unit);
    row->since = (uint32_t)warning->since;
    row->demonstration = pull_demonstration(finding->pull, indicator);
    if (target != NULL && !is_of_series(warning->kind)) {
        row->target = reply_text(target->code);
        row->op = reply_text(target->op_text);
        row->value = reply_text(target->value_text);
        row->year = reply_text(target->year_text);
    }
    enum status status = sentences_fill(arena, indicator, warning, row);
    if (status == STATUS_OK)
        status = outlook_fill(arena, assessment, row);
    finding->items[finding->count] = (struct found){
        .row = row, .level = warning->level, .kind = warning->kind, .order = finding->count};
    finding->count++;
    return status;
}

/* A pull_notice. Targets of higher levels are shown by the pull and alarm nobody here; of several
 * local ones those already past alarm only while they decide. */
static enum status take(void *noticer, const struct pull *pull, const struct assessment *assessment,
                        const struct assess_context *context, const struct target *target,
                        bool decides)
{
    struct finding *finding = noticer;
    const struct indicator *indicator =
        &pull->plan->indicators[plan_indicator(pull->plan, assessment->series->name)];
    struct warning warnings[WARNINGS_MAX];
    enum status status = STATUS_OK;
    bool higher =
        target != NULL && (target->scope == SCOPE_PROVINCIAL || target->scope == SCOPE_NATIONAL);
    bool past = target != NULL && target->has_year && target->year < pull->period;
    if (outlook_withheld(pull, (size_t)(indicator - pull->plan->indicators))) {
        finding->withheld++;
        return STATUS_OK;
    }
    if (target != NULL && !higher) {
        finding->judged++;
        finding->insufficient += assessment->class == ASSESS_INSUFFICIENT_DATA;
    }
    size_t count = warning_find(assessment, context, warnings);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        bool own = is_of_series(warnings[i].kind);
        if (own ? is_known(finding, indicator, assessment->series->stratum, warnings[i].kind)
                : higher || (past && !decides))
            continue;
        status = warning_add(finding, assessment, indicator, target, &warnings[i]);
    }
    return status;
}

static int by_level(const void *left, const void *right)
{
    const struct found *a = left, *b = right;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static enum status reply_fill(struct finding *finding, size_t first, Zhibao__WarningList *reply)
{
    const struct pull *pull = finding->pull;
    struct arena *arena = pull->query->arena;
    struct reply_budget budget = REPLY_BUDGET;
    reply->place = pull->place;
    reply->place_name = reply_text(plan_place(pull->plan, pull->place)->name_zh);
    reply->period = (uint32_t)pull->period;
    reply->plan = reply_text(pull->plan->code);
    reply->plan_name_zh = reply_text(pull->plan->name_zh);
    reply->plan_name_en = reply_text(pull->plan->name_en);
    reply->demonstration = pull->demonstration;
    reply->judged = finding->judged;
    reply->insufficient = finding->insufficient;
    reply->withheld = finding->withheld;
    reply->warnings = arena_array(arena, finding->count + 1, sizeof(Zhibao__Warning *));
    if (reply->warnings == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = first; i < finding->count; i++) {
        if (!reply_fits(&budget, &finding->items[i].row->base) && reply->n_warnings > 0)
            break;
        reply->warnings[reply->n_warnings++] = finding->items[i].row;
    }
    if (first + reply->n_warnings < finding->count) {
        int64_t next = (int64_t)(first + reply->n_warnings);
        reply->next = cursor_write(arena, &next, 1);
    }
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_warnings(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply)
{
    const Zhibao__Warnings *asked = (const Zhibao__Warnings *)request;
    Zhibao__Pull same = ZHIBAO__PULL__INIT;
    struct pull pull = {
        .query = query, .place = asked->place, .analysis = true, .across = asked->across_breaks};
    struct finding finding = {.pull = &pull};
    Zhibao__IndicatorResult **rows = NULL;
    size_t count = 0;
    int64_t first = 0;
    Zhibao__WarningList *reply =
        (Zhibao__WarningList *)reply_new(query->arena, &zhibao__warning_list__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    same.place = asked->place;
    same.period = asked->period;
    same.plan = asked->plan;
    pull.notice = take;
    pull.noticer = &finding;
    pull.plain = true;
    enum status status = query_cursor(query, "cursor", asked->cursor, &first, 1);
    if (status == STATUS_OK)
        status = pull_begin(&pull, &same);
    if (status == STATUS_OK)
        status = pull_gather(&pull);
    if (status == STATUS_OK)
        status = pull_results(&pull, &rows, &count);
    if (status != STATUS_OK)
        return status;
    if (finding.count > 1)
        qsort(finding.items, finding.count, sizeof *finding.items, by_level);
    status = reply_fill(&finding, (size_t)first, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
