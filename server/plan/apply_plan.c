/* A plan import: the administrator's signed files become the plan in force. */
#include <string.h>

#include "base/log.h"
#include "plan/plan.h"
#include "server/ingest/apply.h"
#include "server/store/calendar_store.h"
#include "server/store/chain_store.h"
#include "server/store/ingest_store.h"
#include "server/store/plan_store.h"

static enum status files_load(struct task *task, struct arena *arena, struct plan **out_plan)
{
    const Zhibao__PlanImport *import = (const Zhibao__PlanImport *)task->message;
    struct plan_file *files = arena_array(arena, import->n_files, sizeof *files);
    if (files == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < import->n_files; i++)
        files[i] = (struct plan_file){.name = import->files[i]->name,
                                      .bytes = import->files[i]->content.data,
                                      .size = import->files[i]->content.len};
    return plan_load(files, import->n_files, &task->problems, out_plan);
}

/* An administrator changes plans of its own area only, and a plan keeps its place. */
static enum status authority_check(const struct apply *apply, struct task *task,
                                   const struct plan *plan)
{
    const Zhibao__PlanImport *import = (const Zhibao__PlanImport *)task->message;
    const struct plan *current = registry_plan(apply->registry, plan->code);
    if (strcmp(plan->code, import->plan) != 0) {
        task_problem(task, STATUS_E_PLAN_INVALID, "plan", "规划代码与文件不一致",
                     "the plan's code is not the one in its files");
        return STATUS_E_PLAN_INVALID;
    }
    if (!place_contains(unit_place(task->author.id), plan->place))
        return STATUS_E_FORBIDDEN;
    if (current != NULL && current->place != plan->place) {
        task_problem(task, STATUS_E_PLAN_INVALID, "plan.csv:place", "规划的行政区划不能更改",
                     "a plan's place cannot change");
        return STATUS_E_PLAN_INVALID;
    }
    for (size_t i = 0; i < plan->unit_count; i++)
        if (!place_contains(plan->place, unit_place(plan->units[i].id)))
            return STATUS_E_FORBIDDEN;
    return STATUS_OK;
}

/* What one unit owes in a year by two versions of a plan; NULL where both say the same, else the
 * form. */
static const struct form *owed_otherwise(const struct plan *from, const struct plan *to,
                                         uint64_t unit, const struct place_history *history,
                                         int year)
{
    const struct unit *before = plan_unit(from, unit), *after = plan_unit(to, unit);
    for (size_t i = 0; before != NULL && i < from->form_count; i++) {
        const struct form *form = &from->forms[i], *now = plan_form(to, form->code);
        if (plan_unit_owes_in(from, before, form, history, year) &&
            (after == NULL || now == NULL || !plan_unit_owes_in(to, after, now, history, year)))
            return form;
    }
    return NULL;
}

#define HOW_ZH                                                                                        \
    "请在 plan.csv 的 amended_from 写明从哪一年起改变（区划的变更用 zhibao place " \
    "change，新设的在 places.csv 写明 valid_from），或先解锁"
#define HOW_EN                                                                             \
    "say in plan.csv from which year it holds (amended_from), use zhibao place change or " \
    "valid_from for places, or unlock the year first"

/* Whether both versions want the same of the unit in that year; `fewer`: `from` is the one before.
 */
static bool owed_same(const struct apply *apply, struct task *task, const struct plan *from,
                      const struct plan *to, const struct unit *unit, int year, bool fewer)
{
    char code[UNIT_TEXT_BYTES];
    const struct form *form =
        owed_otherwise(from, to, unit->id, registry_places(apply->registry), year);
    if (form == NULL)
        return true;
    problems_addf(&task->problems, STATUS_E_PERIOD_LOCKED, 0, fewer ? "units" : "forms",
                  fewer ? "%d年已锁定，而按这些文件，%s（%s）不再填报报表%s。" HOW_ZH
                        : "%d年已锁定，而按这些文件，%s（%s）还须填报报表%s。" HOW_ZH,
                  fewer ? "%d is locked, and by these files %s (%s) no longer owes form %s: " HOW_EN
                        : "%d is locked, and by these files %s (%s) also owes form %s: " HOW_EN,
                  year, unit->name_zh, unit_format(unit->id, code), form->code);
    return false;
}

static bool all_same(const struct apply *apply, struct task *task, const struct plan *from,
                     const struct plan *to, const struct lock_row *lock, bool fewer)
{
    bool same = true;
    for (size_t i = 0; i < from->unit_count && same; i++)
        if (place_contains(lock->place, unit_place(from->units[i].id)))
            same = owed_same(apply, task, from, to, &from->units[i], lock->period, fewer);
    return same;
}

/* What a locked year expects stays as it is: nobody could report, or be released, any more. */
static enum status locked_check(const struct apply *apply, struct task *task,
                                const struct plan *plan)
{
    const struct plan *current = registry_plan(apply->registry, plan->code);
    struct lock_row *locks = NULL;
    size_t count = 0;
    bool same = true;
    if (current == NULL)
        return STATUS_OK;
    enum status status = store_locks(apply->db, apply->arena, plan->code, &locks, &count);
    for (size_t i = 0; i < count && status == STATUS_OK && same; i++) {
        const struct plan *before = plan_version(current, locks[i].period);
        if (locks[i].period < plan->amended_from)
            continue; /* stays with the version before */
        same = all_same(apply, task, before, plan, &locks[i], true) &&
               all_same(apply, task, plan, before, &locks[i], false);
    }
    return status == STATUS_OK && !same ? STATUS_E_PERIOD_LOCKED : status;
}

enum status apply_plan_import(struct apply *apply, struct task *task)
{
    struct plan *plan = NULL;
    enum status status = files_load(task, apply->arena, &plan);
    if (status == STATUS_OK)
        status = authority_check(apply, task, plan);
    if (status == STATUS_OK)
        status = locked_check(apply, task, plan);
    if (status == STATUS_OK)
        status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch,
                                             task, 0);
    if (status == STATUS_OK)
        status = store_plan(apply->db, plan, task);
    if (status == STATUS_OK)
        status = store_plan_years(apply->db, plan, registry_plan(apply->registry, plan->code));
    if (status == STATUS_OK)
        status = store_cutoff_defaults(apply->db, apply->arena, plan);
    if (status == STATUS_E_FORM_VERSION)
        task_problem(task, STATUS_E_FORM_VERSION, "forms.csv:version",
                     "报表的指标项已变，须提高版本号", "a form's cells changed: raise its version");
    if (status == STATUS_OK) {
        apply->registry_changed = true;
        log_info("imported plan=%s units=%zu indicators=%zu targets=%zu", plan->code,
                 plan->unit_count, plan->indicator_count, plan->target_count);
    }
    plan_destroy(&plan);
    return status;
}
