/* A plan import: the administrator's signed files become the plan in force. */
#include <string.h>

#include "base/log.h"
#include "plan/plan.h"
#include "server/ingest/apply.h"
#include "server/store/calendar_store.h"
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

enum status apply_plan_import(struct apply *apply, struct task *task)
{
    struct plan *plan = NULL;
    enum status status = files_load(task, apply->arena, &plan);
    if (status == STATUS_OK)
        status = authority_check(apply, task, plan);
    if (status == STATUS_OK)
        status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch,
                                             task, 0);
    if (status == STATUS_OK)
        status = store_plan(apply->db, plan, task);
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
