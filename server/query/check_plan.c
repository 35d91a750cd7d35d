/* CHECK_PLAN: what to mind in the plan in force, or in what would replace some of its files. */
#include <string.h>

#include "oversight.pb-c.h"
#include "plan/plan_check.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_oversight.h"
#include "wire/codec.h"

enum { FILES_MAX = 64 };

struct checked {
    struct plan_in_force now;
    const Zhibao__PlanImport *import;
    struct plan_file files[FILES_MAX];
    size_t count;
};

/* The plan asked for, if the asker works with it: its own place's, or one around or below it. */
static const struct plan *plan_asked(struct query *query, const char *code)
{
    uint64_t own = unit_place(query->asker.id);
    const struct plan *plan =
        registry_plan(query->registry, code[0] != '\0' ? code : query->asker.plan);
    if (plan != NULL && (place_contains(plan->place, own) || place_contains(own, plan->place)))
        return plan;
    (void)query_refuse(query, STATUS_E_PLAN_UNKNOWN, "plan",
                       "没有这个规划，或不在本单位可查看的范围内",
                       "there is no such plan, or it is outside what your unit may see");
    return NULL;
}

/* Puts a file in the place of the one with its name, or behind the others; false when full. */
static bool file_put(struct checked *checked, const Zhibao__PlanFile *file)
{
    struct plan_file put = {file->name, file->content.data, file->content.len};
    size_t i = 0;
    while (i < checked->count && strcmp(checked->files[i].name, file->name) != 0)
        i++;
    if (i == FILES_MAX)
        return false;
    checked->files[i] = put;
    if (i == checked->count)
        checked->count++;
    return true;
}

static enum status files_gather(struct query *query, const char *code,
                                const Zhibao__CheckPlan *asked, struct checked *checked)
{
    ProtobufCMessage *message = NULL;
    bool fits = true;
    enum status status = query_plan_in_force(query->db, query->arena, code, &checked->now);
    if (status == STATUS_OK)
        status = message_read(&zhibao__plan_import__descriptor, query->arena, checked->now.payload,
                              checked->now.payload_size, &message);
    if (status != STATUS_OK)
        return status;
    checked->import = (const Zhibao__PlanImport *)message;
    for (size_t i = 0; i < checked->import->n_files && fits; i++)
        fits = file_put(checked, checked->import->files[i]);
    for (size_t i = 0; i < asked->n_files && fits; i++)
        fits = file_put(checked, asked->files[i]);
    if (!fits)
        return query_refuse(query, STATUS_E_PLAN_INVALID, "files", "文件过多", "too many files");
    return STATUS_OK;
}

static enum status problems_tell(struct query *query, const struct problems *problems,
                                 Zhibao__PlanChecked *reply)
{
    reply->problems = arena_array(query->arena, problems->count, sizeof(Zhibao__Problem *));
    if (reply->problems == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *from = &problems->items[i];
        Zhibao__Problem *problem =
            (Zhibao__Problem *)reply_new(query->arena, &zhibao__problem__descriptor);
        if (problem == NULL)
            return STATUS_NO_MEMORY;
        problem->code = (uint32_t)from->code;
        problem->name = reply_text(status_name(from->code));
        problem->zh = arena_string(query->arena, from->zh);
        problem->en = arena_string(query->arena, from->en);
        problem->field = arena_string(query->arena, from->field);
        if (problem->zh == NULL || problem->en == NULL || problem->field == NULL)
            return STATUS_NO_MEMORY;
        reply->problems[reply->n_problems++] = problem;
    }
    return STATUS_OK;
}

static Zhibao__PlanFinding *finding_make(struct arena *arena, const struct finding *from)
{
    Zhibao__PlanFinding *finding =
        (Zhibao__PlanFinding *)reply_new(arena, &zhibao__plan_finding__descriptor);
    if (finding == NULL)
        return NULL;
    finding->number = from->number;
    finding->severity = reply_text(severity_name(from->severity));
    finding->kind = arena_string(arena, from->kind);
    finding->kind_zh = arena_string(arena, from->kind_zh);
    finding->subject = arena_string(arena, from->subject);
    finding->targets = arena_string(arena, from->targets);
    finding->zh = arena_string(arena, from->zh);
    finding->en = arena_string(arena, from->en);
    bool whole = finding->kind && finding->kind_zh && finding->subject && finding->targets &&
                 finding->zh && finding->en;
    return whole ? finding : NULL;
}

static enum status findings_tell(struct query *query, const struct findings *findings,
                                 struct reply_budget *budget, Zhibao__PlanChecked *reply)
{
    reply->findings = arena_array(query->arena, findings->count, sizeof(Zhibao__PlanFinding *));
    if (reply->findings == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < findings->count; i++) {
        Zhibao__PlanFinding *finding = finding_make(query->arena, &findings->items[i]);
        if (finding == NULL)
            return STATUS_NO_MEMORY;
        if (!reply_fits(budget, &finding->base)) {
            reply->cut = true;
            break;
        }
        reply->findings[reply->n_findings++] = finding;
    }
    return STATUS_OK;
}

/* Loads and checks; a plan with errors gets those alone. */
static enum status check(struct query *query, const struct checked *checked,
                         struct reply_budget *budget, Zhibao__PlanChecked *reply)
{
    struct plan *plan = NULL;
    struct findings *findings = NULL;
    struct problems problems;
    problems_init(&problems);
    enum status status = plan_load(checked->files, checked->count, &problems, &plan);
    if (status == STATUS_E_PLAN_INVALID)
        status = problems_tell(query, &problems, reply);
    else if (status == STATUS_OK)
        status = plan_check(plan, &findings);
    if (status == STATUS_OK && findings != NULL)
        status = findings_tell(query, findings, budget, reply);
    findings_destroy(&findings);
    plan_destroy(&plan);
    problems_clear(&problems);
    return status;
}

enum status query_run_check_plan(struct query *query, const ProtobufCMessage *request,
                                 ProtobufCMessage **out_reply)
{
    const Zhibao__CheckPlan *asked = (const Zhibao__CheckPlan *)request;
    const struct plan *plan = plan_asked(query, asked->plan);
    struct reply_budget budget = REPLY_BUDGET;
    struct checked checked = {.count = 0};
    if (plan == NULL)
        return STATUS_E_PLAN_UNKNOWN;
    Zhibao__PlanChecked *reply =
        (Zhibao__PlanChecked *)reply_new(query->arena, &zhibao__plan_checked__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = files_gather(query, plan->code, asked, &checked);
    if (status == STATUS_OK) {
        reply->plan = reply_text(plan->code);
        reply->place = plan->place;
        reply->name_zh = reply_text(plan->name_zh);
        reply->name_en = reply_text(plan->name_en);
        reply->unit = checked.now.unit;
        reply->id = (ProtobufCBinaryData){.len = RECORD_ID_BYTES, .data = checked.now.id};
        reply->imported_us = checked.now.received_us;
    }
    for (size_t i = 0; status == STATUS_OK && asked->with_files && i < checked.import->n_files;
         i++) {
        (void)reply_fits(&budget, &checked.import->files[i]->base);
        reply->files = checked.import->files;
        reply->n_files = checked.import->n_files;
    }
    if (status == STATUS_OK)
        status = check(query, &checked, &budget, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
