#include "server/ingest/validate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/period_rule.h"
#include "server/chain/calendar.h"

enum {
    NAME_BYTES_MAX = 200,
    NOTE_BYTES_MAX = 4000,
    EXPLANATION_BYTES_MAX = 2000,
};

/* The form's opening: the one set, or else the plan's default. */
static int64_t opening_find(const struct task *task, struct registry *registry, int period)
{
    int64_t opens_us = INT64_MIN, due_us = 0;
    if (!registry_opening(registry, task->report->plan, task->district, period, task->report->form,
                          &opens_us) &&
        !cutoff_default(task->form.form, LEVEL_UNIT, period, &opens_us, &due_us))
        return INT64_MIN;
    return opens_us;
}

static void period_check(struct task *task, const struct plan *plan, struct registry *registry)
{
    int period = (int)task->report->period;
    bool in_plan = period >= plan->first_year && period <= plan->last_year;
    struct period_rule rule = {
        .first_year = plan->first_year,
        .last_year = plan->last_year,
        .locked = in_plan && registry_locked(registry, plan->code, task->district, period),
        .opens_us = in_plan ? opening_find(task, registry, period) : INT64_MIN};
    enum status status = period_rule_check(&rule, period, task->leaf.received_us, &task->problems);
    task->refusal = task->refusal == STATUS_OK ? status : task->refusal;
}

/* The form exists, is current, and this unit owes it. */
static bool form_find(struct task *task, struct registry *registry)
{
    const Zhibao__Report *report = task->report;
    const struct plan *plan = registry_plan(registry, report->plan);
    if (plan == NULL) {
        task_problem(task, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
        return false;
    }
    if (!registry_form(registry, report->plan, report->form, &task->form)) {
        task_problem(task, STATUS_E_FORM_UNKNOWN, "form", NULL, NULL);
        return false;
    }
    const struct unit *unit = plan_unit(task->form.plan, task->author.id);
    if (unit == NULL || !plan_unit_owes(task->form.plan, unit, task->form.form)) {
        task_problem(task, STATUS_E_FORM_NOT_OWED, "form", NULL, NULL);
        return false;
    }
    bool in_plan =
        (int)report->period >= plan->first_year && (int)report->period <= plan->last_year;
    if (in_plan && !plan_unit_owes_in(task->form.plan, unit, task->form.form,
                                      registry_places(registry), (int)report->period)) {
        task_problem(task, STATUS_E_FORM_NOT_OWED, "period",
                     "本单位的行政区划在该年年末不存在（已合并、拆分、变更，或尚未设立）",
                     "the unit's place is not there at the end of that year: it has merged, split "
                     "or been renamed, or is not yet set up");
        return false;
    }
    if (report->form_version != task->form.form->version) {
        task_problem(task, STATUS_E_FORM_VERSION, "form_version", NULL, NULL);
        return false;
    }
    return true;
}

static void text_check(struct task *task, const char *text, size_t limit, const char *field)
{
    if (strlen(text) > limit)
        task_problem(task, STATUS_E_TEXT, field, NULL, NULL);
}

static bool is_explained(const struct task *task, uint32_t cell, size_t before)
{
    for (size_t i = 0; i < before; i++)
        if (task->report->explanations[i]->cell == cell)
            return true;
    return false;
}

static void explanations_check(struct task *task)
{
    for (size_t i = 0; i < task->report->n_explanations; i++) {
        const Zhibao__Explanation *explanation = task->report->explanations[i];
        if (is_explained(task, explanation->cell, i))
            problems_add(&task->problems, STATUS_E_CELL_ORDER, explanation->cell, "explanations",
                         NULL, NULL);
        if (form_cell(task->form.form, explanation->cell) == NULL)
            problems_add(&task->problems, STATUS_E_CELL_UNKNOWN, explanation->cell, "explanations",
                         NULL, NULL);
        text_check(task, explanation->text, EXPLANATION_BYTES_MAX, "explanations");
    }
    if (task->refusal == STATUS_OK && task->problems.count > 0)
        task->refusal = task->problems.items[0].code;
}

static void figures_check(struct task *task)
{
    const Zhibao__Observations *observed = task->report->observations;
    struct observations columns = {0};
    if (observed != NULL) {
        if (observed->n_cell != observed->n_presence || observed->n_cell != observed->n_value) {
            task_problem(task, STATUS_E_COLUMNS, "observations", NULL, NULL);
            return;
        }
        columns.count = observed->n_cell;
        columns.cell = observed->cell;
        columns.presence = observed->presence;
        columns.value = observed->value;
    }
    enum status status = form_check(task->form.plan, task->form.form, &columns, &task->problems);
    if (status != STATUS_OK && task->refusal == STATUS_OK)
        task->refusal = status;
}

/* Only a village's own township enters for it, and says so. */
static void enterer_check(struct task *task)
{
    uint64_t enterer = task->report->entered_by;
    uint64_t township = place_ancestor(unit_place(task->author.id), PLACE_TOWNSHIP);
    if (enterer != 0 &&
        (task->author.role != ROLE_VILLAGE || enterer != unit_make(township, UNIT_OWN)))
        task_problem(task, STATUS_E_FORBIDDEN, "entered_by", "只有所属乡镇可以为村（社区）代填",
                     "only a village's own township enters a report on its behalf");
}

static void explanation_judged(struct task *task, size_t index, enum status status)
{
    switch (status) {
    case STATUS_E_EXPLANATION_BOILERPLATE:
        explanation_problem(task, status, index, "的说明是套话，请写明原因",
                            "the explanation is boilerplate: give the reason");
        return;
    case STATUS_E_EXPLANATION_SHORT:
        explanation_problem(task, status, index, "的说明不足8个字（不计标点），请写明原因",
                            "the explanation has fewer than 8 characters: give the reason");
        return;
    default: task_problem(task, status, "explanations", NULL, NULL);
    }
}

/* Each explanation has to say something, and something of its own. */
static void explanations_judge(struct task *task, struct registry *registry)
{
    const Zhibao__Report *report = task->report;
    size_t count = report->n_explanations;
    struct explanation_key *keys = arena_array(task->arena, count, sizeof *keys);
    uint32_t *cells = arena_array(task->arena, count, sizeof *cells);
    if (keys == NULL || cells == NULL) {
        task_problem(task, STATUS_E_BUSY, "", NULL, NULL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        cells[i] = report->explanations[i]->cell;
        enum status status = explanation_judge(registry_boilerplate(registry),
                                               report->explanations[i]->text, &keys[i]);
        if (status == STATUS_NO_MEMORY)
            status = STATUS_E_BUSY;
        if (form_is_consolidation(task->form.form) && status != STATUS_E_BUSY)
            continue; /* its words are its units', judged where they reported */
        size_t same = 0;
        while (same < i && memcmp(keys[same].bytes, keys[i].bytes, sizeof keys[i].bytes) != 0)
            same++;
        if (status != STATUS_OK)
            explanation_judged(task, i, status);
        else if (same < i)
            explanation_problem(task, STATUS_E_EXPLANATION_REPEATED, i,
                                "的说明与另一项的相同，请写明这一项的原因",
                                "repeats another cell's explanation: give this cell's reason");
    }
    task->explanation_keys = keys;
    task->explained = cells;
}

/* What the report tells by itself; the writer goes on with what was reported before. */
static void suspicions_check(struct task *task, struct registry *registry)
{
    const Zhibao__Observations *observed = task->report->observations;
    explanations_judge(task, registry);
    if (observed == NULL || (task->refusal != STATUS_OK && !soft_code(task->refusal)))
        return;
    struct soft_input input = {
        .period = (int)task->report->period,
        .observations = {observed->n_cell, observed->cell, observed->presence, observed->value},
        .explained = task->explained,
        .explained_count = task->report->n_explanations
    };
    enum status status =
        soft_check(task->form.plan, task->form.form, &input, SOFT_BY_ITSELF, &task->problems);
    if (task->refusal == STATUS_OK)
        task->refusal = status;
}

/* What only a district's consolidation may say. */
static void units_check(struct task *task)
{
    const Zhibao__Report *report = task->report;
    bool allowed = form_is_consolidation(task->form.form), good = true;
    size_t cells = report->observations == NULL ? 0 : report->observations->n_cell;
    if (!allowed && (report->n_reporters > 0 || report->n_units > 0))
        task_problem(task, STATUS_E_MALFORMED, "units", "只有区县汇总表可以写明各单位",
                     "only a district's consolidation tells its units apart");
    if (report->n_reporters != 0 && report->n_reporters != cells)
        task_problem(task, STATUS_E_COLUMNS, "reporters", NULL, NULL);
    for (size_t i = 0; i < report->n_units && good; i++) {
        const Zhibao__UnitFigure *figure = report->units[i];
        good = place_contains(report->place, figure->place) && isfinite(figure->value) &&
               isfinite(figure->numerator) && isfinite(figure->denominator) &&
               figure->presence >= ZHIBAO__PRESENCE__PRESENCE_VALUE &&
               figure->presence <= ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED &&
               strlen(figure->indicator) <= NAME_BYTES_MAX &&
               strlen(figure->stratum) <= NAME_BYTES_MAX;
    }
    if (!good)
        task_problem(task, STATUS_E_MALFORMED, "units",
                     "各单位的数有误：须是本地以下单位的有限的数",
                     "a unit's figure is finite, and of a place below");
}

void validate_report(struct task *task, struct registry *registry)
{
    const Zhibao__Report *report = (const Zhibao__Report *)task->message;
    task->report = report;
    if (!form_find(task, registry))
        return;
    period_check(task, task->form.plan, registry);
    if (report->place != unit_place(task->author.id))
        task_problem(task, STATUS_E_PLACE_FOREIGN, "place", NULL, NULL);
    enterer_check(task);
    if (report->revision < 1 || report->revision > INT16_MAX)
        task_problem(task, STATUS_E_REVISION, "revision", NULL, NULL);
    if (report->provenance != ZHIBAO__PROVENANCE__PROVENANCE_REAL &&
        report->provenance != ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION)
        task_problem(task, STATUS_E_PRESENCE, "provenance", "须注明是真实数据还是演示数据",
                     "say whether the figures are real or a demonstration");
    text_check(task, report->filler, NAME_BYTES_MAX, "filler");
    text_check(task, report->principal, NAME_BYTES_MAX, "principal");
    text_check(task, report->note, NOTE_BYTES_MAX, "note");
    explanations_check(task);
    figures_check(task);
    units_check(task);
    if (task->refusal == STATUS_OK)
        suspicions_check(task, registry);
}
